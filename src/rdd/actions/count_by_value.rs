//! `count_by_value`: how often each row occurs.

use std::collections::HashMap;

use crate::data::Key;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Key> Rdd<T> {
    /// Returns how often each different row occurs, as a map in memory (whose own order means
    /// nothing). Costs a shuffle of each partition's counts, one a different row.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let counts = ctx.parallelize(['a', 'b', 'a'], 2).count_by_value()?;
    /// assert_eq!((counts[&'a'], counts[&'b']), (2, 1));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn count_by_value(&self) -> Result<HashMap<T, u64>> {
        self.map(|row| (row, ())).count_by_key()
    }
}
