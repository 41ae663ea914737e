//! `glom`: a partition's rows as one.

use crate::data::Data;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns one row a partition: the vector of its rows in order, empty for an empty partition.
    /// Nothing moves, but a partition is held in memory at once.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize(0..3, 2).glom().collect()?, [vec![0], vec![1, 2]]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn glom(&self) -> Rdd<Vec<T>> {
        self.narrow("glom", None, |_, rows| Ok(Box::new(std::iter::once(rows.collect()))))
    }
}
