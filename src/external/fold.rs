//! Folding rows by key.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::{Data, Key};
use crate::error::Result;
use crate::footprint;
use crate::hash::{KeyTable, stable_hash};
use crate::storage::{Block, FRAME_BYTES, Reservation, Store};

use super::sort::merged;
use super::{Buckets, Held};

/// Parts that rows are split into when their keys do not fit.
const FAN_OUT: usize = 16;
/// Bits of a key's hash that tell the part.
const FAN_OUT_BITS: u32 = FAN_OUT.trailing_zeros();
/// Parts of parts of parts: beyond that it is single keys that do not fit, and splitting does not
/// help.
const DEEPEST: u32 = 5;
/// What an entry takes in a table's index.
const INDEX_BYTES: usize = 16;
/// Entries that are looked at to estimate how much all of them hold.
const SAMPLE: usize = 64;
/// Below this, spilling would free less than it costs.
const LEAST_SPILL_BYTES: usize = 256 << 10;

/// A key with its value so far, or with a value to be added.
#[derive(Clone, Serialize, Deserialize)]
enum Spilled<V, C> {
    Partial(C),
    Value(V),
}

/// A spilled row, with the place in the input at which its key first appeared, or at which the row
/// was: within one key the least place is the key's.
type Placed<K, S> = (u64, K, S);

/// Folds rows into one value a key: `create` makes it from the first value, `merge` adds the
/// others in the order of the rows. Keys come in the order of their first appearance.
///
/// Works in a hash table while that fits. After that, what the table holds and all rows that
/// follow are split by key and written to disk, and the parts are folded one after another: hash
/// partitioning as in Graefe's *Query evaluation techniques*, section 4.2. Since a part begins with
/// the table's values and goes on with the rows in their order, each key is folded just as it
/// would have been in memory.
pub(crate) fn fold_by_key<K, V, C>(
    store: &Arc<Store>,
    rows: impl Iterator<Item = (K, V)>,
    create: impl Fn(V) -> C,
    merge: impl Fn(C, V) -> C,
) -> Result<Box<dyn Iterator<Item = (K, C)>>>
where
    K: Key,
    V: Data,
    C: Data,
{
    let rows = (0..).zip(rows).map(|(place, (key, value))| (place, key, Spilled::Value(value)));
    let mut runs = Vec::new();
    match fold_placed(store, rows, 0, &create, &merge, &mut runs)? {
        Some(Table { entries, held, .. }) => {
            let rows = entries.into_iter();
            let rows = rows.filter_map(|(key, (_, value))| value.map(|value| (key, value)));
            Ok(Box::new(Held { rows, _held: held }))
        }
        None => {
            let by_place = |a: &Placed<K, C>, b: &Placed<K, C>| a.0.cmp(&b.0);
            let rows = merged(store, runs, by_place)?;
            Ok(Box::new(rows.map(|(_, key, value)| (key, value))))
        }
    }
}

/// Folds rows in a table and returns it, if it fits. Otherwise splits them by key and folds the
/// parts, each into a run that is sorted by place.
fn fold_placed<K: Key, V: Data, C: Data>(
    store: &Arc<Store>,
    mut rows: impl Iterator<Item = Placed<K, Spilled<V, C>>>,
    depth: u32,
    create: &impl Fn(V) -> C,
    merge: &impl Fn(C, V) -> C,
    runs: &mut Vec<Block>,
) -> Result<Option<Table<K, C>>> {
    let mut table = Table::new(store.reservation(), depth >= DEEPEST);
    let full = rows.any(|(place, key, row)| !table.fold(place, key, row, create, merge));
    if !full {
        return Ok(Some(table));
    }
    let mut parts = Buckets::new(store, FAN_OUT);
    for (place, key, value) in table.drain() {
        let partial = Spilled::<V, C>::Partial(value);
        parts.push(part_of(&key, depth), (place, key, partial))?;
    }
    // Its bytes are for the rows that follow.
    drop(table);
    for (place, key, row) in rows {
        parts.push(part_of(&key, depth), (place, key, row))?;
    }
    for (_, part) in parts.finish()? {
        let rows = part.plain_iter::<Placed<K, Spilled<V, C>>>();
        if let Some(mut table) = fold_placed(store, rows, depth + 1, create, merge, runs)? {
            runs.push(super::runs::spilled(store, table.drain())?);
        }
    }
    Ok(None)
}

/// The part of a key at a depth: bits that neither a hash partitioner nor another depth looks at.
fn part_of<K: Key>(key: &K, depth: u32) -> usize {
    (stable_hash(key) >> (depth * FAN_OUT_BITS)) as usize % FAN_OUT
}

/// A hash table of values so far, with the places of their keys, on an account.
struct Table<K, C> {
    entries: KeyTable<K, (u64, Option<C>)>,
    held: Reservation,
    /// Bytes that keys and values hold beside their entries, as estimated.
    heap: usize,
    /// Heap at which the account is looked at again.
    next_check: usize,
    /// The table may grow whatever the account says.
    boundless: bool,
}

impl<K: Key, C: Data> Table<K, C> {
    fn new(held: Reservation, boundless: bool) -> Self {
        Self { entries: KeyTable::default(), held, heap: 0, next_check: FRAME_BYTES, boundless }
    }

    /// Adds a row. False when the table, which has the row, should grow no further.
    #[inline]
    fn fold<V: Data>(
        &mut self,
        place: u64,
        key: K,
        row: Spilled<V, C>,
        create: &impl Fn(V) -> C,
        merge: &impl Fn(C, V) -> C,
    ) -> bool {
        let key_heap = footprint::heap_of(&key);
        let slot = self.entries.entry(key).or_insert((place, None));
        let value = match (slot.1.take(), row) {
            (None, Spilled::Partial(partial)) => {
                self.heap += key_heap + footprint::heap_of(&partial);
                partial
            }
            (None, Spilled::Value(value)) => {
                let created = create(value);
                self.heap += key_heap + footprint::heap_of(&created);
                created
            }
            (Some(folded), Spilled::Value(value)) => {
                // Where values have memory of their own, what is merged may keep the new one's.
                if std::mem::needs_drop::<C>() {
                    self.heap += size_of::<V>() + footprint::heap_of(&value);
                }
                merge(folded, value)
            }
            // A key's partial value is written before its other rows.
            (Some(folded), Spilled::Partial(_)) => folded,
        };
        slot.1 = Some(value);
        let len = self.entries.len();
        if len == self.entries.capacity() || self.heap > self.next_check {
            return self.may_grow();
        }
        true
    }

    /// Takes what the table needs to grow from the account.
    #[cold]
    fn may_grow(&mut self) -> bool {
        let (len, capacity) = (self.entries.len(), self.entries.capacity());
        let rows = if len == capacity { (2 * len).max(16) } else { capacity };
        let entry = size_of::<(u64, K, (u64, Option<C>))>() + INDEX_BYTES;
        let mut wanted = rows * entry + self.heap;
        let mut granted = self.held.hold(wanted);
        if !granted {
            // What was merged may have kept less than was counted.
            let (step, mut sampled, mut heap) = (len.div_ceil(SAMPLE).max(1), 0, 0);
            for (key, (_, value)) in self.entries.iter().step_by(step) {
                sampled += 1;
                heap += footprint::heap_of(key) + footprint::heap_of(value);
            }
            self.heap = heap * len / sampled.max(1);
            wanted = rows * entry + self.heap;
            granted = self.held.hold(wanted);
        }
        if !granted && (self.boundless || wanted < LEAST_SPILL_BYTES) {
            self.held.insist(wanted);
            granted = true;
        }
        if granted && len == capacity {
            self.entries.reserve_exact(rows - len);
        }
        self.next_check = self.heap + (self.heap / 8).max(FRAME_BYTES);
        granted
    }

    /// Takes all entries out, in the order of their places.
    fn drain(&mut self) -> impl Iterator<Item = Placed<K, C>> + use<'_, K, C> {
        let entries = self.entries.drain(..);
        entries.filter_map(|(key, (place, value))| value.map(|value| (place, key, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::small_store;
    use super::*;

    /// Folds by hand: a number that depends on the order of the values.
    fn expected(rows: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, f64)> {
        let mut table: KeyTable<u64, f64> = KeyTable::default();
        for (key, value) in rows {
            let sum = table.entry(key).or_insert(0.0);
            *sum = *sum * 0.999 + value as f64;
        }
        table.into_iter().collect()
    }

    #[test]
    fn keys_and_bits_are_the_same_whether_they_fit_or_not() -> Result<()> {
        for (rows, keys) in [(0, 1), (1_000, 10), (300_000, 50_000), (900_000, 400_000)] {
            let store = small_store();
            let input = (0..rows).map(move |row: u64| (row * 2_654_435_761 % keys, row));
            let folded =
                fold_by_key(&store, input.clone(), |v| v as f64, |sum, v| sum * 0.999 + v as f64)?;
            assert_eq!(store.spilled().1 > 0, keys >= 50_000, "{keys}");
            assert!(folded.eq(expected(input)), "{keys}");
            assert_eq!((store.used().0, store.spilled().0), (0, 0));
        }
        Ok(())
    }

    #[test]
    fn groups_that_grow_are_spilled_and_come_back_in_order() -> Result<()> {
        let store = small_store();
        let input = (0..600_000_u64).map(|row| (row % 100, row));
        let push = |mut group: Vec<u64>, value| {
            group.push(value);
            group
        };
        let groups = fold_by_key(&store, input, |value| vec![value], push)?;
        assert!(store.spilled().1 > 0);
        for (at, (key, group)) in groups.enumerate() {
            assert_eq!(key, at as u64);
            assert!(group.into_iter().eq((0..6_000).map(|n| n * 100 + key)));
        }
        Ok(())
    }

    #[test]
    fn a_single_key_that_does_not_fit_is_folded_all_the_same() -> Result<()> {
        let store = small_store();
        let push = |mut group: Vec<u64>, value| {
            group.push(value);
            group
        };
        let input = (0..500_000_u64).map(|row| (7, row));
        let groups: Vec<_> = fold_by_key(&store, input, |value| vec![value], push)?.collect();
        assert!(groups.len() == 1 && groups[0].1.iter().copied().eq(0..500_000));
        Ok(())
    }

    #[test]
    fn long_keys_count() -> Result<()> {
        let store = small_store();
        let input = (0..2_000).map(|row: usize| (format!("{row:01000}"), row));
        let folded = fold_by_key(&store, input.clone(), |v| v, |a, b| a + b)?;
        assert!(store.spilled().1 > 0);
        assert!(folded.eq(input));
        Ok(())
    }
}
