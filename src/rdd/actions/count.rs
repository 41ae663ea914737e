//! `count`: how many rows.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns the number of rows.
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn count(&self) -> Result<u64> {
        Ok(self.run(|rows| Ok(rows.count() as u64))?.into_iter().sum())
    }
}
