//! Files that appear whole or not at all: written under a temporary name beside their own, put on
//! the disk, and renamed.

use std::fs::{self, File};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{Error, Result};

/// Starts a file that will be `target`; dropping it leaves nothing behind.
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io) when its directory cannot be written to.
pub(crate) fn create(target: &Path) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".superstep-");
    share(&mut builder);
    builder.tempfile_in(parent_of(target)).map_err(|error| Error::io(target, "create", error))
}

/// Makes a file appear that is written, in the place of one that may be there already.
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io); the file is gone then, and what was there stays.
pub(crate) fn finish(file: NamedTempFile, target: &Path) -> Result<()> {
    file.as_file().sync_all().map_err(|error| Error::io(target, "write", error))?;
    file.persist(target).map_err(|error| Error::io(target, "replace", error.error))?;
    sync_directory(parent_of(target))
}

/// The directory that a path is in.
pub(crate) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Gives files the mode that the umask leaves, instead of a temporary file's private one.
pub(crate) fn share(builder: &mut tempfile::Builder<'_, '_>) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = builder;
}

/// Puts a directory's entries on the disk, where a directory can be opened for that.
pub(crate) fn sync_directory(path: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(path).and_then(|directory| directory.sync_all());
        synced.map_err(|error| Error::io(path, "sync", error))?;
    }
    Ok(())
}
