//! The two map sides of a shuffle, and the node that reads the reduce side.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::exec::{
    Compute, Dependency, Lineage, Node, NodeCore, Rows, Shuffle, ShuffleCore, Task, boxed,
};
use crate::external::{Buckets, fold_by_key, fold_into_buckets};
use crate::storage::Block;

use super::Rdd;
use super::partitioner::{Partitioner, erase};

/// Sends rows to the partition of their key, as they are.
struct Distribute<K: 'static, V: 'static> {
    core: Arc<ShuffleCore>,
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

    fn write(&self, task: &Task, partition: usize) -> Result<Vec<(usize, Block)>> {
        let mut buckets = Buckets::new(&task.runtime.store, self.core.reducers);
        for row in task.watch(self.parent.rows(task, partition)?) {
            buckets.push(self.partitioner.partition(&row.0), row)?;
        }
        buckets.finish()
    }
}

/// How values of one key become one: Spark's `createCombiner`, `mergeValue`, `mergeCombiners`.
pub(super) struct Combine<Create, MergeValue, MergeCombined> {
    pub(super) create: Create,
    pub(super) merge_value: MergeValue,
    pub(super) merge_combined: MergeCombined,
}

/// Combines the rows of a map task by key before sending them.
struct CombineAndDistribute<K: 'static, V: 'static, C, F> {
    core: Arc<ShuffleCore>,
    parent: Lineage<(K, V)>,
    partitioner: Arc<dyn Partitioner<K>>,
    combine: Arc<F>,
    combined: PhantomData<fn() -> C>,
}

impl<K, V, C, F1, F2, F3> Shuffle for CombineAndDistribute<K, V, C, Combine<F1, F2, F3>>
where
    K: Key,
    V: Data,
    C: Data,
    F1: Fn(V) -> C + Send + Sync,
    F2: Fn(C, V) -> C + Send + Sync,
    F3: Send + Sync,
{
    fn core(&self) -> &ShuffleCore {
        &self.core
    }

    fn parent(&self) -> Arc<dyn Node> {
        self.parent.node()
    }

    fn write(&self, task: &Task, partition: usize) -> Result<Vec<(usize, Block)>> {
        let store = &task.runtime.store;
        let Combine { create, merge_value, .. } = &*self.combine;
        let rows = task.watch(self.parent.rows(task, partition)?);
        let home = |key: &K| self.partitioner.partition(key);
        fold_into_buckets(store, rows, home, self.core.reducers, create, merge_value)
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
    F: Fn(&Task, usize) -> Result<Rows<T>> + Send + Sync,
{
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        (self.read)(task, partition)
    }
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
        let core = Arc::new(ShuffleCore::new(runtime, self.partition_count(), reducers));
        let shuffle = Distribute {
            core: Arc::clone(&core),
            parent: self.lineage.clone(),
            partitioner: Arc::clone(partitioner),
        };
        Rdd::from_lineage(Lineage::new(Shuffled {
            core: NodeCore::new(runtime, name, reducers, Some(erase(partitioner))),
            shuffle: Arc::new(shuffle),
            read: move |task: &Task, partition| Ok(boxed(task.fetch::<(K, V)>(&core, partition)?)),
        }))
    }

    /// Combines by key on the map side, moves the combined rows, and combines them again.
    pub(super) fn combine_and_distribute<C, F1, F2, F3>(
        &self,
        name: &'static str,
        partitioner: &Arc<dyn Partitioner<K>>,
        combine: Arc<Combine<F1, F2, F3>>,
    ) -> Rdd<(K, C)>
    where
        C: Data,
        F1: Fn(V) -> C + Send + Sync + 'static,
        F2: Fn(C, V) -> C + Send + Sync + 'static,
        F3: Fn(C, C) -> C + Send + Sync + 'static,
    {
        let runtime = self.runtime();
        let reducers = partitioner.partition_count();
        let core = Arc::new(ShuffleCore::new(runtime, self.partition_count(), reducers));
        let shuffle = CombineAndDistribute {
            core: Arc::clone(&core),
            parent: self.lineage.clone(),
            partitioner: Arc::clone(partitioner),
            combine: Arc::clone(&combine),
            combined: PhantomData,
        };
        let read = move |task: &Task, partition| {
            let rows = task.fetch::<(K, C)>(&core, partition)?;
            let merge = &combine.merge_combined;
            fold_by_key(&task.runtime.store, rows, |combined| combined, merge)
        };
        Rdd::from_lineage(Lineage::new(Shuffled {
            core: NodeCore::new(runtime, name, reducers, Some(erase(partitioner))),
            shuffle: Arc::new(shuffle),
            read,
        }))
    }
}
