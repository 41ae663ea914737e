//! What an operator holds of the memory budget while it works.

use std::fmt;
use std::sync::Arc;

use super::Store;
use super::store::Owner;

/// Bytes that an operator holds; dropping it gives them back.
pub(crate) struct Reservation {
    store: Arc<Store>,
    bytes: usize,
    share: usize,
    /// Whose entries do not make room.
    spared: Option<Owner>,
}

impl Reservation {
    pub(super) fn new(store: Arc<Store>) -> Self {
        let share = store.share();
        Self { store, bytes: 0, share, spared: None }
    }

    /// Never takes bytes from the entries of `owner`, for rows that are to become one of them: a
    /// scan over more partitions than fit would otherwise evict each just before it is needed.
    pub(crate) fn sparing(mut self, owner: Option<Owner>) -> Self {
        self.spared = owner;
        self
    }

    /// Holds `bytes` in all from now on, if the operator's share and the budget allow it. What
    /// others keep makes room. A refusal changes nothing: the operator spills, or carries on
    /// [regardless](Self::insist).
    pub(crate) fn hold(&mut self, bytes: usize) -> bool {
        if bytes <= self.bytes {
            self.store.give(self.bytes - bytes);
        } else if bytes > self.share || !self.store.make_room(bytes - self.bytes, self.spared) {
            return false;
        }
        self.bytes = bytes;
        true
    }

    /// Holds `bytes` in all, whatever the budget says.
    pub(crate) fn insist(&mut self, bytes: usize) {
        if bytes <= self.bytes {
            self.store.give(self.bytes - bytes);
        } else {
            self.store.force(bytes - self.bytes);
        }
        self.bytes = bytes;
    }

    /// Where the bytes are from.
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.store.give(self.bytes);
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reservation({} bytes)", self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_counts_until_it_is_dropped() {
        let store = Arc::new(Store::new(16 << 20, 2, None));
        let mut held = store.reservation();
        assert!(held.hold(4 << 20));
        assert!(!held.hold(5 << 20), "more than an operator's share");
        assert_eq!(store.used().0, 4 << 20);
        assert!(held.hold(1 << 20));
        held.insist(20 << 20);
        let mut other = store.reservation();
        assert!(!other.hold(1));
        drop(held);
        assert!(other.hold(1));
        drop(other);
        assert_eq!(store.used(), (0, 20 << 20));
    }
}
