//! `fold_by_key`: one value a key, starting from a neutral value.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Merges the values of each key with `merge`, starting from `zero` once for every key in every
    /// partition, so `zero` should be neutral; one row a key. Cost and order as
    /// [`combine_by_key`](Self::combine_by_key).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize((1..=4).map(|n| (n % 2, n)), 2);
    /// assert_eq!(rows.fold_by_key(1, |a, b| a * b, 2).lookup(&0)?, [8]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn fold_by_key(
        &self,
        zero: V,
        merge: impl Fn(V, V) -> V + Send + Sync + 'static,
        partitioner: impl IntoPartitioner<K>,
    ) -> Self {
        let merge = Arc::new(merge);
        let again = Arc::clone(&merge);
        self.aggregate_by_key(zero, move |a, b| merge(a, b), move |a, b| again(a, b), partitioner)
    }
}
