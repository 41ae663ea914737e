//! `zip_partitions`: a function over matching partitions of two RDDs.

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::exec::Rows;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Applies `f` to the rows of partition `p` of this RDD and of `other`, for every `p`. The
    /// partitions may differ in length; nothing moves.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let (a, b) = (ctx.parallelize(1..5, 2), ctx.parallelize(5..9, 2));
    /// let products = a.zip_partitions(&b, |a, b| a.zip(b).map(|(a, b)| a * b))?;
    /// assert_eq!(products.collect()?, [5, 12, 21, 32]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::UnequalPartitions`] when the numbers of partitions differ.
    pub fn zip_partitions<B: Data, U: Data, I>(
        &self,
        other: &Rdd<B>,
        f: impl Fn(Rows<T>, Rows<B>) -> I + Send + Sync + 'static,
    ) -> Result<Rdd<U>>
    where
        I: IntoIterator<Item = U> + 'static,
    {
        let (left, right) = (self.partition_count(), other.partition_count());
        if left != right {
            let operation = "zip_partitions";
            return Err(ErrorKind::UnequalPartitions { operation, left, right }.into());
        }
        Ok(self.zip_nodes(other, "zip_partitions", None, move |a, b| {
            Ok(Box::new(f(a, b).into_iter()))
        }))
    }
}
