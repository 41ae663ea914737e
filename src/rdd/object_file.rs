//! `object_file`: rows that were saved by `save_as_object_file` or `checkpoint`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::exec::{
    Compute, Dependency, Lineage, Node, NodeCore, Partitioning, Rows, Runtime, Task, boxed,
};

use super::stored_rows::{Manifest, open_part};
use super::{Context, Rdd};

/// Rows in the files of a finished directory.
pub(super) struct Stored {
    core: NodeCore,
    directory: PathBuf,
    manifest: Manifest,
}

impl Node for Stored {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        Vec::new()
    }

    fn detail(&self) -> Option<String> {
        Some(format!("in {}", self.directory.display()))
    }
}

impl<T: Data> Compute<T> for Stored {
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<T>> {
        let part = self.manifest.parts.get(partition).copied().unwrap_or_default();
        Ok(boxed(task.watch(open_part(&self.directory, partition, part)?)))
    }
}

/// Opens a directory of stored rows. Without `partitioning` the rows have the one whose
/// description was stored with them.
pub(super) fn open<T: Data>(
    runtime: &Arc<Runtime>,
    name: &'static str,
    directory: &Path,
    partitioning: Option<Partitioning>,
) -> Result<Rdd<T>> {
    // Tasks may start after the working directory has changed.
    let directory = std::path::absolute(directory)
        .map_err(|error| crate::Error::io(directory, "open", error))?;
    let manifest = Manifest::open::<T>(&directory)?;
    // The description alone is what co-partitioned joins compare; nothing asks it for a partition.
    let partitioning = partitioning.or_else(|| {
        let description = manifest.partitioner.as_deref()?.into();
        Some(Partitioning { description, scheme: Arc::new(()) })
    });
    let core = NodeCore::new(runtime, name, manifest.parts.len(), partitioning);
    Ok(Rdd::from_lineage(Lineage::new(Stored { core, directory, manifest })))
}

impl Context {
    /// Returns the rows of a directory that [`save_as_object_file`](Rdd::save_as_object_file),
    /// [`checkpoint`](Rdd::checkpoint) or [`checkpoint_lazily`](Rdd::checkpoint_lazily) wrote, in
    /// this process or in an earlier one: the same rows in the same order and partitions. They are
    /// read batch by batch when they are computed, and verified. If a partitioner placed them, the
    /// result has one of the same description, so a join with an RDD that is partitioned alike
    /// moves nothing.
    ///
    /// The row type has to have the structure of the one that was saved; names do not matter.
    /// Checksums find accidents, not forgeries: open only what you trust.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// # let directory = tempfile::tempdir().unwrap();
    /// # let path = directory.path().join("squares");
    /// let ctx = Context::local(2)?;
    /// ctx.parallelize(0..100_u64, 4).map(|n| (n, n * n)).save_as_object_file(&path)?;
    ///
    /// let squares = Context::local(1)?.object_file::<(u64, u64)>(&path)?;
    /// assert_eq!((squares.partition_count(), squares.count()?), (4, 100));
    /// assert!(ctx.object_file::<String>(&path).is_err());
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the directory or a file of it cannot be read,
    /// [`ErrorKind::Unreadable`](crate::ErrorKind::Unreadable) when it holds other rows, was
    /// written by a later version, or is damaged as far as that shows without reading it all. What
    /// shows later is the same error of the action that reads it.
    pub fn object_file<T: Data>(&self, path: impl AsRef<Path>) -> Result<Rdd<T>> {
        open(self.runtime(), "object_file", path.as_ref(), None)
    }
}
