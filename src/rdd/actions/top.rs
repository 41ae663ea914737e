//! `top`: the largest rows.

use std::cmp::Ordering;

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns the `count` largest rows in descending order, or all when there are fewer; of equal
    /// rows the first come first. Each partition sends at most `count` rows.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([4, 1, 3, 2], 2).top(2)?, [4, 3]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn top(&self, count: usize) -> Result<Vec<T>>
    where
        T: Ord,
    {
        self.top_by(count, T::cmp)
    }

    /// Like [`top`](Self::top), in the order that `compare` says.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let ranks = ctx.parallelize([('a', 0.1_f64), ('b', 0.7), ('c', 0.2)], 2);
    /// let best = ranks.top_by(2, |(_, left), (_, right)| left.total_cmp(right))?;
    /// assert_eq!(best, [('b', 0.7), ('c', 0.2)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn top_by(
        &self,
        count: usize,
        compare: impl Fn(&T, &T) -> Ordering + Sync,
    ) -> Result<Vec<T>> {
        self.take_ordered_by(count, |left, right| compare(right, left))
    }
}
