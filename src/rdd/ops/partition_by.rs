//! `partition_by`: rows moved to the partition of their key.

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Moves every row to the partition of its key: one shuffle, or nothing at all when the rows
    /// are placed that way already. Rows of one partition come in the order of their old
    /// partitions.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let placed = ctx.parallelize((0..9).map(|n| (n % 3, n)), 3).partition_by(4);
    /// assert_eq!(placed.partitioner().as_deref(), Some("hash(4)"));
    /// assert_eq!(placed.lookup(&1)?, [1, 4, 7]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn partition_by(&self, partitioner: impl IntoPartitioner<K>) -> Self {
        let partitioner = partitioner.into_partitioner();
        if self.is_placed_by(&*partitioner) {
            return self.clone();
        }
        self.distribute("partition_by", &partitioner)
    }
}
