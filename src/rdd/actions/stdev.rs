//! `stdev`: the standard deviation.

use crate::error::Result;
use crate::rdd::{Number, Rdd};

impl<T: Number> Rdd<T> {
    /// Returns the standard deviation of the rows as a population: the root of their
    /// [`variance`](Self::variance). [`stats`](Self::stats) has that of a sample too.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([1, 5], 2).stdev()?, 2.0);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`](crate::ErrorKind::Empty) when there are no rows; otherwise when
    /// computing a partition fails.
    pub fn stdev(&self) -> Result<f64> {
        Ok(self.stats_of("stdev")?.stdev())
    }
}
