//! Chains: one way through all vertices, the longest that there can be.

use super::{Family, Generator, VERTICES, checked_vertices, numbered_block, numbered_blocks};
use crate::error::Result;
use crate::graph::VertexId;

/// A graph whose vertices follow each other: edges go from each id to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Chain {
    vertices: u64,
}

impl Chain {
    /// Makes a chain.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error for more than
    /// [`MAX_VERTICES`](super::MAX_VERTICES).
    pub fn new(vertices: u64) -> Result<Self> {
        Ok(Self { vertices: checked_vertices(vertices)? })
    }

    /// Returns the number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.vertices.saturating_sub(1)
    }
}

impl Generator for Chain {
    fn describe(&self) -> String {
        format!("Chain: {} vertices, {} edges, directed", self.vertices, self.edge_count())
    }

    fn vertex_count(&self) -> u64 {
        self.vertices
    }

    fn expected_edges(&self) -> u64 {
        self.edge_count()
    }

    fn block_count(&self) -> u64 {
        numbered_blocks(self.edge_count())
    }

    fn edges(&self, block: u64) -> Vec<(VertexId, VertexId)> {
        numbered_block(self.edge_count(), block, |edge| (edge, edge + 1))
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "chain",
    summary: "Vertices that follow each other, each joined to the next",
    parameters: &[VERTICES],
    make: |family, arguments| Ok(Box::new(Chain::new(family.required(arguments, "vertices")?)?)),
};
