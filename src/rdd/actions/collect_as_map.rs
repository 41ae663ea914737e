//! `collect_as_map`: pairs as a map in memory.

use std::collections::HashMap;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::rdd::Rdd;

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Returns all rows as a map, whose own order means nothing; of several rows with one key, the
    /// last.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let map = ctx.parallelize([(1, 'a'), (2, 'b'), (1, 'c')], 2).collect_as_map()?;
    /// assert_eq!((map.len(), map[&1], map[&2]), (2, 'c', 'b'));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn collect_as_map(&self) -> Result<HashMap<K, V>> {
        Ok(self.collect()?.into_iter().collect())
    }
}
