//! Folding rows by key.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::{Data, Key};
use crate::error::Result;
use crate::footprint;
use crate::hash::stable_hash;
use crate::storage::{Block, FRAME_BYTES, Reservation, Store};

use super::runs::spilled;
use super::sort::merged;
use super::table::Numbered;
use super::{Buckets, Held};

/// Parts that rows are split into when their keys do not fit.
const FAN_OUT: usize = 16;
/// Bits of a key's hash that tell the part.
const FAN_OUT_BITS: u32 = FAN_OUT.trailing_zeros();
/// Parts of parts of parts: beyond that it is single keys that do not fit, and splitting does not
/// help.
const DEEPEST: u32 = 5;
/// Entries that are looked at to estimate how much all of them hold.
const SAMPLE: usize = 64;
/// Rows that wait to be folded into the tables of their buckets, and the heap they may have.
const WAITING_ROWS: usize = 1 << 15;
const WAITING_BYTES: usize = 256 << 10;
/// The same where there is plenty of memory and rows have no heap: the longer a table's turn, the
/// more often it finds its lines in the cache. Rows with heap would have left the cache by then.
const MANY_WAITING_ROWS: usize = 1 << 18;
/// Operators' shares that are so many times what many waiting rows take are plenty.
const PLENTY: usize = 4;
/// Rows for one repeat of a key, above which rows are not folded before they are sent.
const FEW_REPEATS: usize = 5;
/// Below this, spilling would free less than it costs.
const LEAST_SPILL_BYTES: usize = 256 << 10;

/// A key with its value so far, or with a value to be added.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Spilled<V, C> {
    Partial(C),
    Value(V),
}

/// A spilled row, with the place in the input at which its key first appeared, or at which the row
/// was: within one key the least place is the key's.
pub(super) type Placed<K, S> = (u64, K, S);

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
    let fold = Fold { store, create: &create, merge: &merge };
    let mut account = Account::new(store, false);
    let mut table = Table::<K, C, ()>::new();
    let mut rows = rows;
    let full =
        rows.any(|(key, value)| !table.fold(&mut account, (), key, Spilled::Value(value), &fold));
    if !full {
        let rows = table.entries.into_entries().into_iter();
        let rows = rows.filter_map(|(key, ((), value))| value.map(|value| (key, value)));
        return Ok(Box::new(Held { rows, _held: account.held }));
    }
    let places = table.entries.len() as u64;
    let rows = rows.map(|(key, value)| (key, Spilled::Value(value))).zip(places..);
    let rows = rows.map(|((key, row), place)| (place, key, row));
    fold_spilled(store, table.drain(), rows, move || drop(account), &create, &merge)
}

/// Goes on folding on disk: first what was folded already, each key at its place, then the rows
/// that follow, at later places. `free` is called in between.
pub(super) fn fold_spilled<K: Key, V: Data, C: Data>(
    store: &Arc<Store>,
    folded: impl Iterator<Item = Placed<K, C>>,
    rows: impl Iterator<Item = Placed<K, Spilled<V, C>>>,
    free: impl FnOnce(),
    create: &impl Fn(V) -> C,
    merge: &impl Fn(C, V) -> C,
) -> Result<Box<dyn Iterator<Item = (K, C)>>> {
    let fold = Fold { store, create, merge };
    let mut runs = Vec::new();
    fold.split(folded, free, rows, 0, &mut runs)?;
    let by_place = |a: &Placed<K, C>, b: &Placed<K, C>| a.0.cmp(&b.0);
    let rows = merged(store, runs, by_place)?;
    Ok(Box::new(rows.map(|(_, key, value)| (key, value))))
}

/// Folds rows by key as [`fold_by_key`] does, and sends the results to the bucket of their key.
/// Where the first rows hardly repeat a key, the others are sent one by one, so that a key may come
/// more than once: whether they are follows from the rows alone.
///
/// Each bucket has a table of its own, and rows wait until there are some for each, so that a table
/// stays in the cache for its turn.
pub(crate) fn fold_into_buckets<K, V, C>(
    store: &Arc<Store>,
    mut rows: impl Iterator<Item = (K, V)>,
    bucket_of: impl Fn(&K) -> usize,
    count: usize,
    create: impl Fn(V) -> C,
    merge: impl Fn(C, V) -> C,
) -> Result<Vec<(usize, Block)>>
where
    K: Key,
    V: Data,
    C: Data,
{
    let fold = Fold { store, create: &create, merge: &merge };
    let mut account = Account::new(store, false);
    let mut tables: Vec<Table<K, C, ()>> = Vec::new();
    tables.resize_with(count, Table::new);
    let mut waiting: Vec<Vec<(K, V)>> = Vec::new();
    waiting.resize_with(count, Vec::new);
    let mut sample = Some(RepeatSample::default());
    let mut limits = (WAITING_ROWS, WAITING_BYTES);
    let mut held = store.reservation();
    loop {
        let (mut taken, mut heap) = (0, 0);
        while taken < limits.0 && heap < limits.1 {
            let Some((key, value)) = rows.next() else { break };
            heap += footprint::heap_of(&key) + footprint::heap_of(&value);
            if let Some(sample) = &mut sample {
                sample.add(&key);
            }
            waiting[bucket_of(&key)].push((key, value));
            taken += 1;
        }
        // Decided before anything is folded, so that it does not depend on the memory.
        let more = taken == limits.0 || heap >= limits.1;
        if sample.take().is_some_and(|sample| more && sample.hardly_repeats(taken)) {
            let mut buckets = Buckets::new(store, count);
            for (bucket, waiting) in waiting.into_iter().enumerate() {
                for (key, value) in waiting {
                    buckets.push(bucket, (key, create(value)))?;
                }
            }
            for (key, value) in rows {
                buckets.push(bucket_of(&key), (key, create(value)))?;
            }
            return buckets.finish();
        }
        if taken == 0 {
            let folded = tables.into_iter().map(Table::into_rows).enumerate();
            let filled = folded.filter(|(_, rows)| !rows.is_empty());
            return Ok(filled.map(|(bucket, rows)| (bucket, Block::from_rows(rows))).collect());
        }
        let mut fits = true;
        for (table, waiting) in tables.iter_mut().zip(&mut waiting) {
            if !fits {
                break;
            }
            let mut turn = waiting.drain(..);
            fits = turn.all(|(key, value)| {
                table.fold(&mut account, (), key, Spilled::Value(value), &fold)
            });
            if !fits {
                // What still waits comes before the rows that follow.
                let rest = turn.collect();
                *waiting = rest;
            }
        }
        if !fits {
            drop(held);
            return fold.buckets_on_disk(tables, account, waiting, rows, bucket_of);
        }
        if more && limits.0 == WAITING_ROWS {
            // Twice the rows, since the lists double as they grow.
            let bytes = 2 * MANY_WAITING_ROWS * size_of::<(K, V)>();
            let plenty = bytes.saturating_mul(PLENTY) <= store.share();
            if !std::mem::needs_drop::<(K, V)>() && plenty && held.hold(bytes) {
                limits.0 = MANY_WAITING_ROWS;
            }
        }
    }
}

/// Tells whether some rows repeat keys, by a bit for every hash.
struct RepeatSample {
    bits: Vec<u64>,
    repeats: usize,
}

impl Default for RepeatSample {
    fn default() -> Self {
        // Eight bits a row: then few different keys look like a repeat.
        Self { bits: vec![0; WAITING_ROWS / 8], repeats: 0 }
    }
}

impl RepeatSample {
    fn add(&mut self, key: &impl Key) {
        let hash = stable_hash(key);
        let word = &mut self.bits[(hash >> 6) as usize % (WAITING_ROWS / 8)];
        let bit = 1 << (hash & 63);
        self.repeats += usize::from(*word & bit != 0);
        *word |= bit;
    }

    fn hardly_repeats(&self, rows: usize) -> bool {
        self.repeats < rows / FEW_REPEATS
    }
}

/// What folds: the two functions, and where rows go that do not fit.
struct Fold<'a, F, G> {
    store: &'a Arc<Store>,
    create: &'a F,
    merge: &'a G,
}

impl<F, G> Fold<'_, F, G> {
    /// Splits what was folded already and the rows that follow by key, and folds the parts, each
    /// into a run that is sorted by place.
    fn split<K: Key, V: Data, C: Data>(
        &self,
        folded: impl Iterator<Item = Placed<K, C>>,
        free: impl FnOnce(),
        rows: impl Iterator<Item = Placed<K, Spilled<V, C>>>,
        depth: u32,
        runs: &mut Vec<Block>,
    ) -> Result<()>
    where
        F: Fn(V) -> C,
        G: Fn(C, V) -> C,
    {
        let mut parts = Buckets::new(self.store, FAN_OUT);
        for (place, key, value) in folded {
            let partial = Spilled::<V, C>::Partial(value);
            parts.push(part_of(&key, depth), (place, key, partial))?;
        }
        // The table's bytes are for the rows that follow.
        free();
        for (place, key, row) in rows {
            parts.push(part_of(&key, depth), (place, key, row))?;
        }
        for (_, part) in parts.finish()? {
            self.part::<K, V, C>(&part, depth + 1, runs)?;
        }
        Ok(())
    }

    /// Folds a part of what was spilled, in a table if that fits.
    fn part<K: Key, V: Data, C: Data>(
        &self,
        part: &Block,
        depth: u32,
        runs: &mut Vec<Block>,
    ) -> Result<()>
    where
        F: Fn(V) -> C,
        G: Fn(C, V) -> C,
    {
        let mut account = Account::new(self.store, depth >= DEEPEST);
        let mut table = Table::<K, C, u64>::new();
        let mut rows = part.plain_iter::<Placed<K, Spilled<V, C>>>();
        let full = rows.any(|(place, key, row)| !table.fold(&mut account, place, key, row, self));
        if full {
            return self.split(table.drain(), move || drop(account), rows, depth, runs);
        }
        runs.push(spilled(self.store, table.drain())?);
        Ok(())
    }

    /// Ends [`fold_into_buckets`] on disk: the tables, the rows that wait, and the rows that follow
    /// go to their buckets, which are then folded one after another.
    fn buckets_on_disk<K: Key, V: Data, C: Data>(
        &self,
        tables: Vec<Table<K, C, ()>>,
        account: Account,
        waiting: Vec<Vec<(K, V)>>,
        rows: impl Iterator<Item = (K, V)>,
        bucket_of: impl Fn(&K) -> usize,
    ) -> Result<Vec<(usize, Block)>>
    where
        F: Fn(V) -> C,
        G: Fn(C, V) -> C,
    {
        let mut places = tables.iter().map(|table| table.entries.len() as u64).max().unwrap_or(0)..;
        let mut buckets = Buckets::new(self.store, tables.len());
        for (bucket, mut table) in tables.into_iter().enumerate() {
            for (place, key, value) in table.drain() {
                buckets.push(bucket, (place, key, Spilled::<V, C>::Partial(value)))?;
            }
        }
        drop(account);
        for (key, value) in waiting.into_iter().flatten().chain(rows) {
            let place = places.next().unwrap_or(u64::MAX);
            buckets.push(bucket_of(&key), (place, key, Spilled::Value(value)))?;
        }
        let mut folded = Vec::new();
        for (bucket, part) in buckets.finish()? {
            let mut runs = Vec::new();
            self.part::<K, V, C>(&part, 0, &mut runs)?;
            let by_place = |a: &Placed<K, C>, b: &Placed<K, C>| a.0.cmp(&b.0);
            let rows = merged(self.store, runs, by_place)?;
            folded.push((bucket, spilled(self.store, rows.map(|(_, key, value)| (key, value)))?));
        }
        Ok(folded)
    }
}

/// The part of a key at a depth: bits that neither a hash partitioner nor another depth looks at.
fn part_of<K: Key>(key: &K, depth: u32) -> usize {
    (stable_hash(key) >> (depth * FAN_OUT_BITS)) as usize % FAN_OUT
}

/// What the tables of an operator may hold together.
struct Account {
    held: Reservation,
    bytes: usize,
    /// Tables may grow whatever the budget says.
    boundless: bool,
}

impl Account {
    fn new(store: &Arc<Store>, boundless: bool) -> Self {
        Self { held: store.reservation(), bytes: 0, boundless }
    }

    /// Lets a table that held `old` bytes hold `new`.
    fn exchange(&mut self, old: usize, new: usize) -> bool {
        let bytes = self.bytes - old + new;
        if !self.held.hold(bytes) {
            if !self.boundless && bytes >= LEAST_SPILL_BYTES {
                return false;
            }
            self.held.insist(bytes);
        }
        self.bytes = bytes;
        true
    }
}

/// Where in the input a key first appeared: noted, or told by its place in the table.
trait Place: Copy {
    fn or(self, index: usize) -> u64;
}

impl Place for u64 {
    fn or(self, _index: usize) -> u64 {
        self
    }
}

impl Place for () {
    fn or(self, index: usize) -> u64 {
        index as u64
    }
}

/// A hash table of values so far, on an account.
struct Table<K, C, P> {
    entries: Numbered<K, (P, Option<C>)>,
    /// Bytes that keys and values hold beside their entries, as estimated.
    heap: usize,
    /// Heap at which the account is looked at again.
    next_check: usize,
    /// What the account knows of.
    bytes: usize,
}

impl<K: Key, C: Data, P: Place> Table<K, C, P> {
    fn new() -> Self {
        Self { entries: Numbered::new(), heap: 0, next_check: FRAME_BYTES, bytes: 0 }
    }

    /// Adds a row. False when the table, which has the row, should grow no further.
    #[inline]
    fn fold<V: Data, F: Fn(V) -> C, G: Fn(C, V) -> C>(
        &mut self,
        account: &mut Account,
        place: P,
        key: K,
        row: Spilled<V, C>,
        fold: &Fold<'_, F, G>,
    ) -> bool {
        let (number, new) = self.entries.number(key, || (place, None));
        let (key, slot) = self.entries.entry(number);
        if new {
            self.heap += footprint::heap_of(key);
        }
        let value = match (slot.1.take(), row) {
            (None, Spilled::Partial(partial)) => {
                self.heap += footprint::heap_of(&partial);
                partial
            }
            (None, Spilled::Value(value)) => {
                let created = (fold.create)(value);
                self.heap += footprint::heap_of(&created);
                created
            }
            (Some(folded), Spilled::Value(value)) => {
                // Where values have memory of their own, what is merged may keep the new one's.
                if std::mem::needs_drop::<C>() {
                    self.heap += size_of::<V>() + footprint::heap_of(&value);
                }
                (fold.merge)(folded, value)
            }
            // A key's partial value is written before its other rows.
            (Some(folded), Spilled::Partial(_)) => folded,
        };
        slot.1 = Some(value);
        let len = self.entries.len();
        if len == self.entries.capacity() || self.heap > self.next_check {
            return self.may_grow(account);
        }
        true
    }

    /// Takes what the table needs to grow from the account.
    #[cold]
    fn may_grow(&mut self, account: &mut Account) -> bool {
        let (len, capacity) = (self.entries.len(), self.entries.capacity());
        let rows = if len == capacity { (2 * len).max(16) } else { capacity };
        if rows > u32::MAX as usize {
            return false;
        }
        let entry = size_of::<(K, (P, Option<C>))>() + Numbered::<K, C>::INDEX_BYTES;
        let mut wanted = rows * entry + self.heap;
        let mut granted = account.exchange(self.bytes, wanted);
        if !granted {
            // What was merged may have kept less than was counted.
            let (step, mut sampled, mut heap) = (len.div_ceil(SAMPLE).max(1), 0, 0);
            for (key, (_, value)) in self.entries.entries().iter().step_by(step) {
                sampled += 1;
                heap += footprint::heap_of(key) + footprint::heap_of(value);
            }
            self.heap = heap * len / sampled.max(1);
            wanted = rows * entry + self.heap;
            granted = account.exchange(self.bytes, wanted);
        }
        if granted {
            self.bytes = wanted;
            if len == capacity {
                self.entries.reserve(rows - len);
            }
        }
        self.next_check = self.heap + (self.heap / 8).max(FRAME_BYTES);
        granted
    }

    /// Takes all entries out, in the order of their places.
    fn drain(&mut self) -> impl Iterator<Item = Placed<K, C>> + use<'_, K, C, P> {
        let entries = self.entries.drain().enumerate();
        entries.filter_map(|(index, (key, (place, value)))| {
            value.map(|value| (place.or(index), key, value))
        })
    }

    /// The entries as rows.
    fn into_rows(self) -> Vec<(K, C)> {
        let entries = self.entries.into_entries().into_iter();
        entries.filter_map(|(key, (_, value))| value.map(|value| (key, value))).collect()
    }
}

#[cfg(test)]
mod tests;
