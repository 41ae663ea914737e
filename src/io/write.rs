//! What writers of graphs share.

use crate::error::{Error, Result};
use crate::graph::{Edge, VertexId};
use crate::rdd::Rdd;

use super::format::Format;
use super::graph_input::{Edges, GraphInput};

/// How a graph is to be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriteOptions {
    /// The byte between columns of lists; else a tab.
    pub delimiter: Option<u8>,
}

/// Takes what is written, piece by piece, in order.
pub type Put<'a> = dyn FnMut(Vec<u8>) -> Result<()> + 'a;

/// Vertices and edges of a graph whose vertices are counted from a first id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// The largest id minus the first, plus 1.
    pub(super) vertices: u64,
    /// Edges, loops included.
    pub(super) edges: u64,
    pub(super) loops: u64,
}

/// The most ids without edges that are written as lines of nothing, beside as many as edges.
const SPARE_ROWS: u64 = 1 << 20;

impl Size {
    /// Measures a graph for a format that counts vertices from `first`.
    pub(super) fn of(graph: &GraphInput, format: &dyn Format, first: VertexId) -> Result<Self> {
        let name = format.name();
        refuse_names(format, graph)?;
        let ends = graph.plain_edges().map(|edge| {
            let Edge { source, target, .. } = edge;
            (source.min(target), source.max(target), 1_u64, u64::from(source == target))
        });
        let merge = |a: (u64, u64, u64, u64), b: (u64, u64, u64, u64)| {
            (a.0.min(b.0), a.1.max(b.1), a.2 + b.2, a.3 + b.3)
        };
        let (mut least, mut most, edges, loops) = ends.fold((u64::MAX, 0, 0, 0), merge)?;
        if let Some(vertices) = &graph.vertices {
            let range = vertices.map(|(id, ())| (id, id));
            let (low, high) = range.fold((u64::MAX, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)))?;
            (least, most) = (least.min(low), most.max(high));
        }
        if least == u64::MAX && most == 0 {
            return Ok(Self { vertices: 0, edges, loops });
        }
        if least < first {
            return Err(Error::argument(format!(
                "vertex {least}: the format {name} counts vertices from {first}; --renumber does so"
            )));
        }
        let vertices = (most - first).checked_add(1);
        let vertices =
            vertices.ok_or_else(|| Error::argument("too many vertices; see --renumber"))?;
        if vertices > u64::from(u32::MAX) {
            return Err(Error::argument(format!(
                "vertex {most}: the format {name} counts all vertices up to it, and more than {} are not read; --renumber leaves out those that do not occur",
                u32::MAX
            )));
        }
        Ok(Self { vertices, edges, loops })
    }

    /// Fails where most of the lines would be of ids that do not occur.
    pub(super) fn check_rows(&self, format: &dyn Format) -> Result<()> {
        if self.vertices > 4 * self.edges.saturating_add(SPARE_ROWS) {
            let (name, vertices) = (format.name(), self.vertices);
            return Err(Error::argument(format!(
                "the format {name} has a line for each id up to {vertices}; --renumber leaves out those that do not occur"
            )));
        }
        Ok(())
    }
}

impl GraphInput {
    /// The edges without weights.
    pub(super) fn plain_edges(&self) -> Rdd<Edge> {
        match &self.edges {
            Edges::Plain(edges) => edges.clone(),
            Edges::Weighted(edges) => edges.map(|edge| Edge::from((edge.source, edge.target))),
        }
    }

    /// The edges with their weights, if they have any.
    pub(super) fn edges_with_weights(&self) -> Rdd<(VertexId, VertexId, Option<f64>)> {
        match &self.edges {
            Edges::Plain(edges) => edges.map(|edge| (edge.source, edge.target, None)),
            Edges::Weighted(edges) => {
                edges.map(|edge| (edge.source, edge.target, Some(edge.value)))
            }
        }
    }

    /// True when edges have weights.
    #[must_use]
    pub fn is_weighted(&self) -> bool {
        matches!(self.edges, Edges::Weighted(_))
    }
}

/// Writes a piece of text for each edge, in their order; edges that go both ways also turned around
/// if `both`.
pub(super) fn put_edges(
    graph: &GraphInput,
    both: bool,
    line: impl Fn(&mut Vec<u8>, VertexId, VertexId, Option<f64>) + Send + Sync + Copy + 'static,
    put: &mut Put<'_>,
) -> Result<()> {
    let both = both && graph.is_undirected();
    let texts = graph.edges_with_weights().map_partitions(move |rows| {
        let mut text = Vec::new();
        rows.for_each(|(source, target, weight)| {
            line(&mut text, source, target, weight);
            if both && source != target {
                line(&mut text, target, source, weight);
            }
        });
        [text]
    });
    for text in texts.to_local_iterator()? {
        put(text?)?;
    }
    Ok(())
}

/// Fails for a graph whose vertices have names, in a format without.
pub(super) fn refuse_names(format: &dyn Format, graph: &GraphInput) -> Result<()> {
    if graph.names.is_none() {
        return Ok(());
    }
    let name = format.name();
    Err(Error::argument(format!(
        "vertices have names, which the format {name} has no place for; --renumber leaves them out"
    )))
}

/// Fails for a graph with weights, in a format without.
pub(super) fn refuse_weights(format: &dyn Format, graph: &GraphInput) -> Result<()> {
    if !graph.is_weighted() {
        return Ok(());
    }
    let name = format.name();
    Err(Error::argument(format!(
        "the format {name} has no place for weights; --unit-weights leaves them out"
    )))
}

/// How many bytes are gathered before they are written.
pub(super) const PIECE_BYTES: usize = 256 << 10;

/// Writes the neighbours of each vertex from `first` on, in order, those without any included:
/// each `neighbor` of a line, and a line end. Edges that go both ways are in the lines of
/// both ends.
pub(super) fn put_rows(
    graph: &GraphInput,
    (first, vertices): (VertexId, u64),
    neighbor: impl Fn(&mut Vec<u8>, VertexId, Option<f64>),
    put: &mut Put<'_>,
) -> Result<()> {
    let both = graph.is_undirected();
    let edges = graph.edges_with_weights();
    let partitions = edges.partition_count();
    let keyed = edges.flat_map(move |(source, target, weight)| {
        let turned = (both && source != target).then_some(((target, source), weight));
        std::iter::once(((source, target), weight)).chain(turned)
    });
    let mut text = Vec::new();
    let mut next = first;
    let end = first + vertices;
    for row in keyed.sort_by_key(partitions)?.to_local_iterator()? {
        let ((source, target), weight) = row?;
        while next <= source {
            enter_row(&mut text, next, first, put)?;
            next += 1;
        }
        neighbor(&mut text, target, weight);
    }
    while next < end {
        enter_row(&mut text, next, first, put)?;
        next += 1;
    }
    if next > first {
        text.push(b'\n');
    }
    put(text)
}

/// Ends a line and begins the next.
fn enter_row(
    text: &mut Vec<u8>,
    vertex: VertexId,
    first: VertexId,
    put: &mut Put<'_>,
) -> Result<()> {
    if vertex > first {
        text.push(b'\n');
    }
    // Between lines only: what a line holds already tells whether a blank is due.
    if text.len() >= PIECE_BYTES {
        put(std::mem::take(text))?;
    }
    Ok(())
}

/// Appends a whole number.
pub(super) fn push_number(text: &mut Vec<u8>, number: u64) {
    text.extend_from_slice(number.to_string().as_bytes());
}

/// Appends a weight as text that reads back the same, whole numbers without a point.
pub(super) fn push_weight(text: &mut Vec<u8>, weight: f64) {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let shown = if weight.fract() == 0.0
        && weight.abs() < EXACT
        && !(weight == 0.0 && weight.is_sign_negative())
    {
        format!("{weight}")
    } else {
        format!("{weight:?}")
    };
    text.extend_from_slice(shown.as_bytes());
}
