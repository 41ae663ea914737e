//! Edges in Parquet: columns `source` (or `src`, `from`), `target` (`dst`, `to`) and `weight`.
//!
//! Each row group is read by a task of its own.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::error::{Error, Result};
use crate::input::Split;
use crate::rdd::Context;

use super::column_batches::{put_batches, schema_of};
use super::column_faults::{damaged, guarded, unreadable};
use super::columns::{ColumnFile, ReadColumns, TakeBatch, open_columns};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::write::{Put, WriteOptions};

const A_FILE: &str = "a whole Parquet file";

/// Parquet files.
pub(super) struct ParquetFormat;

impl Format for ParquetFormat {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn summary(&self) -> &'static str {
        "Columns `source` (or `src`, `from`), `target` (`dst`, `to`) and `weight` in Parquet"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["parquet"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        beginning.starts_with(b"PAR1")
    }

    fn can_have_names(&self) -> bool {
        true
    }

    fn knows_names(&self) -> bool {
        true
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        open_columns(context, paths, options, A_FILE, describe)
    }

    fn can_be_compressed(&self) -> bool {
        false
    }

    fn can_write(&self) -> bool {
        true
    }

    fn has_place_for_vertices(&self) -> bool {
        false
    }

    fn first_id(&self) -> u64 {
        0
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let created = concat!("superstep ", env!("CARGO_PKG_VERSION"));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(created.to_owned())
            .build();
        let failed = |error: ParquetError| Error::user(format!("cannot write Parquet: {error}"));
        let writer = ArrowWriter::try_new(Vec::new(), schema_of(graph), Some(properties));
        let mut writer = writer.map_err(failed)?;
        put_batches(graph, |batch| {
            writer.write(batch).map_err(failed)?;
            writer.sync().map_err(|error| failed(error.into()))?;
            // What is whole; the rest of a row group stays until that is.
            put(std::mem::take(writer.inner_mut()))
        })?;
        put(writer.into_inner().map_err(failed)?)
    }
}

/// A file's metadata.
struct Described(ArrowReaderMetadata);

fn describe(path: &Path) -> Result<ColumnFile<Described>> {
    if Split::whole(path)?.compression.is_some() {
        let found = "a compressed file";
        return Err(damaged(path, 0, found, "a Parquet file, which compresses its columns itself"));
    }
    let file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
    // Files by Arrow's libraries hold a schema in their words, too, which is not needed.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&file, options);
    let metadata = metadata.map_err(|error| failed(path, 0, &error))?;
    let mut rows = Vec::new();
    let mut next = 0;
    for group in metadata.metadata().row_groups() {
        let count = u64::try_from(group.num_rows()).unwrap_or_default();
        if count > 0 {
            rows.push((next, next + count));
        }
        next += count;
    }
    let schema = Arc::clone(metadata.schema());
    Ok(ColumnFile { path: path.to_owned(), schema, rows, reader: Described(metadata) })
}

fn failed(path: &Path, row: u64, error: &ParquetError) -> Error {
    let source = match error {
        ParquetError::External(source) => source.downcast_ref::<io::Error>(),
        _ => None,
    };
    unreadable(path, row, error, source, A_FILE)
}

impl ReadColumns for Described {
    fn read(&self, split: &Split, columns: &[usize], take: &mut TakeBatch<'_>) -> Result<()> {
        let path = &split.path;
        let mut row = split.start;
        guarded(path, split.start, A_FILE, || {
            let file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
            let mut first = 0;
            let groups = self.0.metadata().row_groups().iter().position(|group| {
                let here = first == split.start && group.num_rows() > 0;
                first += u64::try_from(group.num_rows()).unwrap_or_default();
                here
            });
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.0.clone());
            let picked = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
            let reader =
                builder.with_projection(picked).with_row_groups(groups.into_iter().collect());
            for batch in reader.build().map_err(|error| failed(path, row, &error))? {
                let batch = batch.map_err(|error| unreadable(path, row, &error, None, A_FILE))?;
                if take(&batch).map_err(|wrong| wrong.at(path, row))?.is_break() {
                    return Ok(());
                }
                row += batch.num_rows() as u64;
            }
            if row < split.end {
                let found = format!("{} rows in a row group", row - split.start);
                let expected = format!("{}, as the file says", split.end - split.start);
                return Err(damaged(path, row, found, &expected));
            }
            Ok(())
        })
    }
}
