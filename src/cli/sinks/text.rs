//! What forms of text share.

use memchr::memchr3;
use superstep::Result;
use superstep::algorithms::Cell;

use super::super::output::Output;
use super::{Assembler, Encoder};

/// Encodes rows as text.
pub(super) struct Lines<F> {
    text: Vec<u8>,
    push: F,
}

impl<F: FnMut(&mut Vec<u8>, &[Cell])> Lines<F> {
    /// Makes text by what appends a row to it.
    pub(super) fn new(push: F) -> Self {
        Self { text: Vec::new(), push }
    }
}

impl<F: FnMut(&mut Vec<u8>, &[Cell])> Encoder for Lines<F> {
    fn push(&mut self, row: &[Cell]) {
        (self.push)(&mut self.text, row);
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, String> {
        Ok(self.text)
    }
}

/// Writes one piece behind the other.
pub(super) struct Joined<'a> {
    out: &'a mut Output,
}

impl<'a> Joined<'a> {
    /// Begins with a text.
    pub(super) fn after(beginning: &[u8], out: &'a mut Output) -> Result<Self> {
        out.put(beginning)?;
        Ok(Self { out })
    }
}

impl Assembler for Joined<'_> {
    fn put(&mut self, piece: Vec<u8>) -> Result<()> {
        self.out.put(&piece)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Appends a whole number.
pub(super) fn push_integer(text: &mut Vec<u8>, value: u64) {
    text.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a number as text that reads back the same.
pub(super) fn push_float(text: &mut Vec<u8>, value: f64) {
    text.extend_from_slice(zmij::Buffer::new().format(value).as_bytes());
}

/// Appends ids with blanks between them.
pub(super) fn push_ids(text: &mut Vec<u8>, ids: &[u64]) {
    for (place, id) in ids.iter().enumerate() {
        if place > 0 {
            text.push(b' ');
        }
        push_integer(text, *id);
    }
}

/// Appends a word, its tabs and line ends as `\t`, `\n` and `\r`.
pub(super) fn push_escaped(text: &mut Vec<u8>, word: &str) {
    if memchr3(b'\t', b'\n', b'\r', word.as_bytes()).is_none() {
        text.extend_from_slice(word.as_bytes());
        return;
    }
    for byte in word.bytes() {
        match byte {
            b'\t' => text.extend_from_slice(b"\\t"),
            b'\n' => text.extend_from_slice(b"\\n"),
            b'\r' => text.extend_from_slice(b"\\r"),
            _ => text.push(byte),
        }
    }
}

/// Appends a cell; a word by `word`, what is missing as nothing.
pub(super) fn push_cell(text: &mut Vec<u8>, cell: &Cell, word: impl Fn(&mut Vec<u8>, &str)) {
    match cell {
        Cell::Integer(value) => push_integer(text, *value),
        Cell::Float(value) => push_float(text, *value),
        Cell::Ids(ids) => push_ids(text, ids),
        Cell::Text(text_of) => word(text, text_of),
        // Missing, and what this does not know.
        _ => {}
    }
}

/// Appends a row, with a byte between its cells, as a line.
pub(super) fn push_row(
    text: &mut Vec<u8>,
    row: &[Cell],
    between: u8,
    word: impl Fn(&mut Vec<u8>, &str),
) {
    for (column, cell) in row.iter().enumerate() {
        if column > 0 {
            text.push(between);
        }
        push_cell(text, cell, &word);
    }
    text.push(b'\n');
}

/// Returns a cell's text, for people.
pub(in super::super) fn shown(cell: &Cell) -> String {
    let mut text = Vec::new();
    push_cell(&mut text, cell, |text, word| text.extend_from_slice(word.as_bytes()));
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_within_its_row() {
        for (word, expected) in [("a b\\", "a b\\"), ("a\tb\r\nc", "a\\tb\\r\\nc")] {
            let mut text = Vec::new();
            push_row(
                &mut text,
                &[Cell::Text(word.to_owned()), Cell::Integer(1)],
                b' ',
                push_escaped,
            );
            assert_eq!(String::from_utf8(text).unwrap(), format!("{expected} 1\n"));
        }
    }

    #[test]
    fn floats_read_back_the_same_bits() {
        let shown = |value| shown(&Cell::Float(value));
        let mut bits = 1_u64;
        for _ in 0..10_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = f64::from_bits(bits);
            if !value.is_nan() {
                assert_eq!(shown(value).parse::<f64>().unwrap().to_bits(), value.to_bits());
            }
        }
        assert_eq!([0.1, -0.0, 1e300, f64::INFINITY].map(shown), ["0.1", "-0.0", "1e+300", "inf"]);
        assert_eq!(shown(f64::NAN), "NaN");
    }
}
