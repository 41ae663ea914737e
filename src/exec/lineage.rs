//! Handles on lineage nodes: reading through kept blocks, and dropping without recursion.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::chaos::Fault;
use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::external::{Unrolled, unroll};
use crate::storage::Block;

use super::node::{Compute, Dependency, Node, NodeCore, Rows, TakeBatch, in_batches};
use super::task::{Task, boxed};

/// A shared handle on a lineage node. All reading goes through [`Lineage::rows`], which is what
/// makes persisting work.
pub(crate) struct Lineage<T: 'static>(
    /// `None` only while the handle is being dropped.
    Option<Arc<dyn Compute<T>>>,
);

impl<T: 'static> Lineage<T> {
    pub(crate) fn new(node: impl Compute<T> + 'static) -> Self {
        Self(Some(Arc::new(node)))
    }

    fn compute(&self) -> &Arc<dyn Compute<T>> {
        match &self.0 {
            Some(node) => node,
            None => unreachable!("a lineage handle is emptied by its drop alone"),
        }
    }

    pub(crate) fn core(&self) -> &NodeCore {
        self.compute().core()
    }

    /// The node without its row type.
    pub(crate) fn node(&self) -> Arc<dyn Node> {
        Arc::<dyn Compute<T>>::clone(self.compute())
    }

    /// The narrow dependency on this node.
    pub(crate) fn narrow(&self) -> Dependency {
        Dependency::Narrow(self.node())
    }
}

impl<T: Data> Lineage<T> {
    /// Starts the rows of a partition: from its kept block where there is one, by computing (and
    /// keeping them, if the node is persisted) otherwise.
    ///
    /// Two tasks that need the same partition at the same time both compute it. A lock would save
    /// that, but a task that waits for another one can deadlock the pool.
    pub(crate) fn rows(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        let level = self.core().level();
        if !level.is_persistent() {
            return self.compute().compute(task, partition);
        }
        if let Some(block) = self.kept(task, partition)? {
            return Ok(self.rows_of(task, partition, &block));
        }
        let rows = self.compute().compute(task, partition)?;
        let owner = Some(self.core().owner());
        Ok(match unroll(&task.runtime.store, rows, level.uses_disk(), owner)? {
            Unrolled::Whole(rows) => {
                let rows = Arc::new(rows);
                self.keep(task, partition, Block::from_shared(Arc::clone(&rows)))?;
                boxed(SharedRows { rows, next: 0 })
            }
            Unrolled::Spilled(block) => {
                self.keep(task, partition, block.clone())?;
                self.rows_of(task, partition, &block)
            }
            Unrolled::TooLarge(first, rest) => boxed(first.into_iter().chain(rest)),
        })
    }

    /// Like [`rows`](Self::rows), in batches; see [`Compute::compute_batches`].
    pub(crate) fn batches(
        &self,
        task: &Task,
        partition: usize,
        take: &mut TakeBatch<'_, T>,
    ) -> Result<()> {
        if self.core().level().is_persistent() {
            return in_batches(self.rows(task, partition)?, take);
        }
        self.compute().compute_batches(task, partition, take)
    }

    /// Like [`rows`](Self::rows), all at once and without cloning those that are kept as rows.
    pub(crate) fn shared_rows(&self, task: &Task, partition: usize) -> Result<Arc<Vec<T>>> {
        let persistent = self.core().level().is_persistent();
        if persistent && let Some(block) = self.kept(task, partition)? {
            // A block that cannot be read back is as good as gone, if it can be made again.
            match block.rows() {
                Err(error) if matches!(error.kind(), ErrorKind::Codec(_)) => {
                    return Err(self.gone(task, partition).unwrap_or(error));
                }
                rows => return rows,
            }
        }
        let rows: Arc<Vec<T>> = Arc::new(self.compute().compute(task, partition)?.collect());
        if persistent {
            self.keep(task, partition, Block::from_shared(Arc::clone(&rows)))?;
        }
        Ok(rows)
    }

    /// Returns the kept block of a partition. Where faults are injected, some are gone.
    fn kept(&self, task: &Task, partition: usize) -> Result<Option<Block>> {
        let (core, store) = (self.core(), &task.runtime.store);
        task.look()?;
        let block = store.get(core.owner(), partition);
        // Only what is there can be lost: a partition that is not computed yet is not spared.
        if let Some(injector) = &task.runtime.injector
            && block.is_some()
            && self.compute().is_recomputable()
            && injector.takes(Fault::LostBlock, (core.id, partition))
        {
            injector.count(Fault::LostBlock);
            store.remove_one(core.owner(), partition);
            return Ok(None);
        }
        Ok(block)
    }

    fn keep(&self, task: &Task, partition: usize, block: Block) -> Result<()> {
        let core = self.core();
        task.runtime.store.put(core.owner(), partition, core.level(), false, block)
    }

    /// Reads a kept block. If it turns out to be damaged in the middle, and can be made again, it
    /// is lost and the task starts over.
    fn rows_of(&self, task: &Task, partition: usize, block: &Block) -> Rows<T> {
        let (lineage, task) = (self.clone(), task.clone());
        boxed(block.iter(move |batch| {
            task.look()?;
            batch.map_err(|error| match error.kind() {
                ErrorKind::Codec(_) => lineage.gone(&task, partition).unwrap_or(error),
                _ => error,
            })
        }))
    }

    /// Frees a damaged block that can be made again, and returns the error that says so.
    fn gone(&self, task: &Task, partition: usize) -> Option<Error> {
        let core = self.core();
        if !self.compute().is_recomputable() {
            return None;
        }
        task.runtime.store.remove_one(core.owner(), partition);
        Some(ErrorKind::Lost(format!("kept partition {partition} of {}", core.label())).into())
    }
}

impl<T: 'static> Clone for Lineage<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

thread_local! {
    /// Nodes whose last handle was dropped while another drop was under way on this thread.
    static DROPPED: RefCell<Vec<Arc<dyn Node>>> = const { RefCell::new(Vec::new()) };
    static DROPPING: Cell<bool> = const { Cell::new(false) };
}

impl<T: 'static> Drop for Lineage<T> {
    /// Drops a lineage of any length with a flat stack: a node that goes while its child is going
    /// waits in a list instead of nesting.
    fn drop(&mut self) {
        let Some(node) = self.0.take() else { return };
        if Arc::strong_count(&node) > 1 {
            return;
        }
        // While a thread ends its locals may be gone; then dropping recursively is all there is.
        let outermost = DROPPED
            .try_with(|dropped| dropped.borrow_mut().push(node))
            .is_ok_and(|()| !DROPPING.replace(true));
        if outermost {
            while let Some(node) = DROPPED.with(|dropped| dropped.borrow_mut().pop()) {
                drop(node);
            }
            DROPPING.set(false);
        }
    }
}

/// Iterates over a shared block, cloning row by row.
struct SharedRows<T> {
    rows: Arc<Vec<T>>,
    next: usize,
}

impl<T: Clone> Iterator for SharedRows<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let row = self.rows.get(self.next).cloned();
        self.next += 1;
        row
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rows.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::rdd::Context;
    use crate::storage::StorageLevel;

    #[test]
    fn a_block_that_cannot_be_read_is_computed_again_and_only_it() -> Result<()> {
        let ctx = Context::local(2)?;
        let computed = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&computed);
        let rows = ctx.parallelize(0..8, 4).map(move |n| {
            count.fetch_add(1, Ordering::Relaxed);
            n
        });
        let rows = rows.persist(StorageLevel::DISK_ONLY)?;
        rows.count()?;
        let (owner, level) = (rows.lineage.core().owner(), StorageLevel::MEMORY_ONLY_SER);
        ctx.runtime().store.put(owner, 1, level, false, Block::from_frame(vec![0; 100]))?;
        assert_eq!(rows.collect()?, (0..8).collect::<Vec<_>>());
        assert_eq!(computed.load(Ordering::Relaxed), 8 + 2);
        assert_eq!(rows.collect()?.len(), 8);
        assert_eq!(computed.load(Ordering::Relaxed), 8 + 2);
        Ok(())
    }
}
