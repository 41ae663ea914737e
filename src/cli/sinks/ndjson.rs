//! An object of JSON for each row, one a line.
//!
//! What is missing is null. JSON has no number for infinities and what is no number: they are the
//! strings `"inf"`, `"-inf"` and `"NaN"`. Lists of ids are arrays.

use superstep::Result;
use superstep::algorithms::Cell;

use super::super::output::Output;
use super::text::{Joined, Lines, push_float, push_integer};
use super::{Assembler, Columns, Encoder, Sink};

/// Lines of JSON.
pub(super) struct NdjsonSink;

impl Sink for NdjsonSink {
    fn name(&self) -> &'static str {
        "ndjson"
    }

    fn summary(&self) -> &'static str {
        "A JSON object for each row, one a line; infinities are strings, missing values null"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ndjson", "jsonl"]
    }

    fn encoder<'a>(&self, columns: &'a Columns) -> Box<dyn Encoder + 'a> {
        let keys = keys(columns);
        Box::new(Lines::new(move |text, row| {
            push_object(text, &keys, row);
            text.push(b'\n');
        }))
    }

    fn assembler<'a>(
        &self,
        _: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        Ok(Box::new(Joined::after(b"", out)?))
    }
}

/// What stands before the value of each column, in an object.
pub(super) fn keys(columns: &Columns) -> Vec<Vec<u8>> {
    let names = columns.names.iter().enumerate();
    let keys = names.map(|(place, name)| {
        let mut key = if place == 0 { b"{".to_vec() } else { b",".to_vec() };
        push_string(&mut key, name);
        key.push(b':');
        key
    });
    keys.collect()
}

/// Appends a row as an object.
pub(super) fn push_object(text: &mut Vec<u8>, keys: &[Vec<u8>], row: &[Cell]) {
    for (key, cell) in keys.iter().zip(row) {
        text.extend_from_slice(key);
        push_value(text, cell);
    }
    text.push(b'}');
}

fn push_value(text: &mut Vec<u8>, cell: &Cell) {
    match cell {
        Cell::Integer(value) => push_integer(text, *value),
        Cell::Float(value) if value.is_finite() => push_float(text, *value),
        Cell::Float(value) => {
            text.push(b'"');
            push_float(text, *value);
            text.push(b'"');
        }
        Cell::Ids(ids) => {
            text.push(b'[');
            for (place, id) in ids.iter().enumerate() {
                if place > 0 {
                    text.push(b',');
                }
                push_integer(text, *id);
            }
            text.push(b']');
        }
        Cell::Text(word) => push_string(text, word),
        // Missing, and what this does not know.
        _ => text.extend_from_slice(b"null"),
    }
}

fn push_string(text: &mut Vec<u8>, word: &str) {
    // Writing to memory cannot fail.
    let _written = serde_json::to_writer(text, word);
}
