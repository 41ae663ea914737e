//! Compressed graphs as WebGraph writes them and the Laboratory for Web Algorithmics publishes
//! them: `BVGraph`.
//!
//! A graph is two files: `<name>.properties`, text that has the numbers of vertices and arcs and the
//! codes, and `<name>.graph`, a list of successors for each vertex from 0 on, of two or three bits an
//! arc. Either stands for the graph. A list may be told by how it differs from one shortly before,
//! so a file can only be read from its beginning: one pass finds, every million arcs, what it takes
//! to go on from there, and the edges are then read in as many parts. What the files have beside
//! these, such as offsets, is not needed.
//!
//! Sources: P. Boldi and S. Vigna, "The WebGraph framework I: compression techniques", WWW 2004; the
//! documentation of the class `it.unimi.dsi.webgraph.BVGraph`.

mod bits;
mod lists;
mod properties;
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::exec::TakeBatch;
use crate::graph::Edge;
use crate::raise::raise;
use crate::rdd::{Context, Rdd};

use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::single_file::{only_file, vertex_range};
use bits::{BitReader, Cause, Damage};
use lists::{Layout, Lists, Start};
use properties::{GRAPH_CLASS, read_layout};

/// A part has this many arcs, or bits, and at most one list more.
const PART_ARCS: u64 = 1 << 20;
const PART_BITS: u64 = 1 << 23;

/// Edges that are passed on at once.
const BATCH_EDGES: usize = 1 << 12;

/// `WebGraph`'s compressed graphs.
pub(super) struct WebGraphFormat;

impl Format for WebGraphFormat {
    fn name(&self) -> &'static str {
        "webgraph"
    }

    fn summary(&self) -> &'static str {
        "A compressed graph of WebGraph (BVGraph), as LAW publishes them, by its .graph file"
    }

    fn extensions(&self) -> &'static [&'static str] {
        // `graph` is that of METIS as well: the file of properties tells.
        &[]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        beginning.split(|byte| *byte == b'\n').any(|line| line.starts_with(GRAPH_CLASS.as_bytes()))
    }

    fn recognizes_path(&self, path: &Path) -> bool {
        let beside = path.with_extension("properties");
        path.extension().is_some_and(|extension| extension == "graph")
            && crate::input::read_beginning(&beside, super::format::BEGINNING_BYTES)
                .is_ok_and(|beginning| self.recognizes(&beginning))
    }

    fn can_be_compressed(&self) -> bool {
        false
    }

    fn open(&self, context: &Context, paths: &[&Path], _: &ReadOptions) -> Result<GraphInput> {
        let path = only_file(self, paths)?;
        let properties = path.with_extension("properties");
        let path = path.with_extension("graph");
        let file = File::open(&path).and_then(|file| file.metadata());
        let bytes = file.map_err(|error| Error::io(&path, "open", error))?.len();
        let layout = read_layout(&properties, bytes.saturating_mul(8))?;
        let graph = Arc::new(Graph { path, bits: bytes.saturating_mul(8), layout });
        let parts = graph.parts(context)?;
        let mut input = GraphInput::new(graph.edges(context, parts));
        input.vertices = Some(vertex_range(context, 0, layout.vertices));
        input.directed = Some(true);
        Ok(input)
    }
}

/// A file of lists.
#[derive(Debug)]
struct Graph {
    path: PathBuf,
    bits: u64,
    layout: Layout,
}

impl Graph {
    /// Opens the file where a part starts.
    fn lists(&self, start: Start) -> Result<Lists<File>> {
        let mut file = File::open(&self.path).map_err(|error| self.unreadable("open", error))?;
        let sought = file.seek(SeekFrom::Start(start.bit / 8));
        sought.map_err(|error| self.unreadable("read", error))?;
        let vertex = start.vertex;
        let bits = BitReader::new(file, start.bit, self.bits);
        let bits = bits.map_err(|damage| self.damaged(damage, vertex, start.bit))?;
        Ok(Lists::new(bits, self.layout, start))
    }

    /// Reads all lists once, and returns where parts start.
    fn parts(self: &Arc<Self>, context: &Context) -> Result<Vec<Start>> {
        let graph = Arc::clone(self);
        let starts = Rdd::source(context.runtime(), "webgraph_parts", 1, move |_| {
            let (graph, lists) = (Arc::clone(&graph), graph.lists(Start::default())?);
            Ok(Box::new(Starts { graph, lists }))
        });
        starts.collect()
    }

    /// Reads lists until a part is full, and hands over the edges; the last part checks their
    /// number.
    fn read_part(
        &self,
        lists: &mut Lists<File>,
        mut each: impl FnMut(u64, &[u32]) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let (arcs, bits) = (lists.arcs(), lists.position());
        while lists.vertex() < self.layout.vertices {
            if lists.arcs() - arcs >= PART_ARCS || lists.position() - bits >= PART_BITS {
                return Ok(());
            }
            let (vertex, bit) = (lists.vertex(), lists.position());
            match lists.read() {
                Ok(successors) => {
                    if each(vertex, successors)?.is_break() {
                        return Ok(());
                    }
                }
                Err(damage) => return Err(self.damaged(damage, vertex, bit)),
            }
        }
        if lists.arcs() == self.layout.arcs {
            return Ok(());
        }
        let found = format!("{} arcs", lists.arcs());
        let expected = format!("{}, as the properties say", self.layout.arcs);
        Err(self.damaged(Damage::wrong(found, expected), lists.vertex(), lists.position()))
    }

    /// Returns the edges, a partition a part.
    fn edges(self: &Arc<Self>, context: &Context, parts: Vec<Start>) -> Rdd<Edge> {
        let count = parts.len().max(1);
        let parts = Arc::new(parts);
        let (graph, starts) = (Arc::clone(self), Arc::clone(&parts));
        let read = move |partition: usize| {
            let mut edges = Vec::new();
            if let Some(start) = starts.get(partition) {
                graph.read_part(&mut graph.lists(start.clone())?, |source, targets| {
                    edges.extend(edges_of(source, targets));
                    Ok(ControlFlow::Continue(()))
                })?;
            }
            Ok(Box::new(edges.into_iter()) as Box<dyn Iterator<Item = Edge>>)
        };
        let graph = Arc::clone(self);
        let feed = move |partition: usize, take: &mut TakeBatch<'_, Edge>| {
            let Some(start) = parts.get(partition) else { return Ok(()) };
            let mut edges = Vec::new();
            graph.read_part(&mut graph.lists(start.clone())?, |source, targets| {
                edges.extend(edges_of(source, targets));
                if edges.len() >= BATCH_EDGES {
                    take(&mut edges)?;
                    edges.clear();
                }
                Ok(ControlFlow::Continue(()))
            })?;
            take(&mut edges)
        };
        Rdd::batch_source(context.runtime(), "webgraph", count, read, feed)
    }

    fn unreadable(&self, action: &'static str, error: std::io::Error) -> Error {
        Error::io(&self.path, action, error)
    }

    /// The error for what is wrong in the list of a vertex.
    fn damaged(&self, damage: Damage, vertex: u64, bit: u64) -> Error {
        match *damage.0 {
            Cause::Unreadable(error) => self.unreadable("read", error),
            Cause::Wrong(found, expected) => {
                let path = self.path.display().to_string();
                let part = if vertex < self.layout.vertices {
                    format!("the successors of vertex {vertex}")
                } else {
                    "after the last vertex".to_owned()
                };
                ErrorKind::BinaryInput { path, byte: bit / 8, part, found, expected }.into()
            }
        }
    }
}

fn edges_of(source: u64, targets: &[u32]) -> impl Iterator<Item = Edge> {
    targets.iter().map(move |target| Edge::from((source, u64::from(*target))))
}

/// Where the parts of a file start.
struct Starts {
    graph: Arc<Graph>,
    lists: Lists<File>,
}

impl Iterator for Starts {
    type Item = Start;

    fn next(&mut self) -> Option<Start> {
        if self.lists.vertex() == self.graph.layout.vertices {
            return None;
        }
        let start = self.lists.start();
        let read = self.graph.read_part(&mut self.lists, |_, _| Ok(ControlFlow::Continue(())));
        match read {
            Ok(()) => Some(start),
            Err(error) => raise(error),
        }
    }
}
