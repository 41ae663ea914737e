//! The disk tier: files of checksummed frames in a private directory that goes with the store.
//!
//! A file is written once, under a name that is never used again, and removed when the last block
//! in it is dropped. So a block that is freed or replaced while someone reads it stays whole for
//! that reader.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

use crate::chaos;
use crate::error::{ErrorKind, Result};

/// Bytes gathered before they are written.
const WRITE_BUFFER_BYTES: usize = 64 << 10;

/// A directory (mode 0700, made at first use) that is removed with the last block in it.
#[derive(Debug, Default)]
pub(super) struct DiskTier {
    /// Where the directory is made; the system's place for temporaries without one.
    parent: Option<PathBuf>,
    directory: OnceLock<Arc<TempDir>>,
    files: AtomicUsize,
    /// Files that exist.
    live: Arc<AtomicUsize>,
    written: AtomicU64,
}

/// A file of frames; dropping it removes it.
#[derive(Debug)]
pub(crate) struct DiskFile {
    path: PathBuf,
    live: Arc<AtomicUsize>,
    /// Keeps the directory until the file is gone.
    _directory: Arc<TempDir>,
}

/// Where a frame is in its file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    offset: u64,
    length: usize,
}

/// A file that is being written.
#[derive(Debug)]
pub(crate) struct DiskWriter {
    stream: BufWriter<File>,
    file: DiskFile,
    offset: u64,
}

fn failed(path: &Path, action: &'static str, source: std::io::Error) -> crate::Error {
    ErrorKind::Storage { path: path.to_owned(), action, source }.into()
}

impl DiskTier {
    pub(super) fn new(parent: Option<PathBuf>) -> Self {
        Self { parent, ..Self::default() }
    }

    fn directory(&self) -> Result<&Arc<TempDir>> {
        if let Some(directory) = self.directory.get() {
            return Ok(directory);
        }
        let parent = self.parent.clone().unwrap_or_else(std::env::temp_dir);
        let made = tempfile::Builder::new()
            .prefix("superstep-")
            .tempdir_in(&parent)
            // Its message names a directory that is not there.
            .map_err(|error| failed(&parent, "create a directory in", error.kind().into()))?;
        // Another thread may have been first; then `made` is dropped, and with it its directory.
        Ok(self.directory.get_or_init(|| Arc::new(made)))
    }

    /// Starts a new file.
    pub(super) fn create(&self) -> Result<DiskWriter> {
        let directory = self.directory()?;
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let path = directory.path().join(format!("{number}.blocks"));
        let stream = File::create_new(&path).map_err(|error| failed(&path, "create", error))?;
        self.live.fetch_add(1, Ordering::Relaxed);
        let (live, directory) = (Arc::clone(&self.live), Arc::clone(directory));
        Ok(DiskWriter {
            stream: BufWriter::with_capacity(WRITE_BUFFER_BYTES, stream),
            file: DiskFile { path, live, _directory: directory },
            offset: 0,
        })
    }

    /// The directory, once there is one.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.directory.get().map(|directory| directory.path().to_owned())
    }

    /// Counts bytes of a file that is complete.
    pub(super) fn count(&self, bytes: u64) {
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many files exist.
    pub(super) fn live_files(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    /// How many bytes were ever written.
    pub(super) fn written_bytes(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }
}

impl DiskWriter {
    /// Adds a frame at the end.
    pub(crate) fn append(&mut self, frame: &[u8]) -> Result<Extent> {
        let written = chaos::disk_fault().and_then(|()| self.stream.write_all(frame));
        written.map_err(|error| failed(&self.file.path, "write", error))?;
        let extent = Extent { offset: self.offset, length: frame.len() };
        self.offset += frame.len() as u64;
        Ok(extent)
    }

    /// How many bytes the file has.
    pub(super) fn bytes(&self) -> u64 {
        self.offset
    }

    /// Ends the file, which can be read from now on.
    pub(super) fn finish(mut self) -> Result<Arc<DiskFile>> {
        self.stream.flush().map_err(|error| failed(&self.file.path, "write", error))?;
        Ok(Arc::new(self.file))
    }
}

impl DiskFile {
    /// Opens the file for reading frames.
    pub(super) fn open(&self) -> Result<File> {
        let opened = chaos::disk_fault().and_then(|()| File::open(&self.path));
        opened.map_err(|error| failed(&self.path, "open", error))
    }

    /// Reads one frame; its checksum is verified when it is decoded.
    pub(super) fn read(&self, open: &mut File, extent: Extent) -> Result<Vec<u8>> {
        let mut frame = vec![0; extent.length];
        read_at(open, &mut frame, extent.offset)
            .map_err(|error| failed(&self.path, "read", error))?;
        Ok(frame)
    }
}

#[cfg(unix)]
fn read_at(file: &mut File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn read_at(file: &mut File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}

impl Drop for DiskFile {
    fn drop(&mut self) {
        // The directory's own removal takes what stays behind.
        drop(fs::remove_file(&self.path));
        self.live.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_outlives_its_tier_and_takes_the_directory_along() {
        let tier = DiskTier::default();
        let mut writer = tier.create().unwrap();
        let extents = [b"one".as_slice(), b"three"].map(|frame| writer.append(frame).unwrap());
        let file = writer.finish().unwrap();
        let directory = tier.directory().unwrap().path().to_owned();
        assert_eq!(tier.live_files(), 1);
        drop(tier);
        let mut open = file.open().unwrap();
        assert_eq!(file.read(&mut open, extents[1]).unwrap(), b"three");
        assert_eq!(file.read(&mut open, extents[0]).unwrap(), b"one");
        drop(file);
        assert!(!directory.exists());
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error_with_its_path() {
        let tier = DiskTier::new(Some("/no/such/place".into()));
        let error = tier.create().unwrap_err().to_string();
        assert!(error.starts_with("/no/such/place: cannot create a directory in"), "{error}");
    }
}
