//! `cogroup`: the values of each key on either side.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::exec::Rows;
use crate::external::{self, group};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

/// A key's values on the left and on the right.
pub type Groups<V, W> = (Vec<V>, Vec<W>);

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
        self.grouped_with(other, "cogroup", partitioner, |groups| Ok(groups.into_rows()))
    }

    /// Groups both sides by key where the partitioner places them, and makes rows of the groups.
    pub(super) fn grouped_with<W: Data, U: Data>(
        &self,
        other: &Rdd<(K, W)>,
        name: &'static str,
        partitioner: impl IntoPartitioner<K>,
        rows: impl Fn(external::Groups<K, V, W>) -> Result<Rows<U>> + Send + Sync + 'static,
    ) -> Rdd<U> {
        let partitioner = partitioner.into_partitioner();
        let left = self.partition_by(partitioner.clone());
        let right = other.partition_by(partitioner);
        let store = Arc::clone(&self.runtime().store);
        left.zip_nodes(&right, name, left.partitioning().cloned(), move |left, right| {
            rows(group(&store, left, right)?)
        })
    }
}
