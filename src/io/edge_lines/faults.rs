//! What is wrong with a line of an edge list, and where.

use memchr::memchr_iter;

use crate::input::long_line;
use crate::io::fields::quoted;

use super::{field, skip_blanks, skip_separator};

/// What ends lines.
pub(crate) const LINE_ENDS: &str = "line ends of LF or CRLF, not of CR alone";

/// A line that does not follow the format, with its place in the chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineError {
    /// Where the line starts in the chunk, in bytes.
    pub(crate) offset: usize,
    /// Where the next line starts in the chunk, or the chunk's length.
    pub(crate) next: usize,
    /// The lines of the chunk before this one.
    pub(crate) line: u64,
    /// The column in bytes, from 1; a byte order mark does not count.
    pub(crate) column: u64,
    /// What stands there, quoted and cut.
    pub(crate) found: String,
    /// What the format asks for.
    pub(crate) expected: String,
    /// True for a line whose first two fields are words: a header, if only comments precede it.
    pub(crate) names_columns: bool,
}

/// What is wrong with a line, and at which of its bytes.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) problem: Problem,
}

pub(super) enum Problem {
    /// The field here is not what is named.
    Field(&'static str),
    /// The weight here is written with a comma.
    DecimalComma,
    /// A carriage return without a line feed.
    LoneReturn,
    /// The line is longer than allowed.
    Long,
}

/// True when the line's first two fields are words, as in a header.
fn names_columns(line: &[u8]) -> bool {
    let word = |at| {
        let field = field(line.get(at..).unwrap_or_default());
        let first = String::from_utf8_lossy(field.get(..4).unwrap_or(field)).chars().next();
        (at + field.len(), first.is_some_and(|first| first.is_alphabetic() || first == '_'))
    };
    let (end, first) = word(skip_blanks(line, 0));
    let (_, second) = word(skip_separator(line, end));
    first && second
}

/// Describes a fault of the line that follows `before` in its chunk.
#[cold]
pub(super) fn line_error(before: &[u8], line: &[u8], next: usize, fault: &Fault) -> LineError {
    let (found, expected) = match fault.problem {
        Problem::Field(expected) => (found(line, fault.at), expected.to_owned()),
        Problem::DecimalComma => {
            let rest = line.get(fault.at..).unwrap_or_default();
            let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'));
            let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            (quoted(text), "a weight with a decimal point".to_owned())
        }
        Problem::LoneReturn => (found(line, fault.at), LINE_ENDS.to_owned()),
        Problem::Long => long_line(line.len() as u64),
    };
    LineError {
        offset: before.len(),
        next,
        line: memchr_iter(b'\n', before).count() as u64,
        column: fault.at as u64 + 1,
        found,
        expected,
        names_columns: matches!(fault.problem, Problem::Field(_)) && names_columns(line),
    }
}

/// Quotes the field at a byte of a line.
fn found(line: &[u8], at: usize) -> String {
    let rest = line.get(at..).unwrap_or_default();
    if rest.is_empty() {
        return "end of line".to_owned();
    }
    let field = field(rest);
    let field = if field.is_empty() { rest.get(..1).unwrap_or_default() } else { field };
    quoted(field)
}
