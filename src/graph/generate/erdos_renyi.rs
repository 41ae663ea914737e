//! Erdős–Rényi graphs: each pair of vertices is joined with the same probability.
//!
//! The pairs are numbered. From one that is joined, the number of pairs to the next has a geometric
//! distribution, so an edge costs one random number, however rare edges are; and since that
//! distribution does not remember, each block of pairs can start anew.
//!
//! Source: see [`ErdosRenyi`].

use rand_xoshiro::rand_core::RngCore;

use super::random::{SEED, numbers, up_to_one};
use super::{BLOCK_EDGES, Family, Generator, VERTICES, checked_vertices};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// A graph in which each pair of vertices is joined with a probability, each on its own: the model
/// `G(n, p)`.
///
/// There are no self-loops and no parallel edges. Undirected, each edge is there once, from the
/// larger id to the smaller; [`directed`](Self::directed), both ways are drawn, each on its own.
///
/// # Source
///
/// P. Erdős, A. Rényi, "On random graphs I", 1959; E. N. Gilbert, "Random graphs", 1959; the way to
/// draw: V. Batagelj, U. Brandes, "Efficient generation of large random networks", Physical Review
/// E 71, 2005, algorithm 1.
///
/// # Example
///
/// ```
/// use superstep::graph::generate::{ErdosRenyi, Generator};
///
/// let graph = ErdosRenyi::new(1000, 0.01)?.seed(1);
/// let edges: Vec<_> = (0..graph.block_count()).flat_map(|block| graph.edges(block)).collect();
/// assert!((4500..5500).contains(&edges.len()));
/// assert!(edges.iter().all(|&(source, target)| target < source && source < 1000));
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct ErdosRenyi {
    vertices: u64,
    probability: f64,
    directed: bool,
    seed: u64,
}

impl ErdosRenyi {
    /// Makes an undirected graph with seed 0.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error for a probability outside 0 to 1 or more
    /// than [`MAX_VERTICES`](super::MAX_VERTICES).
    pub fn new(vertices: u64, probability: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&probability) {
            let range = format!("the probability must lie in 0 to 1, not be {probability}");
            return Err(Error::argument(range));
        }
        let vertices = checked_vertices(vertices)?;
        Ok(Self { vertices, probability, directed: false, seed: 0 })
    }

    /// Sets whether both ways between two vertices are drawn.
    pub fn directed(self, directed: bool) -> Self {
        Self { directed, ..self }
    }

    /// Sets the seed: equal seeds give equal graphs.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The number of pairs that may be joined.
    fn pairs(&self) -> u64 {
        // Below 2^64: the vertices are at most 2^32.
        let ordered = self.vertices.saturating_sub(1).wrapping_mul(self.vertices);
        if self.directed { ordered } else { ordered / 2 }
    }

    /// The number of pairs of a block, so that about [`BLOCK_EDGES`] are joined.
    fn block_pairs(&self) -> u64 {
        // Conversion saturates; a block of rare edges has all pairs.
        (BLOCK_EDGES as f64 / self.probability) as u64
    }

    /// The ends of a pair.
    fn ends(&self, pair: u64) -> (VertexId, VertexId) {
        if self.directed {
            let (source, target) = (pair / (self.vertices - 1), pair % (self.vertices - 1));
            return (source, target + u64::from(target >= source));
        }
        super::clique::ends(pair)
    }
}

impl Generator for ErdosRenyi {
    fn describe(&self) -> String {
        let Self { vertices, probability, seed, .. } = self;
        let direction = if self.directed { "directed" } else { "undirected" };
        format!(
            "Erdos-Renyi graph: {vertices} vertices, probability {probability} seed {seed}, {direction}"
        )
    }

    fn vertex_count(&self) -> u64 {
        self.vertices
    }

    fn expected_edges(&self) -> u64 {
        (self.pairs() as f64 * self.probability) as u64
    }

    fn block_count(&self) -> u64 {
        if self.probability == 0.0 { 0 } else { self.pairs().div_ceil(self.block_pairs()) }
    }

    fn edges(&self, block: u64) -> Vec<(VertexId, VertexId)> {
        let start = block.saturating_mul(self.block_pairs()).min(self.pairs());
        let end = start.saturating_add(self.block_pairs()).min(self.pairs());
        if self.probability == 0.0 {
            return Vec::new();
        }
        if self.probability == 1.0 {
            return (start..end).map(|pair| self.ends(pair)).collect();
        }
        let mut random = numbers(self.seed, block);
        // Negative. Basic operations alone, as `normal` says.
        let log_unjoined = libm::log1p(-self.probability);
        let mut edges = Vec::new();
        let mut pair = start;
        loop {
            let skipped = libm::log(up_to_one(random.next_u64())) / log_unjoined;
            // Conversion saturates.
            pair = pair.saturating_add(skipped as u64);
            if pair >= end {
                return edges;
            }
            edges.push(self.ends(pair));
            pair += 1;
        }
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "erdos-renyi",
    summary: "A random graph in which each pair of vertices is joined with one probability",
    parameters: &[
        VERTICES,
        Parameter {
            name: "probability",
            value: "FRACTION",
            help: "Probability that two vertices are joined, from 0 to 1; one edge for each vertex is about 2/vertices",
            default: "",
            choices: &[],
        },
        Parameter {
            name: "both-ways",
            value: "",
            help: "Draw the edges of a directed graph, each way on its own",
            default: "",
            choices: &[],
        },
        SEED,
    ],
    make: |family, arguments| {
        let vertices = family.required(arguments, "vertices")?;
        let graph = ErdosRenyi::new(vertices, family.required(arguments, "probability")?)?
            .directed(arguments.is_set("both-ways"))
            .seed(arguments.get("seed")?.unwrap_or_default());
        Ok(Box::new(graph))
    },
};
