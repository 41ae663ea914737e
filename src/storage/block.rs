//! One partition's rows, or one shuffle output's, with their type erased: one downcast a block,
//! none a row.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::codec;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::footprint;
use crate::raise::raise;

use super::disk::{DiskFile, DiskWriter, Extent};

/// About how many bytes of rows are encoded into one frame: what a reader holds at a time.
pub(crate) const FRAME_BYTES: usize = 128 << 10;

/// Rows whose type is known to whoever made them and to whoever asks for them back.
trait ErasedRows: Any + Send + Sync {
    /// Encodes the rows frame by frame.
    fn encode(&self, compressed: bool, each: &mut dyn FnMut(Vec<u8>) -> Result<()>) -> Result<()>;
}

impl<T: Data> ErasedRows for Vec<T> {
    fn encode(&self, compressed: bool, each: &mut dyn FnMut(Vec<u8>) -> Result<()>) -> Result<()> {
        encode_rows(self, compressed, each)
    }
}

/// Encodes rows frame by frame.
fn encode_rows<T: Data>(
    rows: &[T],
    compressed: bool,
    each: &mut dyn FnMut(Vec<u8>) -> Result<()>,
) -> Result<()> {
    let bytes = footprint::of_rows(rows) / rows.len().max(1);
    for batch in rows.chunks((FRAME_BYTES / bytes.max(1)).max(1)) {
        each(if compressed { codec::encode_compressed(batch)? } else { codec::encode(batch)? })?;
    }
    Ok(())
}

/// The rows of one partition or of one shuffle output: shared, immutable, cheap to clone.
#[derive(Clone)]
pub(crate) struct Block {
    form: Form,
    /// What it takes of the memory budget.
    bytes: usize,
}

#[derive(Clone)]
enum Form {
    /// Rows as they are: a `Vec<T>`.
    Rows(Arc<dyn ErasedRows>),
    /// One frame of the codec.
    Frame(Arc<[u8]>),
    /// Frames in a file.
    Disk(Arc<DiskFile>, Arc<[Extent]>),
    /// Blocks one after another.
    Parts(Arc<[Block]>),
}

/// A few rows of a block.
pub(crate) enum Batch<T> {
    /// Rows that others read too.
    Shared(Arc<Vec<T>>),
    /// Rows that were decoded for this reader.
    Owned(Vec<T>),
}

impl Block {
    /// Wraps rows as they are.
    pub(crate) fn from_rows<T: Data>(rows: Vec<T>) -> Self {
        Self::from_shared(Arc::new(rows))
    }

    /// Wraps rows that someone else reads too.
    pub(crate) fn from_shared<T: Data>(rows: Arc<Vec<T>>) -> Self {
        let spare = (rows.capacity() - rows.len()) * size_of::<T>();
        Self { bytes: footprint::of_rows(&rows) + spare, form: Form::Rows(rows) }
    }

    /// Wraps one frame of the codec.
    pub(crate) fn from_frame(frame: Vec<u8>) -> Self {
        Self { bytes: frame.len(), form: Form::Frame(frame.into()) }
    }

    /// Wraps frames that were written to a file.
    pub(crate) fn on_disk(file: Arc<DiskFile>, extents: Vec<Extent>) -> Self {
        Self { bytes: 0, form: Form::Disk(file, extents.into()) }
    }

    /// Strings blocks together.
    pub(crate) fn from_parts(mut parts: Vec<Self>) -> Self {
        match parts.pop() {
            Some(part) if parts.is_empty() => part,
            last => {
                parts.extend(last);
                let bytes = parts.iter().map(|part| part.bytes).sum();
                Self { bytes, form: Form::Parts(parts.into()) }
            }
        }
    }

    /// What the block takes of the memory budget; nothing while it is on disk.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// True when someone else holds the rows: letting go of this block would free nothing.
    pub(super) fn is_shared(&self) -> bool {
        match &self.form {
            Form::Rows(rows) => Arc::strong_count(rows) > 1,
            Form::Frame(frame) => Arc::strong_count(frame) > 1,
            Form::Disk(..) => false,
            Form::Parts(parts) => parts.iter().any(Self::is_shared),
        }
    }

    /// Returns the block as frames in memory.
    pub(crate) fn encoded(&self) -> Result<Self> {
        match &self.form {
            Form::Rows(rows) => {
                let mut frames = Vec::new();
                rows.encode(false, &mut |frame| {
                    frames.push(Self::from_frame(frame));
                    Ok(())
                })?;
                Ok(Self::from_parts(frames))
            }
            Form::Frame(_) | Form::Disk(..) => Ok(self.clone()),
            Form::Parts(parts) => {
                parts.iter().map(Self::encoded).collect::<Result<_>>().map(Self::from_parts)
            }
        }
    }

    /// Writes what is in memory, and returns what goes into a block on that file.
    pub(crate) fn spill(&self, writer: &mut DiskWriter) -> Result<Vec<Extent>> {
        let mut extents = Vec::new();
        match &self.form {
            Form::Rows(rows) => rows.encode(true, &mut |frame| {
                extents.push(writer.append(&frame)?);
                Ok(())
            })?,
            Form::Frame(frame) => extents.push(writer.append(frame)?),
            Form::Disk(file, elsewhere) => {
                let mut open = file.open()?;
                for extent in elsewhere.iter() {
                    extents.push(writer.append(&file.read(&mut open, *extent)?)?);
                }
            }
            Form::Parts(parts) => {
                for part in parts.iter() {
                    extents.extend(part.spill(writer)?);
                }
            }
        }
        Ok(extents)
    }

    /// Returns all rows, decoding what is encoded.
    pub(crate) fn rows<T: Data>(&self) -> Result<Arc<Vec<T>>> {
        let mut batches = self.batches::<T>();
        let first = match batches.next().transpose()? {
            None => return Ok(Arc::default()),
            Some(Batch::Shared(rows)) => match batches.next().transpose()? {
                None => return Ok(rows),
                Some(second) => {
                    let mut rows = (*rows).clone();
                    second.append_to(&mut rows);
                    rows
                }
            },
            Some(Batch::Owned(rows)) => rows,
        };
        let mut rows = first;
        for batch in batches {
            batch?.append_to(&mut rows);
        }
        Ok(Arc::new(rows))
    }

    /// Returns the rows a few at a time, in order. Nothing comes after an error.
    pub(crate) fn batches<T: Data>(&self) -> Batches<T> {
        Batches { pending: vec![self.clone()], disk: None, row: std::marker::PhantomData }
    }

    /// Returns the rows one after another. `admit` sees every few rows before they are handed out,
    /// or the error that comes in their place; what it returns goes on.
    pub(crate) fn iter<T, F>(&self, admit: F) -> BlockRows<T, F>
    where
        T: Data,
        F: FnMut(Result<Batch<T>>) -> Result<Batch<T>>,
    {
        BlockRows { batches: self.batches(), batch: Batch::Owned(Vec::new()).into_rows(), admit }
    }

    /// Returns the rows one after another, raising errors as they are.
    pub(crate) fn plain_iter<T: Data>(&self) -> impl Iterator<Item = T> + use<T> {
        self.iter(|batch| batch)
    }

    /// Returns the block with one bit of its first frame flipped, encoded; what would come after
    /// that is left out, since nobody reads on.
    pub(crate) fn damaged(&self) -> Result<Self> {
        let encoded = self.encoded()?;
        let mut frame = match &encoded.form {
            Form::Frame(frame) => frame.to_vec(),
            Form::Disk(file, extents) => match extents.first() {
                Some(first) => file.read(&mut file.open()?, *first)?,
                None => return Ok(encoded),
            },
            Form::Parts(parts) => match parts.first() {
                Some(first) => return first.damaged(),
                None => return Ok(encoded),
            },
            Form::Rows(_) => return Ok(encoded),
        };
        let middle = frame.len() / 2;
        if let Some(byte) = frame.get_mut(middle) {
            *byte ^= 1;
        }
        Ok(Self::from_frame(frame))
    }
}

impl<T: Clone> Batch<T> {
    fn append_to(self, rows: &mut Vec<T>) {
        match self {
            Self::Shared(more) => rows.extend_from_slice(&more),
            Self::Owned(mut more) => rows.append(&mut more),
        }
    }
}

impl<T> Batch<T> {
    /// Returns the rows for everyone to read.
    pub(crate) fn into_shared(self) -> Arc<Vec<T>> {
        match self {
            Self::Shared(rows) => rows,
            Self::Owned(rows) => Arc::new(rows),
        }
    }

    fn into_rows(self) -> BatchRows<T> {
        match self {
            Self::Shared(rows) => BatchRows::Shared { rows, next: 0 },
            Self::Owned(rows) => BatchRows::Owned(rows.into_iter()),
        }
    }
}

/// The rows of a batch that are still to come.
enum BatchRows<T> {
    Shared { rows: Arc<Vec<T>>, next: usize },
    Owned(std::vec::IntoIter<T>),
}

/// The rows of a block one after another; see [`Block::iter`].
pub(crate) struct BlockRows<T, F> {
    batches: Batches<T>,
    batch: BatchRows<T>,
    admit: F,
}

impl<T, F> Iterator for BlockRows<T, F>
where
    T: Data,
    F: FnMut(Result<Batch<T>>) -> Result<Batch<T>>,
{
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        loop {
            let row = match &mut self.batch {
                BatchRows::Shared { rows, next } => {
                    let row = rows.get(*next).cloned();
                    *next += 1;
                    row
                }
                BatchRows::Owned(rows) => rows.next(),
            };
            if row.is_some() {
                return row;
            }
            let batch = (self.admit)(self.batches.next()?);
            self.batch = batch.unwrap_or_else(|error| raise(error)).into_rows();
        }
    }
}

/// The rows of a block a few at a time.
pub(crate) struct Batches<T> {
    /// What is still to be read, last first.
    pending: Vec<Block>,
    /// The file being read: what is still to be read of it.
    disk: Option<OpenExtents>,
    row: std::marker::PhantomData<fn() -> T>,
}

struct OpenExtents {
    file: Arc<DiskFile>,
    open: std::fs::File,
    extents: Arc<[Extent]>,
    next: usize,
}

impl OpenExtents {
    fn next_frame(&mut self) -> Option<Result<Vec<u8>>> {
        let extent = self.extents.get(self.next)?;
        self.next += 1;
        Some(self.file.read(&mut self.open, *extent))
    }
}

impl<T: Data> Iterator for Batches<T> {
    type Item = Result<Batch<T>>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(disk) = &mut self.disk {
                if let Some(frame) = disk.next_frame() {
                    let rows = frame.and_then(|frame| codec::decode(&frame));
                    return Some(rows.map(Batch::Owned));
                }
                self.disk = None;
            }
            match self.pending.pop()?.form {
                Form::Rows(rows) => return Some(downcast(rows).map(Batch::Shared)),
                Form::Frame(frame) => return Some(codec::decode(&frame).map(Batch::Owned)),
                Form::Parts(parts) => self.pending.extend(parts.iter().rev().cloned()),
                Form::Disk(file, extents) => match file.open() {
                    Ok(open) => self.disk = Some(OpenExtents { file, open, extents, next: 0 }),
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    }
}

fn downcast<T: Data>(rows: Arc<dyn ErasedRows>) -> Result<Arc<Vec<T>>> {
    let any: Arc<dyn Any + Send + Sync> = rows;
    any.downcast().map_err(|_| {
        Error::internal(format!("a block of other rows than {}", std::any::type_name::<T>()))
    })
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Rows(_) => write!(f, "Block(rows, {} bytes)", self.bytes),
            Form::Frame(_) => write!(f, "Block(frame, {} bytes)", self.bytes),
            Form::Disk(_, extents) => write!(f, "Block({} frames on disk)", extents.len()),
            Form::Parts(parts) => write!(f, "Block({} parts, {} bytes)", parts.len(), self.bytes),
        }
    }
}
