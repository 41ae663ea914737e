//! `values`: the values of pairs.

use crate::data::Data;
use crate::rdd::Rdd;

impl<K: Data, V: Data> Rdd<(K, V)> {
    /// Returns the value of every row, in order.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([(1, 'a'), (1, 'b')], 2).values().collect()?, ['a', 'b']);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn values(&self) -> Rdd<V> {
        self.narrow("values", None, |_, rows| Ok(Box::new(rows.map(|(_, value)| value))))
    }
}
