//! `subtract_by_key`: the rows whose key another RDD does not have.

use crate::data::{Data, Key};
use crate::rdd::Rdd;
use crate::rdd::partitioner::IntoPartitioner;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Returns the rows whose key occurs nowhere in `other`, all rows of a key together and in row
    /// order.
    ///
    /// Of the other side each key crosses the shuffle once a partition, and no value does. A side
    /// that is placed by the partitioner already does not move.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize([(1, 'a'), (2, 'b'), (1, 'c')], 2);
    /// let other = ctx.parallelize([(2, 0.5), (3, 0.5)], 2);
    /// assert_eq!(rows.subtract_by_key(&other, 2).collect()?, [(1, 'a'), (1, 'c')]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn subtract_by_key<W: Data>(
        &self,
        other: &Rdd<(K, W)>,
        partitioner: impl IntoPartitioner<K>,
    ) -> Self {
        let partitioner = partitioner.into_partitioner();
        let keys = other.map_values(|_| ()).reduce_by_key(|(), ()| (), partitioner.clone());
        self.cogroup(&keys, partitioner)
            .flat_map_values(|(values, there)| if there.is_empty() { values } else { Vec::new() })
    }
}
