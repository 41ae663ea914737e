//! `local_checkpoint`: the same rows without their lineage.

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Task};
use crate::rdd::Rdd;
use crate::storage::{Block, StorageLevel};

/// Rows that exist only as blocks of the store.
struct Retained {
    core: NodeCore,
}

impl Node for Retained {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        Vec::new()
    }

    fn is_recomputable(&self) -> bool {
        false
    }
}

impl<T> Compute<T> for Retained {
    fn compute(&self, _task: &Task, partition: usize) -> Result<Rows<T>> {
        let what = format!("{} has no lineage, and its partition {partition}", self.core.label());
        Err(ErrorKind::Lost(what).into())
    }
}

impl<T: Data> Rdd<T> {
    /// Computes all partitions, keeps them at `level`, and returns an RDD of them that remembers
    /// nothing of how they came about. Iterative programs call it every few rounds, so that neither
    /// the lineage nor what it holds on to grows.
    ///
    /// The blocks are freed when the last handle on the result is dropped; after an
    /// [`unpersist`](Self::unpersist) its rows are gone for good.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let mut numbers = ctx.parallelize(0..4, 2);
    /// for _ in 0..1000 {
    ///     numbers = numbers.map(|n| n + 1).local_checkpoint(StorageLevel::MEMORY_ONLY)?;
    /// }
    /// assert_eq!(numbers.collect()?, [1000, 1001, 1002, 1003]);
    /// assert_eq!(numbers.explain().lines().count(), 1);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing fails, or when `level` keeps nothing.
    pub fn local_checkpoint(&self, level: StorageLevel) -> Result<Self> {
        Ok(self.local_checkpoint_with(level, |_| ())?.0)
    }

    /// Like [`local_checkpoint`](Self::local_checkpoint), and returns by partition what
    /// `summarize` made of the rows that were kept: once each, however many attempts it took.
    pub(crate) fn local_checkpoint_with<S: Send + 'static>(
        &self,
        level: StorageLevel,
        summarize: impl Fn(&[T]) -> S + Sync,
    ) -> Result<(Self, Vec<S>)> {
        if !level.is_persistent() {
            return Err(Error::argument("a local checkpoint needs a level that keeps rows"));
        }
        let runtime = self.runtime();
        let count = self.partition_count();
        let partitioning = self.partitioning().cloned();
        let core = NodeCore::new(runtime, "local_checkpoint", count, partitioning);
        core.persist(level)?;
        let owner = core.owner();
        let retained = Lineage::new(Retained { core });
        let all: Vec<_> = (0..count).collect();
        let summaries = runtime.run_tasks(&self.lineage, &all, |task, partition| {
            let rows = self.lineage.shared_rows(task, partition)?;
            let summary = summarize(&rows);
            let block = Block::from_shared(rows);
            runtime.store.put(owner, partition, level, true, block)?;
            Ok(summary)
        })?;
        Ok((Self::from_lineage(retained), summaries))
    }
}
