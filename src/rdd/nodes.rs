//! The few kinds of lineage nodes that all operations are made of.
//!
//! [`Source`] has no parent, [`Narrow`] and [`ByReference`] have one, [`Zip`] two that line up
//! partition by partition, [`Union`] any number side by side. The node behind a shuffle is in `shuffle.rs`.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::exec::{
    Compute, Dependency, Lineage, Node, NodeCore, Partitioning, Rows, Runtime, Task, boxed,
};

use super::Rdd;

/// Rows from outside the lineage: a collection, a file, a generator.
pub(crate) struct Source<F> {
    core: NodeCore,
    read: F,
}

impl<F> Node for Source<F>
where
    F: Send + Sync,
{
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        Vec::new()
    }
}

impl<T, F> Compute<T> for Source<F>
where
    T: 'static,
    F: Fn(usize) -> Result<Rows<T>> + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        Ok(boxed(task.watch((self.read)(partition)?)))
    }
}

/// Rows made from the rows of one parent partition.
struct Narrow<P: 'static, F> {
    core: NodeCore,
    parent: Lineage<P>,
    transform: F,
}

impl<P: 'static, F: Send + Sync> Node for Narrow<P, F> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.parent.narrow()]
    }
}

impl<P, T, F> Compute<T> for Narrow<P, F>
where
    P: Data,
    F: Fn(usize, Rows<P>) -> Result<Rows<T>> + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        (self.transform)(partition, self.parent.rows(task, partition)?)
    }
}

/// Rows made from the rows of one parent partition, which are read where they are kept.
struct ByReference<P: 'static, F> {
    core: NodeCore,
    parent: Lineage<P>,
    transform: Arc<F>,
}

impl<P: 'static, F: Send + Sync> Node for ByReference<P, F> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.parent.narrow()]
    }
}

impl<P, T, I, F> Compute<T> for ByReference<P, F>
where
    P: Data,
    I: IntoIterator<Item = T> + 'static,
    F: Fn(&P) -> I + Send + Sync + 'static,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        let rows = self.parent.shared_rows(task, partition)?;
        let transform = Arc::clone(&self.transform);
        Ok(Box::new((0..rows.len()).flat_map(move |index| transform(&rows[index]))))
    }
}

/// Rows made from partition `p` of two parents.
struct Zip<A: 'static, B: 'static, F> {
    core: NodeCore,
    left: Lineage<A>,
    right: Lineage<B>,
    transform: F,
}

impl<A: 'static, B: 'static, F: Send + Sync> Node for Zip<A, B, F> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.left.narrow(), self.right.narrow()]
    }
}

impl<A, B, T, F> Compute<T> for Zip<A, B, F>
where
    A: Data,
    B: Data,
    F: Fn(Rows<A>, Rows<B>) -> Result<Rows<T>> + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        (self.transform)(self.left.rows(task, partition)?, self.right.rows(task, partition)?)
    }
}

/// The partitions of several parents one after another.
struct Union<T: 'static> {
    core: NodeCore,
    parents: Vec<Lineage<T>>,
}

impl<T: 'static> Node for Union<T> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        self.parents.iter().map(Lineage::narrow).collect()
    }
}

impl<T: Data> Compute<T> for Union<T> {
    fn compute(&self, task: &Task, mut partition: usize) -> Result<Rows<T>> {
        for parent in &self.parents {
            let count = parent.core().partition_count;
            if partition < count {
                return parent.rows(task, partition);
            }
            partition -= count;
        }
        Err(crate::Error::internal("a union was asked for a partition it does not have"))
    }
}

impl<T: Data> Rdd<T> {
    pub(crate) fn from_lineage(lineage: Lineage<T>) -> Self {
        Self { lineage }
    }

    /// Makes an RDD whose partitions `read` produces.
    pub(crate) fn source(
        runtime: &Arc<Runtime>,
        name: &'static str,
        partition_count: usize,
        read: impl Fn(usize) -> Result<Rows<T>> + Send + Sync + 'static,
    ) -> Self {
        let core = NodeCore::new(runtime, name, partition_count, None);
        Self::from_lineage(Lineage::new(Source { core, read }))
    }

    /// Makes an RDD without parents in the same context.
    pub(crate) fn derived_source<U: Data>(
        &self,
        name: &'static str,
        partition_count: usize,
        read: impl Fn(usize) -> Result<Rows<U>> + Send + Sync + 'static,
    ) -> Rdd<U> {
        Rdd::source(self.runtime(), name, partition_count, read)
    }

    /// Makes an RDD from this one, partition by partition.
    pub(crate) fn narrow<U: Data>(
        &self,
        name: &'static str,
        partitioning: Option<Partitioning>,
        transform: impl Fn(usize, Rows<T>) -> Result<Rows<U>> + Send + Sync + 'static,
    ) -> Rdd<U> {
        let core = NodeCore::new(self.runtime(), name, self.partition_count(), partitioning);
        Rdd::from_lineage(Lineage::new(Narrow { core, parent: self.lineage.clone(), transform }))
    }

    /// Like [`flat_map`](Self::flat_map), for an RDD whose rows are kept: it does not clone them.
    pub(crate) fn flat_map_ref<U: Data, I: IntoIterator<Item = U> + 'static>(
        &self,
        name: &'static str,
        partitioning: Option<Partitioning>,
        transform: impl Fn(&T) -> I + Send + Sync + 'static,
    ) -> Rdd<U> {
        let core = NodeCore::new(self.runtime(), name, self.partition_count(), partitioning);
        Rdd::from_lineage(Lineage::new(ByReference {
            core,
            parent: self.lineage.clone(),
            transform: Arc::new(transform),
        }))
    }

    /// Makes an RDD from this one and another, partition by partition. The caller has made sure
    /// that they have equally many.
    pub(crate) fn zip_nodes<B: Data, U: Data>(
        &self,
        other: &Rdd<B>,
        name: &'static str,
        partitioning: Option<Partitioning>,
        transform: impl Fn(Rows<T>, Rows<B>) -> Result<Rows<U>> + Send + Sync + 'static,
    ) -> Rdd<U> {
        let core = NodeCore::new(self.runtime(), name, self.partition_count(), partitioning);
        let (left, right) = (self.lineage.clone(), other.lineage.clone());
        Rdd::from_lineage(Lineage::new(Zip { core, left, right, transform }))
    }

    /// Makes an RDD of the partitions of all of `rdds`, in order.
    pub(crate) fn union_nodes(runtime: &Arc<Runtime>, rdds: &[Self]) -> Self {
        let partition_count = rdds.iter().map(Self::partition_count).sum();
        let core = NodeCore::new(runtime, "union", partition_count, None);
        let parents = rdds.iter().map(|rdd| rdd.lineage.clone()).collect();
        Self::from_lineage(Lineage::new(Union { core, parents }))
    }
}
