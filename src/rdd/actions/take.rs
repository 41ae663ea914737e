//! `take` and `first`: the first rows.

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::rdd::Rdd;

/// Each further job of a `take` looks at this many times the partitions seen so far.
const SCALE_UP: usize = 4;

impl<T: Data> Rdd<T> {
    /// Returns the first `count` rows in partition order, or all when there are fewer. Scans one
    /// partition first and more only as they are needed.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(0..1_000_000, 100).take(3)?, [0, 1, 2]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing one of the partitions scanned fails.
    pub fn take(&self, count: usize) -> Result<Vec<T>> {
        let mut taken = Vec::new();
        let mut scanned = 0;
        while taken.len() < count && scanned < self.partition_count() {
            let until = (scanned * (SCALE_UP + 1)).max(1).min(self.partition_count());
            let partitions: Vec<_> = (scanned..until).collect();
            let wanted = count - taken.len();
            let parts = self.runtime().run(&self.lineage, &partitions, |_, rows| {
                Ok(rows.take(wanted).collect::<Vec<_>>())
            })?;
            taken.extend(parts.into_iter().flatten().take(wanted));
            scanned = until;
        }
        Ok(taken)
    }

    /// Returns the first row.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`] when there is none; otherwise when computing a partition fails.
    pub fn first(&self) -> Result<T> {
        let first = self.take(1)?.pop();
        first.ok_or_else(|| ErrorKind::Empty { action: "first" }.into())
    }
}
