//! `foreach`: an effect for every row.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Calls `f` with every row, partitions side by side. A task that fails is tried again, so an
    /// effect may happen more than once for a row.
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn foreach(&self, f: impl Fn(T) + Send + Sync) -> Result<()> {
        self.run(|rows| {
            rows.for_each(&f);
            Ok(())
        })?;
        Ok(())
    }
}
