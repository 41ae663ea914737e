//! `map_partitions`: a function over a whole partition.

use crate::data::Data;
use crate::exec::Rows;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Applies `f` once to each partition's rows, which it may read lazily. The partitioner is not
    /// kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let sums = ctx.parallelize(1..=6, 3).map_partitions(|rows| [rows.sum::<i32>()]);
    /// assert_eq!(sums.collect()?, [3, 7, 11]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn map_partitions<U: Data, I>(
        &self,
        f: impl Fn(Rows<T>) -> I + Send + Sync + 'static,
    ) -> Rdd<U>
    where
        I: IntoIterator<Item = U> + 'static,
    {
        self.narrow("map_partitions", None, move |_, rows| Ok(Box::new(f(rows).into_iter())))
    }
}
