//! `is_empty`: whether there are rows.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns true when there are no rows. Scans partitions only until one has a row, as
    /// [`take`](Self::take) does.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(0..10, 2);
    /// assert!(!numbers.is_empty()?);
    /// assert!(numbers.filter(|n| *n > 10).is_empty()?);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing one of the partitions scanned fails.
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.take(1)?.is_empty())
    }
}
