//! `map`: one row out for each row in.

use std::sync::Arc;

use crate::data::Data;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Applies `f` to every row. Order is kept; the partitioner is not, since keys may change.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(1..4, 2).map(|n| n * n).collect()?, [1, 4, 9]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn map<U: Data>(&self, f: impl Fn(T) -> U + Send + Sync + 'static) -> Rdd<U> {
        let f = Arc::new(f);
        self.narrow("map", None, move |_, rows| {
            let f = Arc::clone(&f);
            Ok(Box::new(rows.map(move |row| f(row))))
        })
    }
}
