//! `lookup`: the values of one key.

use crate::data::{Data, Key};
use crate::error::Result;
use crate::rdd::Rdd;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Returns the values of `key` in row order: from its one partition when the rows are placed
    /// by a partitioner, from a scan of all otherwise.
    ///
    /// # Errors
    /// When computing a partition scanned fails.
    pub fn lookup(&self, key: &K) -> Result<Vec<V>> {
        let home = self.placement().map(|placement| placement.partition(key));
        let partitions = match home {
            Some(partition) => vec![partition],
            None => (0..self.partition_count()).collect(),
        };
        let parts = self.runtime().run(&self.lineage, &partitions, |_, rows| {
            Ok(rows.filter(|row| row.0 == *key).map(|row| row.1).collect::<Vec<_>>())
        })?;
        Ok(parts.concat())
    }
}
