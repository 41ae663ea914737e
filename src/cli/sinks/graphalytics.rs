//! Lines of an id, a blank and a value, as LDBC Graphalytics has its results.

use superstep::algorithms::Cell;
use superstep::{Error, Result};

use super::super::output::Output;
use super::text::{Joined, push_cell, push_escaped, push_float, push_row};
use super::{Assembler, Columns, Encoder, Sink};

/// Results as Graphalytics has them.
pub(in super::super) struct GraphalyticsSink;

impl Sink for GraphalyticsSink {
    fn name(&self) -> &'static str {
        "graphalytics"
    }

    fn summary(&self) -> &'static str {
        "A line `id value` for each vertex, as LDBC Graphalytics has results; infinity is `Infinity`; tabs and line ends within a name become `\\t`, `\\n`, `\\r`"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn check(&self, columns: &Columns) -> Result<()> {
        if columns.names.len() == 2 && columns.keys == 1 {
            return Ok(());
        }
        let names = columns.names.join(", ");
        Err(Error::argument(format!(
            "Graphalytics has an id and a value in a row, and this result {names}"
        )))
    }

    fn encoder<'a>(&self, _: &'a Columns) -> Box<dyn Encoder + 'a> {
        Box::new(Values { text: Vec::new(), missing: None })
    }

    fn assembler<'a>(
        &self,
        _: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        Ok(Box::new(Joined::after(b"", out)?))
    }
}

struct Values {
    text: Vec<u8>,
    /// What has no value.
    missing: Option<Cell>,
}

impl Encoder for Values {
    fn push(&mut self, row: &[Cell]) {
        let text = &mut self.text;
        match row {
            [id, Cell::Float(value)] => {
                push_cell(text, id, push_escaped);
                text.push(b' ');
                if value.is_infinite() {
                    text.extend_from_slice(if *value > 0.0 { b"Infinity" } else { b"-Infinity" });
                } else {
                    push_float(text, *value);
                }
                text.push(b'\n');
            }
            [id, Cell::Missing] => self.missing = Some(id.clone()),
            row => push_row(text, row, b' ', push_escaped),
        }
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, String> {
        match self.missing {
            Some(id) => {
                let id = super::shown(&id);
                Err(format!("Graphalytics has a value for each vertex, and {id} has none"))
            }
            None => Ok(self.text),
        }
    }
}
