//! `cogroup`: the values of each key on either side.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::{Data, Key};
use crate::external::fold_by_key;
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

/// A key's values on the left and on the right.
pub type Groups<V, W> = (Vec<V>, Vec<W>);

/// A value with the side that it is from.
#[derive(Clone, Serialize, Deserialize)]
enum Side<V, W> {
    Left(V),
    Right(W),
}

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Collects, for every key of any side, its values on this side and on the other, each in row
    /// order. A side that is placed by the partitioner already does not move: with both sides
    /// co-partitioned there is no shuffle at all.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let ages = ctx.parallelize([(1, 30), (2, 40)], 2);
    /// let towns = ctx.parallelize([(1, 'R'), (1, 'S'), (3, 'T')], 2);
    /// let both = ages.cogroup(&towns, 2);
    /// assert_eq!(both.lookup(&1)?, [(vec![30], vec!['R', 'S'])]);
    /// assert_eq!(both.lookup(&3)?, [(vec![], vec!['T'])]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn cogroup<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Rdd<(K, Groups<V, W>)> {
        let partitioner = partitioner.into_partitioner();
        let left = self.partition_by(partitioner.clone());
        let right = other.partition_by(partitioner);
        let store = Arc::clone(&self.runtime().store);
        left.zip_nodes(&right, "cogroup", left.partitioning().cloned(), move |left, right| {
            let left = left.map(|(key, value)| (key, Side::Left(value)));
            let rows = left.chain(right.map(|(key, value)| (key, Side::Right(value))));
            let add = |mut groups: Groups<V, W>, value| {
                match value {
                    Side::Left(value) => groups.0.push(value),
                    Side::Right(value) => groups.1.push(value),
                }
                groups
            };
            fold_by_key(&store, rows, |value| add(Groups::default(), value), add)
        })
    }
}
