//! Stars: one vertex among all others, which is as uneven as degrees can be.

use super::{Family, Generator, VERTICES, checked_vertices, numbered_block, numbered_blocks};
use crate::error::Result;
use crate::graph::VertexId;

/// A graph in which every vertex but 0 has one edge, to vertex 0.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Star {
    vertices: u64,
}

impl Star {
    /// Makes a star of so many vertices, the one in the middle included.
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

impl Generator for Star {
    fn describe(&self) -> String {
        format!("Star: {} vertices, {} edges, directed", self.vertices, self.edge_count())
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
        numbered_block(self.edge_count(), block, |edge| (edge + 1, 0))
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "star",
    summary: "One vertex in the middle, to which all others are joined",
    parameters: &[VERTICES],
    make: |family, arguments| Ok(Box::new(Star::new(family.required(arguments, "vertices")?)?)),
};
