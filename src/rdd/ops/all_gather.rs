//! `all_gather`: every partition sees the rows of all partitions.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Shuffle, ShuffleCore, Task};
use crate::rdd::Rdd;
use crate::storage::{Batch, Block, Eviction};

/// Sends a partition's rows once to every process, whatever the number of partitions there.
struct ToEveryProcess<T: 'static> {
    core: ShuffleCore,
    parent: Lineage<T>,
}

impl<T: Data> Shuffle for ToEveryProcess<T> {
    fn core(&self) -> &ShuffleCore {
        &self.core
    }

    fn parent(&self) -> Arc<dyn Node> {
        self.parent.node()
    }

    fn write(&self, task: &Task, partition: usize) -> Result<Vec<(usize, Block)>> {
        let block = Block::from_rows(self.parent.rows(task, partition)?.collect::<Vec<_>>());
        Ok((0..self.core.reducers).map(|process| (process, block.clone())).collect())
    }

    fn eviction(&self) -> Eviction {
        // Every task reads all of it, so it has to be in memory.
        Eviction::Never
    }
}

struct Gathered<T: 'static> {
    core: NodeCore,
    shuffle: Arc<ToEveryProcess<T>>,
}

impl<T: Data> Node for Gathered<T> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![Dependency::Shuffle(Arc::clone(&self.shuffle) as Arc<dyn Shuffle>)]
    }
}

impl<T: Data> Compute<Arc<Vec<T>>> for Gathered<T> {
    fn compute(&self, task: &Task, _partition: usize) -> Result<Rows<Arc<Vec<T>>>> {
        let shuffle = &self.shuffle.core;
        let blocks = task.fetch_blocks(shuffle, task.runtime.exchange.index())?;
        let rows = blocks.iter().map(|(map, block)| {
            let read = block.rows::<T>().map(Batch::Shared);
            task.admit(read, shuffle, *map).map(Batch::into_shared)
        });
        Ok(Box::new(rows.collect::<Result<Vec<_>>>()?.into_iter()))
    }
}

impl<T: Data> Rdd<T> {
    /// Returns, in every partition, the rows of each partition of this RDD: one row a source
    /// partition, in their order. One block a partition and process is exchanged; within a process
    /// the rows are shared, not copied.
    pub(crate) fn all_gather(&self) -> Rdd<Arc<Vec<T>>> {
        let runtime = self.runtime();
        let count = self.partition_count();
        let shuffle = ToEveryProcess {
            core: ShuffleCore::new(runtime, count, runtime.exchange.peers()),
            parent: self.lineage.clone(),
        };
        let core = NodeCore::new(runtime, "all_gather", count, None);
        Rdd::from_lineage(Lineage::new(Gathered { core, shuffle: Arc::new(shuffle) }))
    }
}
