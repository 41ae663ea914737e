//! Nodes that pass rows on in batches instead of one by one.
//!
//! [`BatchSource`] has rows in batches, as parsers do; [`Gather`] wants all rows of a partition to
//! make one value of them. Side by side in a lineage they spare two calls through pointers a row.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::exec::{
    Compute, Dependency, Lineage, Node, NodeCore, Rows, Runtime, TakeBatch, Task, boxed,
};

use super::Rdd;

/// Rows from outside the lineage that come in batches, or one by one where those are wanted.
struct BatchSource<R, F> {
    core: NodeCore,
    read: R,
    feed: F,
}

impl<R: Send + Sync, F: Send + Sync> Node for BatchSource<R, F> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        Vec::new()
    }
}

impl<T, R, F> Compute<T> for BatchSource<R, F>
where
    T: 'static,
    R: Fn(usize) -> Result<Rows<T>> + Send + Sync,
    F: Fn(usize, &mut TakeBatch<'_, T>) -> Result<()> + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        Ok(boxed(task.watch((self.read)(partition)?)))
    }

    fn compute_batches(
        &self,
        task: &Task,
        partition: usize,
        take: &mut TakeBatch<'_, T>,
    ) -> Result<()> {
        (self.feed)(partition, &mut |rows| {
            task.look_for(rows.len())?;
            take(rows)
        })
    }
}

/// One row made of all rows of a parent partition.
struct Gather<P: 'static, F> {
    core: NodeCore,
    parent: Lineage<P>,
    gather: F,
}

impl<P: 'static, F: Send + Sync> Node for Gather<P, F> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.parent.narrow()]
    }
}

impl<P, T, G, F> Compute<T> for Gather<P, F>
where
    P: Data,
    T: 'static,
    G: Gathering<P, Whole = T>,
    F: Fn() -> G + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        let mut gathering = (self.gather)();
        self.parent.batches(task, partition, &mut |rows| {
            gathering.add(rows);
            Ok(())
        })?;
        Ok(boxed(std::iter::once(gathering.finish())))
    }
}

/// The making of one value of many rows.
pub(crate) trait Gathering<P> {
    /// What it comes to.
    type Whole;

    /// Takes some rows; what is left in the vector is dropped.
    fn add(&mut self, rows: &mut Vec<P>);

    /// Ends it after the last row.
    fn finish(self) -> Self::Whole;
}

impl<T: Data> Rdd<T> {
    /// Makes an RDD whose partitions `read` produces one by one and `feed` in batches.
    pub(crate) fn batch_source(
        runtime: &Arc<Runtime>,
        name: &'static str,
        partition_count: usize,
        read: impl Fn(usize) -> Result<Rows<T>> + Send + Sync + 'static,
        feed: impl Fn(usize, &mut TakeBatch<'_, T>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        let core = NodeCore::new(runtime, name, partition_count, None);
        Self::from_lineage(Lineage::new(BatchSource { core, read, feed }))
    }

    /// Makes an RDD of one row for each partition of this one.
    pub(crate) fn gather<G: Gathering<T, Whole: Data>>(
        &self,
        name: &'static str,
        gather: impl Fn() -> G + Send + Sync + 'static,
    ) -> Rdd<G::Whole> {
        let core = NodeCore::new(self.runtime(), name, self.partition_count(), None);
        Rdd::from_lineage(Lineage::new(Gather { core, parent: self.lineage.clone(), gather }))
    }
}
