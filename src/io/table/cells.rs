//! Fields of lines: where they begin, with quotes or not, and what they are to be.

use std::borrow::Cow;

use crate::io::fields::{A_WEIGHT, AN_ID, Fault, expected_weight, quoted, weight_of, whole_number};

/// What stands between columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// Any number of spaces and tabs.
    Blanks,
    /// This byte.
    Byte(u8),
}

impl Delimiter {
    /// Tells it from a line: of tab, comma, semicolon and bar the first that is there, else blanks.
    pub(super) fn of(line: &[u8]) -> Self {
        let bytes = [b'\t', b',', b';', b'|'];
        let there = bytes.into_iter().find(|byte| line.contains(byte));
        there.map_or(Self::Blanks, Self::Byte)
    }
}

/// A field of a line, and where it starts.
#[derive(Debug, Clone)]
pub(super) struct Cell<'a> {
    pub(super) at: usize,
    pub(super) text: Cow<'a, [u8]>,
}

/// The source, the target and the weight of a line, as far as it has them.
pub(super) type Cells<'a> = [Option<Cell<'a>>; 3];

/// Cuts a line at its delimiters. A field may stand in quotes, where a delimiter does not count and
/// two quotes are one, as in RFC 4180; it ends with its line.
pub(super) fn split_cells(line: &[u8], delimiter: Delimiter) -> impl Iterator<Item = Cell<'_>> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let mut start = at?;
        let byte = match delimiter {
            Delimiter::Byte(byte) => byte,
            Delimiter::Blanks => {
                let rest = line.get(start..)?;
                start += rest.len() - rest.trim_ascii_start().len();
                if start >= line.len() {
                    at = None;
                    return None;
                }
                let rest = line.get(start..)?;
                let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\t'));
                at = end.map(|end| start + end);
                let text = rest.get(..end.unwrap_or(rest.len()))?;
                return Some(Cell { at: start, text: Cow::Borrowed(text) });
            }
        };
        let rest = line.get(start..)?;
        if rest.first() == Some(&b'"') && byte != b'\t' {
            let (text, length) = unquoted(rest);
            let after = rest.get(length..)?;
            let end = after.iter().position(|found| *found == byte);
            at = end.map(|end| start + length + end + 1);
            let more = after.get(..end.unwrap_or(after.len()))?;
            // Where more follows, quotes are characters like others, so that nothing is lost.
            let text = match more.trim_ascii().is_empty() {
                true => Cow::Owned(text),
                false => Cow::Borrowed(rest.get(..length + more.len())?),
            };
            return Some(Cell { at: start, text });
        }
        let end = rest.iter().position(|found| *found == byte);
        at = end.map(|end| start + end + 1);
        let text = rest.get(..end.unwrap_or(rest.len()))?;
        Some(Cell { at: start, text: Cow::Borrowed(text) })
    })
}

/// Reads a field that begins with a quote, and returns its length with the quotes.
fn unquoted(field: &[u8]) -> (Vec<u8>, usize) {
    let mut text = Vec::new();
    let mut at = 1;
    while let Some(byte) = field.get(at) {
        at += 1;
        if *byte == b'"' {
            if field.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        text.push(*byte);
    }
    (text, at)
}

fn cell<'a, 'b>(
    line: &[u8],
    cell: &'b Option<Cell<'a>>,
    expected: &'static str,
) -> Result<&'b Cell<'a>, Fault> {
    cell.as_ref().ok_or_else(|| Fault::new(line.len(), expected))
}

pub(super) fn ids(line: &[u8], [source, target, _]: &Cells<'_>) -> Result<(u64, u64), Fault> {
    let id = |given| {
        let cell = cell(line, given, AN_ID)?;
        let wrong = || Fault::new(cell.at, AN_ID).found(quoted(&cell.text));
        whole_number(&cell.text).ok_or_else(wrong)
    };
    Ok((id(source)?, id(target)?))
}

pub(super) fn weight(line: &[u8], [_, _, weight]: &Cells<'_>) -> Result<f64, Fault> {
    let cell = cell(line, weight, A_WEIGHT)?;
    let wrong = || Fault::new(cell.at, expected_weight(&cell.text)).found(quoted(&cell.text));
    weight_of(&cell.text).ok_or_else(wrong)
}

pub(super) fn names<'a>(
    line: &[u8],
    [source, target, _]: &'a Cells<'_>,
) -> Result<(Cow<'a, str>, Cow<'a, str>), Fault> {
    let name = |given: &'a Option<Cell<'_>>, expected| {
        let cell = cell(line, given, expected)?;
        let text = std::str::from_utf8(&cell.text);
        text.map(Cow::Borrowed).map_err(|_| Fault::new(cell.at, "a name in UTF-8"))
    };
    Ok((name(source, "a source's name")?, name(target, "a target's name")?))
}
