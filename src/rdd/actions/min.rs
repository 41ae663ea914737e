//! `min`: the smallest row.

use std::cmp::Ordering;

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::exec::guard;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns the smallest row, of equal ones the first. Each partition sends one row.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([4, 1, 3], 2).min()?, 1);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] when there are no rows; otherwise when computing a partition fails.
    pub fn min(&self) -> Result<T>
    where
        T: Ord,
    {
        self.min_by(T::cmp)
    }

    /// Like [`min`](Self::min), in the order that `compare` says.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([0.4, 0.1, 0.3], 2).min_by(f64::total_cmp)?, 0.1);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`min`](Self::min).
    pub fn min_by(&self, compare: impl Fn(&T, &T) -> Ordering + Sync) -> Result<T> {
        let parts = self.run(|rows| Ok(rows.min_by(&compare)))?;
        let found = guard("comparing rows", || parts.into_iter().flatten().min_by(compare))?;
        found.ok_or_else(|| ErrorKind::Empty { action: "min" }.into())
    }
}
