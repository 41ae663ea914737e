//! `sort_by`: rows in the order of keys that a function computes.

use crate::data::{Data, Key};
use crate::error::Result;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Sorts the rows by the key that `f` computes from each, into at most `partitions` ranges;
    /// rows with equal keys keep their order. [`Reverse`](std::cmp::Reverse) around the key sorts
    /// downwards.
    ///
    /// Cost as [`sort_by_key`](Rdd::sort_by_key): a job that samples the keys, and a shuffle that
    /// moves rows and keys when the result is used. `f` runs twice a row.
    ///
    /// ```
    /// # use std::cmp::Reverse;
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let words = ctx.parallelize(["aa", "b", "ccc", "dd"].map(str::to_owned), 2);
    /// assert_eq!(words.sort_by(String::len, 2)?.collect()?, ["b", "aa", "dd", "ccc"]);
    /// let down = words.sort_by(|word| Reverse(word.len()), 2)?;
    /// assert_eq!(down.collect()?, ["ccc", "aa", "dd", "b"]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing the input fails.
    pub fn sort_by<K: Key + Ord>(
        &self,
        f: impl Fn(&T) -> K + Send + Sync + 'static,
        partitions: usize,
    ) -> Result<Self> {
        Ok(self.key_by(f).sort_by_key(partitions)?.values())
    }
}
