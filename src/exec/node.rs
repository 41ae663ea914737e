//! What a lineage node is: Spark's five properties, with and without the row type.
//!
//! 1. a list of partitions ([`NodeCore::partition_count`]),
//! 2. a function that computes one ([`Compute::compute`]),
//! 3. the nodes it depends on ([`Node::dependencies`]),
//! 4. for keyed rows, how they are partitioned ([`NodeCore::partitioning`]),
//! 5. where a partition is best computed ([`Node::preferred_location`]).
//!
//! The scheduler sees [`Node`]s and [`Shuffle`]s; only RDD operations know the row type, so no
//! record is ever boxed.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{ErrorKind, Result};
use crate::storage::{Block, Eviction, Owner, StorageLevel};

use super::{Runtime, Task};

/// The rows of one partition, produced one after another as they are asked for.
pub type Rows<T> = Box<dyn Iterator<Item = T>>;

/// A lineage node without its row type.
pub(crate) trait Node: Send + Sync {
    /// Number, name, partitions, partitioning and storage level.
    fn core(&self) -> &NodeCore;

    /// What the node computes its partitions from.
    fn dependencies(&self) -> Vec<Dependency>;

    /// False for rows that exist only as blocks: once lost, nothing brings them back.
    fn is_recomputable(&self) -> bool {
        true
    }

    /// What a drawing of the lineage says beside the node's name and partitions.
    fn detail(&self) -> Option<String> {
        None
    }

    /// The process that should compute `partition`, when one has its input already.
    fn preferred_location(&self, _partition: usize) -> Option<usize> {
        None
    }
}

/// Takes some rows of a partition out of the vector; what it leaves is dropped.
pub(crate) type TakeBatch<'a, T> = dyn FnMut(&mut Vec<T>) -> Result<()> + 'a;

/// A lineage node that can compute its rows.
pub(crate) trait Compute<T>: Node {
    /// Starts the rows of one partition. Errors on the way are
    /// [raised](crate::raise::raise).
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>>;

    /// Hands over the rows of one partition in batches, for who wants all of them: sources that
    /// have rows in batches anyway spare handing out each by itself.
    fn compute_batches(
        &self,
        task: &Task,
        partition: usize,
        take: &mut TakeBatch<'_, T>,
    ) -> Result<()> {
        in_batches(self.compute(task, partition)?, take)
    }
}

/// Rows handed over at once: enough to make the call cheap, few enough to stay in the cache.
pub(crate) const BATCH_ROWS: usize = 1024;

/// Hands over rows in batches.
pub(super) fn in_batches<T>(mut rows: Rows<T>, take: &mut TakeBatch<'_, T>) -> Result<()> {
    let mut batch = Vec::new();
    loop {
        batch.clear();
        batch.extend(rows.by_ref().take(BATCH_ROWS));
        if batch.is_empty() {
            return Ok(());
        }
        take(&mut batch)?;
    }
}

/// How a node depends on another one.
pub(crate) enum Dependency {
    /// Partition by partition, within the same stage.
    Narrow(Arc<dyn Node>),
    /// All partitions of the parent, through a shuffle.
    Shuffle(Arc<dyn Shuffle>),
}

/// The map side of a shuffle, without its row types.
pub(crate) trait Shuffle: Send + Sync {
    /// Number and width.
    fn core(&self) -> &ShuffleCore;

    /// The node whose partitions the map tasks read.
    fn parent(&self) -> Arc<dyn Node>;

    /// Runs the map task of one parent partition: a block for each reduce partition that gets
    /// something, by reduce partition.
    fn write(&self, task: &Task, partition: usize) -> Result<Vec<(usize, Block)>>;

    /// What becomes of the outputs when memory is needed.
    fn eviction(&self) -> Eviction {
        Eviction::ToDisk
    }
}

/// How keyed rows are laid out over partitions.
#[derive(Clone)]
pub(crate) struct Partitioning {
    /// Equal descriptions place every key alike: that is what makes two RDDs co-partitioned.
    pub(crate) description: Arc<str>,
    /// An `Arc<dyn Partitioner<K>>` for the key type of the rows.
    pub(crate) scheme: Arc<dyn Any + Send + Sync>,
}

impl PartialEq for Partitioning {
    fn eq(&self, other: &Self) -> bool {
        self.description == other.description
    }
}

impl fmt::Debug for Partitioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// What every lineage node has.
pub(crate) struct NodeCore {
    pub(crate) id: usize,
    pub(crate) name: &'static str,
    pub(crate) partition_count: usize,
    pub(crate) partitioning: Option<Partitioning>,
    pub(crate) runtime: Arc<Runtime>,
    level: Mutex<StorageLevel>,
}

impl NodeCore {
    pub(crate) fn new(
        runtime: &Arc<Runtime>,
        name: &'static str,
        partition_count: usize,
        partitioning: Option<Partitioning>,
    ) -> Self {
        Self {
            id: runtime.next_rdd(),
            name,
            partition_count,
            partitioning,
            runtime: Arc::clone(runtime),
            level: Mutex::new(StorageLevel::NONE),
        }
    }

    /// The node as messages name it.
    pub(crate) fn label(&self) -> String {
        format!("{} #{}", self.name, self.id)
    }

    /// The owner of its persisted blocks.
    pub(crate) fn owner(&self) -> Owner {
        Owner::Rdd(self.id)
    }

    pub(crate) fn level(&self) -> StorageLevel {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Assigns a storage level; a different one that is already assigned is an error.
    pub(crate) fn persist(&self, requested: StorageLevel) -> Result<()> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        if level.is_persistent() && *level != requested {
            return Err(ErrorKind::LevelAssigned {
                rdd: self.label(),
                current: level.to_string(),
                requested: requested.to_string(),
            }
            .into());
        }
        *level = requested;
        if requested.is_persistent() {
            self.runtime.store.register(self.owner());
        }
        Ok(())
    }

    /// Forgets the level and frees the blocks.
    pub(crate) fn unpersist(&self) {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = StorageLevel::NONE;
        self.runtime.store.remove(self.owner());
    }
}

impl Drop for NodeCore {
    fn drop(&mut self) {
        if self.level().is_persistent() {
            self.runtime.store.remove(self.owner());
        }
    }
}

/// What every shuffle has; dropping it frees its outputs.
pub(crate) struct ShuffleCore {
    pub(crate) id: usize,
    /// Map tasks: the parent's partitions.
    pub(crate) maps: usize,
    /// Reduce partitions.
    pub(crate) reducers: usize,
    /// Map tasks whose additions to accumulators count already.
    counted: Vec<AtomicBool>,
    runtime: Arc<Runtime>,
}

impl ShuffleCore {
    pub(crate) fn new(runtime: &Arc<Runtime>, maps: usize, reducers: usize) -> Self {
        let counted = (0..maps).map(|_| AtomicBool::new(false)).collect();
        let id = runtime.next_shuffle();
        runtime.store.register(Owner::Shuffle(id));
        Self { id, maps, reducers, counted, runtime: Arc::clone(runtime) }
    }

    /// True the first time that a map task is done.
    pub(super) fn counts(&self, map: usize) -> bool {
        self.counted.get(map).is_some_and(|counted| !counted.swap(true, Ordering::Relaxed))
    }

    pub(crate) fn owner(&self) -> Owner {
        Owner::Shuffle(self.id)
    }

    /// Frees the outputs; a later use recomputes them.
    pub(crate) fn release(&self) {
        self.runtime.store.clear(self.owner());
    }

    /// Frees the outputs for one reduce partition; a later use recomputes all of them.
    pub(crate) fn release_reduced(&self, reduce: usize) {
        self.runtime.store.release_reduced(self.owner(), reduce);
    }
}

impl Drop for ShuffleCore {
    fn drop(&mut self) {
        self.runtime.store.remove(self.owner());
    }
}
