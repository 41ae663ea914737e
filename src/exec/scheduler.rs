//! From a lineage node to stages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::Parcel;
use crate::storage::Block;

use super::lineage::Lineage;
use super::node::{Dependency, Node, Rows, Shuffle};
use super::runtime::{Job, Runtime};
use super::stage::{Body, Done, Kept, unboxed};
use super::task::{Task, boxed};

/// How often one shuffle output or kept partition may be found gone before its job gives up.
const LOSSES: usize = 4;

impl Runtime {
    /// Runs `body` over the rows of each of `partitions`, and returns the results in that order.
    ///
    /// Shuffles that the node needs run first, where their outputs are missing; an output that is
    /// lost on the way is recomputed and the job goes on.
    pub(crate) fn run<T: Data, R: Send + 'static>(
        self: &Arc<Self>,
        lineage: &Lineage<T>,
        partitions: &[usize],
        body: impl Fn(usize, Rows<T>) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        self.run_tasks(lineage, partitions, |task, partition| {
            body(partition, boxed(task.watch(lineage.rows(task, partition)?)))
        })
    }

    /// Like [`run`](Self::run), for a body that reads the partition in its own way.
    pub(crate) fn run_tasks<T: Data, R: Send + 'static>(
        self: &Arc<Self>,
        lineage: &Lineage<T>,
        partitions: &[usize],
        body: impl Fn(&Task, usize) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let body = |task: &Task, partition| Ok(Box::new(body(task, partition)?) as Kept);
        let results = self.run_job(&|| lineage.node(), partitions, &body)?;
        results.into_iter().map(unboxed).collect()
    }

    fn run_job(
        self: &Arc<Self>,
        node: &dyn Fn() -> Arc<dyn Node>,
        partitions: &[usize],
        body: &Body<'_>,
    ) -> Result<Vec<Kept>> {
        let job = self.start_job();
        let mut losses = HashMap::new();
        let mut results: Vec<Option<Kept>> = partitions.iter().map(|_| None).collect();
        let mut left: Vec<usize> = (0..partitions.len()).collect();
        // Once more for each loss; results that are there are not computed again.
        loop {
            job.token.check()?;
            let node = node();
            let lost = match self.run_shuffles(&job, Arc::clone(&node)) {
                Ok(()) => {
                    let wanted: Vec<_> = left.iter().map(|place| partitions[*place]).collect();
                    let done = self.run_stage(&job, &*node, &wanted, body);
                    let mut lost = None;
                    for (place, done) in left.iter().zip(done) {
                        match done {
                            Some(Ok(Done { result, updates })) => {
                                updates.commit();
                                results[*place] = Some(result);
                            }
                            Some(Err(error)) if lost.is_none() => lost = Some(error),
                            Some(Err(_)) | None => {}
                        }
                    }
                    lost
                }
                Err(error) => Some(error),
            };
            match lost {
                None => break,
                Some(error) => note_loss(error, &mut losses)?,
            }
            left.retain(|place| results[*place].is_none());
        }
        results
            .into_iter()
            .map(|result| result.ok_or_else(|| Error::internal("a job ended without a result")))
            .collect()
    }

    /// Runs the map stages that `node` needs and that are not finished, parents first.
    fn run_shuffles(self: &Arc<Self>, job: &Job, node: Arc<dyn Node>) -> Result<()> {
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
                self.run_map_stage(job, &*shuffle, &missing)?;
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
                && self.store.holdings(core.owner()).entries == core.partition_count;
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

    /// The map tasks whose outputs are not in the store.
    pub(super) fn missing_outputs(&self, shuffle: &dyn Shuffle) -> Vec<usize> {
        let core = shuffle.core();
        self.store.missing(core.owner(), core.maps)
    }

    /// True when this process is the one to compute a partition.
    fn is_ours(&self, node: &dyn Node, partition: usize) -> bool {
        let count = node.core().partition_count;
        let preferred = node.preferred_location(partition);
        let home = preferred.unwrap_or_else(|| self.exchange.owner(partition, count));
        home == self.exchange.index()
    }

    fn run_map_stage(
        self: &Arc<Self>,
        job: &Job,
        shuffle: &dyn Shuffle,
        missing: &[usize],
    ) -> Result<()> {
        let core = shuffle.core();
        let parent = shuffle.parent();
        let ours: Vec<_> =
            missing.iter().copied().filter(|map| self.is_ours(&*parent, *map)).collect();
        let alone = self.exchange.peers() == 1;
        let written = self.run_stage(job, &*parent, &ours, &|task: &Task, map| {
            let blocks = shuffle.write(task, map)?;
            if !alone {
                return Ok(Box::new(blocks) as Kept);
            }
            // Kept at once: until the stage is over, all of them may be too much for the memory.
            self.keep_outputs(shuffle, map, blocks)?;
            Ok(Box::new(Vec::<(usize, Block)>::new()) as Kept)
        });
        let (mut outgoing, mut failed) = (Vec::new(), None);
        for (map, done) in ours.into_iter().zip(written) {
            match done {
                Some(Ok(Done { result, updates })) => {
                    if core.counts(map) {
                        updates.commit();
                    }
                    let parcel = |(reduce, block)| Parcel { map, reduce, block };
                    outgoing.extend(unboxed::<Vec<_>>(result)?.into_iter().map(parcel));
                }
                Some(Err(error)) if failed.is_none() => failed = Some(error),
                Some(Err(_)) | None => {}
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if !alone {
            let delivered = self.exchange.exchange(core.reducers, outgoing)?;
            let mut outputs: HashMap<usize, Vec<_>> =
                missing.iter().map(|map| (*map, Vec::new())).collect();
            for Parcel { map, reduce, block } in delivered {
                outputs.entry(map).or_default().push((reduce, block));
            }
            for (map, blocks) in outputs {
                self.keep_outputs(shuffle, map, blocks)?;
            }
        }
        Ok(())
    }

    /// Keeps what a map task has for the reducers.
    fn keep_outputs(
        &self,
        shuffle: &dyn Shuffle,
        map: usize,
        blocks: Vec<(usize, Block)>,
    ) -> Result<()> {
        self.store.put_outputs(shuffle.core().owner(), map, blocks, shuffle.eviction())
    }
}

/// Counts a loss, so that the job goes on; passes other errors and the last loss on.
fn note_loss(error: Error, losses: &mut HashMap<String, usize>) -> Result<()> {
    let ErrorKind::Lost(what) = error.kind() else { return Err(error) };
    let count = losses.entry(what.clone()).or_default();
    *count += 1;
    if *count < LOSSES { Ok(()) } else { Err(error) }
}

pub(super) fn is_lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Lost(_))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::rdd::{Context, Rdd};
    use crate::storage::Owner;

    /// Eight rows that four map tasks send to three partitions, and how many rows were mapped.
    fn placed(ctx: &Context) -> (Rdd<(i32, i32)>, Arc<AtomicUsize>) {
        let mapped = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&mapped);
        let pairs = ctx.parallelize(0..8, 4).map(move |n| {
            count.fetch_add(1, Ordering::Relaxed);
            (n, n)
        });
        (pairs.partition_by(3), mapped)
    }

    #[test]
    fn only_the_map_tasks_whose_outputs_are_lost_run_again() -> Result<()> {
        let ctx = Context::local(2)?;
        let (placed, mapped) = placed(&ctx);
        assert_eq!(placed.count()?, 8);
        // An output of map task 2, which has two rows.
        ctx.runtime().store.remove_one(Owner::Shuffle(0), 2);
        assert_eq!(placed.count()?, 8);
        assert_eq!(mapped.load(Ordering::Relaxed), 8 + 2);
        Ok(())
    }

    #[test]
    fn outputs_released_for_a_partition_are_recomputed_when_it_is_read_again() -> Result<()> {
        let ctx = Context::local(2)?;
        let (placed, mapped) = placed(&ctx);
        let rows = placed.glom().collect()?;
        (0..3).for_each(|partition| placed.release_reduced(partition));
        assert_eq!(ctx.memory_use().used, 0);
        assert_eq!(mapped.load(Ordering::Relaxed), 8);
        assert_eq!(placed.glom().collect()?, rows);
        assert_eq!(mapped.load(Ordering::Relaxed), 2 * 8);
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
                inside.runtime().store.clear(Owner::Shuffle(0));
            }
            row
        });
        // Lost while a second map stage reads them.
        assert_eq!(lossy.partition_by(2).count()?, 8);
        // Lost while the last stage reads them.
        losses.store(1, Ordering::Relaxed);
        assert_eq!(lossy.count()?, 8);
        // Lost again and again, each time before they are read.
        let inside = ctx.clone();
        let losing = ctx.parallelize(0..3, 3).map_partitions(move |rows| {
            inside.runtime().store.clear(Owner::Shuffle(0));
            rows
        });
        let error = losing.zip_partitions(&first, |_, rows| rows)?.count().unwrap_err();
        assert!(is_lost(&error), "{error}");
        Ok(())
    }
}
