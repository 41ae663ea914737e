//! `flat_map`: any number of rows out for each row in.

use std::sync::Arc;

use crate::data::Data;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Applies `f` to every row and strings the results together. Order is kept, the partitioner
    /// is not.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(0..4, 2).flat_map(|n| 0..n).collect()?, [0, 0, 1, 0, 1, 2]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn flat_map<U: Data, I>(&self, f: impl Fn(T) -> I + Send + Sync + 'static) -> Rdd<U>
    where
        I: IntoIterator<Item = U> + 'static,
    {
        let f = Arc::new(f);
        self.narrow("flat_map", None, move |_, rows| {
            let f = Arc::clone(&f);
            Ok(Box::new(rows.flat_map(move |row| f(row))))
        })
    }
}
