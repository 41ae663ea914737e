//! A directory of part files that appears whole or not at all.
//!
//! Parts are written under names of their own in a temporary directory beside the target, one for
//! each attempt at a task, and synced to the disk. An attempt that fails or is overtaken by another
//! one takes its file along. When all parts are there, those of the attempts that counted move to a
//! directory of their own, a `_SUCCESS` file joins them, and that directory is renamed to the
//! target: the only moment that shows, and all its content is on the disk by then. Saved text,
//! object files and checkpoints rely on it. Files and directories have the modes that the process's
//! umask asks for.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{TempDir, TempPath};

use crate::error::{Error, Result};
use crate::whole_file::{parent_of, share, sync_directory};

/// The name of the file that says that a directory is complete.
pub(super) const SUCCESS: &str = "_SUCCESS";

/// The name of a partition's file.
pub(super) fn part_name(partition: usize) -> String {
    format!("part-{partition:05}")
}

/// A directory that is not there yet; dropping it leaves nothing behind.
#[derive(Debug)]
pub(super) struct OutputDirectory {
    target: PathBuf,
    unfinished: TempDir,
}

/// A part that is on the disk under a name of its own; dropping it removes the file.
#[derive(Debug)]
pub(super) struct WrittenPart(TempPath);

impl WrittenPart {
    /// Where the part is for now.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl OutputDirectory {
    /// Starts a directory that will be `target`.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when the target exists or its parent cannot be
    /// written to.
    pub(super) fn create(target: &Path) -> Result<Self> {
        // Also when it is a link to nowhere.
        if fs::symlink_metadata(target).is_ok() {
            return Err(Error::io(target, "create", io::ErrorKind::AlreadyExists.into()));
        }
        let parent = parent_of(target);
        let made = tempfile::Builder::new().prefix(".superstep-").tempdir_in(parent);
        let unfinished = made.map_err(|error| Error::io(parent, "create a directory in", error))?;
        Ok(Self { target: target.to_owned(), unfinished })
    }

    /// Writes a part with what `body` writes, and returns it with what `body` returns.
    pub(super) fn write<R>(
        &self,
        partition: usize,
        body: impl FnOnce(&mut PartWriter) -> Result<R>,
    ) -> Result<(WrittenPart, R)> {
        let directory = self.unfinished.path();
        let mut builder = tempfile::Builder::new();
        let prefix = format!("{}.", part_name(partition));
        builder.prefix(&prefix);
        share(&mut builder);
        let made = builder.tempfile_in(directory);
        let made = made.map_err(|error| Error::io(directory, "create a file in", error))?;
        let (file, path) = made.into_parts();
        let mut writer = PartWriter { file: BufWriter::new(file), path: path.to_path_buf() };
        let result = body(&mut writer)?;
        let PartWriter { file, .. } = writer;
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .map_err(|error| Error::io(&*path, "write", error))?;
        Ok((WrittenPart(path), result))
    }

    /// Gives the parts their names, writes `success` into the file that says that they are
    /// complete, and makes the directory appear.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io); the parts are gone then.
    pub(super) fn finish(
        &self,
        parts: impl IntoIterator<Item = WrittenPart>,
        success: &[u8],
    ) -> Result<()> {
        let directory = &self.unfinished.path().join("ready");
        fs::create_dir(directory).map_err(|error| Error::io(directory, "create", error))?;
        for (partition, part) in parts.into_iter().enumerate() {
            let name = directory.join(part_name(partition));
            part.0.persist(&name).map_err(|error| Error::io(&name, "create", error.error))?;
        }
        let marker = directory.join(SUCCESS);
        File::create_new(&marker)
            .and_then(|mut file| file.write_all(success).and_then(|()| file.sync_all()))
            .map_err(|error| Error::io(&marker, "write", error))?;
        sync_directory(directory)?;
        let target = &self.target;
        fs::rename(directory, target).map_err(|error| Error::io(target, "create", error))?;
        sync_directory(parent_of(target))
    }
}

/// Writes one part, with errors that name its file.
#[derive(Debug)]
pub(super) struct PartWriter {
    file: BufWriter<File>,
    path: PathBuf,
}

impl PartWriter {
    /// Writes bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| Error::io(&self.path, "write", error))
    }

    /// Writes formatted text.
    pub(super) fn write_text(&mut self, text: std::fmt::Arguments<'_>) -> Result<()> {
        self.file.write_fmt(text).map_err(|error| Error::io(&self.path, "write", error))
    }
}
