//! Where input comes from: files, or what can be read only once.
//!
//! A task may have to read its part of the input again, so standard input and pipes are copied to
//! a temporary file first. Errors name what the user named.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use superstep::{Error, ErrorKind, Result};
use tempfile::NamedTempFile;

use super::destination::bare;
use super::interrupt;

/// Bytes copied at once.
const COPIED_BYTES: usize = 64 << 10;

/// The name of standard input in arguments.
const STDIN: &str = "-";

/// An input that can be read as often as needed.
pub(super) struct Input {
    name: PathBuf,
    copy: Option<NamedTempFile>,
}

impl Input {
    /// Opens what an argument names.
    pub(super) fn open(argument: &Path) -> Result<Self> {
        if argument == Path::new(STDIN) {
            return Self::copied(PathBuf::from("<stdin>"), io::stdin().lock());
        }
        match fs::metadata(argument) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let opened = File::open(argument);
                let file = opened.map_err(|error| Error::io(argument, "open", error))?;
                Self::copied(argument.to_owned(), file)
            }
            // If there is nothing, reading will say so.
            _ => Ok(Self { name: argument.to_owned(), copy: None }),
        }
    }

    fn copied(name: PathBuf, mut from: impl io::Read) -> Result<Self> {
        let failed = |error| {
            let folder = std::env::temp_dir();
            Error::io(folder, "keep a copy of the input", bare(error))
        };
        let mut copy = NamedTempFile::with_prefix("superstep-").map_err(failed)?;
        interrupt::note(copy.path());
        let mut chunk = vec![0; COPIED_BYTES];
        loop {
            let read = match from.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                // A signal, which is looked at next.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(error) => return Err(failed(error)),
            };
            interrupt::check()?;
            copy.write_all(&chunk[..read]).map_err(failed)?;
        }
        Ok(Self { name, copy: Some(copy) })
    }

    /// Returns where to read.
    pub(super) fn path(&self) -> &Path {
        self.copy.as_ref().map_or(&self.name, NamedTempFile::path)
    }

    /// Returns the name that the user knows.
    pub(super) fn name(&self) -> String {
        self.name.display().to_string()
    }

    /// Puts the user's name into an error that names the copy.
    pub(super) fn rename(&self, error: Error) -> Error {
        let Some(copy) = &self.copy else {
            return error;
        };
        match error.kind() {
            ErrorKind::Input { path, line, column, found, expected }
                if Path::new(path) == copy.path() =>
            {
                ErrorKind::Input {
                    path: self.name(),
                    line: *line,
                    column: *column,
                    found: found.clone(),
                    expected: expected.clone(),
                }
                .into()
            }
            ErrorKind::Io { path, action, source } if path == copy.path() => {
                let source = io::Error::new(source.kind(), source.to_string());
                Error::io(&self.name, action, source)
            }
            _ => error,
        }
    }
}
