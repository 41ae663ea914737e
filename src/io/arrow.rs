//! Edges in Arrow's IPC formats, files (also called Feather) and streams, with the columns of
//! [`parquet`](super::parquet).
//!
//! Each record batch is read by a task of its own.

use std::fmt::Display;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow_buffer::Buffer;
use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::writer::FileWriter;
use arrow_ipc::{Block, CompressionType, MetadataVersion, root_as_footer, root_as_message};
use arrow_schema::{ArrowError, SchemaRef};

use crate::error::{Error, Result};
use crate::input::Split;
use crate::rdd::Context;

use super::column_batches::{put_batches, schema_of};
use super::column_faults::{damaged, guarded, unreadable};
use super::columns::{ColumnFile, ReadColumns, TakeBatch, open_columns};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::write::{Put, WriteOptions};

const A_FILE: &str = "a whole file in Arrow's IPC format";

/// How a file begins and ends.
const MAGIC: &[u8; 6] = b"ARROW1";

/// How a message begins since version 0.15.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// The length of the footer and the mark.
const TRAILER_BYTES: u64 = 10;

/// Arrow files and streams.
pub(super) struct ArrowFormat;

impl Format for ArrowFormat {
    fn name(&self) -> &'static str {
        "arrow"
    }

    fn summary(&self) -> &'static str {
        "The same columns in Arrow's IPC format, a file (also called Feather) or a stream"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["arrow", "feather", "ipc", "arrows"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        beginning.starts_with(MAGIC)
    }

    fn can_have_names(&self) -> bool {
        true
    }

    fn knows_names(&self) -> bool {
        true
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        open_columns(context, paths, options, A_FILE, describe)
    }

    fn can_be_compressed(&self) -> bool {
        false
    }

    fn can_write(&self) -> bool {
        true
    }

    fn has_place_for_vertices(&self) -> bool {
        false
    }

    fn first_id(&self) -> u64 {
        0
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let failed = |error: ArrowError| Error::user(format!("cannot write Arrow: {error}"));
        let mut writer = FileWriter::try_new(Vec::new(), &schema_of(graph)).map_err(failed)?;
        put_batches(graph, |batch| {
            writer.write(batch).map_err(failed)?;
            put(std::mem::take(writer.get_mut()))
        })?;
        put(writer.into_inner().map_err(failed)?)
    }
}

/// The messages of a file or a stream.
struct Described {
    schema: SchemaRef,
    version: MetadataVersion,
    dictionaries: Vec<Block>,
    batches: Vec<Batch>,
}

/// A record batch.
struct Batch {
    first_row: u64,
    block: Block,
    /// How many dictionaries there are for it; in a stream those before it.
    dictionaries: usize,
}

fn describe(path: &Path) -> Result<ColumnFile<Described>> {
    if Split::whole(path)?.compression.is_some() {
        let found = "a compressed file";
        return Err(damaged(path, 0, found, "an Arrow file that is not compressed as a whole"));
    }
    let mut file = open(path)?;
    let length = file.seek(SeekFrom::End(0)).map_err(|error| Error::io(path, "read", error))?;
    let mark = MAGIC.len() as u64;
    let is_file = length >= mark && read_at(path, &mut file, 0, mark)? == MAGIC;
    let mut messages =
        Messages { path, file, length, rows: Vec::new(), next: 0, batches: Vec::new() };
    let (schema, version, dictionaries) =
        if is_file { messages.of_footer()? } else { messages.of_stream()? };
    let Messages { rows, batches, .. } = messages;
    let reader = Described { schema: Arc::clone(&schema), version, dictionaries, batches };
    Ok(ColumnFile { path: path.to_owned(), schema, rows, reader })
}

/// Finds the messages of a file.
struct Messages<'a> {
    path: &'a Path,
    file: File,
    length: u64,
    rows: Vec<(u64, u64)>,
    next: u64,
    batches: Vec<Batch>,
}

/// What else there is than record batches.
type Head = (SchemaRef, MetadataVersion, Vec<Block>);

impl Messages<'_> {
    /// By what the end of a file says.
    fn of_footer(&mut self) -> Result<Head> {
        let path = self.path;
        let cut = || damaged(path, 0, "a file that is cut short", A_FILE);
        let trailer_at = self.length.checked_sub(TRAILER_BYTES).ok_or_else(cut)?;
        let trailer = read_at(path, &mut self.file, trailer_at, TRAILER_BYTES)?;
        let trailer = trailer.first_chunk::<{ TRAILER_BYTES as usize }>().ok_or_else(cut)?;
        if !trailer.ends_with(MAGIC) {
            return Err(cut());
        }
        let footer = read_footer_length(*trailer).map_err(|error| failed(path, 0, &error))?;
        let footer_at = trailer_at.checked_sub(footer as u64).ok_or_else(cut)?;
        let footer = read_at(path, &mut self.file, footer_at, footer as u64)?;
        let footer = root_as_footer(&footer).map_err(|error| self.wrong(&error))?;
        let schema = footer.schema().ok_or_else(|| self.wrong(&"no schema"))?;
        let schema = Arc::new(fb_to_schema(schema));
        let inside = |blocks: &mut dyn Iterator<Item = &Block>| {
            let blocks: Vec<Block> = blocks.copied().collect();
            let all = blocks.iter().all(|block| ends_before(block, footer_at));
            if all { Ok(blocks) } else { Err(cut()) }
        };
        let dictionaries = inside(&mut footer.dictionaries().iter().flatten())?;
        for block in inside(&mut footer.recordBatches().iter().flatten())? {
            let head = block.metaDataLength() as u64;
            let bytes = read_at(path, &mut self.file, block.offset() as u64, head)?;
            let start = if bytes.starts_with(&CONTINUATION) { 8 } else { 4 };
            let message = root_as_message(bytes.get(start..).unwrap_or_default());
            let message = message.map_err(|error| self.wrong(&error))?;
            let batch = message.header_as_record_batch();
            let batch = batch.ok_or_else(|| self.wrong(&"a block that is no record batch"))?;
            self.add(batch.length(), block, dictionaries.len())?;
        }
        Ok((schema, footer.version(), dictionaries))
    }

    /// One after the other.
    fn of_stream(&mut self) -> Result<Head> {
        let path = self.path;
        let mut head = None;
        let mut dictionaries = Vec::new();
        let mut at = 0;
        while at < self.length {
            let prefix = read_at(path, &mut self.file, at, (self.length - at).min(8))?;
            let skip = if prefix.starts_with(&CONTINUATION) { 4 } else { 0 };
            let size = prefix.get(skip..).and_then(<[u8]>::first_chunk::<4>);
            let size = size.map(|size| i32::from_le_bytes(*size));
            if size == Some(0) {
                break;
            }
            let body_at = size.and_then(|size| u64::try_from(size).ok());
            let body_at = body_at.map(|size| at + skip as u64 + 4 + size);
            let body_at = body_at.filter(|body_at| *body_at <= self.length);
            let body_at = body_at.ok_or_else(|| self.wrong(&"no message where one begins"))?;
            let message_at = at + skip as u64 + 4;
            let bytes = read_at(path, &mut self.file, message_at, body_at - message_at)?;
            let message = root_as_message(&bytes).map_err(|error| self.wrong(&error))?;
            let body = u64::try_from(message.bodyLength()).ok();
            let end = body.and_then(|body| body_at.checked_add(body));
            let end = end.filter(|end| *end <= self.length);
            let end = end.ok_or_else(|| self.wrong(&"a message that is cut short"))?;
            let block = Block::new(at as i64, (body_at - at) as i32, (end - body_at) as i64);
            if let Some(schema) = message.header_as_schema() {
                head = Some((Arc::new(fb_to_schema(schema)), message.version()));
            } else if let Some(batch) = message.header_as_record_batch() {
                self.add(batch.length(), block, dictionaries.len())?;
            } else if message.header_as_dictionary_batch().is_some() {
                dictionaries.push(block);
            }
            at = end;
        }
        let (schema, version) = head.ok_or_else(|| self.wrong(&"no schema"))?;
        Ok((schema, version, dictionaries))
    }

    fn add(&mut self, rows: i64, block: Block, dictionaries: usize) -> Result<()> {
        let count = u64::try_from(rows).map_err(|error| self.wrong(&error))?;
        if count > 0 {
            self.rows.push((self.next, self.next + count));
            self.batches.push(Batch { first_row: self.next, block, dictionaries });
        }
        self.next += count;
        Ok(())
    }

    fn wrong(&self, reason: &dyn Display) -> Error {
        unreadable(self.path, self.next, reason, None, A_FILE)
    }
}

/// True for a block that is in front of a byte of its file.
fn ends_before(block: &Block, at: u64) -> bool {
    let lengths = [i64::from(block.metaDataLength()), block.bodyLength()];
    let parts = [block.offset(), lengths[0], lengths[1]].map(u64::try_from);
    let [Ok(offset), Ok(head), Ok(body)] = parts else { return false };
    offset.checked_add(head).and_then(|end| end.checked_add(body)).is_some_and(|end| end <= at)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Error::io(path, "open", error))
}

/// Reads bytes of a file, which are there.
fn read_at(path: &Path, file: &mut File, at: u64, length: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let sought = file.seek(SeekFrom::Start(at));
    let read = sought.and_then(|_| file.take(length).read_to_end(&mut bytes));
    read.map_err(|error| Error::io(path, "read", error))?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(damaged(path, 0, "a file that is cut short", A_FILE))
    }
}

fn failed(path: &Path, row: u64, error: &ArrowError) -> Error {
    let source = match error {
        ArrowError::IoError(_, source) => Some(source),
        _ => None,
    };
    unreadable(path, row, error, source, A_FILE)
}

impl ReadColumns for Described {
    fn read(&self, split: &Split, columns: &[usize], take: &mut TakeBatch<'_>) -> Result<()> {
        let (path, row) = (&split.path, split.start);
        guarded(path, row, A_FILE, || {
            let Some(batch) = self.batches.iter().find(|batch| batch.first_row == row) else {
                return Ok(());
            };
            let decoder = FileDecoder::new(Arc::clone(&self.schema), self.version);
            let mut decoder = decoder.with_projection(columns.to_vec());
            let mut file = open(path)?;
            for block in self.dictionaries.iter().take(batch.dictionaries) {
                let bytes = read_block(path, &mut file, block)?;
                check_lengths(path, row, block, &bytes)?;
                let read = decoder.read_dictionary(block, &bytes);
                read.map_err(|error| failed(path, row, &error))?;
            }
            let bytes = read_block(path, &mut file, &batch.block)?;
            check_lengths(path, row, &batch.block, &bytes)?;
            let read = decoder.read_record_batch(&batch.block, &bytes);
            if let Some(batch) = read.map_err(|error| failed(path, row, &error))? {
                let _read_on = take(&batch).map_err(|wrong| wrong.at(path, row))?;
            }
            Ok(())
        })
    }
}

fn read_block(path: &Path, file: &mut File, block: &Block) -> Result<Buffer> {
    let length = block.metaDataLength() as u64 + block.bodyLength() as u64;
    read_at(path, file, block.offset() as u64, length).map(Buffer::from_vec)
}

/// Checks what compressed buffers say of their length: that much memory is asked for before anything
/// is decompressed.
fn check_lengths(path: &Path, row: u64, block: &Block, bytes: &[u8]) -> Result<()> {
    let wrong = |reason: &dyn Display| unreadable(path, row, reason, None, A_FILE);
    let start = if bytes.starts_with(&CONTINUATION) { 8 } else { 4 };
    let (head, body) = bytes.split_at_checked(block.metaDataLength() as usize).unwrap_or_default();
    let message = root_as_message(head.get(start..).unwrap_or_default());
    let message = message.map_err(|error| wrong(&error))?;
    let dictionary = message.header_as_dictionary_batch().and_then(|batch| batch.data());
    let Some(batch) = message.header_as_record_batch().or(dictionary) else { return Ok(()) };
    let Some(compression) = batch.compression() else { return Ok(()) };
    // What either can make of a byte at most.
    let most = if compression.codec() == CompressionType::LZ4_FRAME { 1 << 8 } else { 1 << 16 };
    for buffer in batch.buffers().iter().flatten() {
        let (at, length) = (buffer.offset() as usize, buffer.length() as usize);
        let said = at.checked_add(length).and_then(|end| body.get(at..end)?.first_chunk());
        let said = said.map_or(0, |said| i64::from_le_bytes(*said));
        if u64::try_from(said).is_ok_and(|said| said > (length as u64).saturating_mul(most)) {
            return Err(wrong(&format!("{length} bytes that say they are {said}")));
        }
    }
    Ok(())
}
