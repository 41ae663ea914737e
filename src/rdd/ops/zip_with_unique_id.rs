//! `zip_with_unique_id`: rows with numbers that differ.

use crate::data::Data;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Pairs every row with a number of its own: of `n` partitions, the rows of partition `p` get
    /// `p`, `n + p`, `2n + p`, … The numbers have gaps where partitions differ in length.
    ///
    /// No job and no shuffle. Order is kept, the partitioner is not.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let letters = ctx.parallelize(['a', 'b', 'c'], 2);
    /// assert_eq!(letters.zip_with_unique_id().collect()?, [('a', 0), ('b', 1), ('c', 3)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn zip_with_unique_id(&self) -> Rdd<(T, u64)> {
        let count = self.partition_count();
        self.narrow("zip_with_unique_id", None, move |partition, rows| {
            Ok(Box::new(rows.zip((partition as u64..).step_by(count))))
        })
    }
}
