//! `reduce_by_key_locally`: one value a key, as a map in memory.

use std::collections::HashMap;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::exec::guard;
use crate::hash::KeyTable;
use crate::rdd::Rdd;

/// Merges values into a table. A value is taken out while it is merged, so that merging may
/// consume it.
fn merge_into<K: Key, V>(
    table: &mut KeyTable<K, Option<V>>,
    key: K,
    value: V,
    merge: impl Fn(V, V) -> V,
) {
    let slot = table.entry(key).or_insert(None);
    *slot = Some(match slot.take() {
        Some(merged) => merge(merged, value),
        None => value,
    });
}

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Merges the values of each key with `merge`, which must be associative, and returns them as
    /// a map in memory, whose own order means nothing. Values are merged within partitions first,
    /// then in partition order.
    ///
    /// No shuffle: each partition's table, one row a key, is merged on the calling thread. For many
    /// keys use [`reduce_by_key`](Self::reduce_by_key).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize((1..=4).map(|n| (n % 2, n)), 2);
    /// let sums = rows.reduce_by_key_locally(|a, b| a + b)?;
    /// assert_eq!((sums[&0], sums[&1]), (6, 4));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails, or `merge` panics.
    pub fn reduce_by_key_locally(
        &self,
        merge: impl Fn(V, V) -> V + Send + Sync,
    ) -> Result<HashMap<K, V>> {
        let parts = self.run(|rows| {
            let mut table = KeyTable::default();
            rows.for_each(|(key, value)| merge_into(&mut table, key, value, &merge));
            Ok(table)
        })?;
        let merged = guard("reduce_by_key_locally", || {
            let mut tables = parts.into_iter();
            let mut merged = tables.next().unwrap_or_default();
            for (key, value) in tables.flatten() {
                if let Some(value) = value {
                    merge_into(&mut merged, key, value, &merge);
                }
            }
            merged
        })?;
        Ok(merged.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }
}
