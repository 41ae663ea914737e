//! `key_by`: rows with a key computed from each.

use crate::data::{Data, Key};
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Pairs every row with the key that `f` computes from it.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let keyed = ctx.parallelize(["a".to_owned(), "bcd".to_owned()], 1).key_by(String::len);
    /// assert_eq!(keyed.collect()?, [(1, "a".to_owned()), (3, "bcd".to_owned())]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn key_by<K: Key>(&self, f: impl Fn(&T) -> K + Send + Sync + 'static) -> Rdd<(K, T)> {
        self.map(move |row| (f(&row), row))
    }
}
