//! `reduce_by_key`: one value a key.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;
use crate::rdd::shuffle::Combine;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Merges the values of each key with `merge`, which must be associative; one row a key.
    /// Cost and order as [`combine_by_key`](Self::combine_by_key).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let sums = ctx.parallelize((1..=4).map(|n| (n % 2, n)), 2).reduce_by_key(|a, b| a + b, 2);
    /// assert_eq!((sums.lookup(&0)?, sums.lookup(&1)?), (vec![6], vec![4]));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn reduce_by_key(
        &self,
        merge: impl Fn(V, V) -> V + Send + Sync + 'static,
        partitioner: impl IntoPartitioner<K>,
    ) -> Self {
        let merge = Arc::new(merge);
        let again = Arc::clone(&merge);
        let combine = Combine {
            create: |value| value,
            merge_value: move |a, b| merge(a, b),
            merge_combined: move |a, b| again(a, b),
        };
        self.combine("reduce_by_key", combine, partitioner)
    }
}
