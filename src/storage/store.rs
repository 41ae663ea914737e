//! Places blocks by storage level and finds them again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::Result;

use super::disk::DiskTier;
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
    Disk,
}

/// The blocks of one process.
#[derive(Debug, Default)]
pub(crate) struct Store {
    places: Mutex<HashMap<Owner, HashMap<usize, Place>>>,
    disk: DiskTier,
}

fn file_name(owner: Owner, index: usize) -> String {
    match owner {
        Owner::Rdd(rdd) => format!("rdd-{rdd}-{index}.block"),
        Owner::Shuffle(shuffle) => format!("shuffle-{shuffle}-{index}.block"),
    }
}

impl Store {
    fn places(&self) -> MutexGuard<'_, HashMap<Owner, HashMap<usize, Place>>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a block as its level says: rows or bytes in memory where the level uses memory, a
    /// file otherwise.
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
            self.disk.write(&file_name(owner, index), &block)?;
            Place::Disk
        };
        self.places().entry(owner).or_default().insert(index, place);
        Ok(())
    }

    /// Keeps the outputs of one map task, block `r` for reducer `r`, as rows in memory.
    pub(crate) fn put_run(&self, owner: Owner, first: usize, blocks: Vec<(usize, Block)>) {
        let mut places = self.places();
        let held = places.entry(owner).or_default();
        held.extend(blocks.into_iter().map(|(at, block)| (first + at, Place::Memory(block))));
    }

    /// Returns a block, or `None` when it is not there.
    pub(crate) fn get(&self, owner: Owner, index: usize) -> Result<Option<Block>> {
        let place = self.places().get(&owner).and_then(|held| held.get(&index)).cloned();
        match place {
            None => Ok(None),
            Some(Place::Memory(block)) => Ok(Some(block)),
            Some(Place::Disk) => self.disk.read(&file_name(owner, index)).map(Some),
        }
    }

    /// Returns the blocks at `indexes` that are in memory, under one lock; `None` if any is not.
    pub(crate) fn get_run(
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
            Some(Place::Disk) | None => None,
        })
    }

    /// Tells which of the blocks `0..count` are missing.
    pub(crate) fn missing(&self, owner: Owner, indexes: impl Iterator<Item = usize>) -> Vec<usize> {
        let places = self.places();
        let held = places.get(&owner);
        indexes.filter(|index| held.is_none_or(|held| !held.contains_key(index))).collect()
    }

    /// How many blocks an owner has.
    pub(crate) fn held(&self, owner: Owner) -> usize {
        self.places().get(&owner).map_or(0, HashMap::len)
    }

    /// Frees all blocks of an owner.
    pub(crate) fn remove(&self, owner: Owner) {
        let removed = self.places().remove(&owner);
        for (index, place) in removed.into_iter().flatten() {
            if matches!(place, Place::Disk) {
                self.disk.remove(&file_name(owner, index));
            }
        }
    }

    /// How many blocks there are in all; a context that freed everything has none.
    pub(crate) fn block_count(&self) -> usize {
        self.places().values().map(HashMap::len).sum()
    }
}
