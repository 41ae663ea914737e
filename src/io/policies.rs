//! What is done to edges before a graph is built of them or written.

use std::collections::HashSet;
use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Edge, VertexId};
use crate::rdd::Rdd;

use super::graph_input::{Edges, GraphInput};

/// What becomes of several edges with the same ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// One of them, of the sum of their weights.
    Sum,
    /// The first of them.
    First,
    /// One of them, of the least weight.
    Min,
    /// One of them, of the largest weight.
    Max,
}

impl GraphInput {
    /// Turns every edge around.
    #[must_use]
    pub fn reversed(self) -> Self {
        fn turned<E: Data>(edges: &Rdd<Edge<E>>) -> Rdd<Edge<E>> {
            edges.map(|edge| Edge::new(edge.target, edge.source, edge.value))
        }
        let edges = match &self.edges {
            Edges::Plain(edges) => Edges::Plain(turned(edges)),
            Edges::Weighted(edges) => Edges::Weighted(turned(edges)),
        };
        Self { edges, built: None, ..self }
    }

    /// Leaves out edges from a vertex to itself, and returns how many there were.
    ///
    /// # Errors
    /// For what is wrong in the files.
    pub fn without_self_loops(self) -> Result<(Self, u64)> {
        self.filtered(|source, target| source != target)
    }

    /// Leaves out edges that name a vertex that is not among the vertices, and returns how many
    /// there were; without a list of vertices there are none.
    ///
    /// # Errors
    /// For what is wrong in the files.
    pub fn without_unknown_vertices(self) -> Result<(Self, u64)> {
        let Some(vertices) = &self.vertices else { return Ok((self, 0)) };
        let known: HashSet<VertexId> = vertices.map(|(id, ())| id).collect()?.into_iter().collect();
        let known = Arc::new(known);
        self.filtered(move |source, target| known.contains(&source) && known.contains(&target))
    }

    fn filtered(
        self,
        keep: impl Fn(VertexId, VertexId) -> bool + Clone + Send + Sync + 'static,
    ) -> Result<(Self, u64)> {
        let others = keep.clone();
        let left_out = self.plain_edges().filter(move |edge| !others(edge.source, edge.target));
        let left_out = left_out.count()?;
        let edges = match &self.edges {
            Edges::Plain(edges) => {
                Edges::Plain(edges.filter(move |edge| keep(edge.source, edge.target)))
            }
            Edges::Weighted(edges) => {
                Edges::Weighted(edges.filter(move |edge| keep(edge.source, edge.target)))
            }
        };
        Ok((Self { edges, built: None, ..self }, left_out))
    }

    /// Makes one edge of those with the same ends, and returns how many fewer there are. Edges
    /// that go both ways have the same ends in either order. Without weights, all merges are the
    /// same.
    ///
    /// Merging moves all edges, and their order is another afterwards.
    ///
    /// # Errors
    /// For what is wrong in the files, and
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) when a sum is no number, as
    /// of opposite infinities.
    pub fn merged(self, merge: Merge) -> Result<(Self, u64)> {
        let both = self.is_undirected();
        let ends = move |source: VertexId, target: VertexId| {
            if both && source > target { (target, source) } else { (source, target) }
        };
        let (edges, before, after) = match &self.edges {
            Edges::Plain(edges) => {
                let keyed = edges.map(move |edge| ends(edge.source, edge.target));
                let once = keyed.distinct(edges.partition_count()).map(Edge::from);
                let counts = (edges.count()?, once.count()?);
                (Edges::Plain(once), counts.0, counts.1)
            }
            Edges::Weighted(edges) => {
                let keyed = edges.map(move |edge| (ends(edge.source, edge.target), edge.value));
                let merged = keyed.reduce_by_key(
                    move |a, b| match merge {
                        Merge::Sum => a + b,
                        Merge::First => a,
                        Merge::Min => a.min(b),
                        Merge::Max => a.max(b),
                    },
                    edges.partition_count(),
                );
                let once =
                    merged.map(|((source, target), weight)| Edge::new(source, target, weight));
                let wrong = once.filter(|edge| edge.value.is_nan()).take(1)?;
                if let Some(Edge { source, target, .. }) = wrong.first() {
                    return Err(Error::unsuitable_graph(
                        "the weights from {} to {} have no sum",
                        [*source, *target],
                    ));
                }
                let counts = (edges.count()?, once.count()?);
                (Edges::Weighted(once), counts.0, counts.1)
            }
        };
        Ok((Self { edges, built: None, ..self }, before - after))
    }

    /// Numbers the vertices anew from `first`, in the order of their ids, without gaps and without
    /// names.
    ///
    /// # Errors
    /// For what is wrong in the files.
    pub fn renumbered(self, first: VertexId) -> Result<Self> {
        let edges = self.plain_edges();
        let ends = edges.flat_map(|edge| [edge.source, edge.target]);
        let mut ids = ends.distinct(edges.partition_count()).collect()?;
        if let Some(vertices) = &self.vertices {
            ids.extend(vertices.map(|(id, ())| id).collect()?);
        }
        ids.sort_unstable();
        ids.dedup();
        let ids = Arc::new(ids);
        let places = Arc::clone(&ids);
        let number = move |id: VertexId| {
            first + places.binary_search(&id).map_or(u64::MAX - first, |place| place as u64)
        };
        fn numbered<E: Data>(
            edges: &Rdd<Edge<E>>,
            number: impl Fn(VertexId) -> VertexId + Send + Sync + 'static,
        ) -> Rdd<Edge<E>> {
            edges.map(move |edge| Edge::new(number(edge.source), number(edge.target), edge.value))
        }
        let edges = match &self.edges {
            Edges::Plain(edges) => Edges::Plain(numbered(edges, number)),
            Edges::Weighted(edges) => Edges::Weighted(numbered(edges, number)),
        };
        let vertices = self.vertices.map(|vertices| {
            vertices.map(move |(id, ())| {
                (first + ids.binary_search(&id).map_or(u64::MAX - first, |place| place as u64), ())
            })
        });
        Ok(Self { edges, vertices, names: None, built: None, ..self })
    }
}
