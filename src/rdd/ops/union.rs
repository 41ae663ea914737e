//! `union`: the partitions of two RDDs side by side.

use crate::data::Data;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns the rows of both RDDs, duplicates included: first this one's partitions, then the
    /// other's. Nothing moves; the partitioner is not kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let both = ctx.parallelize([1, 2], 1).union(&ctx.parallelize([2, 3], 2));
    /// assert_eq!((both.collect()?, both.partition_count()), (vec![1, 2, 2, 3], 3));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn union(&self, other: &Self) -> Self {
        Self::union_nodes(self.runtime(), &[self.clone(), other.clone()])
    }
}
