//! What a partition knows of its vertices, apart from user values.

use serde::{Deserialize, Serialize};

use super::VertexId;

/// Columns over the vertices of one partition, in dense order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct VertexBlock {
    /// The dense id of the first vertex.
    pub(crate) first: u32,
    /// The ids, ascending.
    #[serde(with = "crate::codec::packed")]
    pub(crate) ids: Vec<VertexId>,
    /// Edges that leave each vertex.
    #[serde(with = "crate::codec::packed")]
    pub(crate) out_degrees: Vec<u32>,
    /// Edges that enter each vertex; of an undirected graph the same as the out-degrees.
    #[serde(with = "crate::codec::packed")]
    pub(crate) in_degrees: Vec<u32>,
    /// Vertices that edges leave.
    pub(crate) leaving: usize,
    /// Vertices that edges enter.
    pub(crate) entering: usize,
    /// Vertices that edges leave or enter.
    pub(crate) connected: usize,
}

impl VertexBlock {
    /// Makes the block of the vertices from `first` on.
    pub(crate) fn new(
        first: u32,
        ids: Vec<VertexId>,
        out_degrees: Vec<u32>,
        in_degrees: Vec<u32>,
    ) -> Self {
        let some = |degrees: &[u32]| degrees.iter().filter(|degree| **degree > 0).count();
        let degrees = out_degrees.iter().zip(&in_degrees);
        let connected =
            degrees.filter(|(leaving, entering)| **leaving > 0 || **entering > 0).count();
        let (leaving, entering) = (some(&out_degrees), some(&in_degrees));
        Self { first, ids, out_degrees, in_degrees, leaving, entering, connected }
    }

    /// The same vertices with their edges turned around.
    pub(crate) fn turned(&self) -> Self {
        Self {
            out_degrees: self.in_degrees.clone(),
            in_degrees: self.out_degrees.clone(),
            leaving: self.entering,
            entering: self.leaving,
            ..self.clone()
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}
