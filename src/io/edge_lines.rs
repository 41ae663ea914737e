//! Edge lists as text: one `source target` pair a line, as SNAP and most others publish them.
//!
//! [`parse_edges`] and [`parse_weighted_edges`] read a chunk of whole lines and hand each edge to
//! a closure, in order, until it breaks. Ids are any `u64`; the separator is spaces, or one tab or
//! comma with or without spaces around it; lines end in LF or CRLF, the last one may end with the
//! chunk. Blank lines and lines that begin with `#` or `%` are skipped, and so are, at
//! the start of a file, a UTF-8 byte order mark and a header such as `src,dst,weight`: a first
//! line whose first two fields are words. Columns after those that are asked for are ignored.
//! Anything else is a [`LineError`] that says where it stands and what was expected.
//!
//! Two ways through a line: [`plain_line`] takes the common shape (digits, one separator, digits,
//! line end) in one pass over its bytes, and gives up on everything else; [`careful_line`] is the
//! whole grammar, and alone decides what is an error. Neither allocates, save for the error.

mod faults;

use std::ops::ControlFlow;

use memchr::{memchr, memchr2};

use crate::graph::VertexId;
use crate::input::{MAX_LINE_BYTES, without_mark, without_return};

pub(crate) use faults::{LINE_ENDS, LineError};

use super::fields::{expected_weight, weight_of};
use faults::{Fault, Problem, line_error};

/// The number of digits that cannot overflow a `u64`.
const SAFE_DIGITS: usize = 19;

/// Reads the edges of a chunk of whole lines, ignoring further columns.
///
/// Returns what `each` returned last. `at_file_start` tells that the chunk is the file's first.
pub(crate) fn parse_edges(
    chunk: &[u8],
    at_file_start: bool,
    mut each: impl FnMut(VertexId, VertexId) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, LineError> {
    parse::<NoMore>(chunk, at_file_start, |source, target, ()| each(source, target))
}

/// Reads the edges of a chunk of whole lines with the weight in their third column.
///
/// A weight is what Rust's `f64` parser takes, infinities that are spelled out included, NaN and
/// numbers that are too large excluded.
pub(crate) fn parse_weighted_edges(
    chunk: &[u8],
    at_file_start: bool,
    each: impl FnMut(VertexId, VertexId, f64) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, LineError> {
    parse::<Weight>(chunk, at_file_start, each)
}

/// Reads the ids in the first column of a chunk of whole lines, ignoring further columns.
pub(crate) fn parse_vertices(
    chunk: &[u8],
    at_file_start: bool,
    mut each: impl FnMut(VertexId) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, LineError> {
    let mut at = if at_file_start { chunk.len() - without_mark(chunk).len() } else { 0 };
    while at < chunk.len() {
        let rest = chunk.get(at..).unwrap_or_default();
        let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = rest.get(..length).unwrap_or_default();
        let line = without_return(line.strip_suffix(b"\n").unwrap_or(line));
        match vertex_line(line) {
            Ok(None) => {}
            Ok(Some(id)) => {
                if each(id).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Err(fault) => {
                let before = chunk.get(..at).unwrap_or_default();
                return Err(line_error(before, line, at + length, &fault));
            }
        }
        at += length;
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads a line that begins with an id; `None` is a line without one.
fn vertex_line(line: &[u8]) -> Result<Option<VertexId>, Fault> {
    if line.len() > MAX_LINE_BYTES {
        return Err(Fault { at: 0, problem: Problem::Long });
    }
    let at = skip_blanks(line, 0);
    if is_skipped(line, at) {
        return Ok(None);
    }
    let (id, end) = id(line, at, "a vertex id from 0 to 18446744073709551615")?;
    match line.get(end) {
        None | Some(b' ' | b'\t' | b',') => Ok(Some(id)),
        Some(_) => Err(Fault { at, problem: Problem::Field("a vertex id") }),
    }
}

/// A scan of what stands before the data of a file, piece by piece.
#[derive(Debug, Default)]
pub(crate) struct Preamble {
    in_comment: bool,
}

impl Preamble {
    /// True when the next bytes still are comments and blank lines, so that a header may follow.
    pub(crate) fn goes_on(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().all(|byte| {
            match byte {
                b'\n' => self.in_comment = false,
                _ if self.in_comment => {}
                b'#' | b'%' => self.in_comment = true,
                b' ' | b'\t' | b'\r' => {}
                _ => return false,
            }
            true
        })
    }
}

/// What is read after the two ids of a line.
trait Tail {
    type Value;

    /// Reads the common shape from the end of the second id, and returns where the next line
    /// starts; `None` leaves the line to the careful way.
    fn plain(chunk: &[u8], at: usize) -> Option<(Self::Value, usize)>;

    /// Reads any allowed shape from the end of the second id of a line without its end.
    fn careful(line: &[u8], at: usize) -> Result<Self::Value, Fault>;
}

/// Nothing more: further columns are ignored.
enum NoMore {}

impl Tail for NoMore {
    type Value = ();

    #[inline]
    fn plain(chunk: &[u8], at: usize) -> Option<((), usize)> {
        Some(((), line_end(chunk, at)?))
    }

    fn careful(_: &[u8], _: usize) -> Result<(), Fault> {
        Ok(())
    }
}

/// A weight in the third column.
enum Weight {}

impl Tail for Weight {
    type Value = f64;

    #[inline]
    fn plain(chunk: &[u8], at: usize) -> Option<(f64, usize)> {
        let from = separator_end(chunk, at)?;
        let field = field(chunk.get(from..)?);
        let end = from + field.len();
        if chunk.get(end) == Some(&b',') && chunk.get(at) != Some(&b',') {
            return None;
        }
        Some((weight_of(field)?, line_end(chunk, end)?))
    }

    fn careful(line: &[u8], before: usize) -> Result<f64, Fault> {
        let at = skip_separator(line, before);
        let field = field(line.get(at..).unwrap_or_default());
        let has_comma = line.get(before..at).unwrap_or_default().contains(&b',');
        if !has_comma && line.get(at + field.len()) == Some(&b',') {
            return Err(Fault { at, problem: Problem::DecimalComma });
        }
        let wrong = || Fault { at, problem: Problem::Field(expected_weight(field)) };
        weight_of(field).ok_or_else(wrong)
    }
}

fn parse<T: Tail>(
    chunk: &[u8],
    at_file_start: bool,
    mut each: impl FnMut(VertexId, VertexId, T::Value) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, LineError> {
    let mark = if at_file_start { chunk.len() - without_mark(chunk).len() } else { 0 };
    let mut at = mark;
    while at < chunk.len() {
        if let Some((source, target, value, next)) = plain_line::<T>(chunk, at) {
            at = next;
            if each(source, target, value).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            continue;
        }
        let rest = chunk.get(at..).unwrap_or_default();
        let (line, length) = match memchr(b'\n', rest) {
            Some(end) => (rest.get(..end).unwrap_or_default(), end + 1),
            None => (rest, rest.len()),
        };
        let line = without_return(line);
        match careful_line::<T>(line) {
            Ok(None) => {}
            Ok(Some((source, target, value))) => {
                if each(source, target, value).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Err(fault) => {
                let before = chunk.get(..at).unwrap_or_default();
                let error = line_error(before, line, at + length, &fault);
                let preamble = before.get(mark..).unwrap_or_default();
                let is_first = at_file_start && Preamble::default().goes_on(preamble);
                if !(error.names_columns && is_first) {
                    return Err(error);
                }
            }
        }
        at += length;
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads a line of the common shape, and returns where the next one starts.
#[inline]
fn plain_line<T: Tail>(chunk: &[u8], at: usize) -> Option<(VertexId, VertexId, T::Value, usize)> {
    if let Some((source, target, end)) = short_ids(chunk, at) {
        let (value, next) = T::plain(chunk, end)?;
        return Some((source, target, value, next));
    }
    let (source, end) = number(chunk, at)?;
    let from = separator_end(chunk, end)?;
    let (target, end) = number(chunk, from)?;
    let (value, next) = T::plain(chunk, end)?;
    Some((source, target, value, next))
}

/// Reads a line of any allowed shape; `None` is a line without an edge.
fn careful_line<T: Tail>(line: &[u8]) -> Result<Option<(VertexId, VertexId, T::Value)>, Fault> {
    if line.len() > MAX_LINE_BYTES {
        return Err(Fault { at: 0, problem: Problem::Long });
    }
    if let Some(at) = lone_return(line) {
        return Err(Fault { at, problem: Problem::LoneReturn });
    }
    let at = skip_blanks(line, 0);
    if is_skipped(line, at) {
        return Ok(None);
    }
    // A tab ends a field, be it an empty one.
    let at = line.iter().take(at).position(|byte| *byte == b'\t').unwrap_or(at);
    let (source, end) = id(line, at, "a source id from 0 to 18446744073709551615")?;
    let at = skip_separator(line, end);
    let (target, end) = id(line, at, "a target id from 0 to 18446744073709551615")?;
    Ok(Some((source, target, T::careful(line, end)?)))
}

/// Reads digits that cannot overflow, and returns where they end; `None` if there are none.
///
/// Where more digits follow than a `u64` is sure to hold, the end is a digit, which no caller
/// takes for a separator. Eight digits at a time and the rest one by one is the fastest of what was
/// tried: on lines of 14 to 21 bytes 10.4 to 17.6 ns an edge, against 11.1 to 20.0 with one digit
/// at a time and 10.9 to 18.0 with eight twice (November 2026, virtual machine, one core).
/// Inlining is forced because without it the parser takes twice as long.
#[inline(always)]
fn number(chunk: &[u8], at: usize) -> Option<(u64, usize)> {
    match eight_digits(chunk, at) {
        Some((_, 0)) => None,
        Some((value, 8)) => Some(more_digits(chunk, at + 8, value, SAFE_DIGITS - 8)),
        Some((value, length)) => Some((value, at + length)),
        None => {
            let (value, end) = more_digits(chunk, at, 0, SAFE_DIGITS);
            (end > at).then_some((value, end))
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;

/// Reads two ids with one separator between them that end within 16 bytes, the first of at most
/// seven digits, the second of at most eight, and returns where they end; `None` for anything else.
///
/// Both ends are found at once, so that the next line can be begun before these digits are numbers.
/// On lines of 14 and 15 bytes this takes 7.1 ns an edge instead of the 9.4 of one [`number`] after
/// the other, and on lines it does not suit it loses 0.5 (November 2026, virtual machine, one core).
#[inline(always)]
fn short_ids(chunk: &[u8], at: usize) -> Option<(u64, u64, usize)> {
    let bytes = chunk.get(at..)?.first_chunk::<16>()?;
    let (low, high) = (digits(bytes.first_chunk()?), digits(bytes.last_chunk()?));
    let (in_low, in_high) = (others(low), others(high));
    let first = (in_low.trailing_zeros() / 8) as usize;
    let later = in_low & in_low.wrapping_sub(1);
    let second = match later {
        0 => 8 + in_high.trailing_zeros() / 8,
        _ => later.trailing_zeros() / 8,
    } as usize;
    let target = bytes.get(first + 1..first + 9)?;
    let length = second.wrapping_sub(first + 1);
    if first.wrapping_sub(1) > 6 || length.wrapping_sub(1) > 7 || second > 15 {
        return None;
    }
    if !matches!(bytes.get(first)?, b' ' | b'\t' | b',') {
        return None;
    }
    let source = value_of(low << (64 - 8 * first));
    let target = value_of(digits(target.first_chunk()?) << (64 - 8 * length));
    Some((source, target, at + second))
}

/// Turns digits into their values and leaves other bytes at 10 or more.
#[inline(always)]
fn digits(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes) ^ (ONES * b'0' as u64)
}

/// The high bit of every byte that is not a digit: a byte above 9 sets it by itself, or when 118 is
/// added to its low bits.
#[inline(always)]
fn others(digits: u64) -> u64 {
    (((digits & (ONES * 127)) + ONES * 118) | digits) & (ONES * 128)
}

/// The number of eight digits, the first in the lowest byte: neighbours are added to pairs, and the
/// first and third, the second and fourth of these each weighed and added by one multiplication (D.
/// Lemire, "Quickly parsing eight digits", 2018).
#[inline(always)]
fn value_of(digits: u64) -> u64 {
    const TWO: u64 = 0x0000_00FF_0000_00FF;
    let pairs = digits.wrapping_mul(10) + (digits >> 8);
    let odd = (pairs & TWO).wrapping_mul(100 + (1_000_000 << 32));
    let even = ((pairs >> 16) & TWO).wrapping_mul(1 + (10_000 << 32));
    odd.wrapping_add(even) >> 32
}

/// Reads the digits among the next eight bytes, all at once; `None` near the end of the chunk.
///
/// The bytes from the first other one on are shifted out of the word, so that zeros lead.
#[inline(always)]
fn eight_digits(chunk: &[u8], at: usize) -> Option<(u64, usize)> {
    let digits = digits(chunk.get(at..)?.first_chunk::<8>()?);
    let length = others(digits).trailing_zeros() / 8;
    // In two halves, since a shift by all 64 bits is none.
    let half = 32 - 4 * length;
    Some((value_of(digits << half << half), length as usize))
}

/// Reads at most `limit` digits one by one, and returns the number they continue and their end.
#[inline]
fn more_digits(chunk: &[u8], mut at: usize, mut value: u64, limit: usize) -> (u64, usize) {
    for byte in chunk.get(at..).unwrap_or_default().iter().take(limit) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value * 10 + u64::from(digit);
        at += 1;
    }
    (value, at)
}

/// Reads an id of a line, and returns where it ends.
fn id(line: &[u8], at: usize, expected: &'static str) -> Result<(u64, usize), Fault> {
    let digits = field(line.get(at..).unwrap_or_default());
    let value = digits.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { value.checked_mul(10)?.checked_add(u64::from(digit)) }
    });
    match value {
        Some(value) if !digits.is_empty() => Ok((value, at + digits.len())),
        _ => Err(Fault { at, problem: Problem::Field(expected) }),
    }
}

/// Returns the bytes up to the next separator or line end.
#[inline]
fn field(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().position(|byte| matches!(byte, b' ' | b'\t' | b',' | b'\r' | b'\n'));
    bytes.get(..length.unwrap_or(bytes.len())).unwrap_or_default()
}

/// Steps over the one separator byte here.
#[inline]
fn separator_end(chunk: &[u8], at: usize) -> Option<usize> {
    matches!(chunk.get(at)?, b' ' | b'\t' | b',').then_some(at + 1)
}

/// Returns where the next line starts, if the fields before `at` are all that is wanted.
#[inline]
fn line_end(chunk: &[u8], at: usize) -> Option<usize> {
    match chunk.get(at)? {
        b'\n' => Some(at + 1),
        b'\r' if chunk.get(at + 1) == Some(&b'\n') => Some(at + 2),
        b' ' | b'\t' | b',' => {
            // Anything near the limit goes the careful way, which measures the whole line.
            let further = memchr2(b'\r', b'\n', chunk.get(at..)?)?;
            let end = at + further;
            let end = if chunk.get(end) == Some(&b'\r') { end + 1 } else { end };
            let is_whole = chunk.get(end) == Some(&b'\n') && further < MAX_LINE_BYTES / 2;
            is_whole.then_some(end + 1)
        }
        _ => None,
    }
}

/// Steps over blanks.
fn skip_blanks(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Steps over spaces, at most one tab or comma, and spaces.
fn skip_separator(line: &[u8], at: usize) -> usize {
    let at = skip_spaces(line, at);
    match line.get(at) {
        Some(b'\t' | b',') => skip_spaces(line, at + 1),
        _ => at,
    }
}

/// Steps over spaces.
fn skip_spaces(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte == b' ').count()
}

/// Returns where a carriage return stands within a line, as where nothing else ends lines.
pub(super) fn lone_return(line: &[u8]) -> Option<usize> {
    let at = memchr(b'\r', line)?;
    line.get(at..)?.iter().any(|byte| *byte != b'\r').then_some(at)
}

/// True when the line holds nothing from here on, or a comment.
fn is_skipped(line: &[u8], at: usize) -> bool {
    matches!(line.get(at), None | Some(b'#' | b'%'))
}

#[cfg(test)]
mod tests;
