//! `cogroup3`: the values of each key in three RDDs.

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

/// A key's values in each of three RDDs.
pub type Groups3<V, W, X> = (Vec<V>, Vec<W>, Vec<X>);

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Collects, for every key of any of three RDDs, its values in each, in row order. As with
    /// [`cogroup`](Self::cogroup), only what is not placed by the partitioner already moves.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let ages = ctx.parallelize([(1, 30), (2, 40)], 2);
    /// let towns = ctx.parallelize([(1, 'R'), (1, 'S')], 2);
    /// let heights = ctx.parallelize([(3, 1.8)], 1);
    /// let all = ages.cogroup3(&towns, &heights, 2);
    /// assert_eq!(all.lookup(&1)?, [(vec![30], vec!['R', 'S'], vec![])]);
    /// assert_eq!(all.lookup(&3)?, [(vec![], vec![], vec![1.8])]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn cogroup3<W: Data, X: Data>(
        &self,
        second: &Rdd<(K, W)>,
        third: &Rdd<(K, X)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, Groups3<V, W, X>)> {
        let partitioner = partitioner.into_partitioner();
        let two = self.cogroup(second, partitioner.clone());
        // A key has one group of the first two, or none.
        two.cogroup(third, partitioner).map_values(|(two, third)| {
            let (first, second) = two.into_iter().next().unwrap_or_default();
            (first, second, third)
        })
    }
}
