//! Rows in files: the layout that object files and checkpoints share.
//!
//! A directory holds one file a partition, `part-00000`, `part-00001`, …, each a sequence of the
//! codec's frames, compressed batches of rows of about 256 KiB; and `_SUCCESS`, one frame with
//! the [`Manifest`]: the type of the rows, what partitioned them, and the length, number of rows
//! and checksum of every file. It is written last, so a directory that has it is complete.
//!
//! Writing and reading hold one batch at a time. What is read is verified frame by frame and, at
//! its end, file by file; what does not match is an
//! [`ErrorKind::Unreadable`](crate::ErrorKind::Unreadable) with the file's path.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::exec::raise;
use crate::footprint;

use super::output_directory::{OutputDirectory, SUCCESS, WrittenPart, part_name};

/// About how much memory the rows of a batch take.
const BATCH_BYTES: usize = 256 << 10;
/// The most rows of a batch, for rows that take no memory.
const BATCH_ROWS: usize = 1 << 18;
/// A manifest is read into memory before anything of it is verified; this is some million parts.
const MANIFEST_LIMIT: u64 = 64 << 20;

/// What a directory of stored rows holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The fingerprint of the row type, for parts without rows.
    row_type: u64,
    /// The description of what partitioned the rows, if something did.
    pub(super) partitioner: Option<String>,
    pub(super) parts: Vec<PartSummary>,
}

/// What one file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartSummary {
    rows: u64,
    bytes: u64,
    /// CRC-32 of the file.
    checksum: u32,
}

/// An error about a file of stored rows, with the file.
fn unreadable(path: &Path, reason: impl Into<String>) -> Error {
    ErrorKind::Unreadable { path: path.to_owned(), reason: reason.into() }.into()
}

/// Turns the codec's complaints into errors about the file.
fn about(path: &Path, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Codec(reason) => {
            let named = format!("{}: ", path.display());
            unreadable(path, reason.strip_prefix(&named).unwrap_or(reason))
        }
        _ => error,
    }
}

impl PartSummary {
    fn add(&mut self, frame: &[u8], rows: usize) {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.checksum);
        hasher.update(frame);
        self.checksum = hasher.finalize();
        self.bytes += frame.len() as u64;
        self.rows += rows as u64;
    }
}

/// Writes the rows of a partition.
pub(super) fn write_part<T: Data>(
    output: &OutputDirectory,
    partition: usize,
    rows: impl Iterator<Item = T>,
) -> Result<(WrittenPart, PartSummary)> {
    output.write(partition, |file| {
        let mut summary = PartSummary::default();
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut write = |batch: &mut Vec<T>| {
            let frame = codec::encode_compressed(batch)?;
            summary.add(&frame, batch.len());
            batch.clear();
            file.write(&frame)
        };
        for row in rows {
            bytes += size_of::<T>() + footprint::heap_of(&row);
            batch.push(row);
            if bytes >= BATCH_BYTES || batch.len() >= BATCH_ROWS {
                write(&mut batch)?;
                bytes = 0;
            }
        }
        if !batch.is_empty() {
            write(&mut batch)?;
        }
        Ok(summary)
    })
}

impl Manifest {
    pub(super) fn new<T: Data>(
        partitioner: Option<String>,
        parts: Vec<PartSummary>,
    ) -> Result<Self> {
        Ok(Self { row_type: codec::fingerprint_of::<T>()?, partitioner, parts })
    }

    /// Makes a directory appear, with all its parts and this manifest.
    pub(super) fn finish(
        &self,
        output: &OutputDirectory,
        parts: impl IntoIterator<Item = WrittenPart>,
    ) -> Result<()> {
        output.finish(parts, &codec::encode(std::slice::from_ref(self))?)
    }

    /// Reads the manifest of a directory and checks that it is of rows of type `T` and that all
    /// files are there in their lengths.
    pub(super) fn open<T: Data>(directory: &Path) -> Result<Self> {
        let path = directory.join(SUCCESS);
        let io = |action| {
            let path = &path;
            move |error| Error::io(path, action, error)
        };
        let mut file = File::open(&path).map_err(io("open"))?.take(MANIFEST_LIMIT);
        let frame = codec::read_frame(&mut file, &path).map_err(|error| about(&path, error))?;
        let frame = frame.ok_or_else(|| {
            unreadable(&path, "it is empty, so this is no directory of stored rows")
        })?;
        if file.read(&mut [0]).map_err(io("read"))? != 0 {
            return Err(unreadable(&path, "bytes follow the manifest"));
        }
        let mut manifests = codec::decode::<Self>(&frame).map_err(|error| about(&path, error))?;
        let (Some(manifest), None) = (manifests.pop(), manifests.pop()) else {
            return Err(unreadable(&path, "it does not hold one manifest"));
        };
        let own = codec::fingerprint_of::<T>()?;
        if manifest.row_type != own {
            let found = format!("it holds rows of another type ({:016x})", manifest.row_type);
            let expected = format!("expected {} ({own:016x})", std::any::type_name::<T>());
            return Err(unreadable(directory, format!("{found}, {expected}")));
        }
        for (partition, part) in manifest.parts.iter().enumerate() {
            let path = directory.join(part_name(partition));
            let length =
                fs::metadata(&path).map_err(|error| Error::io(&path, "open", error))?.len();
            check_length(&path, length, *part)?;
        }
        Ok(manifest)
    }
}

fn check_length(path: &Path, length: u64, part: PartSummary) -> Result<()> {
    if length == part.bytes {
        return Ok(());
    }
    Err(unreadable(path, format!("it has {length} bytes, and {} were written", part.bytes)))
}

/// Opens a partition's file in a finished directory.
pub(super) fn open_part<T: Data>(
    directory: &Path,
    partition: usize,
    part: PartSummary,
) -> Result<StoredRows<T>> {
    StoredRows::open(&directory.join(part_name(partition)), part)
}

/// The rows of one file, a batch in memory at a time. Errors on the way are
/// [raised](crate::raise::raise).
pub(super) struct StoredRows<T> {
    file: BufReader<File>,
    path: Arc<Path>,
    batch: std::vec::IntoIter<T>,
    read: PartSummary,
    written: PartSummary,
}

impl<T: Data> StoredRows<T> {
    /// Opens a file of which it is known what it holds.
    pub(super) fn open(path: &Path, written: PartSummary) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
        let length = file.metadata().map_err(|error| Error::io(path, "read", error))?.len();
        check_length(path, length, written)?;
        Ok(Self {
            file: BufReader::new(file),
            path: path.into(),
            batch: Vec::new().into_iter(),
            read: PartSummary::default(),
            written,
        })
    }

    /// Reads the next batch; `None` when the file was read to its end and is what was written.
    fn next_batch(&mut self) -> Result<Option<Vec<T>>> {
        let frame = codec::read_frame(&mut self.file, &self.path);
        let Some(frame) = frame.map_err(|error| about(&self.path, error))? else {
            if self.read == self.written {
                return Ok(None);
            }
            let (read, written) = (self.read, self.written);
            return Err(unreadable(&self.path, format!("found {read:?}, expected {written:?}")));
        };
        let rows = codec::decode(&frame).map_err(|error| about(&self.path, error))?;
        self.read.add(&frame, rows.len());
        Ok(Some(rows))
    }
}

impl<T: Data> Iterator for StoredRows<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            if let Some(row) = self.batch.next() {
                return Some(row);
            }
            let batch = self.next_batch().unwrap_or_else(|error| raise(error))?;
            self.batch = batch.into_iter();
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.batch.len(), None)
    }
}
