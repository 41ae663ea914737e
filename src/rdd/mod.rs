//! Resilient distributed datasets: lazy, partitioned, recomputable collections.
//!
//! An [`Rdd<T>`] is a handle on a lineage node. Transformations (`ops/`, one file each) make new
//! handles and compute nothing; actions (`actions/`, one file each) run a job and return a value.
//! A [`Context`] owns the threads and blocks that its RDDs use.
//!
//! ```
//! use superstep::prelude::*;
//!
//! let ctx = Context::local(2)?;
//! let lines = ctx.parallelize(vec!["to be or", "not to be"].into_iter().map(str::to_owned), 2);
//! let counts = lines
//!     .flat_map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
//!     .map(|word| (word, 1_u64))
//!     .reduce_by_key(|a, b| a + b, 2)
//!     .sort_by_key(1)?
//!     .collect()?;
//! assert_eq!(counts[0], ("be".to_owned(), 2));
//! # Ok::<(), superstep::Error>(())
//! ```

mod accumulator;
mod actions;
mod batches;
mod broadcast;
mod context;
mod nodes;
mod object_file;
mod ops;
mod output_directory;
mod partitioner;
mod random;
mod shuffle;
mod stats;
mod stored_rows;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use rayon::prelude::*;

use crate::data::Data;
use crate::error::Result;
use crate::exec::{self, Dependency, Lineage, Partitioning, Runtime};
use crate::storage::StorageLevel;

pub use crate::exec::{CancelToken, Rows, Scheduling, Speculation};
pub use accumulator::Accumulator;
pub use actions::{Histogram, LocalIterator};
pub(crate) use batches::Gathering;
pub use broadcast::Broadcast;
pub use context::{Context, ContextBuilder, MemoryUse};
pub use ops::{Either, Groups, Groups3};
pub use partitioner::{HashPartitioner, IntoPartitioner, Partitioner, RangePartitioner};
pub use stats::{Number, Stats};

/// A lazy, partitioned collection of `T` that can be recomputed from its lineage.
///
/// Handles are cheap to clone and share one lineage node. What the node persists is freed when
/// its last handle is dropped, including those that other RDDs hold as their parents.
#[must_use = "RDDs are lazy and do nothing until an action runs"]
pub struct Rdd<T: 'static> {
    pub(crate) lineage: Lineage<T>,
}

impl<T: 'static> Clone for Rdd<T> {
    fn clone(&self) -> Self {
        Self { lineage: self.lineage.clone() }
    }
}

impl<T: 'static> fmt::Debug for Rdd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rdd")
            .field("rdd", &self.lineage.core().label())
            .field("partitions", &self.partition_count())
            .finish_non_exhaustive()
    }
}

impl<T: 'static> Rdd<T> {
    /// Returns how many partitions the RDD has.
    #[must_use]
    pub fn partition_count(&self) -> usize {
        self.lineage.core().partition_count
    }

    /// Returns the description of the partitioner that placed the rows, if one did. Two RDDs with
    /// equal descriptions are co-partitioned: joining them moves nothing.
    #[must_use]
    pub fn partitioner(&self) -> Option<String> {
        self.partitioning().map(|partitioning| partitioning.description.to_string())
    }

    /// Returns the storage level, [`StorageLevel::NONE`] when not persisted.
    #[must_use]
    pub fn storage_level(&self) -> StorageLevel {
        self.lineage.core().level()
    }

    /// Keeps the partitions at `level` once they are computed.
    ///
    /// # Errors
    /// [`ErrorKind::LevelAssigned`](crate::ErrorKind::LevelAssigned) when another level is
    /// assigned already.
    pub fn persist(&self, level: StorageLevel) -> Result<Self> {
        self.lineage.core().persist(level)?;
        Ok(self.clone())
    }

    /// Keeps the partitions as rows in memory: [`persist`](Self::persist) at
    /// [`StorageLevel::MEMORY_ONLY`].
    ///
    /// # Errors
    /// As [`persist`](Self::persist).
    pub fn cache(&self) -> Result<Self> {
        self.persist(StorageLevel::MEMORY_ONLY)
    }

    /// Frees the kept partitions; later uses recompute them.
    pub fn unpersist(&self) {
        self.lineage.core().unpersist();
    }

    /// Returns a drawing of the lineage: a line for each RDD with the number of its stage, its
    /// partitions, partitioner, storage level, what of it is cached, and how many partitions an
    /// action would compute now. `+-` marks a shuffle, which is where stages are cut; stages whose
    /// shuffle outputs are there are skipped. What is computed in one stage from single parents
    /// stands at one indentation.
    #[must_use]
    pub fn explain(&self) -> String {
        exec::explain(self.lineage.node())
    }

    /// Returns the context's engine.
    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        &self.lineage.core().runtime
    }

    /// Frees the outputs of the shuffles that this RDD reads directly. Used once what was made of
    /// them is persisted; losing that recomputes them.
    pub(crate) fn release_shuffles(&self) {
        let mut seen = HashSet::new();
        let mut pending = vec![self.lineage.node()];
        while let Some(node) = pending.pop() {
            if !seen.insert(node.core().id) {
                continue;
            }
            for dependency in node.dependencies() {
                match dependency {
                    Dependency::Narrow(parent) => pending.push(parent),
                    Dependency::Shuffle(shuffle) => shuffle.core().release(),
                }
            }
        }
    }

    /// Frees the outputs of the shuffle whose reduce side this RDD is, for one partition. Used once
    /// what was made of it is persisted; losing that recomputes them.
    pub(crate) fn release_reduced(&self, partition: usize) {
        for dependency in self.lineage.node().dependencies() {
            if let Dependency::Shuffle(shuffle) = dependency {
                shuffle.core().release_reduced(partition);
            }
        }
    }

    /// Frees one kept partition. Used by who reads it last; a later use recomputes it.
    pub(crate) fn release_partition(&self, partition: usize) {
        let core = self.lineage.core();
        core.runtime.store.remove_one(core.owner(), partition);
    }

    /// Frees the kept partitions on the worker threads, for who is about to keep them busy anyway: rows
    /// may be many, and one thread alone takes long for them.
    pub(crate) fn release_on_workers(self) {
        let partitions = (0..self.partition_count()).into_par_iter().with_max_len(1);
        self.runtime().pool.install(|| {
            partitions.for_each(|partition| self.release_partition(partition));
        });
    }

    pub(crate) fn partitioning(&self) -> Option<&Partitioning> {
        self.lineage.core().partitioning.as_ref()
    }
}

impl<K: 'static, V> Rdd<(K, V)> {
    /// Returns the partitioner that placed the rows, if one did.
    pub(crate) fn placement(&self) -> Option<Arc<dyn Partitioner<K>>> {
        self.partitioning().and_then(partitioner::restore).cloned()
    }

    /// True when the rows are placed the way `partitioner` would place them.
    fn is_placed_by(&self, partitioner: &dyn Partitioner<K>) -> bool {
        self.partitioning().is_some_and(|own| *own.description == partitioner.description())
    }
}

impl<T: Data> Rdd<T> {
    /// Runs `body` over every partition's rows and returns the results by partition.
    pub(crate) fn run<R: Send + 'static>(
        &self,
        body: impl Fn(Rows<T>) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let all: Vec<_> = (0..self.partition_count()).collect();
        self.runtime().run(&self.lineage, &all, |_, rows| body(rows))
    }
}
