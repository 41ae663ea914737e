//! Reading a split as chunks of whole lines, in bounded memory.
//!
//! [`read_split`] hands over the lines that a split owns (those whose first byte lies in
//! `start..end`) in chunks of about a mebibyte that are cut at line ends; only the file's last
//! line may lack its own. Plain files are entered at the split's start, gzip files are
//! decompressed as a stream, member after member. Memory is one buffer, however long the file;
//! a line that does not fit the limit is an error, so a file without line ends cannot fill it, or
//! is [cut](read_cut_split) before a blank.
//! Line numbers are counted only for errors, by reading the file again up to the place.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use memchr::{memchr, memchr_iter, memrchr, memrchr2};

use super::compression::{COMPRESSED_BUFFER_BYTES, Counted, Source, Trailing};
use super::lines::{MAX_LINE_BYTES, long_field, long_line};
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
    /// Where the line starts whose rest the first line is, if it is the rest of one.
    pub(crate) rest_of: Option<u64>,
    /// True when the last line goes on in the next chunk.
    pub(crate) goes_on: bool,
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
    each: impl FnMut(Chunk<'_>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    read_chunks(split, Long::Refuse, each)
}

/// As [`read_split`], but a line that is too long is handed to `note` and left out: where it starts
/// in the file, decompressed, and its first bytes.
pub(crate) fn read_split_without_long(
    split: &Split,
    note: &mut NoteLong<'_>,
    each: impl FnMut(Chunk<'_>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    read_chunks(split, Long::LeaveOut(note), each)
}

/// As [`read_split`], for lines of any length: one that is longer than the buffer comes in pieces,
/// each of which but the first begins with a blank. Only a field may not be longer.
pub(crate) fn read_cut_split(
    split: &Split,
    each: impl FnMut(Chunk<'_>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    read_chunks(split, Long::Cut, each)
}

/// Takes a line that is too long: where it starts, and its first bytes.
pub(crate) type NoteLong<'a> = dyn FnMut(u64, &[u8]) -> Result<()> + 'a;

/// What becomes of a line that does not fit the buffer.
enum Long<'a> {
    Refuse,
    Cut,
    LeaveOut(&'a mut NoteLong<'a>),
}

fn read_chunks(
    split: &Split,
    mut long: Long<'_>,
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
    let mut rest_of = None;
    let mut in_left_out = false;
    loop {
        let room = buffer.get_mut(kept..).unwrap_or_default();
        let read = fill(&mut source, room)
            .map_err(|(read, error)| unreadable(split, offset + (kept + read) as u64, error))?;
        let at_file_end = read < room.len();
        let filled = buffer.get(..kept + read).unwrap_or_default();

        // A line that has been cut may go on behind the split.
        let last_here = usize::try_from(last.saturating_sub(offset)).unwrap_or(usize::MAX);
        let beyond = filled.get(last_here..).unwrap_or_default();
        let closing = memchr(b'\n', beyond).map(|end| last_here + end + 1);
        if closing.is_none()
            && at_file_end
            && offset + filled.len() as u64 <= last
            && split.compression.is_none()
        {
            return Err(shortened(split));
        }
        if in_left_out {
            // Up to the end of the line, or all.
            let end = memchr(b'\n', filled).map_or(filled.len(), |end| end + 1);
            in_left_out = filled.get(end.wrapping_sub(1)) != Some(&b'\n');
            offset += end as u64;
            kept = filled.len() - end;
            if offset > last || (at_file_end && kept == 0) {
                return Ok(total);
            }
            buffer.copy_within(end..end + kept, 0);
            continue;
        }
        let mut whole = match closing {
            Some(end) => end,
            None if at_file_end => filled.len(),
            None => memrchr(b'\n', filled).map_or(0, |end| end + 1),
        };
        let goes_on = matches!(long, Long::Cut) && whole == 0 && filled.len() == BUFFER_BYTES;
        if goes_on {
            // The blank stays, so that something is left of the line.
            whole = memrchr2(b' ', b'\t', filled).unwrap_or_default();
        }
        if whole > 0 {
            let bytes = filled.get(..whole).unwrap_or_default();
            total += whole as u64;
            let chunk = Chunk { bytes, offset, rest_of, goes_on };
            if each(chunk)?.is_break() {
                return Ok(total);
            }
            rest_of = if goes_on { rest_of.or(Some(offset)) } else { None };
        }
        if closing.is_some() || at_file_end {
            return Ok(total);
        }
        kept = filled.len() - whole;
        offset += whole as u64;
        buffer.copy_within(whole..whole + kept, 0);
        if kept == buffer.len() {
            if kept == BUFFER_BYTES {
                if let Long::LeaveOut(note) = &mut long {
                    note(offset, &buffer)?;
                    offset += kept as u64;
                    (kept, in_left_out) = (0, true);
                    continue;
                }
                let start = rest_of.unwrap_or(offset);
                let (blanks, (found, expected)) = if matches!(long, Long::Cut) {
                    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
                    let blanks = buffer.iter().take_while(is_blank).count();
                    (blanks, long_field((kept - blanks) as u64))
                } else {
                    (0, long_line(kept as u64))
                };
                let column = offset - start + blanks as u64 + 1;
                return Err(input_error(split, start, column, found, expected));
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
        let read = fill(&mut source, &mut buffer)
            .map_err(|(read, error)| unreadable(split, done + read as u64, error))?;
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
    let seek = |file: &mut Counted, at| {
        file.0.seek(SeekFrom::Start(at)).map_err(|error| Error::io(&split.path, "read", error))
    };
    let mut at = seek(file, split.start - 1)?;
    let mut buffer = [0; SMALL_BUFFER_BYTES];
    while at + 1 < split.end {
        let read = fill(file, &mut buffer).map_err(|(_, error)| unreadable(split, at, error))?;
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

/// Reads until the buffer is full or the input ends; an error comes with how much was read.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> Result<usize, (usize, io::Error)> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..)
        && !room.is_empty()
    {
        match source.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((filled, error)),
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

/// Makes an error of a read that failed after a number of bytes, decompressed; of a compressed
/// stream, says how it is damaged.
#[cold]
fn unreadable(split: &Split, offset: u64, error: io::Error) -> Error {
    let Some(compression) = split.compression else {
        return Error::io(&split.path, "read", error);
    };
    if let Some(inner) = error.get_ref()
        && inner.is::<Trailing>()
    {
        return input_error(split, offset, 1, Trailing.to_string(), "its end".to_owned());
    }
    let name = compression.name();
    let damage = match error.kind() {
        io::ErrorKind::UnexpectedEof => "cut short",
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => "corrupt",
        _ => return Error::io(&split.path, "read", error),
    };
    let reason =
        format!("the {name} file is {damage} (after {offset} bytes decompressed): {error}");
    Error::io(&split.path, "decompress", io::Error::new(error.kind(), reason))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::input::plan_splits;

    /// The lines of a file by where they start, put together from their pieces.
    fn lines(path: &Path, split_bytes: u64) -> Result<Vec<(u64, Vec<u8>)>> {
        let mut lines: Vec<(u64, Vec<u8>)> = Vec::new();
        for split in plan_splits(&[path], split_bytes)? {
            read_cut_split(&split, |chunk| {
                assert!(chunk.bytes.len() <= BUFFER_BYTES);
                let mut at = chunk.offset;
                for (place, piece) in chunk.bytes.split_inclusive(|byte| *byte == b'\n').enumerate()
                {
                    match chunk.rest_of.filter(|_| place == 0) {
                        Some(start) => {
                            let (known, line) = lines.last_mut().unwrap();
                            assert_eq!((*known, *known + line.len() as u64), (start, at));
                            assert_eq!(piece[0], b' ');
                            line.extend_from_slice(piece);
                        }
                        None => lines.push((at, piece.to_vec())),
                    }
                    at += piece.len() as u64;
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(lines)
    }

    #[test]
    fn a_line_that_is_cut_has_one_owner_and_is_whole_again_wherever_splits_end() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.adj");
        let long = |bytes: usize| "123456 ".repeat(bytes / 7);
        for end in ["", "\n", " ", " \n", " \r\n"] {
            let middle = long(3 << 20);
            let text = format!("1 2\n{middle}9\n\n3 4\n{}{}8{end}", long(1 << 19), long(2 << 20));
            fs::write(&path, &text).unwrap();
            let mut at = 0;
            let expected = text.as_bytes().split_inclusive(|byte| *byte == b'\n').map(|line| {
                at += line.len() as u64;
                (at - line.len() as u64, line.to_vec())
            });
            let expected: Vec<_> = expected.collect();
            for split_bytes in [3 << 18, 1 << 20, (1 << 20) + 1, 5 << 19, 1 << 24] {
                assert!(lines(&path, split_bytes)? == expected, "{split_bytes} {end:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn a_long_line_is_left_out_once_wherever_splits_end() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.txt");
        let long = "x".repeat(5 << 19);
        for end in ["", "\n", "\n\n"] {
            fs::write(&path, format!("1 2\n{long}\n3 4\n{long}{end}")).unwrap();
            for split_bytes in [1 << 18, 1 << 20, (5 << 19) + 4, (5 << 19) + 5, 1 << 24] {
                let (mut noted, mut text) = (Vec::new(), Vec::new());
                for split in plan_splits(&[&path], split_bytes)? {
                    let note = &mut |offset, first: &[u8]| {
                        assert!(first.iter().all(|byte| *byte == b'x'));
                        noted.push(offset);
                        Ok(())
                    };
                    read_split_without_long(&split, note, |chunk| {
                        text.extend_from_slice(chunk.bytes);
                        Ok(ControlFlow::Continue(()))
                    })?;
                }
                assert_eq!(noted, [4, 4 + (5 << 19) + 1 + 4], "{split_bytes} {end:?}");
                let expected = if end.len() == 2 { &b"1 2\n3 4\n\n"[..] } else { b"1 2\n3 4\n" };
                assert_eq!(text, expected, "{split_bytes} {end:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn a_field_that_does_not_fit_is_refused_where_it_starts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("g.adj");
        for blanks in [0, 1, 2, BUFFER_BYTES - 1, BUFFER_BYTES, 2 * BUFFER_BYTES] {
            let text = format!("1\n2{}{}\n", " ".repeat(blanks), "7".repeat(BUFFER_BYTES));
            fs::write(&path, text).unwrap();
            let error = lines(&path, 1 << 24).unwrap_err().to_string();
            let column = if blanks == 0 { 1 } else { blanks + 2 };
            assert!(error.contains(&format!("g.adj:2:{column}: found a field of 10")), "{error}");
        }
    }
}
