//! Arrow's IPC file format, also called Feather, a record batch for each partition.

use std::io::{BufWriter, Cursor};

use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use arrow_schema::ArrowError;
use superstep::algorithms::Cell;
use superstep::{Error, Result};

use super::super::output::Output;
use super::batch::{Batch, schema};
use super::{Assembler, Columns, Encoder, Sink};

/// Arrow files.
pub(super) struct ArrowSink;

impl Sink for ArrowSink {
    fn name(&self) -> &'static str {
        "arrow"
    }

    fn summary(&self) -> &'static str {
        "Columns with types, to be mapped into memory: Arrow's IPC file format, also called Feather"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["arrow", "feather", "ipc"]
    }

    fn is_text(&self) -> bool {
        false
    }

    fn encoder<'a>(&self, columns: &'a Columns) -> Box<dyn Encoder + 'a> {
        Box::new(Rows { columns, batch: Batch::new(columns) })
    }

    fn assembler<'a>(
        &self,
        columns: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        let writer = FileWriter::try_new_buffered(out, &schema(columns));
        Ok(Box::new(File { writer: writer.map_err(failed)? }))
    }
}

/// Writing to memory fails only for a defect; what is behind a failed file is known to the output.
fn failed(error: ArrowError) -> Error {
    Error::user(format!("the result as arrow: {error}"))
}

/// A partition.
struct Rows<'a> {
    columns: &'a Columns,
    batch: Batch,
}

impl Rows<'_> {
    fn file(&mut self) -> Result<Vec<u8>, ArrowError> {
        let mut writer = FileWriter::try_new(Vec::new(), &schema(self.columns))?;
        if !self.batch.is_empty() {
            writer.write(&self.batch.finish()?)?;
        }
        writer.finish()?;
        writer.into_inner()
    }
}

impl Encoder for Rows<'_> {
    fn push(&mut self, row: &[Cell]) {
        self.batch.push(row);
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, String> {
        self.file().map_err(|error| format!("the result as arrow: {error}"))
    }
}

struct File<'a> {
    writer: FileWriter<BufWriter<&'a mut Output>>,
}

impl Assembler for File<'_> {
    fn put(&mut self, piece: Vec<u8>) -> Result<()> {
        let batches = FileReader::try_new(Cursor::new(piece), None).map_err(failed)?;
        for batch in batches {
            batch.and_then(|batch| self.writer.write(&batch)).map_err(failed)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.writer.finish().map_err(failed)
    }
}
