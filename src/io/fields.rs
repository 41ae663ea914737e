//! Lines field by field, for formats whose lines are not those of edge lists.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::Path;

use memchr::memchr;

use super::bad_lines::{BadLines, read_most};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::input::{
    MAX_LINE_BYTES, Split, input_error, long_line, read_cut_split, without_mark, without_return,
};

/// How many characters of a bad field an error shows.
const SHOWN_CHARS: usize = 40;

/// What is asked for where an id is missing.
pub(super) const AN_ID: &str = "a vertex id from 0 to 18446744073709551615";

/// What is asked for where a weight is missing.
pub(super) const A_WEIGHT: &str = "a weight, a number other than NaN";

/// What is asked for where a number is too large.
const A_SMALLER_WEIGHT: &str = "a weight, a number of at most 1.7976931348623157e308";

/// What is wrong with a line, and at which of its bytes.
#[derive(Debug)]
pub(super) struct Fault {
    at: usize,
    found: Option<String>,
    expected: Cow<'static, str>,
}

impl Fault {
    /// The field at a byte is not what is expected.
    pub(super) fn new(at: usize, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { at, found: None, expected: expected.into() }
    }

    /// As [`new`](Self::new), with words for what was found.
    pub(super) fn found(mut self, found: impl Into<String>) -> Self {
        self.found = Some(found.into());
        self
    }

    /// Gives the fault of a line of a file its place.
    pub(super) fn at(self, split: &Split, line: &Line<'_>) -> Error {
        let (column, found, expected) = self.parts(line.bytes);
        input_error(split, line.offset, column, found, expected)
    }

    fn note(self, bad_lines: &BadLines, split: &Split, line: &Line<'_>) -> Result<()> {
        let (column, found, expected) = self.parts(line.bytes);
        bad_lines.note(split, (line.offset, column), (found, expected), line.bytes)
    }

    fn parts(self, line: &[u8]) -> (u64, String, String) {
        let found = self.found.unwrap_or_else(|| shown(line, self.at));
        (self.at as u64 + 1, found, self.expected.into_owned())
    }
}

/// Quotes the field at a byte of a line.
fn shown(line: &[u8], at: usize) -> String {
    let rest = line.get(at..).unwrap_or_default();
    if rest.is_empty() {
        return "end of line".to_owned();
    }
    let length = rest.iter().position(|byte| is_blank(*byte) || *byte == b',');
    let field = rest.get(..length.unwrap_or(rest.len()).max(1)).unwrap_or_default();
    quoted(field)
}

/// Quotes a text, cut to a readable length.
pub(super) fn quoted(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((cut, _)) => format!("{:?}", format!("{}…", &text[..cut])),
        None => format!("{text:?}"),
    }
}

/// A line without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) bytes: &'a [u8],
    /// Where it starts in the file, decompressed.
    pub(super) offset: u64,
    /// Where the next one starts.
    pub(super) next: u64,
}

/// Reads the lines that a split owns, until `each` breaks or finds a fault.
pub(super) fn read_lines(
    split: &Split,
    each: impl FnMut(Line<'_>) -> Result<ControlFlow<()>, Fault>,
) -> Result<()> {
    read_most_lines(split, None, each)
}

/// Reads the lines that a split owns, until `each` breaks; where a note is taken of bad lines, they
/// are left out, and else end it.
pub(super) fn read_most_lines(
    split: &Split,
    bad_lines: Option<&BadLines>,
    mut each: impl FnMut(Line<'_>) -> Result<ControlFlow<()>, Fault>,
) -> Result<()> {
    read_most(split, bad_lines, |chunk| {
        let mut rest = chunk.bytes;
        if chunk.is_at_file_start() {
            rest = without_mark(rest);
        }
        while !rest.is_empty() {
            let offset = chunk.offset + (chunk.bytes.len() - rest.len()) as u64;
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let whole = (end + 1).min(rest.len());
            let bytes = without_return(rest.get(..end).unwrap_or_default());
            let line = Line { bytes, offset, next: offset + whole as u64 };
            rest = rest.get(whole..).unwrap_or_default();
            if bytes.len() > MAX_LINE_BYTES {
                if let Some(bad_lines) = bad_lines {
                    bad_lines.note_long(split, offset, bytes)?;
                    continue;
                }
                let (found, expected) = long_line(bytes.len() as u64);
                return Err(input_error(split, offset, 1, found, expected));
            }
            match each(line) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(flow) => return Ok(flow),
                Err(fault) => match bad_lines {
                    None => return Err(fault.at(split, &line)),
                    Some(bad_lines) => fault.note(bad_lines, split, &line)?,
                },
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

/// A line, or a piece of one that is too long to be handed over at once. Pieces are cut before a
/// blank.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// Where it starts in the file, decompressed.
    pub(super) offset: u64,
    /// Where its line starts.
    pub(super) line: u64,
    /// True for the first piece of a line.
    pub(super) begins: bool,
    /// True for the last piece of a line.
    pub(super) ends: bool,
}

/// Reads the lines that a split owns, of any length, until `each` breaks or finds a fault.
pub(super) fn read_pieces(
    split: &Split,
    mut each: impl FnMut(Piece<'_>) -> Result<ControlFlow<()>, Fault>,
) -> Result<()> {
    read_cut_split(split, |chunk| {
        let mut rest = chunk.bytes;
        if chunk.is_at_file_start() {
            rest = without_mark(rest);
        }
        let mut rest_of = chunk.rest_of;
        while !rest.is_empty() {
            let offset = chunk.offset + (chunk.bytes.len() - rest.len()) as u64;
            let end = memchr(b'\n', rest);
            let bytes = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            let ends = end.is_some() || !chunk.goes_on;
            let bytes = if ends { without_return(bytes) } else { bytes };
            let begins = rest_of.is_none();
            let line = rest_of.take().unwrap_or(offset);
            match each(Piece { bytes, offset, line, begins, ends }) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(flow) => return Ok(flow),
                Err(fault) => {
                    let (column, found, expected) = fault.parts(bytes);
                    let column = offset - line + column;
                    return Err(input_error(split, line, column, found, expected));
                }
            }
            rest = rest.get(end.map_or(rest.len(), |end| end + 1)..).unwrap_or_default();
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(())
}

/// Makes an error of the end of a file that has more or fewer rows than it announces.
pub(super) fn error_at_end(path: &Path, found: String, expected: String) -> Error {
    match Split::whole(path) {
        Ok(split) => {
            let mut end = 0;
            let read = read_cut_split(&split, |chunk| {
                end = chunk.offset + chunk.bytes.len() as u64;
                Ok(ControlFlow::Continue(()))
            });
            read.map_or_else(|error| error, |_| input_error(&split, end, 1, found, expected))
        }
        Err(error) => error,
    }
}

/// The fields of a line with blanks between them.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    line: &'a [u8],
    at: usize,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

impl<'a> Fields<'a> {
    /// Enters a line at its first field.
    pub(super) fn new(line: &'a [u8]) -> Self {
        let mut fields = Self { line, at: 0 };
        fields.skip_blanks();
        fields
    }

    /// Enters a line at the first field from a byte on.
    pub(super) fn after(line: &'a [u8], at: usize) -> Self {
        let mut fields = Self { line, at };
        fields.skip_blanks();
        fields
    }

    fn skip_blanks(&mut self) {
        let rest = self.line.get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| is_blank(**byte)).count();
    }

    /// True when there is no further field.
    pub(super) fn is_done(&self) -> bool {
        self.at >= self.line.len()
    }

    /// The next byte that is not blank.
    pub(super) fn peek(&self) -> Option<u8> {
        self.line.get(self.at).copied()
    }

    /// The byte of the line at which the next field is.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// A fault at the next field.
    pub(super) fn fault(&self, expected: impl Into<Cow<'static, str>>) -> Fault {
        Fault::new(self.at, expected)
    }

    /// Takes the next field; empty at the end of the line.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let rest = self.line.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        self.at += length;
        self.skip_blanks();
        word
    }

    /// Takes a whole number.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<u64, Fault> {
        let fault = self.fault(expected);
        whole_number(self.word()).ok_or(fault)
    }

    /// Takes a number of vertices.
    pub(super) fn vertex_count(&mut self, expected: &'static str) -> Result<u64, Fault> {
        let fault = self.fault("at most 4294967295 vertices");
        let count = self.number(expected)?;
        if count > u64::from(u32::MAX) { Err(fault) } else { Ok(count) }
    }

    /// Takes an id from 1 to a number of vertices.
    pub(super) fn id_up_to(&mut self, vertices: u64) -> Result<VertexId, Fault> {
        let fault = self.fault("");
        match whole_number(self.word()) {
            Some(id) if (1..=vertices).contains(&id) => Ok(id),
            _ => Err(Fault { expected: format!("a vertex from 1 to {vertices}").into(), ..fault }),
        }
    }

    /// Takes a weight.
    pub(super) fn weight(&mut self) -> Result<f64, Fault> {
        let at = self.at;
        let word = self.word();
        weight_of(word).ok_or_else(|| Fault::new(at, expected_weight(word)))
    }

    /// Fails if there is a further field.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.is_done() { Ok(()) } else { Err(self.fault("end of line")) }
    }
}

/// Reads a whole number that is all of a field.
pub(super) fn whole_number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { value.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

/// Reads a weight that is all of a field. Infinite is only what is spelled so.
pub(super) fn weight_of(field: &[u8]) -> Option<f64> {
    let value = float_of(field)?;
    (!value.is_nan() && !is_too_large(value, field)).then_some(value)
}

/// Returns what is asked for where a field is not a weight.
pub(super) fn expected_weight(field: &[u8]) -> &'static str {
    match float_of(field) {
        Some(value) if is_too_large(value, field) => A_SMALLER_WEIGHT,
        _ => A_WEIGHT,
    }
}

fn float_of(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// True for a number in digits that no `f64` is large enough for.
fn is_too_large(value: f64, field: &[u8]) -> bool {
    value.is_infinite() && field.iter().any(u8::is_ascii_digit)
}
