//! `reduce`: all rows merged into one.

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::exec::guard;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Merges all rows with `merge`, which must be associative: within partitions first, then the
    /// partial results in partition order.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(1..=100, 7).reduce(|a, b| a + b)?, 5050);
    /// assert!(ctx.parallelize(0..0, 2).reduce(|a, b| a + b).is_err());
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] when there are no rows; otherwise when computing a partition fails.
    pub fn reduce(&self, merge: impl Fn(T, T) -> T + Send + Sync) -> Result<T> {
        let parts = self.run(|rows| Ok(rows.reduce(&merge)))?;
        let reduced = guard("reduce", || parts.into_iter().flatten().reduce(merge))?;
        reduced.ok_or_else(|| ErrorKind::Empty { action: "reduce" }.into())
    }
}
