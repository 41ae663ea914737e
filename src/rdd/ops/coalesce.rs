//! `coalesce`: fewer partitions without a shuffle.

use crate::data::Data;
use crate::error::Result;
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Task, raise};
use crate::rdd::Rdd;

/// Each partition is a run of the parent's partitions, one after another.
struct Coalesced<T: 'static> {
    core: NodeCore,
    parent: Lineage<T>,
}

impl<T: 'static> Node for Coalesced<T> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.parent.narrow()]
    }
}

impl<T: Data> Compute<T> for Coalesced<T> {
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        let (old, new) = (self.parent.core().partition_count, self.core.partition_count);
        let run = partition * old / new..(partition + 1) * old / new;
        let (task, parent) = (task.clone(), self.parent.clone());
        // A partition is started only when the one before it has been read.
        Ok(Box::new(run.flat_map(move |partition| {
            parent.rows(&task, partition).unwrap_or_else(|error| raise(error))
        })))
    }
}

impl<T: Data> Rdd<T> {
    /// Joins neighbouring partitions into `partitions` (0 is taken as 1) of about equally many.
    /// Order is kept; nothing moves, and the partitioner is not kept. What each of the new
    /// partitions is made of is computed by one task: `partitions` is how much work is done side
    /// by side, back to the last shuffle.
    ///
    /// Without a shuffle partitions cannot become more: an RDD that has no more than `partitions`
    /// is returned as it is. See [`repartition`](Self::repartition).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(0..6, 6);
    /// assert_eq!(numbers.coalesce(2).glom().collect()?, [[0, 1, 2], [3, 4, 5]]);
    /// assert_eq!(numbers.coalesce(100).partition_count(), 6);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn coalesce(&self, partitions: usize) -> Self {
        let partitions = partitions.max(1);
        if partitions >= self.partition_count() {
            return self.clone();
        }
        let core = NodeCore::new(self.runtime(), "coalesce", partitions, None);
        Self::from_lineage(Lineage::new(Coalesced { core, parent: self.lineage.clone() }))
    }
}
