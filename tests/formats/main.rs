//! Graph formats: what each reads, what it refuses and in which words, and the public graphs.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by panicking and says why it is skipped"
)]

#[cfg(feature = "parquet")]
mod columns;
mod datasets;
mod documents;
mod fuzzed;
mod lists;
mod malformed;
mod matrices;
#[cfg(feature = "ndjson")]
mod ndjson;
mod neighbors;
mod networks;
mod policies;
mod round_trips;
mod webgraph;

use std::fs;
use std::path::{Path, PathBuf};

use superstep::graph::Graph;
use superstep::io::{Edges, GraphInput, ReadOptions, open_graph};
use superstep::rdd::Context;
use superstep::{ErrorKind, Result};

/// A folder with one file.
struct Folder {
    folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(name: &str, content: impl AsRef<[u8]>) -> Folder {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    Folder { folder, path }
}

fn context() -> Context {
    Context::local(2).unwrap()
}

fn open(path: &Path, options: &ReadOptions) -> Result<GraphInput> {
    open_graph(&context(), &[path], options)
}

fn weighted() -> ReadOptions {
    ReadOptions { weighted: true, ..ReadOptions::default() }
}

/// The edges of a file with their weights, 1 where there are none, sorted.
fn edges(
    name: &str,
    content: impl AsRef<[u8]>,
    options: &ReadOptions,
) -> Result<Vec<(u64, u64, f64)>> {
    let file = file(name, content);
    edges_of(&open(&file.path, options)?)
}

fn edges_of(input: &GraphInput) -> Result<Vec<(u64, u64, f64)>> {
    let mut edges: Vec<_> = match &input.edges {
        Edges::Plain(edges) => {
            edges.collect()?.into_iter().map(|e| (e.source, e.target, 1.0)).collect()
        }
        Edges::Weighted(edges) => {
            edges.collect()?.into_iter().map(|e| (e.source, e.target, e.value)).collect()
        }
    };
    edges.sort_by(|a, b| a.partial_cmp(b).unwrap());
    Ok(edges)
}

/// Vertices of the graph, edges as the input has them, and whether these go one way.
fn counts(path: &Path, options: &ReadOptions) -> Result<(u64, u64, Option<bool>)> {
    let input = open(path, options)?;
    let edges = match &input.edges {
        Edges::Plain(edges) => edges.count()?,
        Edges::Weighted(edges) => edges.count()?,
    };
    Ok((input.plain_graph(Graph::builder())?.vertex_count(), edges, input.directed))
}

/// Reads a file that is wrong, and returns where and how: `line:column: found …, expected …`.
fn fault(name: &str, content: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    let file = file(name, content);
    let graph = open(&file.path, options).and_then(|input| {
        if options.weighted {
            input.weighted_graph(Graph::builder()).map(|_| ())
        } else {
            input.plain_graph(Graph::builder()).map(|_| ())
        }
    });
    let error = graph.expect_err("the file is wrong");
    let kind = error.kind();
    assert!(matches!(kind, ErrorKind::Input { .. } | ErrorKind::BinaryInput { .. }), "{error}");
    let folder = file.folder.path().display().to_string();
    error.to_string().replace(&folder, "").replace(&format!("/{name}:"), "").trim_start().to_owned()
}
