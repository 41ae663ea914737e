//! `checkpoint` and `checkpoint_lazily`: the same rows from files, without their lineage.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Task, boxed};
use crate::rdd::output_directory::{OutputDirectory, SUCCESS, WrittenPart};
use crate::rdd::stored_rows::{Manifest, PartSummary, StoredRows, open_part, write_part};
use crate::rdd::{Rdd, object_file};

impl<T: Data> Rdd<T> {
    /// Computes all partitions, writes them to a new directory, and returns an RDD that reads from
    /// there and remembers nothing of how its rows came about. Rows, order, partitions and
    /// partitioner are the same.
    ///
    /// Unlike the blocks of a [`local_checkpoint`](Self::local_checkpoint) the files stay, and
    /// another process can go on from them with
    /// [`Context::object_file`](crate::rdd::Context::object_file). The directory appears under
    /// its name only when everything is in it and on the disk. Nothing removes it.
    ///
    /// Every use of the result reads and verifies the files, so
    /// [`persist`](Self::persist) it when it is used often. A file that is damaged later is an
    /// [`ErrorKind::Unreadable`](crate::ErrorKind::Unreadable) with its path: nothing is left to
    /// recompute it from.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("counts");
    /// let ctx = Context::local(2)?;
    /// let counts = ctx.parallelize(0..100, 4).map(|n| (n % 7, 1)).reduce_by_key(|a, b| a + b, 3);
    /// let stored = counts.checkpoint(&path)?;
    /// assert_eq!(stored.explain().lines().count(), 1);
    /// assert_eq!(stored.collect()?, counts.collect()?);
    /// assert_eq!(stored.partitioner(), counts.partitioner());
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when the directory holds stored rows
    /// already, [`ErrorKind::Io`](crate::ErrorKind::Io) when it exists otherwise or cannot be
    /// written, [`ErrorKind::Codec`](crate::ErrorKind::Codec) when the row type cannot be stored
    /// (see [`Data`]); otherwise when computing fails. Nothing is left behind then.
    pub fn checkpoint(&self, directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        refuse_finished(directory)?;
        self.save_as_object_file(directory)?;
        let partitioning = self.partitioning().cloned();
        object_file::open(self.runtime(), "checkpoint", directory, partitioning)
    }

    /// Returns an RDD of the same rows that becomes a [`checkpoint`](Self::checkpoint) as it is
    /// used: a partition that an action needs is computed, written and read back from its file;
    /// with the last one the directory appears, and the result forgets its lineage. Until then the
    /// files are temporary and go with the RDD.
    ///
    /// An action that needs only some partitions, such as [`take`](Self::take), computes and
    /// writes those to their ends.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("squares");
    /// let ctx = Context::local(2)?;
    /// let squares = ctx.parallelize(0..100, 4).map(|n| n * n).checkpoint_lazily(&path);
    /// assert_eq!(squares.take(3)?, [0, 1, 4]);
    /// assert!(!path.exists());
    /// assert_eq!(squares.count()?, 100);
    /// assert!(path.exists());
    /// assert_eq!(squares.explain().lines().count(), 1);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// What goes wrong with the directory is an error of the action, of the same kinds as those of
    /// [`checkpoint`](Self::checkpoint).
    pub fn checkpoint_lazily(&self, directory: impl AsRef<Path>) -> Self {
        let directory = directory.as_ref();
        let count = self.partition_count();
        let partitioning = self.partitioning().cloned();
        let pending = Pending {
            parent: self.lineage.clone(),
            output: None,
            written: std::iter::repeat_with(|| None).take(count).collect(),
        };
        Self::from_lineage(Lineage::new(Checkpoint {
            core: NodeCore::new(self.runtime(), "checkpoint", count, partitioning),
            // A directory that cannot be made absolute cannot be created either, and says so then.
            directory: std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned()),
            state: Mutex::new(State::Pending(pending)),
        }))
    }
}

fn refuse_finished(directory: &Path) -> Result<()> {
    if directory.join(SUCCESS).exists() {
        let what = "holds stored rows already; open them with object_file, or remove it";
        return Err(Error::argument(format!("{} {what}", directory.display())));
    }
    Ok(())
}

/// Rows that are computed by a parent until all of them are in files.
struct Checkpoint<T: 'static> {
    core: NodeCore,
    directory: PathBuf,
    state: Mutex<State<T>>,
}

enum State<T: 'static> {
    Pending(Pending<T>),
    /// The files are complete.
    Finished(Vec<PartSummary>),
}

struct Pending<T: 'static> {
    parent: Lineage<T>,
    /// Started with the first partition; shared with the tasks that write to it.
    output: Option<Arc<OutputDirectory>>,
    /// The partitions that are in files, for as long as some are not.
    written: Vec<Option<(WrittenPart, PartSummary)>>,
}

impl<T: 'static> Pending<T> {
    /// Returns all parts once none is missing, and starts anew.
    fn take_complete(&mut self) -> Option<(Vec<WrittenPart>, Vec<PartSummary>)> {
        if self.written.iter().any(Option::is_none) {
            return None;
        }
        self.output = None;
        Some(self.written.iter_mut().filter_map(Option::take).unzip())
    }
}

/// How a task gets its partition.
enum Way<T: 'static> {
    Read(StoredRows<T>),
    Write(Lineage<T>, Arc<OutputDirectory>),
}

impl<T: Data> Checkpoint<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides how to get a partition. Files are opened under the lock, since finishing moves them;
    /// what is open stays readable.
    fn way(&self, partition: usize) -> Result<Way<T>> {
        match &mut *self.state() {
            State::Finished(parts) => self.open_finished(parts, partition).map(Way::Read),
            State::Pending(pending) => {
                if let Some(Some((part, summary))) = pending.written.get(partition) {
                    return StoredRows::open(part.path(), *summary).map(Way::Read);
                }
                let output = match &pending.output {
                    Some(output) => output,
                    None => {
                        refuse_finished(&self.directory)?;
                        let output = OutputDirectory::create(&self.directory)?;
                        pending.output.insert(Arc::new(output))
                    }
                };
                Ok(Way::Write(pending.parent.clone(), Arc::clone(output)))
            }
        }
    }

    fn open_finished(&self, parts: &[PartSummary], partition: usize) -> Result<StoredRows<T>> {
        let part = parts.get(partition).copied().unwrap_or_default();
        open_part(&self.directory, partition, part)
    }

    /// Takes in a partition that an attempt wrote, unless another was faster, and finishes the
    /// directory with the last one. Returns the rows, or `None` when `output` was given up
    /// meanwhile.
    fn admit(
        &self,
        output: &Arc<OutputDirectory>,
        partition: usize,
        part: (WrittenPart, PartSummary),
    ) -> Result<Option<StoredRows<T>>> {
        let mut state = self.state();
        let pending = match &mut *state {
            State::Finished(parts) => return self.open_finished(parts, partition).map(Some),
            State::Pending(pending) => pending,
        };
        let current = pending.output.as_ref().is_some_and(|current| Arc::ptr_eq(current, output));
        let Some(slot) = pending.written.get_mut(partition).filter(|_| current) else {
            return Ok(None);
        };
        let (written, summary) = slot.get_or_insert(part);
        let rows = StoredRows::open(written.path(), *summary)?;
        if let Some((parts, summaries)) = pending.take_complete() {
            let partitioner = self.core.partitioning.as_ref();
            let partitioner = partitioner.map(|own| own.description.to_string());
            Manifest::new::<T>(partitioner, summaries.clone())?.finish(output, parts)?;
            let finished = std::mem::replace(&mut *state, State::Finished(summaries));
            // Without the lock: a lineage takes time to go, and so may what it holds on to.
            drop(state);
            drop(finished);
        }
        Ok(Some(rows))
    }
}

impl<T: Data> Node for Checkpoint<T> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        match &*self.state() {
            State::Pending(pending) => vec![pending.parent.narrow()],
            State::Finished(_) => Vec::new(),
        }
    }

    fn detail(&self) -> Option<String> {
        let directory = self.directory.display();
        Some(match &*self.state() {
            State::Finished(_) => format!("in {directory}"),
            State::Pending(Pending { written, .. }) => {
                let there = written.iter().flatten().count();
                format!("in {directory} ({there} of {} written)", written.len())
            }
        })
    }
}

impl<T: Data> Compute<T> for Checkpoint<T> {
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        loop {
            let (parent, output) = match self.way(partition)? {
                Way::Read(rows) => return Ok(boxed(task.watch(rows))),
                Way::Write(parent, output) => (parent, output),
            };
            let part = write_part(&output, partition, parent.rows(task, partition)?)?;
            if let Some(rows) = self.admit(&output, partition, part)? {
                return Ok(boxed(task.watch(rows)));
            }
        }
    }
}
