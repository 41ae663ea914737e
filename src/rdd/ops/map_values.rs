//! `map_values`: new values under the same keys.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::rdd::Rdd;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Applies `f` to every value. Keys, order and partitioner are kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let pairs = ctx.parallelize([(1, 2), (3, 4)], 2).partition_by(2);
    /// let doubled = pairs.map_values(|value| value * 2);
    /// assert_eq!(doubled.partitioner(), pairs.partitioner());
    /// assert_eq!(doubled.lookup(&3)?, [8]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn map_values<W: Data>(&self, f: impl Fn(V) -> W + Send + Sync + 'static) -> Rdd<(K, W)> {
        let f = Arc::new(f);
        self.narrow("map_values", self.partitioning().cloned(), move |_, rows| {
            let f = Arc::clone(&f);
            Ok(Box::new(rows.map(move |(key, value)| (key, f(value)))))
        })
    }
}
