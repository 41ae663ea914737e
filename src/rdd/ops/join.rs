//! `join` and its outer variants: pairs of values under equal keys.

use crate::data::{Data, Key};
use crate::exec::boxed;
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

/// A value of either side, or of both.
pub type Either<V, W> = (Option<V>, Option<W>);

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Returns a row for every pair of values of a key that both sides have (the product of its
    /// values). Cost as [`cogroup`](Self::cogroup).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let left = ctx.parallelize([(1, 'a'), (1, 'b'), (2, 'c')], 2);
    /// let right = ctx.parallelize([(1, 10), (3, 30)], 1);
    /// assert_eq!(left.join(&right, 2).collect()?, [(1, ('a', 10)), (1, ('b', 10))]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn join<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, (V, W))> {
        self.grouped_with(other, "join", partitioner, |groups| {
            let pairs = groups.into_pairs(false, false);
            Ok(boxed(pairs.filter_map(|(key, (left, right))| Some((key, (left?, right?))))))
        })
    }

    /// Like [`join`](Self::join), and rows of this side without a partner come with `None`.
    pub fn left_outer_join<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, (V, Option<W>))> {
        self.grouped_with(other, "left_outer_join", partitioner, |groups| {
            let pairs = groups.into_pairs(true, false);
            Ok(boxed(pairs.filter_map(|(key, (left, right))| Some((key, (left?, right))))))
        })
    }

    /// Like [`join`](Self::join), and rows of the other side without a partner come with `None`.
    pub fn right_outer_join<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, (Option<V>, W))> {
        self.grouped_with(other, "right_outer_join", partitioner, |groups| {
            let pairs = groups.into_pairs(false, true);
            Ok(boxed(pairs.filter_map(|(key, (left, right))| Some((key, (left, right?))))))
        })
    }

    /// Like [`join`](Self::join), and rows of either side without a partner come with `None`.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let left = ctx.parallelize([(1, 'a'), (2, 'b')], 2);
    /// let right = ctx.parallelize([(2, 20), (3, 30)], 1);
    /// let mut rows = left.full_outer_join(&right, 2).collect()?;
    /// rows.sort();
    /// assert_eq!(
    ///     rows,
    ///     [(1, (Some('a'), None)), (2, (Some('b'), Some(20))), (3, (None, Some(30)))]
    /// );
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn full_outer_join<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, Either<V, W>)> {
        self.grouped_with(other, "full_outer_join", partitioner, |groups| {
            Ok(groups.into_pairs(true, true))
        })
    }
}
