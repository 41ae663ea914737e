//! `zip_with_index`: rows with their place among all rows.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Pairs every row with its index in partition order, from 0 without gaps.
    ///
    /// Costs a job that counts the rows of all partitions but the last, when there are several;
    /// [`zip_with_unique_id`](Self::zip_with_unique_id) needs none. Order is kept, the partitioner
    /// is not.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let letters = ctx.parallelize(['a', 'b', 'c'], 2);
    /// assert_eq!(letters.zip_with_index()?.collect()?, [('a', 0), ('b', 1), ('c', 2)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When counting the rows fails.
    pub fn zip_with_index(&self) -> Result<Rdd<(T, u64)>> {
        let before_last: Vec<_> = (1..self.partition_count()).map(|next| next - 1).collect();
        let mut starts = vec![0];
        if !before_last.is_empty() {
            let counts = self
                .runtime()
                .run(&self.lineage, &before_last, |_, rows| Ok(rows.count() as u64))?;
            starts.extend(counts.iter().scan(0, |end, count| {
                *end += count;
                Some(*end)
            }));
        }
        Ok(self.narrow("zip_with_index", None, move |partition, rows| {
            Ok(Box::new(rows.zip(starts[partition]..)))
        }))
    }
}
