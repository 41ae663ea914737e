//! Vertex ids and edges as users write them.

use serde::{Deserialize, Serialize};

/// A vertex's name in its input: any `u64`, however sparse.
pub type VertexId = u64;

/// A directed edge with a value; the unit value takes no space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Edge<E = ()> {
    /// Where the edge starts.
    pub source: VertexId,
    /// Where the edge ends.
    pub target: VertexId,
    /// The edge's value, such as a weight.
    pub value: E,
}

impl<E> Edge<E> {
    /// Makes an edge with a value.
    pub fn new(source: VertexId, target: VertexId, value: E) -> Self {
        Self { source, target, value }
    }
}

impl From<(VertexId, VertexId)> for Edge {
    fn from((source, target): (VertexId, VertexId)) -> Self {
        Self { source, target, value: () }
    }
}
