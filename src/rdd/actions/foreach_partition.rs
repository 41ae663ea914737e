//! `foreach_partition`: an effect for every partition.

use crate::data::Data;
use crate::error::Result;
use crate::exec::Rows;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Calls `f` once with the rows of every partition, which it may read lazily, partitions side
    /// by side. For effects that need a costly beginning, such as a connection. A task that fails
    /// is tried again, so an effect may happen more than once.
    ///
    /// ```
    /// # use std::sync::atomic::{AtomicU64, Ordering};
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let sum = AtomicU64::new(0);
    /// ctx.parallelize(1..=10_u64, 3).foreach_partition(|rows| {
    ///     sum.fetch_add(rows.sum(), Ordering::Relaxed);
    /// })?;
    /// assert_eq!(sum.into_inner(), 55);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn foreach_partition(&self, f: impl Fn(Rows<T>) + Send + Sync) -> Result<()> {
        self.run(|rows| {
            f(rows);
            Ok(())
        })?;
        Ok(())
    }
}
