//! `aggregate`: all rows folded into a value of another type.

use crate::data::Data;
use crate::error::Result;
use crate::exec::guard;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Folds each partition into a copy of `zero` with `add`, then merges the partial results into
    /// `zero` with `merge`, in partition order.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let (sum, count) = ctx.parallelize(1..=4, 2).aggregate(
    ///     (0, 0),
    ///     |(sum, count), n| (sum + n, count + 1),
    ///     |(s, c), (sum, count)| (s + sum, c + count),
    /// )?;
    /// assert_eq!((sum, count), (10, 4));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn aggregate<A: Clone + Send + Sync + 'static>(
        &self,
        zero: A,
        add: impl Fn(A, T) -> A + Send + Sync,
        merge: impl Fn(A, A) -> A,
    ) -> Result<A> {
        let parts = self.run(|rows| Ok(rows.fold(zero.clone(), &add)))?;
        guard("aggregate", || parts.into_iter().fold(zero, merge))
    }
}
