//! The forms in which results are written, one file each.
//!
//! A new form is a file here with its [`Sink`], and a line in [`SINKS`]. The rows of a partition
//! are encoded where they are computed, partitions side by side; the pieces are put together in
//! order, a window of them at a time, so that memory does not grow with the graph.

#[cfg(feature = "parquet")]
mod arrow;
#[cfg(feature = "parquet")]
mod batch;
mod csv;
mod graphalytics;
mod json;
mod ndjson;
#[cfg(feature = "parquet")]
mod parquet;
mod table;
mod target;
mod text;
mod tsv;

use std::path::Path;

use superstep::algorithms::{Cell, Kind, Shape, Table, Values};
use superstep::{Error, Result};

use super::compression::Compression;
use super::output::Output;

pub(super) use graphalytics::GraphalyticsSink;
pub(super) use target::Target;
pub(super) use text::shown;

/// All forms.
pub(super) static SINKS: &[&dyn Sink] = &[
    &tsv::TsvSink,
    &csv::CsvSink,
    &ndjson::NdjsonSink,
    &json::JsonSink,
    &table::TableSink,
    #[cfg(feature = "parquet")]
    &parquet::ParquetSink,
    #[cfg(feature = "parquet")]
    &arrow::ArrowSink,
    &GraphalyticsSink,
];

/// Extensions that a build without columnar forms would take for names of text files.
#[cfg(not(feature = "parquet"))]
const COLUMNAR: [&str; 4] = ["parquet", "arrow", "feather", "ipc"];

/// A form of results.
pub(super) trait Sink: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// One line on what it is.
    fn summary(&self) -> &'static str;

    /// The extensions of its files, the usual one first.
    fn extensions(&self) -> &'static [&'static str];

    /// True for lines of text, which terminals show and which can be compressed as a whole.
    fn is_text(&self) -> bool {
        true
    }

    /// Fails for a result that it has no place for.
    fn check(&self, _columns: &Columns) -> Result<()> {
        Ok(())
    }

    /// Begins to encode the rows of a partition.
    fn encoder<'a>(&self, columns: &'a Columns) -> Box<dyn Encoder + 'a>;

    /// Begins an output.
    fn assembler<'a>(
        &self,
        columns: &'a Columns,
        out: &'a mut Output,
    ) -> Result<Box<dyn Assembler + 'a>>;
}

/// Encodes the rows of a partition.
pub(super) trait Encoder {
    /// Adds a row.
    fn push(&mut self, row: &[Cell]);

    /// Returns the piece that holds the rows, or why there is none.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, String>;
}

/// Puts pieces together.
pub(super) trait Assembler {
    /// Adds the next piece.
    fn put(&mut self, piece: Vec<u8>) -> Result<()>;

    /// Adds what ends the output.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// What sinks know of a result before its rows.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    pub(super) kinds: Vec<Kind>,
    /// How many of them say what a row is about, and are never missing.
    pub(super) keys: usize,
    /// Whether text begins with the names.
    pub(super) header: bool,
    /// How many rows were asked for, where that is so.
    pub(super) top: Option<usize>,
}

impl Columns {
    /// The columns of a result; of one that is figures alone, their names and values.
    pub(super) fn of(table: &Table, header: bool, top: Option<usize>) -> Self {
        let (names, kinds, keys) = match &table.values {
            Values::None => (figure_names(), vec![Kind::Text, figure_kind(table)], 1),
            _ => (table.columns.clone(), table.kinds(), table.keys),
        };
        Self { names, kinds, keys, header, top }
    }

    /// The columns of a result that is not there yet, without what they hold.
    pub(super) fn of_shape(shape: &Shape) -> Self {
        let (names, keys) = match shape.columns.as_slice() {
            [] => (figure_names(), 1),
            names => (names.to_vec(), shape.keys),
        };
        Self { names, kinds: Vec::new(), keys, header: false, top: None }
    }
}

/// The names of the columns of figures.
fn figure_names() -> Vec<String> {
    ["figure", "value"].map(str::to_owned).to_vec()
}

/// What the figures of a result are all together.
fn figure_kind(table: &Table) -> Kind {
    table.figures.iter().fold(Kind::Integer, |kind, (_, value)| match (kind, value) {
        (kind, Cell::Missing) => kind,
        (Kind::Integer, Cell::Integer(_)) => Kind::Integer,
        (Kind::Integer | Kind::Float, Cell::Integer(_) | Cell::Float(_)) => Kind::Float,
        _ => Kind::Text,
    })
}

/// Returns the form of a name.
pub(super) fn find_sink(name: &str) -> Option<&'static dyn Sink> {
    SINKS.iter().find(|sink| sink.name() == name).copied()
}

/// Returns the form and the compression of an output: the form that is asked for, else that of the
/// name's extension, below that of a compression, else lines of columns.
fn form_of(
    path: Option<&Path>,
    asked: Option<&str>,
) -> Result<(&'static dyn Sink, Option<Compression>)> {
    let compression = path.and_then(Compression::of_name);
    let extension = path.and_then(|path| {
        let stem = compression.and_then(|_| path.file_stem()).map(Path::new);
        Some(stem.unwrap_or(path).extension()?.to_str()?.to_ascii_lowercase())
    });
    #[cfg(not(feature = "parquet"))]
    if let (None, Some(extension)) = (asked, &extension)
        && COLUMNAR.contains(&extension.as_str())
    {
        return Err(Error::argument(format!(
            "this build writes no .{extension}; its feature `parquet` was left out"
        )));
    }
    let named = extension
        .and_then(|own| SINKS.iter().find(|sink| sink.extensions().contains(&own.as_str())));
    let sink = asked.and_then(find_sink).or(named.copied()).unwrap_or(&tsv::TsvSink);
    if let (false, Some(compression)) = (sink.is_text(), compression) {
        let (name, extension) = (sink.name(), compression.extension());
        return Err(Error::argument(format!(
            "a result as {name} is not compressed as .{extension}; its columns are already"
        )));
    }
    Ok((sink, compression))
}
