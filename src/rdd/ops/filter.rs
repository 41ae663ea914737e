//! `filter`: the rows that satisfy a predicate.

use std::sync::Arc;

use crate::data::Data;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Keeps the rows for which `keep` is true. Order and partitioner are kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(1..7, 2).filter(|n| n % 2 == 0).collect()?, [2, 4, 6]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn filter(&self, keep: impl Fn(&T) -> bool + Send + Sync + 'static) -> Self {
        let keep = Arc::new(keep);
        self.narrow("filter", self.partitioning().cloned(), move |_, rows| {
            let keep = Arc::clone(&keep);
            Ok(Box::new(rows.filter(move |row| keep(row))))
        })
    }
}
