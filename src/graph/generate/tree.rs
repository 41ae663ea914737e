//! Complete trees.

use super::{Family, Generator, VERTICES, checked_vertices, numbered_block, numbered_blocks};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// The children of a vertex, unless another number is asked for.
const DEFAULT_ARITY: u64 = 2;

/// A complete tree with root 0, filled level by level: edges go from each vertex to its children,
/// those of v being `arity · v + 1` and the following.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Tree {
    vertices: u64,
    arity: u64,
}

impl Tree {
    /// Makes a tree of so many vertices.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error for an arity of 0 or more than
    /// [`MAX_VERTICES`](super::MAX_VERTICES).
    pub fn new(vertices: u64, arity: u64) -> Result<Self> {
        if arity == 0 {
            return Err(Error::argument("a tree has an arity of 1 at least, not 0"));
        }
        Ok(Self { vertices: checked_vertices(vertices)?, arity })
    }

    /// Returns the number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.vertices.saturating_sub(1)
    }
}

impl Generator for Tree {
    fn describe(&self) -> String {
        let Self { vertices, arity } = self;
        let edges = self.edge_count();
        format!("Tree: arity {arity}, {vertices} vertices, {edges} edges, directed")
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
        numbered_block(self.edge_count(), block, |edge| (edge / self.arity, edge + 1))
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "tree",
    summary: "A complete tree, filled level by level from its root 0",
    parameters: &[
        VERTICES,
        Parameter {
            name: "arity",
            value: "COUNT",
            help: "Children of a vertex, at least 1",
            default: "2",
            choices: &[],
        },
    ],
    make: |family, arguments| {
        let arity = arguments.get("arity")?.unwrap_or(DEFAULT_ARITY);
        Ok(Box::new(Tree::new(family.required(arguments, "vertices")?, arity)?))
    },
};
