//! `group_by`: the rows of each key that a function computes.

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<T: Data> Rdd<T> {
    /// Collects the rows for which `f` computes the same key, in row order; one row a key. Every
    /// row crosses the shuffle: cost as [`group_by_key`](Rdd::group_by_key).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let groups = ctx.parallelize(1..6, 2).group_by(|n| n % 2, 2);
    /// assert_eq!(groups.lookup(&1)?, [vec![1, 3, 5]]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn group_by<K: Key>(
        &self,
        f: impl Fn(&T) -> K + Send + Sync + 'static,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, Vec<T>)> {
        self.key_by(f).group_by_key(partitioner)
    }
}
