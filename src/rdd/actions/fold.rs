//! `fold`: all rows merged, starting from a neutral value.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Merges all rows into `zero`, once for each partition and once more for the partial results
    /// in partition order; `zero` should be neutral. Without rows the result is `zero`.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(1..=4, 3).fold(0, |a, b| a + b)?, 10);
    /// assert_eq!(ctx.parallelize(0..0, 3).fold(0, |a, b| a + b)?, 0);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn fold(&self, zero: T, merge: impl Fn(T, T) -> T + Send + Sync) -> Result<T> {
        self.aggregate(zero, &merge, &merge)
    }
}
