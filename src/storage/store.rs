//! Places blocks by storage level and finds them again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Result;

use super::disk::{DiskBlock, DiskTier};
use super::{Block, StorageLevel};

/// Whose blocks they are; dropping the owner frees them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// A persisted RDD: block `p` is its partition `p`.
    Rdd(usize),
    /// A shuffle: block `m * reducers + r` is what map task `m` has for reducer `r`.
    Shuffle(usize),
}

/// Where a block is kept.
#[derive(Debug, Clone)]
enum Place {
    Memory(Block),
    Disk(Arc<DiskBlock>),
}

/// The blocks of one process.
#[derive(Debug, Default)]
pub(crate) struct Store {
    places: Mutex<HashMap<Owner, HashMap<usize, Place>>>,
    disk: DiskTier,
}

impl Store {
    fn places(&self) -> MutexGuard<'_, HashMap<Owner, HashMap<usize, Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a block as its level says: rows or bytes in memory where the level uses memory, a
    /// file otherwise. It replaces one that is there, as when two tasks computed the same
    /// partition side by side.
    pub(crate) fn put(
        &self,
        owner: Owner,
        index: usize,
        level: StorageLevel,
        block: Block,
    ) -> Result<()> {
        let place = if level.uses_memory() && level.is_deserialized() {
            Place::Memory(block)
        } else if level.uses_memory() {
            Place::Memory(block.encoded()?)
        } else {
            Place::Disk(Arc::new(self.disk.write(&block)?))
        };
        let replaced = self.places().entry(owner).or_default().insert(index, place);
        // Dropped here and not in the line above: without the lock.
        drop(replaced);
        Ok(())
    }

    /// Keeps blocks as they are, in memory.
    pub(crate) fn put_all(&self, owner: Owner, blocks: impl Iterator<Item = (usize, Block)>) {
        let mut places = self.places();
        let held = places.entry(owner).or_default();
        held.extend(blocks.map(|(index, block)| (index, Place::Memory(block))));
    }

    /// Returns a block, or `None` when it is not there.
    pub(crate) fn get(&self, owner: Owner, index: usize) -> Result<Option<Block>> {
        let place = self.places().get(&owner).and_then(|held| held.get(&index)).cloned();
        match place {
            None => Ok(None),
            Some(Place::Memory(block)) => Ok(Some(block)),
            Some(Place::Disk(block)) => block.read().map(Some),
        }
    }

    /// Returns the blocks that [`put_all`](Self::put_all) kept at `indexes`, or `None` when one is
    /// not there.
    pub(crate) fn get_all(
        &self,
        owner: Owner,
        mut indexes: impl Iterator<Item = usize>,
    ) -> Option<Vec<Block>> {
        let places = self.places();
        let held = places.get(&owner)?;
        indexes.try_fold(Vec::new(), |mut blocks, index| match held.get(&index) {
            Some(Place::Memory(block)) => {
                blocks.push(block.clone());
                Some(blocks)
            }
            Some(Place::Disk(_)) | None => None,
        })
    }

    /// Tells which of the blocks `0..count` an owner does not have.
    pub(crate) fn missing(&self, owner: Owner, count: usize) -> Vec<usize> {
        let places = self.places();
        match places.get(&owner) {
            Some(held) if held.len() == count => Vec::new(),
            Some(held) => (0..count).filter(|at| !held.contains_key(at)).collect(),
            None => (0..count).collect(),
        }
    }

    /// How many blocks an owner has.
    pub(crate) fn held(&self, owner: Owner) -> usize {
        self.places().get(&owner).map_or(0, HashMap::len)
    }

    /// Frees all blocks of an owner.
    pub(crate) fn remove(&self, owner: Owner) {
        let removed = self.places().remove(&owner);
        // Dropped here, without the lock: rows may be many and files slow.
        drop(removed);
    }

    /// Frees one block.
    pub(crate) fn remove_one(&self, owner: Owner, index: usize) {
        let mut places = self.places();
        let removed = places.get_mut(&owner).and_then(|held| held.remove(&index));
        drop(places);
        drop(removed);
    }

    /// How many blocks there are in all; a context that freed everything has none.
    pub(crate) fn block_count(&self) -> usize {
        self.places().values().map(HashMap::len).sum()
    }
}
