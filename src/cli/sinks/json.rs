//! An array of objects of JSON, a line each, with values as in [`ndjson`](super::ndjson).

use superstep::Result;

use super::super::output::Output;
use super::ndjson::{keys, push_object};
use super::text::Lines;
use super::{Assembler, Columns, Encoder, Sink};

/// One document of JSON.
pub(super) struct JsonSink;

impl Sink for JsonSink {
    fn name(&self) -> &'static str {
        "json"
    }

    fn summary(&self) -> &'static str {
        "One JSON array of such objects"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn encoder<'a>(&self, columns: &'a Columns) -> Box<dyn Encoder + 'a> {
        let keys = keys(columns);
        Box::new(Lines::new(move |text, row| {
            text.extend_from_slice(BETWEEN);
            push_object(text, &keys, row);
        }))
    }

    fn assembler<'a>(
        &self,
        _: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        out.put(b"[")?;
        Ok(Box::new(Array { out, is_empty: true }))
    }
}

/// What precedes each row but the first, which has no comma before it.
const BETWEEN: &[u8] = b",\n";

struct Array<'a> {
    out: &'a mut Output,
    is_empty: bool,
}

impl Assembler for Array<'_> {
    fn put(&mut self, piece: Vec<u8>) -> Result<()> {
        let rows = if self.is_empty { piece.get(1..).unwrap_or_default() } else { &piece };
        self.is_empty &= rows.is_empty();
        self.out.put(rows)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.out.put(if self.is_empty { b"]\n" } else { b"\n]\n" })
    }
}
