//! What a partition knows of its vertices, apart from user values.

use serde::{Deserialize, Serialize};

use super::VertexId;

/// Columns over the vertices of one partition, in dense order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VertexBlock {
    /// The dense id of the first vertex.
    pub(crate) first: u32,
    /// The ids, ascending.
    pub(crate) ids: Vec<VertexId>,
    /// Edges that leave each vertex.
    pub(crate) out_degrees: Vec<u32>,
    /// Edges that enter each vertex; of an undirected graph the same as the out-degrees.
    pub(crate) in_degrees: Vec<u32>,
}

impl VertexBlock {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}
