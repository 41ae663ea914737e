//! An output that is compressed where that is asked for.

use std::io::{self, Write};
use std::path::Path;

use superstep::{Error, Result};

use super::compression::Compression;
use super::destination::Destination;

/// What is compressed at once, a stream of its own.
const COMPRESSED_BYTES: usize = 4 << 20;

/// A destination, with a compression before it.
pub(super) struct Output {
    destination: Destination,
    compression: Option<Compression>,
    /// What is not compressed yet.
    waiting: Vec<u8>,
    /// Why writing failed, for callers that get it back in other words.
    failure: Option<io::Error>,
}

impl Output {
    /// Compresses what goes to a destination.
    pub(super) fn new(destination: Destination, compression: Option<Compression>) -> Self {
        Self { destination, compression, waiting: Vec::new(), failure: None }
    }

    /// Opens a file, or standard output without one.
    pub(super) fn open(path: Option<&Path>, compression: Option<Compression>) -> Result<Self> {
        Ok(Self::new(Destination::open(path)?, compression))
    }

    /// Opens a file, compressed where its name ends so, or standard output without one.
    pub(super) fn of_name(path: Option<&Path>) -> Result<Self> {
        Self::open(path, path.and_then(Compression::of_name))
    }

    /// True when the output appears where progress would be drawn.
    pub(super) fn is_terminal(&self) -> bool {
        self.destination.is_terminal()
    }

    /// Writes all of some bytes.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(|error| self.failed(error))
    }

    /// Gives an error of writing its path.
    pub(super) fn failed(&mut self, error: io::Error) -> Error {
        let first = self.failure.take().unwrap_or(error);
        self.destination.failed(first)
    }

    /// Returns the error of writing that is behind an error, if there is one.
    pub(super) fn behind(&mut self, error: Error) -> Error {
        match self.failure.take() {
            Some(failure) => self.destination.failed(failure),
            None => error,
        }
    }

    /// Completes the output; a file takes its name.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.compression.is_some() {
            self.compress().map_err(|error| self.destination.failed(error))?;
        }
        self.destination.finish()
    }

    /// Writes what waits as a stream of its own.
    fn compress(&mut self) -> io::Result<()> {
        let Some(compression) = self.compression else { return Ok(()) };
        let stream = compression.compress(&self.waiting)?;
        self.waiting.clear();
        self.destination.write_all(&stream)
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.compression.is_none() {
            return self.destination.write(bytes);
        }
        let room = COMPRESSED_BYTES - self.waiting.len();
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.waiting.extend_from_slice(taken);
        if self.waiting.len() == COMPRESSED_BYTES {
            self.compress()?;
        }
        Ok(taken.len())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes).inspect_err(|error| {
            // What comes first tells the most.
            let failure = || io::Error::new(error.kind(), error.to_string());
            self.failure.get_or_insert_with(failure);
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.destination.flush()
    }
}
