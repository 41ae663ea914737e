//! `map_partitions_with_index`: a function over a whole partition and its number.

use crate::data::Data;
use crate::exec::Rows;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Applies `f` once to each partition's number and rows, which it may read lazily. The
    /// partitioner is not kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let sums = ctx
    ///     .parallelize(1..=6, 3)
    ///     .map_partitions_with_index(|partition, rows| [(partition, rows.sum::<i32>())]);
    /// assert_eq!(sums.collect()?, [(0, 3), (1, 7), (2, 11)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn map_partitions_with_index<U: Data, I>(
        &self,
        f: impl Fn(usize, Rows<T>) -> I + Send + Sync + 'static,
    ) -> Rdd<U>
    where
        I: IntoIterator<Item = U> + 'static,
    {
        self.narrow("map_partitions_with_index", None, move |partition, rows| {
            Ok(Box::new(f(partition, rows).into_iter()))
        })
    }
}
