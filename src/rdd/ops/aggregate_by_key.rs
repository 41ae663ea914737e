//! `aggregate_by_key`: the values of each key folded into a value of another type.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Folds the values of each key with `add`, starting from `zero` once for every key in every
    /// partition, and joins the partial results with `merge`, in the order of their partitions;
    /// one row a key. Cost and order as [`combine_by_key`](Self::combine_by_key).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// use superstep::rdd::Stats;
    ///
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize([('a', 1.0), ('b', 5.0), ('a', 3.0)], 2);
    /// let stats = rows.aggregate_by_key(Stats::default(), Stats::with::<f64>, Stats::merge, 2);
    /// assert_eq!(stats.lookup(&'a')?[0].mean(), 2.0);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn aggregate_by_key<A: Data>(
        &self,
        zero: A,
        add: impl Fn(A, V) -> A + Send + Sync + 'static,
        merge: impl Fn(A, A) -> A + Send + Sync + 'static,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, A)> {
        let add = Arc::new(add);
        let again = Arc::clone(&add);
        self.combine_by_key(
            move |value| add(zero.clone(), value),
            move |aggregate, value| again(aggregate, value),
            merge,
            partitioner,
        )
    }
}
