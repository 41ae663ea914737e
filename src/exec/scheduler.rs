//! From a lineage node to stages and tasks.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;
use crate::exchange::Parcel;

use super::lineage::Lineage;
use super::node::{Dependency, Node, Rows, Shuffle};
use super::runtime::Runtime;
use super::task::{Task, attempt};

/// How often a job may find a shuffle output gone before it gives up.
const LOST_OUTPUT_ROUNDS: usize = 4;

impl Runtime {
    /// Runs `body` over the rows of each of `partitions`, and returns the results in that order.
    ///
    /// Shuffles that the node needs run first, where their outputs are missing; an output that is
    /// lost on the way is recomputed and the job goes on.
    pub(crate) fn run<T: Data, R: Send>(
        self: &Arc<Self>,
        lineage: &Lineage<T>,
        partitions: &[usize],
        body: impl Fn(usize, Rows<T>) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        self.run_tasks(lineage, partitions, |task, partition| {
            body(partition, lineage.rows(task, partition)?)
        })
    }

    /// Like [`run`](Self::run), for a body that reads the partition in its own way.
    pub(crate) fn run_tasks<T: Data, R: Send>(
        self: &Arc<Self>,
        lineage: &Lineage<T>,
        partitions: &[usize],
        body: impl Fn(&Task, usize) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        for round in 1.. {
            let done = self
                .run_shuffles(lineage.node())
                .and_then(|()| self.run_stage(&*lineage.node(), partitions, &body));
            match done {
                Err(error) if is_lost(&error) && round < LOST_OUTPUT_ROUNDS => {}
                done => return done,
            }
        }
        Err(Error::internal("a job ended without a result"))
    }

    /// Runs the map stages that `node` needs and that are not finished, parents first.
    fn run_shuffles(self: &Arc<Self>, node: Arc<dyn Node>) -> Result<()> {
        let mut ready = HashSet::new();
        let mut pending: Vec<_> = self.nearest_shuffles(node)?;
        while let Some(shuffle) = pending.last().cloned() {
            let id = shuffle.core().id;
            let missing = self.missing_outputs(&*shuffle);
            if missing.is_empty() || ready.contains(&id) {
                pending.pop();
                continue;
            }
            let before: Vec<_> = self
                .nearest_shuffles(shuffle.parent())?
                .into_iter()
                .filter(|earlier| {
                    !ready.contains(&earlier.core().id)
                        && !self.missing_outputs(&**earlier).is_empty()
                })
                .collect();
            if before.is_empty() {
                pending.pop();
                self.run_map_stage(&*shuffle, &missing)?;
                ready.insert(id);
            } else {
                pending.extend(before);
            }
        }
        Ok(())
    }

    /// The shuffles that a node reads from, not looking past persisted nodes whose partitions are
    /// all there. Nodes of another context are an error: their numbers mean other blocks there.
    fn nearest_shuffles(&self, node: Arc<dyn Node>) -> Result<Vec<Arc<dyn Shuffle>>> {
        let mut found: Vec<Arc<dyn Shuffle>> = Vec::new();
        let mut seen = HashSet::new();
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            let core = node.core();
            if !std::ptr::eq(Arc::as_ptr(&core.runtime), self) {
                let what = "RDDs of different contexts cannot be combined";
                return Err(Error::argument(format!("{what}: {}", core.label())));
            }
            let cached = core.level().is_persistent()
                && self.store.held(core.owner()) == core.partition_count;
            if cached || !seen.insert(core.id) {
                continue;
            }
            for dependency in node.dependencies() {
                match dependency {
                    Dependency::Narrow(parent) => pending.push(parent),
                    Dependency::Shuffle(shuffle) => {
                        if found.iter().all(|other| other.core().id != shuffle.core().id) {
                            found.push(shuffle);
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// The map tasks whose outputs are not all in the store.
    fn missing_outputs(&self, shuffle: &dyn Shuffle) -> Vec<usize> {
        let core = shuffle.core();
        let mut maps = self.store.missing(core.owner(), core.maps * core.reducers);
        for index in &mut maps {
            *index /= core.reducers;
        }
        maps.dedup();
        maps
    }

    /// True when this process is the one to compute a partition.
    fn is_ours(&self, node: &dyn Node, partition: usize) -> bool {
        let count = node.core().partition_count;
        let preferred = node.preferred_location(partition);
        let home = preferred.unwrap_or_else(|| self.exchange.owner(partition, count));
        home == self.exchange.index()
    }

    fn run_map_stage(self: &Arc<Self>, shuffle: &dyn Shuffle, missing: &[usize]) -> Result<()> {
        let core = shuffle.core();
        let parent = shuffle.parent();
        let ours: Vec<_> =
            missing.iter().copied().filter(|map| self.is_ours(&*parent, *map)).collect();
        let written = self
            .run_stage(&*parent, &ours, &|task: &Task, map| Ok((map, shuffle.write(task, map)?)))?;
        let outgoing = written.into_iter().flat_map(|(map, blocks)| {
            let blocks = blocks.into_iter().enumerate();
            blocks.map(move |(reduce, block)| Parcel { map, reduce, block })
        });
        let delivered = self.exchange.exchange(core.reducers, outgoing.collect())?;
        let blocks = delivered
            .into_iter()
            .map(|parcel| (parcel.map * core.reducers + parcel.reduce, parcel.block));
        self.store.put_all(core.owner(), blocks);
        Ok(())
    }

    /// Runs one task for each of `partitions` on the pool, each as often as attempts are allowed.
    fn run_stage<R: Send>(
        self: &Arc<Self>,
        node: &dyn Node,
        partitions: &[usize],
        body: &(impl Fn(&Task, usize) -> Result<R> + Sync),
    ) -> Result<Vec<R>> {
        let stage = self.next_stage();
        let core = node.core();
        self.tell(|| Event::StageStarted { stage, rdd: core.label(), tasks: partitions.len() });
        let start = Instant::now();
        let task = Task { runtime: Arc::clone(self) };
        let run_one = |partition: &usize| {
            let partition = *partition;
            for number in 1.. {
                let error = match attempt(|| body(&task, partition)) {
                    Ok(result) => {
                        self.tell(|| Event::TaskEnded { stage, partition });
                        return Ok(result);
                    }
                    Err(error) => error,
                };
                // A lost block is the scheduler's to bring back; a task inside a task has its
                // context already.
                if is_lost(&error) || !error.is_retryable() {
                    return Err(error);
                }
                if number >= self.task_attempts {
                    return Err(match error.kind() {
                        ErrorKind::Task { .. } => error,
                        kind => ErrorKind::Task {
                            rdd: core.label(),
                            stage,
                            partition,
                            attempt: number,
                            message: kind.to_string(),
                        }
                        .into(),
                    });
                }
                self.tell(|| Event::TaskRetried {
                    stage,
                    partition,
                    attempt: number,
                    message: error.to_string(),
                });
            }
            Err(Error::internal("a task ended without a result"))
        };
        // The place of the first task that failed: later ones need not start any more, and of several
        // failures the same one is reported however the threads ran.
        let failed = AtomicUsize::new(usize::MAX);
        let run_unless_failed = |(place, partition): (usize, &usize)| {
            if place > failed.load(Ordering::Relaxed) {
                return None;
            }
            let result = run_one(partition);
            if result.is_err() {
                failed.fetch_min(place, Ordering::Relaxed);
            }
            Some(result)
        };
        let results: Vec<_> = self.pool.install(|| {
            if partitions.len() == 1 {
                // A single task needs no splitting, which matters when steps take microseconds.
                return partitions.iter().enumerate().map(run_unless_failed).collect();
            }
            partitions.par_iter().enumerate().with_max_len(1).map(run_unless_failed).collect()
        });
        self.tell(|| Event::StageEnded { stage, duration: start.elapsed() });
        results.into_iter().flatten().collect()
    }
}

fn is_lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Lost(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdd::Context;
    use crate::storage::Owner;

    #[test]
    fn only_the_map_tasks_whose_outputs_are_lost_run_again() -> Result<()> {
        let ctx = Context::local(2)?;
        let mapped = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&mapped);
        let pairs = ctx.parallelize(0..8, 4).map(move |n| {
            count.fetch_add(1, Ordering::Relaxed);
            (n, n)
        });
        let placed = pairs.partition_by(3);
        assert_eq!(placed.count()?, 8);
        // An output of map task 2, which has two rows.
        ctx.runtime().store.remove_one(Owner::Shuffle(0), 2 * 3 + 1);
        assert_eq!(placed.count()?, 8);
        assert_eq!(mapped.load(Ordering::Relaxed), 8 + 2);
        Ok(())
    }

    #[test]
    fn outputs_lost_in_the_middle_of_a_job_are_recomputed() -> Result<()> {
        let ctx = Context::local(1)?;
        let first = ctx.parallelize((0..8).map(|n| (n, n)), 2).partition_by(3);
        let (inside, losses) = (ctx.clone(), Arc::new(AtomicUsize::new(1)));
        let left = Arc::clone(&losses);
        let lossy = first.map(move |row| {
            let lose = |losses: usize| losses.checked_sub(1);
            if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lose).is_ok() {
                inside.runtime().store.remove(Owner::Shuffle(0));
            }
            row
        });
        // Lost while a second map stage reads them.
        assert_eq!(lossy.partition_by(2).count()?, 8);
        // Lost while the last stage reads them.
        losses.store(1, Ordering::Relaxed);
        assert_eq!(lossy.count()?, 8);
        // Lost again and again.
        losses.store(usize::MAX, Ordering::Relaxed);
        let error = lossy.count().unwrap_err();
        assert!(is_lost(&error), "{error}");
        Ok(())
    }
}
