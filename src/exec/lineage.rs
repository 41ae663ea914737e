//! Handles on lineage nodes: reading through persisted blocks, dropping without recursion, and
//! printing.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::storage::Block;

use super::node::{Compute, Dependency, Node, NodeCore, Rows};
use super::task::Task;

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
    /// Starts the rows of a partition: from its persisted block where there is one, by computing
    /// (and keeping the block, if the node is persisted) otherwise.
    pub(crate) fn rows(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        if self.core().level().is_persistent() {
            let rows = self.shared_rows(task, partition)?;
            Ok(Box::new(SharedRows { rows, next: 0 }))
        } else {
            self.compute().compute(task, partition)
        }
    }

    /// Like [`rows`](Self::rows), all at once and without cloning those that are persisted.
    ///
    /// Two tasks that need the same partition at the same time both compute it. A lock would save
    /// that, but a task that waits for another one can deadlock the pool.
    pub(crate) fn shared_rows(&self, task: &Task, partition: usize) -> Result<Arc<Vec<T>>> {
        let (core, store) = (self.core(), &task.runtime.store);
        let level = core.level();
        if level.is_persistent() {
            let kept = store.get(core.owner(), partition);
            let rows = kept.and_then(|block| block.map(|block| block.rows()).transpose());
            match rows.as_ref().map_err(Error::kind) {
                Ok(Some(rows)) => return Ok(Arc::clone(rows)),
                Ok(None) => {}
                // A block that cannot be read back is as good as gone, if it can be made again.
                Err(ErrorKind::Io { .. } | ErrorKind::Codec(_))
                    if self.compute().is_recomputable() =>
                {
                    store.remove_one(core.owner(), partition);
                }
                Err(_) => return rows.map(Option::unwrap_or_default),
            }
        }
        let rows: Arc<Vec<T>> = Arc::new(self.compute().compute(task, partition)?.collect());
        if level.is_persistent() {
            let block = Block::from_shared(Arc::clone(&rows));
            store.put(core.owner(), partition, level, block)?;
        }
        Ok(rows)
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

/// Draws a lineage: one line a node with partitions, partitioner and storage level, its parents
/// below. A chain of single parents keeps its indentation, so that the drawing of a long lineage
/// stays narrow; several parents are indented, and those behind a shuffle are marked with `+-`. A
/// node that several children share is drawn once and referred to afterwards.
pub(crate) fn explain(root: Arc<dyn Node>) -> String {
    let mut text = String::new();
    let mut drawn = HashSet::new();
    let mut pending = vec![(root, 0, false)];
    while let Some((node, mut indent, shuffled)) = pending.pop() {
        let core = node.core();
        let mark = if shuffled { "+- " } else { "" };
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "{:indent$}{mark}{}: {} partitions",
            "",
            core.label(),
            core.partition_count
        );
        if let Some(partitioning) = &core.partitioning {
            let _ = write!(text, ", {partitioning:?}");
        }
        let level = core.level();
        if level.is_persistent() {
            let held = core.runtime.store.held(core.owner());
            let _ = write!(text, ", {level} ({held} of {} cached)", core.partition_count);
        }
        if !drawn.insert(core.id) {
            text.push_str(" (see above)\n");
            continue;
        }
        text.push('\n');
        let dependencies = node.dependencies();
        indent += mark.len();
        if dependencies.len() > 1 {
            indent += 2;
        }
        for dependency in dependencies.into_iter().rev() {
            pending.push(match dependency {
                Dependency::Narrow(parent) => (parent, indent, false),
                Dependency::Shuffle(shuffle) => (shuffle.parent(), indent, true),
            });
        }
    }
    text
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
        let damaged = (1, Block::from_frame(vec![0; 100]));
        let owner = rows.lineage.core().owner();
        ctx.runtime().store.put_all(owner, [damaged].into_iter());
        assert_eq!(rows.collect()?, (0..8).collect::<Vec<_>>());
        assert_eq!(computed.load(Ordering::Relaxed), 8 + 2);
        assert_eq!(rows.collect()?.len(), 8);
        assert_eq!(computed.load(Ordering::Relaxed), 8 + 2);
        Ok(())
    }
}
