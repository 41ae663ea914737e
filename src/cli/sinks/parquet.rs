//! Parquet, a row group or more for each partition.
//!
//! Each partition is encoded and compressed as a file of its own, in memory, where its rows are
//! computed; the column chunks of these files are then copied into one.

use std::sync::Arc;

use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::basic::Compression;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use superstep::algorithms::Cell;
use superstep::{Error, Result};

use super::super::output::Output;
use super::batch::{Batch, schema};
use super::{Assembler, Columns, Encoder, Sink};

/// Rows that are encoded at once.
const BATCH_ROWS: usize = 64 << 10;

/// Parquet files.
pub(super) struct ParquetSink;

impl Sink for ParquetSink {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn summary(&self) -> &'static str {
        "Columns with types, compressed with Snappy; row groups follow the partitions"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["parquet"]
    }

    fn is_text(&self) -> bool {
        false
    }

    fn encoder<'a>(&self, columns: &'a Columns) -> Box<dyn Encoder + 'a> {
        let writer = ArrowWriter::try_new(Vec::new(), schema(columns), Some(properties()));
        Box::new(Group { batch: Batch::new(columns), waiting: 0, writer })
    }

    fn assembler<'a>(
        &self,
        columns: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>> {
        let converted = ArrowSchemaConverter::new().convert(&schema(columns)).map_err(failed)?;
        let schema = converted.root_schema_ptr();
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties()));
        Ok(Box::new(File { writer: writer.map_err(failed)? }))
    }
}

fn properties() -> WriterProperties {
    let created = concat!("superstep ", env!("CARGO_PKG_VERSION"));
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(created.to_owned())
        .build()
}

/// Writing to memory fails only for a defect; what is behind a failed file is known to the output.
fn failed(error: impl std::fmt::Display) -> Error {
    Error::user(format!("the result as parquet: {error}"))
}

/// A partition.
struct Group {
    batch: Batch,
    waiting: usize,
    writer: Result<ArrowWriter<Vec<u8>>, ParquetError>,
}

impl Group {
    fn write(&mut self) {
        self.waiting = 0;
        if self.batch.is_empty() {
            return;
        }
        let batch = self.batch.finish().map_err(ParquetError::from);
        if let Ok(writer) = &mut self.writer
            && let Err(error) = batch.and_then(|batch| writer.write(&batch))
        {
            self.writer = Err(error);
        }
    }
}

impl Encoder for Group {
    fn push(&mut self, row: &[Cell]) {
        self.batch.push(row);
        self.waiting += 1;
        if self.waiting == BATCH_ROWS {
            self.write();
        }
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, String> {
        self.write();
        let written = self.writer.and_then(ArrowWriter::into_inner);
        written.map_err(|error| format!("the result as parquet: {error}"))
    }
}

struct File<'a> {
    writer: SerializedFileWriter<&'a mut Output>,
}

impl File<'_> {
    fn copy(&mut self, piece: bytes::Bytes) -> Result<(), ParquetError> {
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&piece)?;
        for (group_at, group) in metadata.row_groups().iter().enumerate() {
            let column_indexes = metadata.column_index().and_then(|all| all.get(group_at));
            let offset_indexes = metadata.offset_index().and_then(|all| all.get(group_at));
            let mut copied = self.writer.next_row_group()?;
            for (column_at, column) in group.columns().iter().enumerate() {
                let closed = ColumnCloseResult {
                    bytes_written: column.compressed_size() as u64,
                    rows_written: group.num_rows() as u64,
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: column_indexes.and_then(|all| all.get(column_at)).cloned(),
                    offset_index: offset_indexes.and_then(|all| all.get(column_at)).cloned(),
                };
                copied.append_column(&piece, closed)?;
            }
            copied.close()?;
        }
        Ok(())
    }
}

impl Assembler for File<'_> {
    fn put(&mut self, piece: Vec<u8>) -> Result<()> {
        self.copy(bytes::Bytes::from(piece)).map_err(failed)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.writer.close().map(drop).map_err(failed)
    }
}
