//! Comma-separated values as RFC 4180 has them, with a line feed at the end of lines.
//!
//! A word with a comma, a quote or a line end stands in quotes, and a quote in it is doubled. What
//! is missing is empty; an empty word is two quotes.

use superstep::Result;

use super::super::output::Output;
use super::text::{Joined, Lines, push_row};
use super::{Assembler, Columns, Encoder, Sink};

/// Comma-separated values.
pub(super) struct CsvSink;

impl Sink for CsvSink {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn summary(&self) -> &'static str {
        "Comma-separated values as in RFC 4180; `--header` begins with the columns' names"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["csv"]
    }

    fn encoder<'a>(&self, _: &'a Columns) -> Box<dyn Encoder + 'a> {
        Box::new(Lines::new(|text, row| push_row(text, row, b',', push_word)))
    }

    fn assembler<'a>(
        &self,
        columns: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        let mut header = Vec::new();
        if columns.header {
            for (place, name) in columns.names.iter().enumerate() {
                if place > 0 {
                    header.push(b',');
                }
                push_word(&mut header, name);
            }
            header.push(b'\n');
        }
        Ok(Box::new(Joined::after(&header, out)?))
    }
}

fn push_word(text: &mut Vec<u8>, word: &str) {
    let special = |byte: u8| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if !word.is_empty() && !word.bytes().any(special) {
        text.extend_from_slice(word.as_bytes());
        return;
    }
    text.push(b'"');
    for byte in word.bytes() {
        if byte == b'"' {
            text.push(b'"');
        }
        text.push(byte);
    }
    text.push(b'"');
}
