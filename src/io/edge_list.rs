//! Edge lists as SNAP publishes them.
//!
//! [`edge_list`] reads `source target` lines, [`weighted_edge_list`] takes a number from the third
//! column. What a split owns comes in file order, and all splits of a file together give what the
//! file gives as one; a bad line is an error with its place in the file.

use std::ops::ControlFlow;
use std::path::Path;

use super::bad_lines::{BadLines, read_most};
use super::edge_lines::{LineError, Preamble, parse_edges, parse_vertices, parse_weighted_edges};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::table::{is_table, open_table, put_named_edges};
use super::write::{Put, WriteOptions, push_number, push_weight, put_edges};
use crate::error::Result;
use crate::graph::{Edge, VertexId};
use crate::input::{
    Chunk, DEFAULT_SPLIT_BYTES, Split, input_error, plan_splits, read_before, without_mark,
    without_return,
};
use crate::rdd::{Context, Rdd};

/// Returns the edges of an edge list: a file, or a directory whose files are read in the order of
/// their names.
///
/// A line is two ids (any `u64`) separated by tabs, spaces or a comma; further columns are ignored.
/// Lines that start with `#` or `%`, blank lines, a byte order mark, CRLF ends and a header of two
/// names before the first edge are skipped; the last line needs no end. Gzip is recognised by its
/// content, any number of members. Plain files are read in splits of 16 MiB, a partition each; a
/// compressed file is one partition and is decompressed as a stream.
///
/// ```
/// # use superstep::prelude::*;
/// # use superstep::io::edge_list;
/// let ctx = Context::local(2)?;
/// let edges = edge_list(&ctx, "datasets/karate.txt")?;
/// assert_eq!(edges.count()?, 78);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Io`](crate::ErrorKind::Io) when the path cannot be read. A malformed line is found
/// when the edges are computed, and then is [`ErrorKind::Input`](crate::ErrorKind::Input).
pub fn edge_list(context: &Context, path: impl AsRef<Path>) -> Result<Rdd<Edge>> {
    edge_lists(context, &[path])
}

/// Returns the edges of several edge lists, one after another; each as [`edge_list`].
///
/// # Errors
/// As [`edge_list`].
pub fn edge_lists<P: AsRef<Path>>(context: &Context, paths: &[P]) -> Result<Rdd<Edge>> {
    let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
    Ok(context.parsed_splits("edge_list", splits, |split, rows| {
        read_edges(split, |source, target| rows.push(Edge::from((source, target))))
    }))
}

/// Returns the edges of an edge list with the `f64` in their third column; the rest as
/// [`edge_list`].
///
/// # Errors
/// As [`edge_list`]; a missing, unreadable or NaN weight is a malformed line.
pub fn weighted_edge_list(context: &Context, path: impl AsRef<Path>) -> Result<Rdd<Edge<f64>>> {
    weighted_edge_lists(context, &[path])
}

/// Returns the edges of several weighted edge lists, one after another; each as
/// [`weighted_edge_list`].
///
/// # Errors
/// As [`weighted_edge_list`].
pub fn weighted_edge_lists<P: AsRef<Path>>(
    context: &Context,
    paths: &[P],
) -> Result<Rdd<Edge<f64>>> {
    let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
    Ok(context.parsed_splits("weighted_edge_list", splits, |split, rows| {
        read_weighted_edges(split, |source, target, weight| {
            rows.push(Edge::new(source, target, weight))
        })
    }))
}

/// Returns the ids in the first column of a file, such as the vertex files of Graphalytics, each
/// with nothing beside it, as [`GraphBuilder::parts`](crate::graph::GraphBuilder::parts) takes them.
///
/// Further columns, lines that start with `#` or `%`, and blank lines are skipped; the rest as
/// [`edge_list`].
///
/// # Errors
/// As [`edge_list`].
pub fn vertex_list(context: &Context, path: impl AsRef<Path>) -> Result<Rdd<(VertexId, ())>> {
    let splits = plan_splits(&[path], DEFAULT_SPLIT_BYTES)?;
    Ok(context.parsed_splits("vertex_list", splits, |split, rows| {
        read_parsed(split, None, |bytes, at_file_start| {
            parse_vertices(bytes, at_file_start, |id| rows.push((id, ())))
        })
    }))
}

/// Edge lists as text.
pub(super) struct EdgeListFormat;

impl Format for EdgeListFormat {
    fn name(&self) -> &'static str {
        "edge-list"
    }

    fn summary(&self) -> &'static str {
        "A line for each edge: source, target and possibly weight, as SNAP and many others have it"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt", "tsv", "csv", "el", "wel", "edges", "edgelist"]
    }

    fn can_skip_lines(&self) -> bool {
        true
    }

    fn can_have_names(&self) -> bool {
        true
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        if is_table(paths, options)? {
            return open_table(context, paths, options);
        }
        let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
        let bad_lines = options.bad_lines.clone();
        Ok(if options.weighted {
            GraphInput::new(context.parsed_splits(
                "weighted_edge_list",
                splits,
                move |split, rows| {
                    read_parsed(split, bad_lines.as_ref(), |bytes, at_file_start| {
                        parse_weighted_edges(bytes, at_file_start, |source, target, weight| {
                            rows.push(Edge::new(source, target, weight))
                        })
                    })
                },
            ))
        } else {
            GraphInput::new(context.parsed_splits("edge_list", splits, move |split, rows| {
                read_parsed(split, bad_lines.as_ref(), |bytes, at_file_start| {
                    parse_edges(bytes, at_file_start, |source, target| {
                        rows.push(Edge::from((source, target)))
                    })
                })
            }))
        })
    }

    fn knows_weights(&self) -> bool {
        false
    }

    fn has_place_for_vertices(&self) -> bool {
        false
    }

    fn first_id(&self) -> VertexId {
        0
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, options: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let delimiter = options.delimiter.unwrap_or(b'\t');
        if let Some(names) = &graph.names {
            return put_named_edges(graph, names, delimiter, put);
        }
        let line = move |text: &mut Vec<u8>, source: u64, target: u64, weight: Option<f64>| {
            push_number(text, source);
            text.push(delimiter);
            push_number(text, target);
            if let Some(weight) = weight {
                text.push(delimiter);
                push_weight(text, weight);
            }
            text.push(b'\n');
        };
        put_edges(graph, false, line, put)
    }
}

/// Hands over the edges that a split owns.
fn read_edges(
    split: &Split,
    mut each: impl FnMut(VertexId, VertexId) -> ControlFlow<()>,
) -> Result<()> {
    read_parsed(split, None, |bytes, at_file_start| parse_edges(bytes, at_file_start, &mut each))
}

/// Hands over the edges that a split owns, with the weight in their third column.
fn read_weighted_edges(
    split: &Split,
    mut each: impl FnMut(VertexId, VertexId, f64) -> ControlFlow<()>,
) -> Result<()> {
    read_parsed(split, None, |bytes, at_file_start| {
        parse_weighted_edges(bytes, at_file_start, &mut each)
    })
}

/// Runs a parser over the chunks of a split. Where a note is taken of bad lines, they are left out.
fn read_parsed(
    split: &Split,
    bad_lines: Option<&BadLines>,
    mut parse: impl FnMut(&[u8], bool) -> Result<ControlFlow<()>, LineError>,
) -> Result<()> {
    read_most(split, bad_lines, |chunk| {
        let mut chunk = chunk;
        loop {
            let error = match parse(chunk.bytes, chunk.is_at_file_start()) {
                Ok(flow) => return Ok(flow),
                Err(error) => error,
            };
            let offset = chunk.offset + error.offset as u64;
            let rest = chunk.bytes.get(error.next..).unwrap_or_default();
            let after = Chunk { bytes: rest, offset: chunk.offset + error.next as u64, ..chunk };
            // A header is the first line after the comments, which may be longer than a chunk or
            // belong to the split before. The parser cannot see that, and stops at it.
            let is_header =
                error.names_columns && !chunk.is_at_file_start() && begins_data(split, offset)?;
            if !is_header {
                let Some(bad_lines) = bad_lines else {
                    return Err(line_error(split, chunk, error));
                };
                let text = chunk.bytes.get(error.offset..error.next).unwrap_or_default();
                let text = without_return(text.strip_suffix(b"\n").unwrap_or(text));
                let place = (offset, error.column);
                bad_lines.note(split, place, (error.found, error.expected), text)?;
            }
            chunk = after;
        }
    })?;
    Ok(())
}

/// True when only comments and blank lines precede the line that starts at `offset`.
fn begins_data(split: &Split, offset: u64) -> Result<bool> {
    let mut preamble = Preamble::default();
    let mut at_file_start = true;
    let mut begins = true;
    read_before(split, offset, |bytes| {
        let bytes = if at_file_start { without_mark(bytes) } else { bytes };
        at_file_start = false;
        begins = preamble.goes_on(bytes);
        if begins { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(begins)
}

/// Gives a parser's error its place in the file.
fn line_error(split: &Split, chunk: Chunk<'_>, error: LineError) -> crate::Error {
    let offset = chunk.offset + error.offset as u64;
    input_error(split, offset, error.column, error.found, error.expected)
}

#[cfg(test)]
mod tests;
