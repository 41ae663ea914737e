//! The two map sides of a shuffle, and the node that reads the reduce side.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Shuffle, ShuffleCore, Task};
use crate::hash::KeyTable;
use crate::storage::Block;

use super::Rdd;
use super::partitioner::{Partitioner, erase};

/// Sends rows to the partition of their key, as they are.
struct Distribute<K: 'static, V: 'static> {
    core: ShuffleCore,
    parent: Lineage<(K, V)>,
    partitioner: Arc<dyn Partitioner<K>>,
}

impl<K: Key, V: Data> Shuffle for Distribute<K, V> {
    fn core(&self) -> &ShuffleCore {
        &self.core
    }

    fn parent(&self) -> Arc<dyn Node> {
        self.parent.node()
    }

    fn write(&self, task: &Task, partition: usize) -> Result<Vec<Block>> {
        let mut buckets: Vec<Vec<(K, V)>> = Vec::new();
        buckets.resize_with(self.core.reducers, Vec::new);
        for row in self.parent.rows(task, partition)? {
            buckets[self.partitioner.partition(&row.0)].push(row);
        }
        Ok(buckets.into_iter().map(Block::from_rows).collect())
    }
}

/// How values of one key become one: Spark's `createCombiner`, `mergeValue`, `mergeCombiners`.
pub(super) struct Combine<V, C> {
    pub(super) create: Box<dyn Fn(V) -> C + Send + Sync>,
    pub(super) merge_value: Box<dyn Fn(C, V) -> C + Send + Sync>,
    pub(super) merge_combined: Box<dyn Fn(C, C) -> C + Send + Sync>,
}

/// Folds rows into one value a key, keys in order of first appearance.
fn fold_by_key<K: Key, V, C>(
    rows: impl Iterator<Item = (K, V)>,
    create: impl Fn(V) -> C,
    merge: impl Fn(C, V) -> C,
) -> impl Iterator<Item = (K, C)> {
    // The value is taken out while it is merged, so that merging may consume it.
    let mut table: KeyTable<K, Option<C>> = KeyTable::default();
    for (key, value) in rows {
        let slot = table.entry(key).or_insert(None);
        *slot = Some(match slot.take() {
            Some(combined) => merge(combined, value),
            None => create(value),
        });
    }
    table.into_iter().filter_map(|(key, combined)| combined.map(|combined| (key, combined)))
}

impl<V, C> Combine<V, C> {
    /// Combines plain values.
    pub(super) fn values<K: Key>(
        &self,
        rows: impl Iterator<Item = (K, V)>,
    ) -> impl Iterator<Item = (K, C)> {
        fold_by_key(rows, &self.create, &self.merge_value)
    }

    /// Combines what was combined before.
    fn combined<K: Key>(&self, rows: impl Iterator<Item = (K, C)>) -> impl Iterator<Item = (K, C)> {
        fold_by_key(rows, |combined| combined, &self.merge_combined)
    }
}

/// Combines the rows of a map task by key before sending them.
struct CombineAndDistribute<K: 'static, V: 'static, C> {
    core: ShuffleCore,
    parent: Lineage<(K, V)>,
    partitioner: Arc<dyn Partitioner<K>>,
    combine: Arc<Combine<V, C>>,
}

impl<K: Key, V: Data, C: Data> Shuffle for CombineAndDistribute<K, V, C> {
    fn core(&self) -> &ShuffleCore {
        &self.core
    }

    fn parent(&self) -> Arc<dyn Node> {
        self.parent.node()
    }

    fn write(&self, task: &Task, partition: usize) -> Result<Vec<Block>> {
        let mut buckets: Vec<Vec<(K, C)>> = Vec::new();
        buckets.resize_with(self.core.reducers, Vec::new);
        for row in self.combine.values(self.parent.rows(task, partition)?) {
            buckets[self.partitioner.partition(&row.0)].push(row);
        }
        Ok(buckets.into_iter().map(Block::from_rows).collect())
    }
}

/// The reduce side: what all map tasks have for a partition, in map order.
struct Shuffled<S, F> {
    core: NodeCore,
    shuffle: Arc<S>,
    read: F,
}

impl<S, F> Node for Shuffled<S, F>
where
    S: Shuffle + 'static,
    F: Send + Sync,
{
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![Dependency::Shuffle(Arc::clone(&self.shuffle) as Arc<dyn Shuffle>)]
    }
}

impl<T, S, F> Compute<T> for Shuffled<S, F>
where
    S: Shuffle + 'static,
    F: Fn(Vec<Block>) -> Result<Rows<T>> + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        (self.read)(task.fetch(self.shuffle.core(), partition)?)
    }
}

/// Clones the rows of blocks one after another.
fn rows_of<T: Data>(blocks: Vec<Block>) -> impl Iterator<Item = T> {
    blocks.into_iter().flat_map(|block| {
        let rows = block.rows::<T>().unwrap_or_else(|error| crate::exec::raise(error));
        (0..rows.len()).map(move |index| rows[index].clone())
    })
}

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Moves every row to the partition of its key.
    pub(crate) fn distribute(
        &self,
        name: &'static str,
        partitioner: &Arc<dyn Partitioner<K>>,
    ) -> Self {
        let runtime = self.runtime();
        let reducers = partitioner.partition_count();
        let shuffle = Distribute {
            core: ShuffleCore::new(runtime, self.partition_count(), reducers),
            parent: self.lineage.clone(),
            partitioner: Arc::clone(partitioner),
        };
        Rdd::from_lineage(Lineage::new(Shuffled {
            core: NodeCore::new(runtime, name, reducers, Some(erase(partitioner))),
            shuffle: Arc::new(shuffle),
            read: |blocks| Ok(Box::new(rows_of(blocks)) as Rows<(K, V)>),
        }))
    }

    /// Combines by key on the map side, moves the combined rows, and combines them again.
    pub(super) fn combine_and_distribute<C: Data>(
        &self,
        name: &'static str,
        partitioner: &Arc<dyn Partitioner<K>>,
        combine: Arc<Combine<V, C>>,
    ) -> Rdd<(K, C)> {
        let runtime = self.runtime();
        let reducers = partitioner.partition_count();
        let shuffle = CombineAndDistribute {
            core: ShuffleCore::new(runtime, self.partition_count(), reducers),
            parent: self.lineage.clone(),
            partitioner: Arc::clone(partitioner),
            combine: Arc::clone(&combine),
        };
        let read = move |blocks| {
            let combined: Vec<_> = combine.combined(rows_of::<(K, C)>(blocks)).collect();
            Ok(Box::new(combined.into_iter()) as Rows<(K, C)>)
        };
        Rdd::from_lineage(Lineage::new(Shuffled {
            core: NodeCore::new(runtime, name, reducers, Some(erase(partitioner))),
            shuffle: Arc::new(shuffle),
            read,
        }))
    }
}
