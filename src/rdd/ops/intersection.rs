//! `intersection`: the rows that two RDDs share.

use crate::data::Key;
use crate::rdd::Rdd;

impl<T: Key> Rdd<T> {
    /// Returns every row that occurs in both RDDs once, in `partitions` partitions by hash.
    ///
    /// Two shuffles; each different row of a side crosses once a partition.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let shared = ctx.parallelize([1, 2, 2, 3], 2).intersection(&ctx.parallelize([2, 4], 2), 2);
    /// assert_eq!(shared.collect()?, [2]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn intersection(&self, other: &Self, partitions: usize) -> Self {
        let once = |rdd: &Self| rdd.map(|row| (row, ())).reduce_by_key(|(), ()| (), partitions);
        once(self)
            .cogroup(&once(other), partitions)
            .filter(|(_, (here, there))| !here.is_empty() && !there.is_empty())
            .keys()
    }
}
