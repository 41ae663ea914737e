//! `keys`: the keys of pairs.

use crate::data::Data;
use crate::rdd::Rdd;

impl<K: Data, V: Data> Rdd<(K, V)> {
    /// Returns the key of every row, in order. The partitioner is not kept, since it places pairs.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([(1, 'a'), (1, 'b')], 2).keys().collect()?, [1, 1]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn keys(&self) -> Rdd<K> {
        self.narrow("keys", None, |_, rows| Ok(Box::new(rows.map(|(key, _)| key))))
    }
}
