//! `count_by_key`: how many rows each key has.

use std::collections::HashMap;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::rdd::Rdd;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Returns the number of rows of each key, as a map in memory (whose own order means nothing).
    ///
    /// Costs a shuffle of each partition's counts, one a key, or none when the rows are placed by a
    /// partitioner. For many keys, count with [`reduce_by_key`](Self::reduce_by_key) and keep the
    /// result where it is.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let counts = ctx.parallelize([('a', 1), ('b', 1), ('a', 2)], 2).count_by_key()?;
    /// assert_eq!((counts[&'a'], counts[&'b']), (2, 1));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn count_by_key(&self) -> Result<HashMap<K, u64>> {
        let ones = self.map_values(|_| 1_u64);
        let counts = match self.placement() {
            Some(placement) => ones.reduce_by_key(|a, b| a + b, placement),
            None => ones.reduce_by_key(|a, b| a + b, self.partition_count()),
        };
        counts.collect_as_map()
    }
}
