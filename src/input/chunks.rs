//! Reading a split as chunks of whole lines, in bounded memory.
//!
//! [`read_split`] hands over the lines that a split owns (those whose first byte lies in
//! `start..end`) in chunks of about a mebibyte that are cut at line ends; only the file's last
//! line may lack its own. Plain files are entered at the split's start, gzip files are
//! decompressed as a stream, member after member. Memory is one buffer, however long the file;
//! a line that does not fit the limit is an error, so a file without line ends cannot fill it.
//! Line numbers are counted only for errors, by reading the file again up to the place.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use memchr::{memchr, memchr_iter, memrchr};

use super::compression::{COMPRESSED_BUFFER_BYTES, Source};
use super::lines::{MAX_LINE_BYTES, long_line};
use super::splits::Split;
use crate::error::{Error, ErrorKind, Result};

/// The most that is buffered: the longest line with a CRLF.
const BUFFER_BYTES: usize = MAX_LINE_BYTES + 2;

/// The least that is read at once.
const SMALL_BUFFER_BYTES: usize = 4 << 10;

/// Whole lines of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk<'a> {
    /// The lines with their ends; only the last line of a file may lack it.
    pub(crate) bytes: &'a [u8],
    /// Where they start in the file, decompressed.
    pub(crate) offset: u64,
}

impl Chunk<'_> {
    /// True for the first chunk of a file.
    pub(crate) fn is_at_file_start(&self) -> bool {
        self.offset == 0
    }
}

/// Reads the lines that a split owns, until `each` breaks or fails.
///
/// Returns how many bytes of lines (decompressed) were handed over.
pub(crate) fn read_split(
    split: &Split,
    mut each: impl FnMut(Chunk<'_>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    let Some((mut source, mut offset)) = enter(split)? else {
        return Ok(0);
    };
    // The bytes still to be read from lines that start inside the split end at the first line end
    // at or after its last byte.
    let last = if split.compression.is_some() { u64::MAX } else { split.end.saturating_sub(1) };
    let wanted = usize::try_from(last - offset).unwrap_or(usize::MAX).saturating_add(1);
    let mut buffer = vec![0; wanted.clamp(SMALL_BUFFER_BYTES, BUFFER_BYTES)];
    let mut kept = 0;
    let mut total = 0;
    loop {
        let room = buffer.get_mut(kept..).unwrap_or_default();
        let read = fill(&mut source, room).map_err(|error| unreadable(split, offset, error))?;
        let at_file_end = read < room.len();
        let filled = buffer.get(..kept + read).unwrap_or_default();

        let last_here = usize::try_from(last - offset).unwrap_or(usize::MAX);
        let beyond = filled.get(last_here..).unwrap_or_default();
        let closing = memchr(b'\n', beyond).map(|end| last_here + end + 1);
        if closing.is_none()
            && at_file_end
            && filled.len() <= last_here
            && split.compression.is_none()
        {
            return Err(shortened(split));
        }
        let whole = match closing {
            Some(end) => end,
            None if at_file_end => filled.len(),
            None => memrchr(b'\n', filled).map_or(0, |end| end + 1),
        };
        if whole > 0 {
            let bytes = filled.get(..whole).unwrap_or_default();
            total += whole as u64;
            if each(Chunk { bytes, offset })?.is_break() {
                return Ok(total);
            }
        }
        if closing.is_some() || at_file_end {
            return Ok(total);
        }
        kept = filled.len() - whole;
        offset += whole as u64;
        buffer.copy_within(whole..whole + kept, 0);
        if kept == buffer.len() {
            if kept == BUFFER_BYTES {
                let (found, expected) = long_line(kept as u64);
                return Err(input_error(split, offset, 1, found, expected));
            }
            buffer.resize((2 * kept).min(BUFFER_BYTES), 0);
        }
    }
}

/// Makes an error of the line that starts at `offset` of the file, decompressed.
///
/// Counts the lines before it, which reads the file from its beginning.
#[cold]
pub(crate) fn input_error(
    split: &Split,
    offset: u64,
    column: u64,
    found: String,
    expected: String,
) -> Error {
    let mut line = 1;
    let counted = read_before(split, offset, |bytes| {
        line += memchr_iter(b'\n', bytes).count() as u64;
        ControlFlow::Continue(())
    });
    match counted {
        Ok(()) => {
            let path = split.path.display().to_string();
            ErrorKind::Input { path, line, column, found, expected }.into()
        }
        Err(error) => error,
    }
}

/// Reads the first `offset` bytes of a split's file, decompressed, until `each` breaks.
pub(crate) fn read_before(
    split: &Split,
    offset: u64,
    mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<()> {
    let mut source = Source::open(&split.path, split.compression)?.take(offset);
    let mut buffer = vec![0; COMPRESSED_BUFFER_BYTES];
    let mut done = 0;
    loop {
        let read =
            fill(&mut source, &mut buffer).map_err(|error| unreadable(split, done, error))?;
        done += read as u64;
        let bytes = buffer.get(..read).unwrap_or_default();
        if read == 0 || each(bytes).is_break() {
            return Ok(());
        }
    }
}

/// Reads the first bytes of a file, decompressed: `bytes` of them, or all if it has fewer.
pub(crate) fn read_beginning(path: &Path, bytes: usize) -> Result<Vec<u8>> {
    let split = Split::whole(path)?;
    let mut beginning = Vec::with_capacity(bytes);
    read_before(&split, bytes as u64, |read| {
        beginning.extend_from_slice(read);
        ControlFlow::Continue(())
    })?;
    Ok(beginning)
}

/// Reads all of a file, decompressed.
pub(crate) fn read_all(path: &Path) -> Result<Vec<u8>> {
    let split = Split::whole(path)?;
    let mut bytes = Vec::new();
    let read = Source::open(path, split.compression)?.read_to_end(&mut bytes);
    read.map_err(|error| unreadable(&split, bytes.len() as u64, error))?;
    Ok(bytes)
}

/// Opens a split's file at the first line that the split owns, and returns where that starts;
/// `None` if no line starts inside.
fn enter(split: &Split) -> Result<Option<(Source, u64)>> {
    let mut source = Source::open(&split.path, split.compression)?;
    if split.start == split.end {
        return Ok(None);
    }
    let (Source::Plain(file), 1..) = (&mut source, split.start) else {
        return Ok(Some((source, 0)));
    };
    // The line that holds the byte before the split belongs to the split before.
    let seek = |file: &mut File, at| {
        file.seek(SeekFrom::Start(at)).map_err(|error| Error::io(&split.path, "read", error))
    };
    let mut at = seek(file, split.start - 1)?;
    let mut buffer = [0; SMALL_BUFFER_BYTES];
    while at + 1 < split.end {
        let read = fill(file, &mut buffer).map_err(|error| unreadable(split, at, error))?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if let Some(end) = memchr(b'\n', bytes) {
            at += end as u64 + 1;
            if at >= split.end {
                return Ok(None);
            }
            seek(file, at)?;
            return Ok(Some((source, at)));
        }
        at += read as u64;
        if read < buffer.len() && at < split.end {
            return Err(shortened(split));
        }
    }
    Ok(None)
}

/// Reads until the buffer is full or the input ends.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..)
        && !room.is_empty()
    {
        match source.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Makes an error of a file that ends before its split does.
#[cold]
fn shortened(split: &Split) -> Error {
    let reason = "the file has become shorter since its splits were planned";
    Error::io(&split.path, "read", io::Error::new(io::ErrorKind::UnexpectedEof, reason))
}

/// Makes an error of a read that failed; of a compressed stream, says how it is damaged.
#[cold]
fn unreadable(split: &Split, offset: u64, error: io::Error) -> Error {
    let Some(compression) = split.compression else {
        return Error::io(&split.path, "read", error);
    };
    let name = compression.name();
    let damage = match error.kind() {
        io::ErrorKind::UnexpectedEof => "cut short",
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => "corrupt",
        _ => return Error::io(&split.path, "read", error),
    };
    let reason = format!(
        "the {name} file is {damage} (after {offset} bytes of decompressed lines): {error}"
    );
    Error::io(&split.path, "decompress", io::Error::new(error.kind(), reason))
}
