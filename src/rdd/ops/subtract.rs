//! `subtract`: the rows that another RDD does not have.

use crate::data::Key;
use crate::rdd::Rdd;

impl<T: Key> Rdd<T> {
    /// Returns the rows that occur nowhere in `other`, in `partitions` partitions by hash. A row
    /// that occurs several times here is returned as often, its copies together.
    ///
    /// Two shuffles; of the other side each different row crosses once a partition.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let rest = ctx.parallelize([1, 2, 1, 3], 2).subtract(&ctx.parallelize([3, 2, 2], 2), 1);
    /// assert_eq!(rest.collect()?, [1, 1]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn subtract(&self, other: &Self, partitions: usize) -> Self {
        let keyed = |rdd: &Self| rdd.map(|row| (row, ()));
        keyed(self).subtract_by_key(&keyed(other), partitions).keys()
    }
}
