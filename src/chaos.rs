//! Faults on purpose: what a run must survive without a changed bit.
//!
//! [`Chaos`] describes which faults a context injects into itself and how often. Whether a fault
//! happens is a function of the seed and of where in the run it would happen, so a run can be
//! repeated. A task's last attempt is always spared, and no output or block is lost twice, so every
//! run that would succeed without faults succeeds with them.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::io;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::hash::stable_hash;

/// How often a fault happens where one can, unless another rate is set.
const DEFAULT_RATE: f64 = 0.05;

/// The faults that a context injects into itself: for tests of programs, of machines and of this
/// crate.
///
/// ```
/// # use superstep::prelude::*;
/// use superstep::chaos::Chaos;
///
/// let ctx = Context::builder().threads(2).chaos(Chaos::new(7).rate(0.3)).build()?;
/// let sums = ctx.parallelize((0..1000).map(|n| (n % 10, n)), 8).reduce_by_key(|a, b| a + b, 4);
/// assert_eq!(sums.lookup(&3)?, [49_800]);
/// assert!(ctx.injected_faults() > 0);
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chaos {
    seed: u64,
    rate: f64,
    delay: Duration,
}

impl Chaos {
    /// Describes faults that follow from `seed`, at a rate of 0.05.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, rate: DEFAULT_RATE, delay: Duration::from_millis(2) }
    }

    /// Sets how often a fault happens where one can: 0 is never, 1 at every place.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = rate.clamp(0.0, 1.0);
        self
    }

    /// Sets how long a task that is made slow waits, by default 2 ms.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl FromStr for Chaos {
    type Err = Error;

    /// Reads `seed=N` or `seed=N,rate=R`, as the command line has it.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |what: &str| Error::argument(format!("{what}; expected seed=N[,rate=R]"));
        let (mut seed, mut rate) = (None, DEFAULT_RATE);
        for part in text.split(',') {
            match part.trim().split_once('=') {
                Some(("seed", value)) => match value.parse() {
                    Ok(value) => seed = Some(value),
                    Err(_) => return Err(wrong(&format!("{value} is no seed"))),
                },
                Some(("rate", value)) => match value.parse() {
                    Ok(value) if (0.0..=1.0).contains(&value) => rate = value,
                    _ => return Err(wrong(&format!("{value} is no rate from 0 to 1"))),
                },
                _ => return Err(wrong(&format!("{part} is not understood"))),
            }
        }
        seed.map(|seed| Self::new(seed).rate(rate)).ok_or_else(|| wrong("there is no seed"))
    }
}

/// A fault that can be injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// A task panics before its first row.
    PanicBefore,
    /// A task panics between two rows.
    PanicInside,
    /// A task panics after its last row, its result lost.
    PanicAfter,
    /// Reading input fails between two rows.
    Input,
    /// The task's next access to the disk tier fails.
    Disk,
    /// A task waits before it begins.
    Slow,
    /// A second attempt at a task runs beside the first.
    Duplicate,
    /// A kept partition that can be recomputed is gone.
    LostBlock,
    /// A shuffle output is gone.
    LostOutput,
    /// A shuffle output has a flipped bit.
    DamagedOutput,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 10] = [
        Self::PanicBefore,
        Self::PanicInside,
        Self::PanicAfter,
        Self::Input,
        Self::Disk,
        Self::Slow,
        Self::Duplicate,
        Self::LostBlock,
        Self::LostOutput,
        Self::DamagedOutput,
    ];

    /// The faults that befall an attempt at a task.
    const OF_ATTEMPTS: [Self; 7] = [
        Self::PanicBefore,
        Self::PanicInside,
        Self::PanicAfter,
        Self::Input,
        Self::Disk,
        Self::Slow,
        Self::Duplicate,
    ];
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PanicBefore => "panic before output",
            Self::PanicInside => "panic in the middle of output",
            Self::PanicAfter => "panic after output",
            Self::Input => "input error",
            Self::Disk => "disk error",
            Self::Slow => "slow task",
            Self::Duplicate => "duplicate attempt",
            Self::LostBlock => "lost block",
            Self::LostOutput => "lost shuffle output",
            Self::DamagedOutput => "damaged shuffle output",
        })
    }
}

/// Injects the faults of one context and counts them.
#[derive(Debug)]
pub(crate) struct Injector {
    chaos: Chaos,
    counts: [AtomicU64; Fault::ALL.len()],
    /// What was lost or damaged before, and is spared from now on.
    spared: Mutex<HashSet<u64>>,
}

impl Injector {
    pub(crate) fn new(chaos: Chaos) -> Self {
        Self { chaos, counts: Default::default(), spared: Mutex::default() }
    }

    /// A number that follows from the seed and a place: evenly spread over all u64.
    fn draw(&self, place: impl Hash) -> u64 {
        stable_hash(&(self.chaos.seed, place))
    }

    fn strikes(&self, draw: u64) -> bool {
        (draw as f64 / u64::MAX as f64) < self.chaos.rate
    }

    /// Tells what befalls an attempt at a task, and after how many rows.
    pub(crate) fn befalls(&self, stage: usize, partition: usize, attempt: usize) -> Option<Fault> {
        let draw = self.draw(("attempt", stage, partition, attempt));
        let kind = self.draw(("kind", stage, partition, attempt)) as usize;
        self.strikes(draw).then(|| Fault::OF_ATTEMPTS[kind % Fault::OF_ATTEMPTS.len()])
    }

    /// The row after which a fault in the middle happens: early enough for small partitions.
    pub(crate) fn row(&self, stage: usize, partition: usize) -> u64 {
        let draw = self.draw(("row", stage, partition));
        draw % (1 << (draw >> 59)).max(2)
    }

    /// Tells whether a kept block or an output, named by `place`, is lost or damaged now. At most
    /// once each.
    pub(crate) fn takes(&self, fault: Fault, place: impl Hash) -> bool {
        let draw = self.draw((fault, place));
        if !self.strikes(draw) {
            return false;
        }
        let mut spared = self.spared.lock().unwrap_or_else(PoisonError::into_inner);
        spared.insert(draw)
    }

    /// Counts a fault that happened.
    pub(crate) fn count(&self, fault: Fault) {
        self.counts[fault as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many faults of each kind happened.
    pub(crate) fn counts(&self) -> Vec<(Fault, u64)> {
        let counts = self.counts.iter().map(|count| count.load(Ordering::Relaxed));
        Fault::ALL.into_iter().zip(counts).collect()
    }

    pub(crate) fn delay(&self) -> Duration {
        self.chaos.delay
    }
}

thread_local! {
    /// The next access to the disk tier from this thread fails.
    static DISK_FAULT: Cell<bool> = const { Cell::new(false) };
}

/// Makes the next access to the disk tier from this thread fail, or takes that back; returns
/// whether it was still to come.
pub(crate) fn arm_disk_fault(armed: bool) -> bool {
    DISK_FAULT.replace(armed)
}

/// Fails if a fault was armed.
pub(crate) fn disk_fault() -> io::Result<()> {
    if DISK_FAULT.replace(false) { Err(injected("disk error")) } else { Ok(()) }
}

/// An injected I/O error.
pub(crate) fn injected(what: &str) -> io::Error {
    io::Error::other(format!("injected {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_described_by_a_seed_and_a_rate() {
        assert_eq!("seed=7".parse::<Chaos>().unwrap(), Chaos::new(7));
        assert_eq!("seed=7,rate=0.5".parse::<Chaos>().unwrap(), Chaos::new(7).rate(0.5));
        for wrong in ["", "7", "rate=0.1", "seed=x", "seed=1,rate=2", "seed=1,pace=2"] {
            let error = wrong.parse::<Chaos>().unwrap_err().to_string();
            assert!(error.contains("expected seed=N[,rate=R]"), "{wrong}: {error}");
        }
    }

    #[test]
    fn faults_follow_from_the_seed_and_strike_at_their_rate() {
        let count = |seed| {
            let injector = Injector::new(Chaos::new(seed).rate(0.2));
            (0..10_000).filter(|stage| injector.befalls(*stage, 3, 1).is_some()).count()
        };
        assert_eq!(count(1), count(1));
        assert!((1_700..2_300).contains(&count(1)), "{}", count(1));
        assert_ne!(count(1), count(2));
    }

    #[test]
    fn nothing_is_lost_twice() {
        let injector = Injector::new(Chaos::new(1).rate(1.0));
        assert!(injector.takes(Fault::LostBlock, (1, 2)));
        assert!(!injector.takes(Fault::LostBlock, (1, 2)));
        assert!(injector.takes(Fault::LostBlock, (1, 3)));
    }
}
