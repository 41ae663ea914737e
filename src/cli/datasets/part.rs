//! What has come of a file so far, which one process at a time goes on with.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use superstep::{Error, Result};

/// The beginning of a file, `NAME.part`, and by what its server tells this version of it,
/// `NAME.part.version`.
pub(super) struct Part {
    path: PathBuf,
    version_file: PathBuf,
    file: File,
}

impl Part {
    /// Opens what there is, or begins, and keeps others out until it is dropped.
    pub(super) fn open(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(format!("{name}.part"));
        let version_file = folder.join(format!("{name}.part.version"));
        let failed = |error| Error::io(&path, "write", error);
        loop {
            let file = OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
            lock(&file).map_err(|_| {
                let reason = "another download of it is under way";
                Error::io(&path, "write", io::Error::other(reason))
            })?;
            // Whoever had it before may have completed or removed it in the meantime.
            if is_at(&file, &path).map_err(failed)? {
                return Ok(Self { path, version_file, file });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn length(&self) -> Result<u64> {
        let found = self.file.metadata().map_err(|error| self.failed(error))?;
        Ok(found.len())
    }

    /// By what the server told the version of what has come.
    pub(super) fn version(&self) -> Option<String> {
        fs::read_to_string(&self.version_file).ok()
    }

    /// Begins anew, with a version if the server tells one.
    pub(super) fn begin(&self, version: Option<&str>) -> Result<()> {
        self.forget_version()?;
        self.file.set_len(0).map_err(|error| self.failed(error))?;
        // After what is there of another version has gone.
        let Some(version) = version else { return Ok(()) };
        let written = fs::write(&self.version_file, version);
        written.map_err(|error| Error::io(&self.version_file, "write", error))
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| self.failed(error))
    }

    /// Has the system write down what has come.
    pub(super) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|error| self.failed(error))
    }

    /// Gives the whole file its name.
    pub(super) fn complete(self, whole: &Path) -> Result<()> {
        self.forget_version()?;
        fs::rename(&self.path, whole).map_err(|error| Error::io(whole, "create", error))
    }

    pub(super) fn remove(self) -> Result<()> {
        self.forget_version()?;
        fs::remove_file(&self.path).map_err(|error| Error::io(&self.path, "remove", error))
    }

    fn forget_version(&self) -> Result<()> {
        match fs::remove_file(&self.version_file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io(&self.version_file, "remove", error))
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.path, "write", error)
    }
}

/// Fails while another process has the file.
#[cfg(unix)]
fn lock(file: &File) -> io::Result<()> {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(held) if held == rustix::io::Errno::WOULDBLOCK => Err(held.into()),
        // Some file systems have no locks.
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn lock(_file: &File) -> io::Result<()> {
    Ok(())
}

/// True when the open file still has the name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let own = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (own.dev(), own.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}
