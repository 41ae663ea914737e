//! A hash table that numbers its entries in the order in which they come.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::data::Key;

/// Keys in the order in which they came, each with something.
///
/// Like an `IndexMap` with two differences that keep more of it in the cache: numbers have 32 bits,
/// and hashes are not kept but computed again when the table grows. Whoever adds keys sees to it
/// that there are fewer than 2^32.
pub(super) struct Numbered<K, T> {
    entries: Vec<(K, T)>,
    numbers: HashTable<u32>,
    hasher: RandomState,
}

impl<K: Key, T> Numbered<K, T> {
    /// What the index takes for each entry, at most.
    pub(super) const INDEX_BYTES: usize = 12;

    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), numbers: HashTable::new(), hasher: RandomState::default() }
    }

    /// Returns the number of a key, and whether the key is new and was added with `value`.
    #[inline]
    pub(super) fn number(&mut self, key: K, value: impl FnOnce() -> T) -> (u32, bool) {
        let Self { entries, numbers, hasher } = self;
        let is_key = |number: &u32| entries[*number as usize].0 == key;
        let hash_of = |number: &u32| hasher.hash_one(&entries[*number as usize].0);
        match numbers.entry(hasher.hash_one(&key), is_key, hash_of) {
            Entry::Occupied(entry) => (*entry.get(), false),
            Entry::Vacant(entry) => {
                let number = entries.len() as u32;
                entry.insert(number);
                entries.push((key, value()));
                (number, true)
            }
        }
    }

    /// The entry of a number.
    #[inline]
    pub(super) fn entry(&mut self, number: u32) -> &mut (K, T) {
        &mut self.entries[number as usize]
    }

    pub(super) fn entries(&self) -> &[(K, T)] {
        &self.entries
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Entries there is room for.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.entries.capacity().min(self.numbers.capacity())
    }

    pub(super) fn reserve(&mut self, additional: usize) {
        let Self { entries, numbers, hasher } = self;
        entries.reserve_exact(additional);
        numbers.reserve(additional, |number| hasher.hash_one(&entries[*number as usize].0));
    }

    /// Takes all entries out.
    pub(super) fn drain(&mut self) -> std::vec::Drain<'_, (K, T)> {
        self.numbers.clear();
        self.entries.drain(..)
    }

    pub(super) fn into_entries(self) -> Vec<(K, T)> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_in_the_order_in_which_they_come() {
        let mut table = Numbered::new();
        for row in 0..10_000_u64 {
            let key = format!("{}", row * 7919 % 1_000);
            let (number, new) = table.number(key.clone(), || row);
            assert_eq!((u64::from(number), new), (row % 1_000, row < 1_000));
            assert_eq!(table.entry(number).0, key);
            if table.len() == table.capacity() {
                table.reserve(table.len());
            }
        }
        assert!(table.entries().iter().map(|(_, row)| *row).eq(0..1_000));
        assert_eq!(table.drain().count(), 1_000);
        assert_eq!(table.number("0".to_owned(), || 1), (0, true));
        assert_eq!(table.into_entries(), [("0".to_owned(), 1)]);
    }
}
