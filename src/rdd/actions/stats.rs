//! `stats`: count, mean, variance, sum and extremes in one pass.

use crate::error::{ErrorKind, Result};
use crate::rdd::{Number, Rdd, Stats};

impl<T: Number> Rdd<T> {
    /// Returns the [`Stats`] of the rows in one job; those of no number when there are none.
    /// Partitions are merged in order: the same bits for any number of threads.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let stats = ctx.parallelize(1..=5_u64, 2).stats()?;
    /// assert_eq!((stats.count(), stats.mean(), stats.variance()), (5, 3.0, 2.0));
    /// assert_eq!((stats.sum(), stats.min(), stats.max()), (15.0, 1.0, 5.0));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn stats(&self) -> Result<Stats> {
        self.aggregate(Stats::default(), Stats::with, Stats::merge)
    }

    /// The statistics for an action that needs at least one row.
    pub(super) fn stats_of(&self, action: &'static str) -> Result<Stats> {
        let stats = self.stats()?;
        if stats.count() == 0 { Err(ErrorKind::Empty { action }.into()) } else { Ok(stats) }
    }
}
