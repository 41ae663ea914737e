//! What a graph format is, and the registry of them.
//!
//! [`open_graph`] reads files of any format in [`FORMATS`]. Which one it is, is told by its name in
//! the options; or else by what stands beside the file or how it begins, where a format has a mark;
//! or else by the file's extension, below that of a compression. What nothing tells is an edge
//! list.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::input::{input_files, read_beginning};
use crate::rdd::Context;

use super::adjacency::{AdjacencyListFormat, WebGraphTextFormat};
#[cfg(feature = "parquet")]
use super::arrow::ArrowFormat;
use super::dimacs::DimacsFormat;
use super::edge_list::EdgeListFormat;
use super::gap::GapFormat;
use super::gml::GmlFormat;
use super::graph_input::{Edges, GraphInput};
use super::graphalytics::GraphalyticsFormat;
#[cfg(feature = "graphml")]
use super::graphml::GraphMlFormat;
use super::groups::GroupsFormat;
use super::konect::KonectFormat;
use super::ligra::LigraFormat;
use super::matrix_market::MatrixMarketFormat;
use super::metis::MetisFormat;
#[cfg(feature = "ndjson")]
use super::ndjson::NdjsonFormat;
#[cfg(feature = "parquet")]
use super::parquet::ParquetFormat;
use super::read_options::ReadOptions;
use super::ssg::SsgFormat;
use super::tntp::TntpFormat;
use super::webgraph::WebGraphFormat;
use super::write::{Put, WriteOptions};

/// All formats, in the order in which they are asked whether a file is theirs.
pub static FORMATS: &[&dyn Format] = &[
    &EdgeListFormat,
    &WebGraphFormat,
    &GraphalyticsFormat,
    &MatrixMarketFormat,
    &MetisFormat,
    &DimacsFormat,
    &AdjacencyListFormat,
    &WebGraphTextFormat,
    &KonectFormat,
    &GmlFormat,
    #[cfg(feature = "graphml")]
    &GraphMlFormat,
    &GroupsFormat,
    #[cfg(feature = "ndjson")]
    &NdjsonFormat,
    #[cfg(feature = "parquet")]
    &ParquetFormat,
    #[cfg(feature = "parquet")]
    &ArrowFormat,
    &TntpFormat,
    &LigraFormat,
    &GapFormat,
    &SsgFormat,
];

/// How many decompressed bytes of a file formats see when they are asked whether it is theirs.
pub(super) const BEGINNING_BYTES: usize = 4 << 10;

/// Extensions of compressed files, below which the format's own extension stands.
const COMPRESSED: [&str; 4] = ["gz", "zst", "bz2", "bgz"];

/// A way to write a graph as files.
pub trait Format: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// One line on what it is.
    fn summary(&self) -> &'static str;

    /// The extensions of its files, in lower case and without a dot.
    fn extensions(&self) -> &'static [&'static str];

    /// True when a file that begins with these bytes (decompressed, at most 4 KiB) is surely of
    /// this format, whatever its name.
    fn recognizes(&self, _beginning: &[u8]) -> bool {
        false
    }

    /// True when a file is surely of this format for what stands beside it, whatever its content.
    fn recognizes_path(&self, _path: &Path) -> bool {
        false
    }

    /// True when lines stand for themselves, so that bad ones can be left out.
    fn can_skip_lines(&self) -> bool {
        false
    }

    /// True when vertices can have names for ids.
    fn can_have_names(&self) -> bool {
        false
    }

    /// True when the format knows without being told whether vertices have names.
    fn knows_names(&self) -> bool {
        false
    }

    /// Opens files as one graph.
    ///
    /// A path is a file, a directory or a pattern, as in [`Context::text_file`]. Weights are read
    /// only where the options ask for them; a file without weights then gives plain edges, which
    /// [`open_graph`] refuses unless weights are optional.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when a file cannot be read,
    /// [`ErrorKind::Input`](crate::ErrorKind::Input) when its beginning is not of the format,
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for options that the format cannot
    /// follow. What is wrong further on is found when the edges are computed.
    fn open(&self, context: &Context, paths: &[&Path], options: &ReadOptions)
    -> Result<GraphInput>;

    /// True when the format knows without being told whether a file has weights.
    fn knows_weights(&self) -> bool {
        true
    }

    /// True when graphs can be [written](Self::write).
    fn can_write(&self) -> bool {
        false
    }

    /// False for a list of edges, which has no place for vertices without any.
    fn has_place_for_vertices(&self) -> bool {
        true
    }

    /// False for a format whose files cannot be compressed as a whole, since they are read from
    /// many places at once or are compressed already.
    fn can_be_compressed(&self) -> bool {
        true
    }

    /// The first id of a format that counts vertices by their ids.
    fn first_id(&self) -> VertexId {
        1
    }

    /// Writes a graph as one file, which is handed over piece by piece in order. What is written
    /// follows from the graph alone.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a graph that the format cannot hold,
    /// and for a format that is only read; what `put` returns, and what is wrong with the graph.
    fn write(
        &self,
        _graph: &GraphInput,
        _options: &WriteOptions,
        _put: &mut Put<'_>,
    ) -> Result<()> {
        Err(Error::argument(format!("graphs are not written in the format {}", self.name())))
    }
}

impl fmt::Debug for dyn Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format({})", self.name())
    }
}

/// Returns the format of a name.
#[must_use]
pub fn find_format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.name() == name).copied()
}

/// Returns the format that a file's name tells by its extension, below that of a compression;
/// `None` where no format has that extension.
#[must_use]
pub fn format_of_name(path: &Path) -> Option<&'static dyn Format> {
    let extension = |path: &Path| Some(path.extension()?.to_str()?.to_ascii_lowercase());
    let mut own = extension(path)?;
    if COMPRESSED.contains(&own.as_str()) {
        own = extension(Path::new(path.file_stem()?))?;
    }
    FORMATS.iter().find(|format| format.extensions().contains(&own.as_str())).copied()
}

/// Returns the format of files: of each by what stands beside it or how it begins, else by its
/// extension, else an edge list. Empty files are of any format.
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io) when one cannot be read,
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when they are of several formats.
pub fn detect_format<P: AsRef<Path>>(paths: &[P]) -> Result<&'static dyn Format> {
    let mut first: Option<(PathBuf, &'static dyn Format)> = None;
    let mut of_empty = None;
    for path in paths {
        for file in input_files(path.as_ref())? {
            if let Some(format) = FORMATS.iter().find(|format| format.recognizes_path(&file)) {
                // What stands beside it is of the same graph.
                return Ok(first.map_or(*format, |(_, format)| format));
            }
            let beginning = read_beginning(&file, BEGINNING_BYTES)?;
            let marked = FORMATS.iter().find(|format| format.recognizes(&beginning)).copied();
            let format = marked.or_else(|| format_of_name(&file)).unwrap_or(&EdgeListFormat);
            match &first {
                _ if beginning.is_empty() => of_empty = of_empty.or(Some(format)),
                None => first = Some((file, format)),
                Some((other, known)) if known.name() != format.name() => {
                    let (known, found) = (known.name(), format.name());
                    let (other, file) = (other.display(), file.display());
                    return Err(Error::argument(format!(
                        "{other} is of the format {known}, but {file} of the format {found}: \
                         a graph has one format, which --format can say"
                    )));
                }
                Some(_) => {}
            }
        }
    }
    let known = first.map(|(_, format)| format);
    Ok(known.or(of_empty).unwrap_or(&EdgeListFormat))
}

/// Returns the path of a graph that is described by one file.
pub(super) fn only_path<'a>(format: &dyn Format, paths: &[&'a Path]) -> Result<&'a Path> {
    match paths {
        [path] => Ok(path),
        _ => {
            let (name, count) = (format.name(), paths.len());
            Err(Error::argument(format!("a graph of the format {name} is one path, not {count}")))
        }
    }
}

/// Opens files of any format as one graph: files, directories and patterns as in
/// [`Context::text_file`].
///
/// ```
/// # use superstep::prelude::*;
/// use superstep::io::{ReadOptions, open_graph};
///
/// let ctx = Context::local(2)?;
/// let input = open_graph(&ctx, &["datasets/karate.txt"], &ReadOptions::default())?;
/// let graph = input.plain_graph(Graph::builder())?;
/// assert_eq!((graph.vertex_count(), graph.edge_count()), (34, 78));
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// As [`Format::open`], and [`ErrorKind::Argument`](crate::ErrorKind::Argument) where weights are
/// asked for that the graph does not have.
pub fn open_graph<P: AsRef<Path>>(
    context: &Context,
    paths: &[P],
    options: &ReadOptions,
) -> Result<GraphInput> {
    let format = options.format.map_or_else(|| detect_format(paths), Ok)?;
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    if options.bad_lines.is_some() && !format.can_skip_lines() {
        let name = format.name();
        return Err(Error::argument(format!("lines of the format {name} cannot be left out")));
    }
    if options.names && !format.can_have_names() {
        let name = format.name();
        return Err(Error::argument(format!("vertices of the format {name} have no names")));
    }
    let mut input = format.open(context, &paths, options)?;
    let needs_weights = options.weighted && !options.weights_optional;
    if needs_weights && matches!(input.edges, Edges::Plain(_)) {
        let path = paths.first().map(|path| path.display().to_string()).unwrap_or_default();
        return Err(Error::argument(format!("{path}: the graph has no weights")));
    }
    input.directed = options.directed.or(input.directed);
    Ok(input)
}
