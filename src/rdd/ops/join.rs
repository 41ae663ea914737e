//! `join` and its outer variants: pairs of values under equal keys.

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

/// A value of either side, or of both.
pub type Either<V, W> = (Option<V>, Option<W>);

/// The product of two groups.
fn product<V: Clone, W: Clone>(left: &[V], right: &[W]) -> Vec<(V, W)> {
    left.iter().flat_map(|v| right.iter().map(move |w| (v.clone(), w.clone()))).collect()
}

/// A group whose values are all there, or a single `None` in place of no value.
fn or_none<T>(values: Vec<T>) -> Vec<Option<T>> {
    if values.is_empty() { vec![None] } else { values.into_iter().map(Some).collect() }
}

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
        self.cogroup(other, partitioner).flat_map_values(|(left, right)| product(&left, &right))
    }

    /// Like [`join`](Self::join), and rows of this side without a partner come with `None`.
    pub fn left_outer_join<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, (V, Option<W>))> {
        let groups = self.cogroup(other, partitioner);
        groups.flat_map_values(|(left, right)| product(&left, &or_none(right)))
    }

    /// Like [`join`](Self::join), and rows of the other side without a partner come with `None`.
    pub fn right_outer_join<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, (Option<V>, W))> {
        let groups = self.cogroup(other, partitioner);
        groups.flat_map_values(|(left, right)| product(&or_none(left), &right))
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
        let groups = self.cogroup(other, partitioner);
        groups.flat_map_values(|(left, right)| product(&or_none(left), &or_none(right)))
    }
}
