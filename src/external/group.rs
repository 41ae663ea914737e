//! Grouping two sides by key.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::{Data, Key};
use crate::error::Result;
use crate::footprint;
use crate::storage::{FRAME_BYTES, Reservation, Store};

use super::Held;
use super::fold::{Spilled, fold_spilled};
use super::table::Numbered;

/// What a key needs to say where its values begin on either side.
const STARTS_BYTES: usize = 2 * 4;
const SMALLEST_ROWS: usize = 16;
/// Below this, spilling would free less than it costs.
const LEAST_SPILL_BYTES: usize = 256 << 10;

/// A key with its values on either side.
pub(crate) type Group<K, V, W> = (K, (Vec<V>, Vec<W>));

/// A value with the side that it is from.
#[derive(Clone, Serialize, Deserialize)]
enum Side<V, W> {
    Left(V),
    Right(W),
}

/// The values of every key of two sides: keys in the order of their first appearance, those of the
/// left side first, and values in the order of the rows.
pub(crate) enum Groups<K, V, W> {
    Memory(MemoryGroups<K, V, W>),
    Disk(Box<dyn Iterator<Item = Group<K, V, W>>>),
}

/// Groups that fit: the values of a key stand side by side.
pub(crate) struct MemoryGroups<K, V, W> {
    keys: Vec<K>,
    left: Column<V>,
    right: Column<W>,
    held: Reservation,
}

/// Groups the rows of two sides by key.
///
/// Values are numbered by their key and brought into order at the end, so that no group grows
/// value by value. What does not fit goes on on disk, see [`fold_by_key`](super::fold_by_key).
pub(crate) fn group<K: Key, V: Data, W: Data>(
    store: &Arc<Store>,
    mut left: impl Iterator<Item = (K, V)>,
    mut right: impl Iterator<Item = (K, W)>,
) -> Result<Groups<K, V, W>> {
    let mut table = Table {
        keys: Numbered::new(),
        left: Column::default(),
        right: Column::default(),
        heap: 0,
        next_check: FRAME_BYTES,
        held: store.reservation(),
    };
    let fits = left.by_ref().all(|(key, value)| {
        table.heap += footprint::heap_of(&value);
        let id = table.number(key);
        table.left.push(id, value);
        table.fits()
    });
    let fits = fits
        && right.by_ref().all(|(key, value)| {
            table.heap += footprint::heap_of(&value);
            let id = table.number(key);
            table.right.push(id, value);
            table.fits()
        });
    let Table { keys, left: lefts, right: rights, held, .. } = table;
    let keys: Vec<K> = keys.into_entries().into_iter().map(|(key, ())| key).collect();
    let count = keys.len();
    let (lefts, rights) = (lefts.in_order(count, store), rights.in_order(count, store));
    let groups = MemoryGroups { keys, left: lefts, right: rights, held };
    if fits {
        return Ok(Groups::Memory(groups));
    }
    let left = left.map(|(key, value)| (key, Side::Left(value)));
    let right = right.map(|(key, value)| (key, Side::Right(value)));
    let rows = left.chain(right).zip(count as u64..);
    let rows = rows.map(|((key, side), place)| (place, key, Spilled::Value(side)));
    let add = |(mut left, mut right): (Vec<V>, Vec<W>), side| {
        match side {
            Side::Left(value) => left.push(value),
            Side::Right(value) => right.push(value),
        }
        (left, right)
    };
    let create = |side| add((Vec::new(), Vec::new()), side);
    let folded = (0..).zip(groups.into_rows()).map(|(place, (key, group))| (place, key, group));
    fold_spilled(store, folded, rows, || (), &create, &add).map(Groups::Disk)
}

/// Groups that are being gathered.
struct Table<K, V, W> {
    keys: Numbered<K, ()>,
    left: Column<V>,
    right: Column<W>,
    heap: usize,
    next_check: usize,
    held: Reservation,
}

impl<K: Key, V: Data, W: Data> Table<K, V, W> {
    /// The number of a key.
    #[inline]
    fn number(&mut self, key: K) -> u32 {
        let (number, new) = self.keys.number(key, || ());
        if new {
            self.heap += footprint::heap_of(&self.keys.entry(number).0);
        }
        number
    }

    /// True when there is room for another row.
    #[inline]
    fn fits(&mut self) -> bool {
        let full = self.keys.len() == self.keys.capacity()
            || self.left.is_full()
            || self.right.is_full()
            || self.heap > self.next_check;
        !full || self.grow()
    }

    #[cold]
    fn grow(&mut self) -> bool {
        let len = self.keys.len();
        let keys = grown(len, self.keys.capacity());
        let (left, right) = (self.left.grown(), self.right.grown());
        let wanted = keys * (size_of::<K>() + Numbered::<K, ()>::INDEX_BYTES + STARTS_BYTES)
            + left * Column::<V>::ROW_BYTES
            + right * Column::<W>::ROW_BYTES
            + self.heap;
        if !self.held.hold(wanted) {
            if wanted >= LEAST_SPILL_BYTES {
                return false;
            }
            self.held.insist(wanted);
        }
        if keys.max(left).max(right) > u32::MAX as usize {
            return false;
        }
        self.keys.reserve(keys - len);
        self.left.reserve(left);
        self.right.reserve(right);
        self.next_check = self.heap + FRAME_BYTES;
        true
    }
}

/// The capacity that a list should have which has `len` of `capacity`.
fn grown(len: usize, capacity: usize) -> usize {
    if len == capacity { (2 * len).max(SMALLEST_ROWS) } else { capacity }
}

/// The values of one side, each with the number of its key; at last in the order of their keys.
struct Column<V> {
    values: Vec<V>,
    /// While values are gathered: the number of each one's key. After that: where each key's
    /// values begin, and where the last one's end.
    numbers: Vec<u32>,
}

impl<V> Default for Column<V> {
    fn default() -> Self {
        Self { values: Vec::new(), numbers: Vec::new() }
    }
}

impl<V: Data> Column<V> {
    const ROW_BYTES: usize = size_of::<V>() + size_of::<u32>();

    fn push(&mut self, number: u32, value: V) {
        self.numbers.push(number);
        self.values.push(value);
    }

    fn is_full(&self) -> bool {
        !self.numbers.is_empty() && self.numbers.len() == self.numbers.capacity()
    }

    fn grown(&self) -> usize {
        if self.is_full() {
            grown(self.numbers.len(), self.numbers.capacity())
        } else {
            self.numbers.capacity()
        }
    }

    fn reserve(&mut self, rows: usize) {
        self.numbers.reserve_exact(rows - self.numbers.len());
        self.values.reserve_exact(rows - self.values.len());
    }

    /// Brings the values into the order of their keys; those of one key keep theirs.
    fn in_order(mut self, keys: usize, store: &Arc<Store>) -> Self {
        let mut starts = vec![0_u32; keys + 1];
        for number in &self.numbers {
            starts[*number as usize + 1] += 1;
        }
        for key in 0..keys {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        // To copy values to their places takes a third of the time of swapping them, if there is
        // room for it and a clone is no more than a copy.
        let mut held = store.reservation();
        let copies = !std::mem::needs_drop::<V>();
        if copies && held.hold(self.values.len() * size_of::<V>()) {
            let mut values = self.values.clone();
            for (number, value) in self.numbers.iter().zip(&self.values) {
                let place = &mut next[*number as usize];
                values[*place as usize] = value.clone();
                *place += 1;
            }
            return Self { values, numbers: starts };
        }
        for number in &mut self.numbers {
            let place = &mut next[*number as usize];
            *number = *place;
            *place += 1;
        }
        // Each swap brings a value to its place.
        for at in 0..self.numbers.len() {
            while self.numbers[at] as usize != at {
                let place = self.numbers[at] as usize;
                self.values.swap(at, place);
                self.numbers.swap(at, place);
            }
        }
        Self { values: self.values, numbers: starts }
    }

    /// The values of a key.
    fn of(&self, key: usize) -> &[V] {
        &self.values[self.numbers[key] as usize..self.numbers[key + 1] as usize]
    }

    /// The values of key after key.
    fn into_groups(self) -> impl Iterator<Item = Vec<V>> {
        let mut values = self.values.into_iter();
        let lengths =
            (1..self.numbers.len()).map(move |key| self.numbers[key] - self.numbers[key - 1]);
        lengths.map(move |length| values.by_ref().take(length as usize).collect())
    }
}

impl<K, V: Data, W: Data> MemoryGroups<K, V, W> {
    fn into_rows(self) -> impl Iterator<Item = Group<K, V, W>> {
        let groups = self.left.into_groups().zip(self.right.into_groups());
        Held { rows: self.keys.into_iter().zip(groups), _held: self.held }
    }
}

impl<K: Key, V: Data, W: Data> Groups<K, V, W> {
    /// The groups as rows.
    pub(crate) fn into_rows(self) -> Box<dyn Iterator<Item = Group<K, V, W>>> {
        match self {
            Self::Memory(groups) => Box::new(groups.into_rows()),
            Self::Disk(rows) => rows,
        }
    }

    /// Every pair of a value on the left and one on the right, key after key and left value after
    /// left value. Where a key has values on the one side only, they are paired with `None`, if
    /// that side is to be kept whole.
    pub(crate) fn into_pairs(
        self,
        keep_left: bool,
        keep_right: bool,
    ) -> Box<dyn Iterator<Item = (K, (Option<V>, Option<W>))>> {
        match self {
            Self::Memory(groups) => {
                let next_key = 0;
                let shape = Product::default();
                Box::new(Pairs { groups, next_key, shape, keep_left, keep_right })
            }
            Self::Disk(rows) => Box::new(rows.flat_map(move |(key, (left, right))| {
                let shape = Product::of(left.len(), right.len(), keep_left, keep_right);
                shape
                    .map(move |(l, r)| (key.clone(), (left.get(l).cloned(), right.get(r).cloned())))
            })),
        }
    }
}

/// The places of all pairs of two groups; a place at the end of a group is that of `None`.
#[derive(Default)]
struct Product {
    left: usize,
    right: usize,
    lefts: usize,
    rights: usize,
}

impl Product {
    fn of(lefts: usize, rights: usize, keep_left: bool, keep_right: bool) -> Self {
        let (lefts, rights) = match (lefts, rights) {
            (_, 0) if keep_left => (lefts, 1),
            (0, _) if keep_right => (1, rights),
            both => both,
        };
        // Without a right side there is nothing to pair with.
        Self { left: 0, right: 0, lefts: if rights == 0 { 0 } else { lefts }, rights }
    }
}

impl Iterator for Product {
    type Item = (usize, usize);

    #[inline]
    fn next(&mut self) -> Option<(usize, usize)> {
        if self.left == self.lefts {
            return None;
        }
        let pair = (self.left, self.right);
        self.right += 1;
        if self.right == self.rights {
            (self.left, self.right) = (self.left + 1, 0);
        }
        Some(pair)
    }
}

/// The pairs of groups in memory.
struct Pairs<K, V, W> {
    groups: MemoryGroups<K, V, W>,
    next_key: usize,
    /// What is left of the key before.
    shape: Product,
    keep_left: bool,
    keep_right: bool,
}

impl<K: Clone, V: Data, W: Data> Iterator for Pairs<K, V, W> {
    type Item = (K, (Option<V>, Option<W>));

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let MemoryGroups { keys, left, right, .. } = &self.groups;
        loop {
            if let Some((l, r)) = self.shape.next() {
                let key = self.next_key - 1;
                let pair = (left.of(key).get(l).cloned(), right.of(key).get(r).cloned());
                return Some((keys[key].clone(), pair));
            }
            if self.next_key == keys.len() {
                return None;
            }
            let (lefts, rights) = (left.of(self.next_key).len(), right.of(self.next_key).len());
            self.shape = Product::of(lefts, rights, self.keep_left, self.keep_right);
            self.next_key += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexSet;

    use super::super::testing::small_store;
    use super::*;

    type Row = (u64, u64);

    fn rows(count: u64, keys: u64, factor: u64) -> impl Iterator<Item = Row> + Clone {
        (0..count).map(move |row| (row * factor % keys, row))
    }

    /// Groups by hand.
    fn expected(left: &[Row], right: &[Row]) -> Vec<Group<u64, u64, u64>> {
        let mut groups: IndexSet<u64> = IndexSet::new();
        groups.extend(left.iter().chain(right).map(|row| row.0));
        let of = |rows: &[Row], keys: &IndexSet<u64>| {
            let mut values = vec![Vec::new(); keys.len()];
            for (key, value) in rows {
                values[keys.get_index_of(key).unwrap()].push(*value);
            }
            values
        };
        let (left, right) = (of(left, &groups), of(right, &groups));
        groups.into_iter().zip(left.into_iter().zip(right)).collect()
    }

    #[test]
    fn groups_are_the_same_whether_they_fit_or_not() -> Result<()> {
        for (count, keys) in [(0, 1), (1_000, 10), (1_000, 900), (300_000, 70_000), (400_000, 3)] {
            let store = small_store();
            let (left, right) = (rows(count, keys, 7919), rows(count / 2, 2 * keys, 104_729));
            let groups = group(&store, left.clone(), right.clone())?.into_rows();
            assert_eq!(store.spilled().1 > 0, count > 1_000, "{count}");
            let (left, right): (Vec<_>, Vec<_>) = (left.collect(), right.collect());
            assert!(groups.eq(expected(&left, &right)), "{count} rows of {keys} keys");
            assert_eq!((store.used().0, store.spilled().0), (0, 0));
        }
        Ok(())
    }

    #[test]
    fn pairs_are_the_same_whether_they_fit_or_not() -> Result<()> {
        for (count, keys) in [(0, 1), (500, 90), (60_000, 50_000)] {
            for (keep_left, keep_right) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let store = small_store();
                let (left, right) = (rows(count, keys, 7919), rows(count / 2, 2 * keys, 104_729));
                let pairs = group(&store, left.clone(), right.clone())?;
                let pairs = pairs.into_pairs(keep_left, keep_right);
                assert_eq!(store.spilled().1 > 0, count == 60_000);
                let (left, right): (Vec<_>, Vec<_>) = (left.collect(), right.collect());
                let mut all = Vec::new();
                for (key, (left, right)) in expected(&left, &right) {
                    let or_none = |values: Vec<u64>, keep| match values.is_empty() {
                        true if keep => vec![None],
                        _ => values.into_iter().map(Some).collect(),
                    };
                    let (left, right) = (or_none(left, keep_right), or_none(right, keep_left));
                    for l in &left {
                        all.extend(right.iter().map(|r| (key, (*l, *r))));
                    }
                }
                assert!(pairs.eq(all), "{count} rows, {keep_left} {keep_right}");
            }
        }
        Ok(())
    }
}
