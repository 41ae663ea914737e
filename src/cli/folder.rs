//! A directory of files that appears when all of them are whole.

use std::fs::{self, File};
use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use superstep::{Error, Result};
use tempfile::TempDir;

use super::destination::{Destination, bare, folder_of};
use super::interrupt;

/// The empty file that tells that all parts are there.
const SUCCESS: &str = "_SUCCESS";

/// A directory that is being filled, under a temporary name beside its own.
pub(super) struct Folder {
    path: PathBuf,
    unfinished: TempDir,
    parts: usize,
}

impl Folder {
    /// True for a path that stands for a directory: it is one, or ends as one.
    pub(super) fn is_meant(path: &Path) -> bool {
        let ends = |separator: char| path.to_string_lossy().ends_with(separator);
        path.is_dir() || ends('/') || ends(MAIN_SEPARATOR)
    }

    /// Begins a directory where there is none, or an empty one.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if let Ok(mut entries) = fs::read_dir(path)
            && entries.next().is_some()
        {
            let reason = "the directory is not empty; remove it, or name another";
            let refused = io::Error::new(io::ErrorKind::DirectoryNotEmpty, reason);
            return Err(Error::io(path, "write parts to", refused));
        }
        // Fails when there is no such directory yet; then there is no link to follow either.
        let own = fs::canonicalize(path).unwrap_or_else(|_| path.components().collect());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".superstep-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As the system makes directories: the process's mask takes away what it says.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let made = builder.tempdir_in(folder_of(&own));
        let unfinished = made.map_err(|error| Error::io(path, "create", bare(error)))?;
        interrupt::note(unfinished.path());
        Ok(Self { path: own, unfinished, parts: 0 })
    }

    /// Begins the next part, whose name ends with `extension`.
    pub(super) fn part(&mut self, extension: &str) -> Result<Destination> {
        let name = format!("part-{:05}.{extension}", self.parts);
        self.parts += 1;
        self.file(&name)
    }

    fn file(&self, name: &str) -> Result<Destination> {
        let shown = self.path.join(name);
        match File::create_new(self.unfinished.path().join(name)) {
            Ok(file) => Ok(Destination::in_place(shown, file)),
            Err(error) => Err(Error::io(shown, "create", error)),
        }
    }

    /// Completes the directory, which takes its name.
    pub(super) fn finish(self) -> Result<()> {
        self.file(SUCCESS)?.finish()?;
        interrupt::check()?;
        if cfg!(not(unix)) && self.path.is_dir() {
            // Elsewhere a directory takes the place of no other.
            let removed = fs::remove_dir(&self.path);
            removed.map_err(|error| Error::io(&self.path, "replace", error))?;
        }
        let renamed = fs::rename(self.unfinished.path(), &self.path);
        renamed.map_err(|error| Error::io(&self.path, "replace", error))?;
        // It is not there any more under the name it had.
        let _renamed = self.unfinished.keep();
        Ok(())
    }
}
