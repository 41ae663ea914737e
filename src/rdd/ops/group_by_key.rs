//! `group_by_key`: all values of each key.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::external::fold_by_key;
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Collects the values of each key, in the order of the rows; one row a key. Every value
    /// crosses the shuffle, so prefer [`reduce_by_key`](Self::reduce_by_key) where the values are
    /// merged afterwards.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let groups = ctx.parallelize([(1, 'a'), (2, 'b'), (1, 'c')], 2).group_by_key(2);
    /// assert_eq!(groups.lookup(&1)?, [vec!['a', 'c']]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn group_by_key(&self, partitioner: impl IntoPartitioner<K>) -> Rdd<(K, Vec<V>)> {
        let placed = self.partition_by(partitioner);
        let store = Arc::clone(&self.runtime().store);
        placed.narrow("group_by_key", placed.partitioning().cloned(), move |_, rows| {
            fold_by_key(
                &store,
                rows,
                |value| vec![value],
                |mut group, value| {
                    group.push(value);
                    group
                },
            )
        })
    }
}
