//! `distinct`: each row once.

use crate::data::Key;
use crate::rdd::Rdd;

impl<T: Key> Rdd<T> {
    /// Returns every different row once, in `partitions` partitions by hash. Duplicates within a
    /// partition are dropped before the shuffle.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let mut once = ctx.parallelize([3, 1, 3, 2, 1], 2).distinct(2).collect()?;
    /// once.sort();
    /// assert_eq!(once, [1, 2, 3]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn distinct(&self, partitions: usize) -> Self {
        self.map(|row| (row, ())).reduce_by_key(|(), ()| (), partitions).map(|(row, ())| row)
    }
}
