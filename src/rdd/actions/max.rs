//! `max`: the largest row.

use std::cmp::Ordering;

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::exec::guard;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns the largest row, of equal ones the last. Each partition sends one row.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([4, 1, 3], 2).max()?, 4);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] when there are no rows; otherwise when computing a partition fails.
    pub fn max(&self) -> Result<T>
    where
        T: Ord,
    {
        self.max_by(T::cmp)
    }

    /// Like [`max`](Self::max), in the order that `compare` says.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([0.4, 0.1, 0.3], 2).max_by(f64::total_cmp)?, 0.4);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`max`](Self::max).
    pub fn max_by(&self, compare: impl Fn(&T, &T) -> Ordering + Sync) -> Result<T> {
        let parts = self.run(|rows| Ok(rows.max_by(&compare)))?;
        let found = guard("comparing rows", || parts.into_iter().flatten().max_by(compare))?;
        found.ok_or_else(|| ErrorKind::Empty { action: "max" }.into())
    }
}
