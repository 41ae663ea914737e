//! `flat_map_values`: any number of values under each key.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::rdd::Rdd;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Applies `f` to every value and pairs each result with the value's key. Order and
    /// partitioner are kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let pairs = ctx.parallelize([("a".to_owned(), 2), ("b".to_owned(), 0)], 1);
    /// let rows = pairs.flat_map_values(|n| 0..n).collect()?;
    /// assert_eq!(rows, [("a".to_owned(), 0), ("a".to_owned(), 1)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn flat_map_values<W: Data, I>(
        &self,
        f: impl Fn(V) -> I + Send + Sync + 'static,
    ) -> Rdd<(K, W)>
    where
        I: IntoIterator<Item = W> + 'static,
    {
        let f = Arc::new(f);
        self.narrow("flat_map_values", self.partitioning().cloned(), move |_, rows| {
            let f = Arc::clone(&f);
            Ok(Box::new(rows.flat_map(move |(key, value)| {
                f(value).into_iter().map(move |value| (key.clone(), value))
            })))
        })
    }
}
