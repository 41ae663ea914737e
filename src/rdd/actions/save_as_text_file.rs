//! `save_as_text_file`: a directory of text files, one a partition.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::rdd::Rdd;

impl<T: Data + Display> Rdd<T> {
    /// Writes the rows, one a line, to `part-00000`, `part-00001`, … in a new directory, and an
    /// empty `_SUCCESS` beside them. The directory appears under its name only when everything is
    /// in it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when `path` exists or cannot be written; otherwise
    /// when computing a partition fails. Nothing is left behind then.
    pub fn save_as_text_file(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        if path.exists() {
            let exists = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Error::io(path, "create", exists));
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let made = tempfile::Builder::new().prefix(".superstep-").tempdir_in(parent);
        let unfinished = made.map_err(|error| Error::io(parent, "create a directory in", error))?;
        let all: Vec<_> = (0..self.partition_count()).collect();
        self.runtime().run(&self.lineage, &all, |partition, mut rows| {
            let part = unfinished.path().join(format!("part-{partition:05}"));
            let mut file = BufWriter::new(
                File::create(&part).map_err(|error| Error::io(&part, "create", error))?,
            );
            rows.try_for_each(|row| writeln!(file, "{row}"))
                .and_then(|()| file.flush())
                .map_err(|error| Error::io(&part, "write", error))
        })?;
        let marker = unfinished.path().join("_SUCCESS");
        File::create(&marker).map_err(|error| Error::io(&marker, "create", error))?;
        share(unfinished.path())?;
        fs::rename(unfinished.path(), path).map_err(|error| Error::io(path, "create", error))?;
        // The directory has moved; there is nothing left to remove.
        let _moved = unfinished.keep();
        Ok(())
    }
}

/// Gives a directory the usual mode instead of a temporary directory's private one.
fn share(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(path, mode).map_err(|error| Error::io(path, "share", error))?;
    }
    Ok(())
}
