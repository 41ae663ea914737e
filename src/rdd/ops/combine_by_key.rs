//! `combine_by_key`: the general aggregation by key.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::external::fold_by_key;
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;
use crate::rdd::shuffle::Combine;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Combines the values of each key into a `C`: `create` starts from a first value,
    /// `merge_value` adds one, `merge_combined` joins two partial results. One row a key.
    ///
    /// Values are combined within each partition before the shuffle, and partial results in the
    /// order of their partitions, so the result does not depend on timing. Rows that are placed by
    /// the same partitioner already are combined where they are.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let grades = ctx.parallelize([("ann".to_owned(), 1.0), ("ann".to_owned(), 2.0)], 2);
    /// let means = grades
    ///     .combine_by_key(
    ///         |grade| (grade, 1.0),
    ///         |(sum, count), grade| (sum + grade, count + 1.0),
    ///         |(s, c), (sum, count)| (s + sum, c + count),
    ///         2,
    ///     )
    ///     .map_values(|(sum, count)| sum / count);
    /// assert_eq!(means.collect()?, [("ann".to_owned(), 1.5)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn combine_by_key<C: Data>(
        &self,
        create: impl Fn(V) -> C + Send + Sync + 'static,
        merge_value: impl Fn(C, V) -> C + Send + Sync + 'static,
        merge_combined: impl Fn(C, C) -> C + Send + Sync + 'static,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, C)> {
        self.combine("combine_by_key", Combine { create, merge_value, merge_combined }, partitioner)
    }

    /// The body of the operations that combine by key, under their own names.
    pub(super) fn combine<C, F1, F2, F3>(
        &self,
        name: &'static str,
        combine: Combine<F1, F2, F3>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, C)>
    where
        C: Data,
        F1: Fn(V) -> C + Send + Sync + 'static,
        F2: Fn(C, V) -> C + Send + Sync + 'static,
        F3: Fn(C, C) -> C + Send + Sync + 'static,
    {
        let partitioner = partitioner.into_partitioner();
        if self.is_placed_by(&*partitioner) {
            let store = Arc::clone(&self.runtime().store);
            return self.narrow(name, self.partitioning().cloned(), move |_, rows| {
                fold_by_key(&store, rows, &combine.create, &combine.merge_value)
            });
        }
        self.combine_and_distribute(name, &partitioner, Arc::new(combine))
    }
}
