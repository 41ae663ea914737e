//! `repartition_and_sort_within_partitions`: rows placed by key and sorted where they arrive.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::external::sorted;
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<K: Key + Ord, V: Data> Rdd<(K, V)> {
    /// Moves every row to the partition of its key and sorts each partition by key; rows with equal
    /// keys keep their order. For all rows in one order see [`sort_by_key`](Self::sort_by_key).
    ///
    /// One shuffle, or none when the rows are placed that way already. The result has the
    /// partitioner.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// use superstep::rdd::RangePartitioner;
    ///
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize([(3, 'x'), (1, 'y'), (2, 'a'), (1, 'b')], 2);
    /// let sorted = rows.repartition_and_sort_within_partitions(RangePartitioner::new([1]));
    /// let expected = [vec![(1, 'y'), (1, 'b')], vec![(2, 'a'), (3, 'x')]];
    /// assert_eq!(sorted.glom().collect()?, expected);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn repartition_and_sort_within_partitions(
        &self,
        partitioner: impl IntoPartitioner<K>,
    ) -> Self {
        let placed = self.partition_by(partitioner);
        placed.sorted_within_partitions()
    }

    /// Sorts each partition by key; the partitioner is kept.
    pub(super) fn sorted_within_partitions(&self) -> Self {
        let store = Arc::clone(&self.runtime().store);
        self.narrow("sort", self.partitioning().cloned(), move |_, rows| {
            sorted(&store, rows, |(a, _): &(K, V), (b, _)| a.cmp(b))
        })
    }
}
