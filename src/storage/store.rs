//! Places blocks by storage level, under a memory budget, and finds them again.
//!
//! Everything a context holds counts against one budget: kept partitions, shuffle outputs and what
//! operators [reserve](Reservation). Who needs bytes that are not free takes them from the entries
//! that were not used for the longest time: those that can be had again from lineage are dropped,
//! the others go to disk. An entry never makes room for another one of its own owner: a scan over
//! more partitions than fit would evict each just before it is needed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Result;

use super::budget::Budget;
use super::disk::{DiskTier, DiskWriter};
use super::reservation::Reservation;
use super::{Block, StorageLevel};

/// The least that an operator may hold before it spills, however small the budget.
const LEAST_SHARE: usize = 1 << 20;

/// Whose blocks they are; dropping the owner frees them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A persisted RDD: entry `p` is its partition `p`.
    Rdd(usize),
    /// A shuffle: entry `m` is what map task `m` has for each reducer.
    Shuffle(usize),
}

/// What becomes of an entry whose bytes are needed elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eviction {
    /// It is dropped: lineage brings it back.
    Drop,
    /// It goes to disk.
    ToDisk,
    /// It stays: every task reads it.
    Never,
}

/// Blocks with a number each, by number: one for a kept partition, one for each reducer that gets
/// something from a map task.
type Blocks = Arc<[(usize, Block)]>;

#[derive(Debug)]
struct Entry {
    blocks: Blocks,
    /// What it takes of the budget.
    bytes: usize,
    eviction: Eviction,
    /// When it was used last.
    used: u64,
    /// Someone is writing it to disk.
    moving: bool,
    /// The reducers whose blocks are freed already.
    released: Vec<usize>,
}

#[derive(Debug, Default)]
struct Places {
    /// An owner that is not there may not put anything.
    owners: HashMap<Owner, HashMap<usize, Entry>>,
    clock: u64,
}

/// The blocks of one process.
#[derive(Debug)]
pub(crate) struct Store {
    places: Mutex<Places>,
    budget: Budget,
    disk: DiskTier,
    /// Operators at work at a time, two for each thread.
    operators: usize,
}

/// What an owner has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// Entries.
    pub(crate) entries: usize,
    /// Those of them on disk.
    pub(crate) on_disk: usize,
    /// Bytes in memory.
    pub(crate) bytes: usize,
}

impl Store {
    /// Makes a store of `budget` bytes for `threads` tasks at a time, with its files in a private
    /// directory in `disk`.
    pub(crate) fn new(budget: usize, threads: usize, disk: Option<PathBuf>) -> Self {
        Self {
            places: Mutex::default(),
            budget: Budget::new(budget),
            disk: DiskTier::new(disk),
            operators: 2 * threads.max(1),
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an owner keep entries, until it is removed.
    pub(crate) fn register(&self, owner: Owner) {
        self.places().owners.entry(owner).or_default();
    }

    /// Keeps a partition as its level says: rows or bytes in memory where the level uses memory
    /// and there is room, a file where it uses disk. It replaces one that is there, as when two
    /// tasks computed the same partition side by side. A partition that nothing brings back
    /// (`irreplaceable`) goes to disk where any other would not be kept.
    pub(crate) fn put(
        &self,
        owner: Owner,
        index: usize,
        level: StorageLevel,
        irreplaceable: bool,
        block: Block,
    ) -> Result<()> {
        let to_disk = level.uses_disk() || irreplaceable;
        let eviction = if to_disk { Eviction::ToDisk } else { Eviction::Drop };
        if level.uses_memory() {
            let block = if level.is_deserialized() { block } else { block.encoded()? };
            if self.make_room(block.bytes(), Some(owner)) {
                self.insert(owner, index, [(0, block)].into(), eviction);
            } else if to_disk {
                self.insert(owner, index, self.written(&[(0, block)])?, eviction);
            }
        } else if level.uses_disk() {
            self.insert(owner, index, self.written(&[(0, block)])?, eviction);
        }
        Ok(())
    }

    /// Keeps what a map task has for the reducers, by reducer: in memory where there is room, on
    /// disk otherwise.
    pub(crate) fn put_outputs(
        &self,
        owner: Owner,
        map: usize,
        blocks: Vec<(usize, Block)>,
        eviction: Eviction,
    ) -> Result<()> {
        let bytes = blocks.iter().map(|(_, block)| block.bytes()).sum();
        if eviction == Eviction::Never {
            self.budget.force(bytes);
        } else if !self.make_room(bytes, None) {
            self.insert(owner, map, self.written(&blocks)?, eviction);
            return Ok(());
        }
        self.insert(owner, map, blocks.into(), eviction);
        Ok(())
    }

    /// Puts blocks whose bytes are taken from the budget already.
    fn insert(&self, owner: Owner, index: usize, blocks: Blocks, eviction: Eviction) {
        let bytes = bytes_of(&blocks);
        let mut places = self.places();
        places.clock += 1;
        let used = places.clock;
        let entry = Entry { blocks, bytes, eviction, used, moving: false, released: Vec::new() };
        // What comes after its owner has gone is let go at once.
        let removed = match places.owners.get_mut(&owner) {
            Some(held) => held.insert(index, entry),
            None => Some(entry),
        };
        drop(places);
        // Without the lock: rows may be many and files slow.
        self.free(removed);
    }

    fn free(&self, entries: impl IntoIterator<Item = Entry>) {
        for entry in entries {
            self.budget.give(entry.bytes);
        }
    }

    /// Returns a kept partition, or `None` when it is not there.
    pub(crate) fn get(&self, owner: Owner, index: usize) -> Option<Block> {
        let mut places = self.places();
        let used = places.clock + 1;
        places.clock = used;
        let entry = places.owners.get_mut(&owner)?.get_mut(&index)?;
        entry.used = used;
        entry.blocks.first().map(|(_, block)| block.clone())
    }

    /// Returns what the first `maps` map tasks have for a reducer, with the task's number, in their
    /// order; the number of the first task whose output is not there as an error.
    pub(crate) fn outputs(
        &self,
        owner: Owner,
        maps: usize,
        reduce: usize,
    ) -> std::result::Result<Vec<(usize, Block)>, usize> {
        let mut places = self.places();
        let used = places.clock + 1;
        places.clock = used;
        let Some(held) = places.owners.get_mut(&owner) else { return Err(0) };
        let is_released = |entry: &Entry| entry.released.contains(&reduce);
        if let Some(first) = (0..maps).find(|map| held.get(map).is_some_and(is_released)) {
            let removed: Vec<_> = held.extract_if(|_, entry| is_released(entry)).collect();
            drop(places);
            self.free(removed.into_iter().map(|(_, entry)| entry));
            return Err(first);
        }
        let mut found = Vec::new();
        for map in 0..maps {
            let entry = held.get_mut(&map).ok_or(map)?;
            entry.used = used;
            if let Ok(at) = entry.blocks.binary_search_by_key(&reduce, |(reduce, _)| *reduce) {
                found.push((map, entry.blocks[at].1.clone()));
            }
        }
        Ok(found)
    }

    /// Frees what map tasks have in memory for a reducer. Used by who reads it last: if it is asked for
    /// again, these outputs are lost.
    pub(crate) fn release_reduced(&self, owner: Owner, reduce: usize) {
        let mut freed = Vec::new();
        let mut places = self.places();
        for entry in places.owners.get_mut(&owner).into_iter().flat_map(HashMap::values_mut) {
            let at = entry.blocks.binary_search_by_key(&reduce, |(reduce, _)| *reduce);
            if let Ok(at) = at
                && entry.bytes > 0
                && !entry.moving
            {
                let (before, after) = (&entry.blocks[..at], &entry.blocks[at + 1..]);
                let rest = before.iter().chain(after).cloned().collect();
                let bytes = entry.blocks[at].1.bytes();
                entry.bytes -= bytes;
                entry.released.push(reduce);
                freed.push((std::mem::replace(&mut entry.blocks, rest), bytes));
            }
        }
        drop(places);
        for (blocks, bytes) in freed {
            drop(blocks);
            self.budget.give(bytes);
        }
    }

    /// Tells which of the entries `0..count` an owner does not have.
    pub(crate) fn missing(&self, owner: Owner, count: usize) -> Vec<usize> {
        match self.places().owners.get(&owner) {
            Some(held) if held.len() == count => Vec::new(),
            Some(held) => (0..count).filter(|at| !held.contains_key(at)).collect(),
            None => (0..count).collect(),
        }
    }

    /// How much an owner has.
    pub(crate) fn holdings(&self, owner: Owner) -> Holdings {
        let places = self.places();
        let entries = places.owners.get(&owner).into_iter().flat_map(HashMap::values);
        entries.fold(Holdings::default(), |all, entry| Holdings {
            entries: all.entries + 1,
            on_disk: all.on_disk + usize::from(entry.bytes == 0 && !entry.blocks.is_empty()),
            bytes: all.bytes + entry.bytes,
        })
    }

    /// Frees all entries of an owner, which may put others.
    pub(crate) fn clear(&self, owner: Owner) {
        let removed = self.places().owners.get_mut(&owner).map(std::mem::take);
        self.free(removed.into_iter().flat_map(HashMap::into_values));
    }

    /// Frees all entries of an owner for good: what it still puts is let go.
    pub(crate) fn remove(&self, owner: Owner) {
        let removed = self.places().owners.remove(&owner);
        self.free(removed.into_iter().flat_map(HashMap::into_values));
    }

    /// Frees one entry.
    pub(crate) fn remove_one(&self, owner: Owner, index: usize) {
        let mut places = self.places();
        let removed = places.owners.get_mut(&owner).and_then(|held| held.remove(&index));
        drop(places);
        self.free(removed);
    }

    /// Exchanges one entry's blocks for damaged ones.
    pub(crate) fn damage(&self, owner: Owner, index: usize) -> Result<()> {
        let blocks = {
            let places = self.places();
            let entry = places.owners.get(&owner).and_then(|held| held.get(&index));
            entry.map(|entry| (Arc::clone(&entry.blocks), entry.eviction))
        };
        let Some((blocks, eviction)) = blocks else { return Ok(()) };
        let damaged = blocks.iter().map(|(number, block)| Ok((*number, block.damaged()?)));
        let damaged: Vec<_> = damaged.collect::<Result<_>>()?;
        self.budget.force(bytes_of(&damaged));
        self.insert(owner, index, damaged.into(), eviction);
        Ok(())
    }

    /// Frees all entries of all owners, which may put others.
    pub(crate) fn clear_all(&self) {
        let mut places = self.places();
        let removed: Vec<_> = places.owners.values_mut().map(std::mem::take).collect();
        drop(places);
        self.free(removed.into_iter().flat_map(HashMap::into_values));
    }

    /// How many entries there are in all; a context that freed everything has none.
    pub(crate) fn entry_count(&self) -> usize {
        self.places().owners.values().map(HashMap::len).sum()
    }

    /// Starts a file for what an operator spills.
    pub(crate) fn spill_file(&self) -> Result<DiskWriter> {
        self.disk.create()
    }

    /// Ends a spill file, which can be read from now on.
    pub(crate) fn finish_spill(&self, writer: DiskWriter) -> Result<Arc<super::DiskFile>> {
        self.disk.count(writer.bytes());
        writer.finish()
    }

    /// Starts the account of an operator that may hold rows.
    pub(crate) fn reservation(self: &Arc<Self>) -> Reservation {
        Reservation::new(Arc::clone(self))
    }

    /// The most that one operator should hold: a part of the budget that leaves room for those
    /// beside it and for what is kept.
    pub(crate) fn share(&self) -> usize {
        (self.budget.limit() / self.operators).max(LEAST_SHARE)
    }

    /// The budget in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.budget.limit()
    }

    /// Bytes held, and the most that ever were.
    pub(crate) fn used(&self) -> (usize, usize) {
        (self.budget.used(), self.budget.peak())
    }

    /// Files on disk, and the bytes that were ever written to such files.
    pub(crate) fn spilled(&self) -> (usize, u64) {
        (self.disk.live_files(), self.disk.written_bytes())
    }

    /// The directory of files, once there is one.
    pub(crate) fn spill_path(&self) -> Option<PathBuf> {
        self.disk.path()
    }

    pub(super) fn give(&self, bytes: usize) {
        self.budget.give(bytes);
    }

    pub(super) fn force(&self, bytes: usize) {
        self.budget.force(bytes);
    }

    /// Takes bytes from the budget; where they are not free, from entries of other owners than
    /// `but`. False when there is nothing more to take.
    pub(super) fn make_room(&self, bytes: usize, but: Option<Owner>) -> bool {
        if bytes > self.budget.limit() {
            return false;
        }
        while !self.budget.take(bytes) {
            if !self.evict(but) {
                return false;
            }
        }
        true
    }

    /// Drops or writes the entry that was not used for the longest time; false when there is none.
    fn evict(&self, but: Option<Owner>) -> bool {
        let Some((owner, index, blocks, eviction)) = self.choose_victim(but) else { return false };
        let moved = if eviction == Eviction::Drop { None } else { Some(self.written(&blocks)) };
        let mut places = self.places();
        let Some(held) = places.owners.get_mut(&owner) else { return true };
        let Some(entry) = held.get_mut(&index).filter(|entry| entry.moving) else { return true };
        let mut removed = None;
        let freed = match moved {
            None => {
                removed = held.remove(&index);
                removed.as_ref().map_or(0, |entry| entry.bytes)
            }
            Some(Ok(written)) => {
                entry.blocks = written;
                entry.moving = false;
                std::mem::take(&mut entry.bytes)
            }
            // The disk failed; the entry stays where it is.
            Some(Err(_)) => {
                entry.moving = false;
                return false;
            }
        };
        drop(places);
        drop((removed, blocks));
        self.budget.give(freed);
        true
    }

    fn choose_victim(&self, but: Option<Owner>) -> Option<(Owner, usize, Blocks, Eviction)> {
        let mut places = self.places();
        let mut entries: Option<(u64, Owner, usize)> = None;
        for (owner, held) in &places.owners {
            if Some(*owner) == but {
                continue;
            }
            for (index, entry) in held {
                let evictable =
                    entry.bytes > 0 && !entry.moving && entry.eviction != Eviction::Never;
                let older = entries.is_none_or(|(used, ..)| entry.used < used);
                if evictable && older && !is_read(&entry.blocks) {
                    entries = Some((entry.used, *owner, *index));
                }
            }
        }
        let (_, owner, index) = entries?;
        let entry = places.owners.get_mut(&owner)?.get_mut(&index)?;
        entry.moving = true;
        Some((owner, index, Arc::clone(&entry.blocks), entry.eviction))
    }

    /// Writes blocks to a file of their own.
    fn written(&self, blocks: &[(usize, Block)]) -> Result<Blocks> {
        let mut writer = self.disk.create()?;
        let mut placed = Vec::with_capacity(blocks.len());
        for (number, block) in blocks {
            placed.push((*number, block.spill(&mut writer)?));
        }
        let file = self.finish_spill(writer)?;
        let on_disk = |(number, extents)| (number, Block::on_disk(Arc::clone(&file), extents));
        Ok(placed.into_iter().map(on_disk).collect())
    }
}

fn bytes_of(blocks: &[(usize, Block)]) -> usize {
    blocks.iter().map(|(_, block)| block.bytes()).sum()
}

/// True when a task reads the blocks just now, so that evicting them would free nothing.
fn is_read(blocks: &Blocks) -> bool {
    Arc::strong_count(blocks) > 1 || blocks.iter().any(|(_, block)| block.is_shared())
}

#[cfg(test)]
mod tests;
