//! `collect`: all rows.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns all rows in partition order.
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn collect(&self) -> Result<Vec<T>> {
        let parts = self.run(|rows| Ok(rows.collect::<Vec<_>>()))?;
        Ok(parts.into_iter().flatten().collect())
    }
}
