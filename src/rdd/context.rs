//! A context: the threads, the blocks and the listeners of a program's RDDs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::chaos::{Chaos, Fault};
use crate::data::Data;
use crate::error::{Error, Result};
use crate::event::Listener;
use crate::exec::{
    BATCH_ROWS, Configuration, Rows, Runtime, Scheduling, Speculation, TakeBatch, raise,
};
use crate::input::{self, Batches, Split};
use crate::storage::{StorageLevel, default_budget};

use super::{Broadcast, Rdd};

/// Attempts at a task before its job fails, as Spark counts them.
const TASK_ATTEMPTS: usize = 4;

/// The entry point: makes RDDs and owns what they run on.
///
/// A context has its own thread pool and its own blocks; any number of contexts work side by
/// side. Handles are cheap to clone. Blocks live as long as the RDDs they belong to.
#[derive(Debug, Clone)]
pub struct Context {
    runtime: Arc<Runtime>,
}

impl Context {
    /// Starts a context on this machine with `threads` worker threads; 0 means one for each core.
    /// Results do not depend on the number.
    ///
    /// # Errors
    /// When the system refuses the threads.
    pub fn local(threads: usize) -> Result<Self> {
        Self::builder().threads(threads).build()
    }

    /// Starts the description of a context.
    pub fn builder() -> ContextBuilder {
        ContextBuilder(Configuration {
            threads: 0,
            task_attempts: TASK_ATTEMPTS,
            listeners: Vec::new(),
            memory: default_budget(),
            disk: None,
            storage_level: StorageLevel::MEMORY_AND_DISK,
            chaos: None,
            speculation: None,
            scheduling: Scheduling::default(),
        })
    }

    /// Returns the number of worker threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.runtime.pool.current_num_threads()
    }

    /// Returns how much is kept in memory and on disk: persisted partitions, and outputs of map
    /// tasks. Zero when every RDD that persists or shuffles is gone.
    #[must_use]
    pub fn block_count(&self) -> usize {
        self.runtime.store.entry_count()
    }

    /// Returns what the context holds and held of its memory budget, and what it has on disk.
    #[must_use]
    pub fn memory_use(&self) -> MemoryUse {
        let store = &self.runtime.store;
        let ((used, peak), (files, spilled_bytes)) = (store.used(), store.spilled());
        MemoryUse { budget: store.limit(), used, peak, files, spilled_bytes }
    }

    /// Returns the private directory for spilled data, once there is one.
    #[must_use]
    pub fn spill_path(&self) -> Option<PathBuf> {
        self.runtime.store.spill_path()
    }

    /// Returns how many faults were [injected](ContextBuilder::chaos) so far.
    #[must_use]
    pub fn injected_faults(&self) -> u64 {
        self.injected_faults_by_kind().iter().map(|(_, count)| count).sum()
    }

    /// Returns how many faults of each kind were [injected](ContextBuilder::chaos) so far; empty
    /// without chaos.
    #[must_use]
    pub fn injected_faults_by_kind(&self) -> Vec<(Fault, u64)> {
        self.runtime.injector.as_ref().map_or_else(Vec::new, |injector| injector.counts())
    }

    /// Frees everything that the context keeps, and checks that nothing is left: no bytes of the
    /// budget, no file. RDDs that are used after that are computed again, except for those that
    /// have no lineage.
    ///
    /// Dropping the last handles on a context and its RDDs frees everything, too; this says so if
    /// something holds on to it.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) while jobs are running, and
    /// [`ErrorKind::Internal`](crate::ErrorKind::Internal) with what is left.
    pub fn stop(&self) -> Result<()> {
        let jobs = self.runtime.job_count();
        if jobs > 0 {
            return Err(Error::argument(format!("{jobs} jobs are running; cancel them first")));
        }
        self.runtime.store.clear_all();
        match self.memory_use() {
            MemoryUse { used: 0, files: 0, .. } => Ok(()),
            MemoryUse { used, files, .. } => {
                Err(Error::internal(format!("{used} bytes and {files} files are not freed")))
            }
        }
    }

    /// Cancels all jobs that are running, on whatever thread they were started; see
    /// [`CancelToken`](super::CancelToken) for what that means. Jobs started later are not
    /// affected.
    pub fn cancel_all_jobs(&self, reason: &str) {
        self.runtime.cancel_jobs(reason);
    }

    /// Makes an RDD of `items` in `partitions` partitions of about equal length, in order; 0 is
    /// taken as 1. The items are read once, here.
    pub fn parallelize<T: Data>(
        &self,
        items: impl IntoIterator<Item = T>,
        partitions: usize,
    ) -> Rdd<T> {
        let items: Arc<Vec<T>> = Arc::new(items.into_iter().collect());
        let partitions = partitions.max(1);
        Rdd::source(&self.runtime, "parallelize", partitions, move |partition| {
            let items = Arc::clone(&items);
            let range =
                partition * items.len() / partitions..(partition + 1) * items.len() / partitions;
            Ok(Box::new(range.map(move |index| items[index].clone())) as Rows<T>)
        })
    }

    /// Returns the lines of text files, without their ends.
    ///
    /// `path` is a file; a directory, whose files are read in the order of their names, without
    /// those that begin with `.` or `_`; or a pattern such as `logs/*-0[1-6].txt.gz`, with `*`,
    /// `?`, `[…]` and `**` for folders of any depth, of which every file and directory that matches
    /// is read in the order of their paths. What exists under the very name is never taken as a
    /// pattern. Gzip is recognised by its content. Plain files are cut into partitions of 16 MiB, a
    /// compressed file is one partition.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the path cannot be read or the pattern matches
    /// nothing, [`ErrorKind::Argument`](crate::ErrorKind::Argument) when it is not a pattern. A
    /// line that is not UTF-8, or longer than 1 MiB, is found when the lines are computed.
    pub fn text_file(&self, path: impl AsRef<Path>) -> Result<Rdd<String>> {
        let splits = input::plan_splits(&[path], input::DEFAULT_SPLIT_BYTES)?;
        Ok(self.split_source("text_file", splits, |split| {
            let file = split.path.display().to_string();
            let lines = input::split_rows(split, |split, rows| {
                input::read_lines(split, |line| rows.push(line.to_vec()))
            })?;
            Ok(Box::new(lines.map(move |line| {
                String::from_utf8(line?).map_err(|error| {
                    Error::user(format!("{file}: a line is not UTF-8: {}", error.utf8_error()))
                })
            })))
        }))
    }

    /// Returns whole text files, a row `(path, content)` each, in the order of their paths. `path`
    /// is as in [`text_file`](Self::text_file), and so is gzip.
    ///
    /// Made for many small files: neighbours share a partition up to 16 MiB, and a file is held in
    /// memory as one row.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let files = ctx.whole_text_files("datasets/karate*.txt")?.collect()?;
    /// assert_eq!(files[0].0, "datasets/karate.txt");
    /// assert!(files[0].1.lines().count() >= 78);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`text_file`](Self::text_file); a file that is not UTF-8 is found when it is read.
    pub fn whole_text_files(&self, path: impl AsRef<Path>) -> Result<Rdd<(String, String)>> {
        let bundles = input::plan_bundles(path.as_ref(), input::DEFAULT_SPLIT_BYTES)?;
        let partitions = bundles.len().max(1);
        Ok(Rdd::source(&self.runtime, "whole_text_files", partitions, move |partition| {
            let files = bundles.get(partition).cloned().unwrap_or_default();
            Ok(Box::new(files.into_iter().map(|file| {
                let content = input::read_text(&file).unwrap_or_else(|error| raise(error));
                (file.display().to_string(), content)
            })) as Rows<(String, String)>)
        }))
    }

    /// Makes an RDD of the rows of all of `rdds`, duplicates included: the partitions of the first,
    /// then those of the second, and so on (one empty partition when there are none). Nothing
    /// moves, and however many they are, the lineage grows by one; the partitioner is not kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let parts: Vec<_> = (0..3).map(|n| ctx.parallelize([n, 10 * n], 1)).collect();
    /// assert_eq!(ctx.union(&parts).collect()?, [0, 0, 1, 10, 2, 20]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn union<T: Data>(&self, rdds: &[Rdd<T>]) -> Rdd<T> {
        match rdds {
            [] => self.parallelize([], 1),
            rdds => Rdd::union_nodes(&self.runtime, rdds),
        }
    }

    /// Makes a value that tasks share: see [`Broadcast`].
    pub fn broadcast<T: Send + Sync + 'static>(&self, value: T) -> Broadcast<T> {
        Broadcast::new(value)
    }

    /// Makes an RDD of the rows that a parser finds in input splits, a partition each (a single
    /// empty one when there are none).
    pub(crate) fn parsed_splits<T: Data>(
        &self,
        name: &'static str,
        splits: Vec<Split>,
        parse: impl Fn(&Split, &mut Batches<'_, T>) -> Result<()> + Clone + Send + Sync + 'static,
    ) -> Rdd<T> {
        let partitions = splits.len().max(1);
        let splits = Arc::new(splits);
        let others = Arc::clone(&splits);
        let parse_too = parse.clone();
        let read = move |partition: usize| {
            let Some(split) = splits.get(partition) else {
                return Ok(Box::new(std::iter::empty()) as Rows<T>);
            };
            let rows = input::split_rows(split.clone(), parse.clone())?;
            Ok(Box::new(rows.map(|row| row.unwrap_or_else(|error| raise(error)))) as Rows<T>)
        };
        let feed = move |partition: usize, take: &mut TakeBatch<'_, T>| {
            let feed = |split| input::feed_rows(split, BATCH_ROWS, &parse_too, take);
            others.get(partition).map_or(Ok(()), feed)
        };
        Rdd::batch_source(&self.runtime, name, partitions, read, feed)
    }

    /// Makes an RDD of input splits, a partition each (a single empty one when there are none).
    pub(crate) fn split_source<T: Data>(
        &self,
        name: &'static str,
        splits: Vec<Split>,
        read: impl Fn(Split) -> Result<Box<dyn Iterator<Item = Result<T>>>> + Send + Sync + 'static,
    ) -> Rdd<T> {
        Rdd::source(&self.runtime, name, splits.len().max(1), move |partition| {
            let Some(split) = splits.get(partition) else {
                return Ok(Box::new(std::iter::empty()) as Rows<T>);
            };
            let rows = read(split.clone())?;
            Ok(Box::new(rows.map(|row| row.unwrap_or_else(|error| raise(error)))))
        })
    }

    /// Returns the engine.
    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }
}

/// What a context holds and held, in bytes; see [`Context::memory_use`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryUse {
    /// What kept partitions, shuffle outputs and operators may hold together.
    pub budget: usize,
    /// What they hold now, as estimated from their rows.
    pub used: usize,
    /// The most that they ever held.
    pub peak: usize,
    /// Files on disk now.
    pub files: usize,
    /// What was ever written to such files, compressed.
    pub spilled_bytes: u64,
}

/// Describes a [`Context`] before it is started.
#[must_use = "a builder does nothing until it is built"]
pub struct ContextBuilder(Configuration);

impl ContextBuilder {
    /// Sets the number of worker threads; 0, the default, means one for each core.
    pub fn threads(mut self, threads: usize) -> Self {
        self.0.threads = threads;
        self
    }

    /// Sets how often a task is tried before its job fails: at least 1, by default 4.
    pub fn task_attempts(mut self, attempts: usize) -> Self {
        self.0.task_attempts = attempts;
        self
    }

    /// Adds a listener, which hears of every event from now on.
    pub fn listener(mut self, listener: impl Listener + 'static) -> Self {
        self.0.listeners.push(Arc::new(listener));
        self
    }

    /// Sets how many bytes kept partitions, shuffle outputs and operators may hold together; by
    /// default 60 % of the machine's memory or of what its control group allows.
    ///
    /// What does not fit is spilled to disk, or dropped and recomputed where a storage level says
    /// so; results do not depend on it. Each thread has two operators at work at most, which are
    /// allowed a megabyte each however small the budget. What a program holds itself does not
    /// count: collections given to [`parallelize`](Context::parallelize), collected results,
    /// single rows and what closures hold.
    ///
    /// Neither does freed memory that the allocator keeps, and the choice of an allocator is the
    /// application's. glibc's keeps much of it: a program that is to stay within a budget should
    /// start with `MALLOC_MMAP_THRESHOLD_=131072` and `MALLOC_TRIM_THRESHOLD_=4194304` in its
    /// environment, or set the same by `mallopt`, as the `superstep` command does.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.0.memory = bytes;
        self
    }

    /// Sets where the private directory for spilled data is made; by default in the system's
    /// place for temporary files. It is made at first use and removed with the context.
    pub fn spill_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.disk = Some(path.into());
        self
    }

    /// Sets how graphs, and the states of vertices between supersteps, are kept where their own
    /// builders do not say: by default at [`StorageLevel::MEMORY_AND_DISK`].
    pub fn storage_level(mut self, level: StorageLevel) -> Self {
        self.0.storage_level = level;
        self
    }

    /// Injects faults, which results do not depend on.
    pub fn chaos(mut self, chaos: Chaos) -> Self {
        self.0.chaos = Some(chaos);
        self
    }

    /// Starts a second attempt at tasks that take much longer than the others of their stage, and
    /// takes the result of whichever is done first. Off by default.
    pub fn speculation(mut self, speculation: Speculation) -> Self {
        self.0.speculation = Some(speculation);
        self
    }

    /// Sets how jobs that several threads run at the same time share the worker threads.
    pub fn scheduling(mut self, scheduling: Scheduling) -> Self {
        self.0.scheduling = scheduling;
        self
    }

    /// Starts the context.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when no attempt is allowed, when the
    /// conditions for speculation are out of range, when the storage level keeps nothing, or when
    /// the system refuses the threads.
    pub fn build(self) -> Result<Context> {
        let Self(configuration) = self;
        if configuration.task_attempts == 0 {
            return Err(Error::argument("task_attempts must be at least 1"));
        }
        if !configuration.storage_level.is_persistent() {
            return Err(Error::argument("graphs need a storage level that keeps them"));
        }
        if let Some(Speculation { quantile, multiplier }) = configuration.speculation
            && !((0.0..=1.0).contains(&quantile) && multiplier >= 1.0)
        {
            let what = "speculation needs a quantile from 0 to 1 and a multiplier of at least 1";
            return Err(Error::argument(what));
        }
        Ok(Context { runtime: Runtime::start(configuration)? })
    }
}

impl std::fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Configuration { threads, memory, .. } = self.0;
        f.debug_struct("ContextBuilder")
            .field("threads", &threads)
            .field("memory", &memory)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn assert_left(ctx: &Context, what: &str) {
        let error = ctx.stop().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Internal(_)), "{error}");
        assert!(error.to_string().contains(what), "{error}");
    }

    #[test]
    fn what_is_not_given_back_is_reported_and_what_belongs_to_handles_is_not() -> Result<()> {
        let ctx = Context::builder().threads(2).memory(4 << 20).build()?;
        ctx.stop()?;
        let numbers = ctx.parallelize((0..90_000_u64).map(|n| (n % 100, n)), 6);
        let levels = StorageLevel::ALL.iter().filter(|(_, level)| level.is_persistent()).map(
            |(_, level)| {
                let kept = numbers.map(|row| row).persist(*level)?;
                kept.group_by_key(3).count().map(|_| kept)
            },
        );
        let kept: Vec<_> = levels.collect::<Result<_>>()?;
        // Grouping may have driven all that was kept out of memory by then.
        let last = numbers.map(|row| row).cache()?;
        last.count()?;
        let (used, files) = (ctx.memory_use().used, ctx.memory_use().files);
        assert!(used > 0 && files > 0, "{used} bytes, {files} files");
        ctx.stop()?;
        assert_eq!(ctx.block_count(), 0);
        assert_eq!(kept[0].count()?, 90_000, "the context goes on");
        ctx.stop()?;

        let store = &ctx.runtime().store;
        let mut reservation = store.reservation();
        assert!(reservation.hold(1_000));
        assert_left(&ctx, "1000 bytes and 0 files");
        drop(reservation);
        ctx.stop()?;

        let file = store.finish_spill(store.spill_file()?)?;
        assert_left(&ctx, "0 bytes and 1 files");
        drop(file);
        ctx.stop()
    }
}
