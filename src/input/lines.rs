//! The lines of a split.

use std::ops::ControlFlow;

use memchr::memchr;

use super::chunks::{input_error, read_split};
use super::splits::Split;
use crate::error::Result;

/// The longest line that is accepted, without its line end.
pub(crate) const MAX_LINE_BYTES: usize = 1 << 20;

/// Hands over the lines that a split owns, without their ends (LF or CRLF).
///
/// A byte order mark at the start of the file is left out.
pub(crate) fn read_lines(
    split: &Split,
    mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<()> {
    read_split(split, |chunk| {
        let mut rest = chunk.bytes;
        if chunk.is_at_file_start() {
            rest = without_mark(rest);
        }
        while !rest.is_empty() {
            let offset = chunk.offset + (chunk.bytes.len() - rest.len()) as u64;
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = without_return(rest.get(..end).unwrap_or_default());
            if line.len() > MAX_LINE_BYTES {
                let (found, expected) = long_line(line.len() as u64);
                return Err(input_error(split, offset, 1, found, expected));
            }
            if each(line).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

/// Removes the byte order mark that may begin a file.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Removes the CR of a CRLF line end whose LF is gone already.
pub(crate) fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Returns found and expected of a line over the limit.
pub(crate) fn long_line(bytes: u64) -> (String, String) {
    (format!("a line of {bytes} bytes or more"), format!("lines of at most {MAX_LINE_BYTES} bytes"))
}

/// Returns found and expected of a field over the limit.
pub(crate) fn long_field(bytes: u64) -> (String, String) {
    let expected = format!("fields of at most {MAX_LINE_BYTES} bytes");
    (format!("a field of {bytes} bytes or more"), expected)
}
