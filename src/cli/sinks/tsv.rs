//! Lines of columns with tabs between them, `id<TAB>value` mostly.
//!
//! What is missing is empty. A tab or a line end in a name is written as `\t`, `\n` or `\r`, so that
//! rows stay rows.

use superstep::Result;

use super::super::output::Output;
use super::text::{Joined, Lines, push_escaped, push_row};
use super::{Assembler, Columns, Encoder, Sink};

/// Tab-separated values.
pub(super) struct TsvSink;

impl Sink for TsvSink {
    fn name(&self) -> &'static str {
        "tsv"
    }

    fn summary(&self) -> &'static str {
        "A line for each row, with tabs between columns; `--header` begins with `#` and their names; tabs and line ends within a name become `\\t`, `\\n`, `\\r`"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tsv", "txt"]
    }

    fn encoder<'a>(&self, _: &'a Columns) -> Box<dyn Encoder + 'a> {
        Box::new(Lines::new(|text, row| push_row(text, row, b'\t', push_escaped)))
    }

    fn assembler<'a>(
        &self,
        columns: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        let header = format!("#{}\n", columns.names.join("\t"));
        let header = if columns.header { header.as_bytes() } else { b"" };
        Ok(Box::new(Joined::after(header, out)?))
    }
}
