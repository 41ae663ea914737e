//! Barabási–Albert graphs: those who have many edges get more.
//!
//! Take the ends of all edges so far, in order, as a list: who is drawn from it evenly is drawn as
//! often as he has edges. The list is not kept. Its even places are known: the new vertices. An odd
//! place was drawn, and who was drawn is found again by drawing the same place of the list again,
//! from a hash, until it is an even one: twice on average. So edges can be made in any order.
//!
//! Source: see [`BarabasiAlbert`].

use super::random::{SEED, below, mix};
use super::{Family, Generator, VERTICES, checked_vertices, numbered_block, numbered_blocks};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// A graph that grew: each new vertex is joined to so many others, who are chosen as often as they
/// have edges already.
///
/// It starts with a clique of `attach + 1` vertices. Edges go from a vertex to an older one (of the
/// clique: from the larger id to the smaller), so there are no self-loops; a vertex may choose
/// another more than once. Degrees follow a power law with exponent 3.
///
/// # Source
///
/// A.-L. Barabási, R. Albert, "Emergence of scaling in random networks", Science 286, 1999; the
/// list: V. Batagelj, U. Brandes, "Efficient generation of large random networks", 2005, algorithm
/// 5; finding places again: P. Sanders, C. Schulz, "Scalable generation of scale-free graphs",
/// Information Processing Letters 116, 2016.
///
/// # Example
///
/// ```
/// use superstep::graph::generate::{BarabasiAlbert, Generator};
///
/// let graph = BarabasiAlbert::new(1000, 3)?.seed(1);
/// let edges: Vec<_> = (0..graph.block_count()).flat_map(|block| graph.edges(block)).collect();
/// assert_eq!(edges.len(), 6 + 3 * 996);
/// assert!(edges.iter().all(|&(source, target)| target < source && source < 1000));
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct BarabasiAlbert {
    vertices: u64,
    attach: u64,
    seed: u64,
}

impl BarabasiAlbert {
    /// Makes a graph with seed 0, each new vertex joined by `attach` edges.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error unless `attach` is at least 1 and less
    /// than the number of vertices, and those at most [`MAX_VERTICES`](super::MAX_VERTICES).
    pub fn new(vertices: u64, attach: u64) -> Result<Self> {
        let vertices = checked_vertices(vertices)?;
        if attach == 0 || attach >= vertices {
            let most = vertices.saturating_sub(1);
            return Err(Error::argument(format!(
                "a vertex of {vertices} can be joined to 1 to {most} others, not {attach}"
            )));
        }
        // Ends have numbers of 64 bits.
        if attach.checked_mul(vertices).is_none_or(|edges| edges >= 1 << 63) {
            return Err(Error::argument("there can be 2^63 edges at most"));
        }
        Ok(Self { vertices, attach, seed: 0 })
    }

    /// Sets the seed: equal seeds give equal graphs.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Returns the number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.clique_edges() + (self.vertices - self.attach - 1) * self.attach
    }

    /// The number of edges among the first vertices.
    fn clique_edges(&self) -> u64 {
        (self.attach * self.attach + self.attach) / 2
    }

    fn source(&self, edge: u64) -> VertexId {
        match edge.checked_sub(self.clique_edges()) {
            Some(later) => self.attach + 1 + later / self.attach,
            None => super::clique::ends(edge).0,
        }
    }

    fn target(&self, mut edge: u64) -> VertexId {
        loop {
            let Some(later) = edge.checked_sub(self.clique_edges()) else {
                return super::clique::ends(edge).1;
            };
            // The ends of edges before this vertex came.
            let ends = 2 * (edge - later % self.attach);
            let end = below(mix(mix(self.seed).wrapping_add(edge)), ends);
            edge = end / 2;
            if end.is_multiple_of(2) {
                return self.source(edge);
            }
        }
    }
}

impl Generator for BarabasiAlbert {
    fn describe(&self) -> String {
        let Self { vertices, attach, seed } = self;
        let edges = self.edge_count();
        format!(
            "Barabasi-Albert graph: attach {attach} seed {seed}, {vertices} vertices, {edges} edges, undirected"
        )
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
        numbered_block(self.edge_count(), block, |edge| (self.source(edge), self.target(edge)))
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "barabasi-albert",
    summary: "A random graph that grew, each vertex joining those with many edges (a power law)",
    parameters: &[
        VERTICES,
        Parameter {
            name: "attach",
            value: "COUNT",
            help: "Edges from each new vertex to older ones, less than there are vertices",
            default: "",
            choices: &[],
        },
        SEED,
    ],
    make: |family, arguments| {
        let vertices = family.required(arguments, "vertices")?;
        let graph = BarabasiAlbert::new(vertices, family.required(arguments, "attach")?)?;
        Ok(Box::new(graph.seed(arguments.get("seed")?.unwrap_or_default())))
    },
};
