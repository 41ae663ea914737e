//! Watts–Strogatz graphs: a ring of neighbours, some of whose edges lead elsewhere.
//!
//! Source: see [`WattsStrogatz`].

use super::random::{SEED, below, mix, up_to_one};
use super::{Family, Generator, VERTICES, checked_vertices, numbered_block, numbered_blocks};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// A small world: vertices in a ring, each joined to its nearest neighbours, and some edges bent to
/// a vertex chosen evenly from all others.
///
/// Vertex v has edges to the next `neighbors / 2` of the ring. Each is bent with the same
/// probability, each on its own. There are no self-loops; a bent edge may run beside another.
///
/// # Source
///
/// D. J. Watts, S. H. Strogatz, "Collective dynamics of 'small-world' networks", Nature 393, 1998.
/// There, an edge that would run beside another is not bent; here edges do not know each other, so
/// that they can be made in any order.
///
/// # Example
///
/// ```
/// use superstep::graph::generate::{Generator, WattsStrogatz};
///
/// let ring = WattsStrogatz::new(5, 2, 0.0)?;
/// assert_eq!(ring.edges(0), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct WattsStrogatz {
    vertices: u64,
    neighbors: u64,
    rewire: f64,
    seed: u64,
}

impl WattsStrogatz {
    /// Makes a graph with seed 0 from a ring in which each vertex has so many neighbours; `rewire`
    /// is the probability that an edge is bent.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error unless `neighbors` is even and less than
    /// the number of vertices, those are at most [`MAX_VERTICES`](super::MAX_VERTICES), and
    /// `rewire` lies in 0 to 1.
    pub fn new(vertices: u64, neighbors: u64, rewire: f64) -> Result<Self> {
        let vertices = checked_vertices(vertices)?;
        if neighbors % 2 == 1 || neighbors >= vertices.max(1) {
            return Err(Error::argument(format!(
                "a vertex of a ring of {vertices} has an even number of neighbours below {vertices}, not {neighbors}"
            )));
        }
        if !(0.0..=1.0).contains(&rewire) {
            let range = format!("the probability of rewiring must lie in 0 to 1, not be {rewire}");
            return Err(Error::argument(range));
        }
        Ok(Self { vertices, neighbors, rewire, seed: 0 })
    }

    /// Sets the seed: equal seeds give equal graphs.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Returns the number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        // Below 2^63: the vertices are at most 2^32, and so are the neighbours.
        self.vertices * (self.neighbors / 2)
    }

    fn edge(&self, number: u64) -> (VertexId, VertexId) {
        let side = self.neighbors / 2;
        let source = number / side;
        let random = mix(mix(self.seed).wrapping_add(number));
        // Above 0 and up to 1: with probability 0 never, with 1 always.
        let step = if up_to_one(random) <= self.rewire {
            1 + below(mix(random), self.vertices - 1)
        } else {
            1 + number % side
        };
        (source, (source + step) % self.vertices)
    }
}

impl Generator for WattsStrogatz {
    fn describe(&self) -> String {
        let Self { vertices, neighbors, rewire, seed } = self;
        let edges = self.edge_count();
        format!(
            "Watts-Strogatz graph: neighbors {neighbors} rewire {rewire} seed {seed}, {vertices} vertices, {edges} edges, undirected"
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
        numbered_block(self.edge_count(), block, |number| self.edge(number))
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "watts-strogatz",
    summary: "A small world: a ring of neighbours, some of whose edges lead elsewhere",
    parameters: &[
        VERTICES,
        Parameter {
            name: "neighbors",
            value: "COUNT",
            help: "Neighbours of a vertex in the ring, an even number",
            default: "4",
            choices: &[],
        },
        Parameter {
            name: "rewire",
            value: "FRACTION",
            help: "Probability that an edge leads to any other vertex, from 0 to 1",
            default: "0.1",
            choices: &[],
        },
        SEED,
    ],
    make: |family, arguments| {
        let graph = WattsStrogatz::new(
            family.required(arguments, "vertices")?,
            arguments.get("neighbors")?.unwrap_or(4),
            arguments.get("rewire")?.unwrap_or(0.1),
        )?;
        Ok(Box::new(graph.seed(arguments.get("seed")?.unwrap_or_default())))
    },
};
