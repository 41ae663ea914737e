//! `try_map`: a `map` whose function may fail.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::exec::raise;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Applies `f` to every row; an error fails the task, and after all attempts the job, with the
    /// RDD, stage and partition where it happened.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let texts = ctx.parallelize(["1", "2", "three"].map(str::to_owned), 3);
    /// let numbers = texts.try_map(|text| text.parse::<u64>().map_err(superstep::Error::user));
    /// let error = numbers.collect().unwrap_err().to_string();
    /// assert!(error.contains("partition 2") && error.contains("invalid digit"), "{error}");
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn try_map<U: Data>(&self, f: impl Fn(T) -> Result<U> + Send + Sync + 'static) -> Rdd<U> {
        let f = Arc::new(f);
        self.narrow("try_map", None, move |_, rows| {
            let f = Arc::clone(&f);
            Ok(Box::new(rows.map(move |row| f(row).unwrap_or_else(|error| raise(error)))))
        })
    }
}
