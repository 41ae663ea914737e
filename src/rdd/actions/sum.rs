//! `sum`: all rows added up.

use std::ops::Add;

use crate::data::Data;
use crate::error::Result;
use crate::exec::guard;
use crate::rdd::Rdd;

impl<T: Data + Add<Output = T> + Default> Rdd<T> {
    /// Adds up the rows of each partition from left to right, and then the partitions' sums; the
    /// default value (0) without rows. Floats give the same bits for any number of threads, but
    /// may differ in the last digits for another number of partitions.
    ///
    /// The sum has the type of the rows, and overflows as `+` does: map to a wider type first where
    /// that may happen.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(1..=100_u8, 4);
    /// assert_eq!(numbers.map(u64::from).sum()?, 5050);
    /// assert_eq!(ctx.parallelize([0.25, 0.5], 2).sum()?, 0.75);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn sum(&self) -> Result<T> {
        let parts = self.run(|rows| Ok(rows.reduce(T::add)))?;
        guard("adding up", || parts.into_iter().flatten().reduce(T::add).unwrap_or_default())
    }
}
