//! `mean`: the average row.

use crate::error::Result;
use crate::rdd::{Number, Rdd};

impl<T: Number> Rdd<T> {
    /// Returns the mean of the rows: [`stats`](Self::stats) gives more at the same cost.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([1, 2, 3, 6], 2).mean()?, 3.0);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`](crate::ErrorKind::Empty) when there are no rows; otherwise when
    /// computing a partition fails.
    pub fn mean(&self) -> Result<f64> {
        Ok(self.stats_of("mean")?.mean())
    }
}
