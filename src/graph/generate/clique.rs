//! Cliques: every pair of vertices is joined.

use super::{Family, Generator, VERTICES, checked_vertices, numbered_block, numbered_blocks};
use crate::error::Result;
use crate::graph::VertexId;

/// A graph in which every pair of vertices is joined once, from the larger id to the smaller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Clique {
    vertices: u64,
}

impl Clique {
    /// Makes a clique.
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
        // Below 2^63: the vertices are at most 2^32.
        self.vertices.saturating_sub(1).wrapping_mul(self.vertices) / 2
    }
}

/// Returns the ends of a pair: pairs are numbered by the larger end, then by the smaller.
pub(super) fn ends(pair: u64) -> (VertexId, VertexId) {
    // Before the pairs of a larger end v there are v·(v - 1)/2; the root is exact but for one.
    let mut larger = ((1.0 + (1.0 + 8.0 * pair as f64).sqrt()) / 2.0) as u64;
    while larger * (larger - 1) / 2 > pair {
        larger -= 1;
    }
    while (larger + 1) * larger / 2 <= pair {
        larger += 1;
    }
    (larger, pair - larger * (larger - 1) / 2)
}

impl Generator for Clique {
    fn describe(&self) -> String {
        let edges = self.edge_count();
        format!("Clique: {} vertices, {edges} edges, undirected", self.vertices)
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
        numbered_block(self.edge_count(), block, ends)
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "clique",
    summary: "All pairs of vertices, each joined once",
    parameters: &[VERTICES],
    make: |family, arguments| Ok(Box::new(Clique::new(family.required(arguments, "vertices")?)?)),
};
