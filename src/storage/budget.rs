//! How many bytes a context may hold, and how many it holds.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The part of the machine's memory that a context takes when nobody says otherwise.
const DEFAULT_SHARE: f64 = 0.6;

/// Where nothing tells how much memory there is.
const UNKNOWN_MACHINE_BYTES: u64 = 4 << 30;

/// A number of bytes that blocks and operators share.
#[derive(Debug)]
pub(super) struct Budget {
    limit: usize,
    used: AtomicUsize,
    peak: AtomicUsize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, used: AtomicUsize::new(0), peak: AtomicUsize::new(0) }
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Takes bytes if they are free.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let more = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.limit);
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(before) => {
                self.peak.fetch_max(before + bytes, Ordering::Relaxed);
                true
            }
            Err(_) => false,
        }
    }

    /// Takes bytes, free or not: what is there cannot be wished away.
    pub(super) fn force(&self, bytes: usize) {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        self.peak.fetch_max(before.saturating_add(bytes), Ordering::Relaxed);
    }

    /// Gives bytes back.
    pub(super) fn give(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// The budget of a context that sets none: 60 % of the machine's memory, or of what the process's
/// control group allows, whichever is less.
pub(crate) fn default_budget() -> usize {
    let machine = total_memory().unwrap_or(UNKNOWN_MACHINE_BYTES);
    let group = [
        "/sys/fs/cgroup/memory.max",
        // The older interface; without a limit it holds a huge number.
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ];
    let allowed =
        group.iter().filter_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok());
    let bytes: u64 = allowed.fold(machine, u64::min);
    (bytes as f64 * DEFAULT_SHARE) as usize
}

/// The machine's memory in bytes, where the system tells it.
fn total_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kibibytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_taken_only_while_they_are_free() {
        let budget = Budget::new(100);
        assert!(budget.take(60) && !budget.take(41) && budget.take(40));
        budget.give(60);
        assert_eq!((budget.used(), budget.peak()), (40, 100));
        budget.force(100);
        assert_eq!((budget.used(), budget.take(1)), (140, false));
    }

    #[test]
    fn the_default_is_a_part_of_this_machine() {
        assert!(default_budget() > 64 << 20, "{}", default_budget());
    }
}
