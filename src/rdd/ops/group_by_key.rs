//! `group_by_key`: all values of each key.

use crate::data::{Data, Key};
use crate::hash::KeyTable;
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
        placed.narrow("group_by_key", placed.partitioning().cloned(), |_, rows| {
            let mut groups: KeyTable<K, Vec<V>> = KeyTable::default();
            for (key, value) in rows {
                groups.entry(key).or_default().push(value);
            }
            Ok(Box::new(groups.into_iter()))
        })
    }
}
