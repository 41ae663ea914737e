//! `variance`: the mean square distance from the mean.

use crate::error::Result;
use crate::rdd::{Number, Rdd};

impl<T: Number> Rdd<T> {
    /// Returns the variance of the rows as a population (divided by their number), as Spark does;
    /// [`stats`](Self::stats) has the variance of a sample too, at the same cost.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([1, 3], 2).variance()?, 1.0);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`](crate::ErrorKind::Empty) when there are no rows; otherwise when
    /// computing a partition fails.
    pub fn variance(&self) -> Result<f64> {
        Ok(self.stats_of("variance")?.variance())
    }
}
