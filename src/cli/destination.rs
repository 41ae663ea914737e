//! Where output goes: standard output, or a file that appears when it is whole.
//!
//! A file is written under a temporary name beside its own and renamed by
//! [`finish`](Destination::finish): readers see the old file or the new one, and a command that
//! fails leaves nothing. The mode of a file that is replaced stays. A link to a file is followed, so
//! the file it names is replaced and the link stays; devices and pipes cannot be replaced and are written directly.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};

use superstep::{Error, Result};
use tempfile::NamedTempFile;

use super::interrupt;

/// The name of standard output in arguments.
pub(super) const STDOUT: &str = "-";

/// An output that is being written.
pub(super) struct Destination {
    path: PathBuf,
    sink: Sink,
}

enum Sink {
    Stdout(Stdout),
    /// Something that is written in place.
    Device(File),
    /// A file under its temporary name.
    Unfinished(NamedTempFile),
}

impl Destination {
    /// Opens a file, or standard output without one or for `-`.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new(STDOUT)) else {
            return Ok(Self { path: PathBuf::from("<stdout>"), sink: Sink::Stdout(io::stdout()) });
        };
        if let Ok(found) = fs::metadata(path)
            && !found.is_file()
        {
            let opened = File::options().write(true).open(path);
            let file = opened.map_err(|error| Error::io(path, "write", error))?;
            return Ok(Self { path: path.to_owned(), sink: Sink::Device(file) });
        }
        // Fails when there is no such file yet; then there is no link to follow either.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut builder = tempfile::Builder::new();
        builder.prefix(".superstep-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As the system makes files: the process's mask takes away what it says.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let made = builder.tempfile_in(folder_of(&path));
        let unfinished = made.map_err(|error| Error::io(&path, "create", bare(error)))?;
        interrupt::note(unfinished.path());
        if let Ok(replaced) = fs::metadata(&path) {
            let kept = unfinished.as_file().set_permissions(replaced.permissions());
            kept.map_err(|error| Error::io(&path, "keep the mode of", error))?;
        }
        Ok(Self { path, sink: Sink::Unfinished(unfinished) })
    }

    /// Writes to an open file, which has its name already or gets it with its directory.
    pub(super) fn in_place(path: PathBuf, file: File) -> Self {
        Self { path, sink: Sink::Device(file) }
    }

    /// True when the output appears where progress would be drawn.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(&self.sink, Sink::Stdout(out) if out.is_terminal())
    }

    /// Writes all of a text.
    pub(super) fn put(&mut self, text: &[u8]) -> Result<()> {
        self.write_all(text).map_err(|error| self.failed(error))
    }

    /// Gives an error of writing its path.
    pub(super) fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.path, "write", error)
    }

    /// Completes the output; a file takes its name.
    pub(super) fn finish(mut self) -> Result<()> {
        interrupt::check()?;
        self.flush().map_err(|error| self.failed(error))?;
        if let Sink::Unfinished(file) = self.sink {
            let kept = file.persist(&self.path);
            kept.map_err(|error| Error::io(&self.path, "replace", error.error))?;
        }
        Ok(())
    }
}

impl Write for Destination {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if interrupt::has_come() {
            return Err(io::Error::other(interrupt::reason()));
        }
        match &mut self.sink {
            Sink::Stdout(out) => out.write(text),
            Sink::Device(file) => file.write(text),
            Sink::Unfinished(file) => file.as_file_mut().write(text),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stdout(out) => out.flush(),
            Sink::Device(file) => file.flush(),
            Sink::Unfinished(file) => file.as_file_mut().flush(),
        }
    }
}

/// The directory of a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The system's reason without the name of a temporary file, which says nothing to anybody.
pub(super) fn bare(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}
