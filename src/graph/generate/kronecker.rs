//! Kronecker graphs: random graphs with the skew of social networks, the same everywhere.
//!
//! [`Kronecker`] draws each edge on its own: it walks down the adjacency matrix, `scale` times
//! choosing one of the four quarters with probabilities A = .57, B = .19, C = .19 and D = .05, and
//! ends at one cell, which is the edge (R-MAT). The parameters are those of Graph500 and the GAP
//! suite. As there, vertex ids are scrambled by a permutation, since otherwise low ids would be
//! the busiest, and self-loops and parallel edges stay in, and many vertices have no edge.
//!
//! Edges come in blocks of [`BLOCK_EDGES`]. A block's random numbers depend on the seed and the
//! block's number alone, so any block can be made at any time on any thread, and the list of edges
//! is the same whatever the number of threads. Nothing is held but the block at hand: the
//! permutation is arithmetic, not a table. An edge takes `scale / 2` random numbers: 36 ns at
//! scale 20, and 58 ns with its text (November 2026, virtual machine, one core).
//!
//! Sources: see [`Kronecker`].

use std::io::{self, Write};

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use super::random::{SEED, mix};
use super::{BLOCK_EDGES, Family, Generator, write_edge_list};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// The edge factor, unless another is asked for.
pub const DEFAULT_EDGE_FACTOR: u32 = 16;

/// The largest scale.
pub const MAX_SCALE: u32 = 32;

/// The upper bounds of quarters A, B and C as 32-bit fractions: .57, .76 and .95 of 2³².
const QUARTERS: [u32; 3] = [2_448_131_359, 3_264_175_145, 4_080_218_931];

/// A Kronecker graph of 2^scale vertices, generated block by block.
///
/// Each edge is drawn on its own with the R-MAT parameters A = .57, B = .19, C = .19, D = .05 of
/// Graph500 and the GAP suite. Edges are directed; self-loops and parallel edges occur, and many
/// vertices have no edge. Ids are scrambled, so that they do not tell the degree. The graph is a
/// function of scale, edge factor and seed alone.
///
/// # Source
///
/// D. Chakrabarti, Y. Zhan, C. Faloutsos, "R-MAT: A recursive model for graph mining", SDM 2004,
/// section 3; J. Leskovec et al., "Kronecker graphs: an approach to modeling networks", JMLR 11,
/// 2010; the Graph500 specification and its reference code (parameters, scrambling); S. Beamer,
/// K. Asanović, D. Patterson, "The GAP benchmark suite", arXiv:1508.03619.
///
/// # Example
///
/// ```
/// use superstep::graph::generate::Kronecker;
///
/// let graph = Kronecker::new(10)?.edge_factor(16).seed(1);
/// let edges: Vec<_> = (0..graph.block_count()).flat_map(|index| graph.block(index)).collect();
/// assert_eq!(edges.len() as u64, graph.edge_count());
/// assert!(edges.iter().all(|&(source, target)| source < 1024 && target < 1024));
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Kronecker {
    scale: u32,
    edge_factor: u32,
    seed: u64,
}

impl Kronecker {
    /// Makes a graph of 2^scale vertices with edge factor 16 and seed 0.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error unless the scale lies in 1..=32.
    pub fn new(scale: u32) -> Result<Self> {
        if !(1..=MAX_SCALE).contains(&scale) {
            return Err(Error::argument(format!(
                "the scale of a Kronecker graph must lie in 1..={MAX_SCALE}, not be {scale}"
            )));
        }
        Ok(Self { scale, edge_factor: DEFAULT_EDGE_FACTOR, seed: 0 })
    }

    /// Sets the number of edges for each vertex.
    pub fn edge_factor(self, edge_factor: u32) -> Self {
        Self { edge_factor, ..self }
    }

    /// Sets the seed: equal seeds give equal graphs.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Returns the number of vertices, 2^scale; all ids are below it.
    #[must_use]
    pub fn vertex_count(&self) -> u64 {
        1 << self.scale
    }

    /// Returns the number of edges, self-loops and parallel edges included.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        u64::from(self.edge_factor) << self.scale
    }

    /// Returns the number of blocks.
    #[must_use]
    pub fn block_count(&self) -> u64 {
        self.edge_count().div_ceil(BLOCK_EDGES)
    }

    /// Returns the edges of a block as `(source, target)`; none from [`block_count`] on.
    ///
    /// [`block_count`]: Self::block_count
    pub fn block(&self, index: u64) -> KroneckerBlock {
        let start = index.saturating_mul(BLOCK_EDGES);
        let state = mix(mix(self.seed).wrapping_add(index));
        KroneckerBlock {
            scale: self.scale,
            left: self.edge_count().saturating_sub(start).min(BLOCK_EDGES),
            random: Xoshiro256PlusPlus::seed_from_u64(state),
            scramble: Scramble::new(self.scale, self.seed),
        }
    }

    /// Writes the graph as [`write_edge_list`] does.
    ///
    /// # Errors
    ///
    /// The first error of `out`, as it is: a caller may want to take a broken pipe for success.
    pub fn write_edge_list(&self, out: &mut (impl Write + Send)) -> io::Result<()> {
        write_edge_list(self, out)
    }
}

impl Generator for Kronecker {
    fn describe(&self) -> String {
        format!(
            "Kronecker graph: scale {} edge factor {} seed {}, {} vertices, {} edges, directed, \
             A .57 B .19 C .19",
            self.scale,
            self.edge_factor,
            self.seed,
            self.vertex_count(),
            self.edge_count()
        )
    }

    fn vertex_count(&self) -> u64 {
        self.vertex_count()
    }

    fn expected_edges(&self) -> u64 {
        self.edge_count()
    }

    fn block_count(&self) -> u64 {
        self.block_count()
    }

    fn edges(&self, block: u64) -> Vec<(VertexId, VertexId)> {
        self.block(block).collect()
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "kronecker",
    summary: "A random graph as skewed as social networks (Graph500, R-MAT)",
    parameters: &[
        Parameter {
            name: "scale",
            value: "COUNT",
            help: "The graph has 2^COUNT vertices, COUNT from 1 to 32",
            default: "",
            choices: &[],
        },
        Parameter {
            name: "edge-factor",
            value: "COUNT",
            help: "Edges for each vertex",
            default: "16",
            choices: &[],
        },
        SEED,
    ],
    make: |family, arguments| {
        let graph = Kronecker::new(family.required(arguments, "scale")?)?
            .edge_factor(arguments.get("edge-factor")?.unwrap_or(DEFAULT_EDGE_FACTOR))
            .seed(arguments.get("seed")?.unwrap_or_default());
        Ok(Box::new(graph))
    },
};

/// The edges of one block of a [`Kronecker`] graph.
#[derive(Debug, Clone)]
pub struct KroneckerBlock {
    scale: u32,
    left: u64,
    random: Xoshiro256PlusPlus,
    scramble: Scramble,
}

impl Iterator for KroneckerBlock {
    type Item = (VertexId, VertexId);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let (mut source, mut target) = (0, 0);
        let mut descend = |random: u32| {
            let [a, b, c] = QUARTERS.map(|bound| u64::from(random >= bound));
            source = source << 1 | b;
            // Right of the middle: past A but not past B, or past C.
            target = target << 1 | (a ^ b ^ c);
        };
        // One random number serves two levels.
        for _ in 0..self.scale / 2 {
            let random = self.random.next_u64();
            descend((random >> 32) as u32);
            descend(random as u32);
        }
        if self.scale % 2 == 1 {
            descend(self.random.next_u32());
        }
        Some((self.scramble.id(source), self.scramble.id(target)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

impl ExactSizeIterator for KroneckerBlock {}

/// A permutation of the numbers below 2^scale, chosen by a seed.
///
/// Adding a constant, multiplying by an odd constant and reversing the bits each permute the
/// numbers of `scale` bits, so doing them in turn does; this is the scrambling of the Graph500
/// reference code (`graph_generator.c`, `scramble`). A multiplication carries low bits up, the
/// reversal brings the high ones down for the next.
#[derive(Debug, Clone, Copy)]
struct Scramble {
    scale: u32,
    add: u64,
    factors: [u64; 2],
}

impl Scramble {
    fn new(scale: u32, seed: u64) -> Self {
        let constant = |number: u64| mix(mix(seed ^ 0x5CA3_B1E5).wrapping_add(number));
        Self { scale, add: constant(0), factors: [constant(1) | 1, constant(2) | 1] }
    }

    #[inline]
    fn id(self, vertex: u64) -> u64 {
        // Only the low `scale` bits count until a reversal drops the others.
        let [first, second] = self.factors;
        let drop = u64::BITS - self.scale;
        let vertex = vertex.wrapping_add(self.add).wrapping_mul(first);
        let vertex = (vertex.reverse_bits() >> drop).wrapping_mul(second);
        vertex.reverse_bits() >> drop
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn edges(graph: &Kronecker) -> Vec<(u64, u64)> {
        (0..graph.block_count()).flat_map(|index| graph.block(index)).collect()
    }

    fn checksum(bytes: &[u8]) -> u64 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(bytes);
        u64::from(crc.finalize())
    }

    fn text(graph: &Kronecker, threads: usize) -> Vec<u8> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut out = Vec::new();
        pool.install(|| graph.write_edge_list(&mut out)).unwrap();
        out
    }

    #[test]
    fn a_seed_always_gives_the_same_graph() -> Result<()> {
        let graph = Kronecker::new(14)?.seed(1);
        assert_eq!(graph.block_count(), 4);
        let one = text(&graph, 1);
        // Changes only with the generator, and then every benchmark on its graphs must say so.
        assert_eq!(checksum(&one), 4_011_677_499);
        for threads in [2, 3, 8] {
            assert!(one == text(&graph, threads), "{threads} threads");
        }
        assert!(one != text(&graph.seed(2), 1));
        Ok(())
    }

    #[test]
    fn the_edge_list_is_the_edges_in_order_under_a_header() -> Result<()> {
        let graph = Kronecker::new(5)?.edge_factor(3000).seed(7);
        assert_eq!((graph.edge_count(), graph.block_count()), (96_000, 2));
        let text = String::from_utf8(text(&graph, 2)).unwrap();
        let (header, lines) = text.split_once('\n').unwrap();
        assert_eq!(
            header,
            "# Kronecker graph: scale 5 edge factor 3000 seed 7, 32 vertices, 96000 edges, \
             directed, A .57 B .19 C .19"
        );
        let expected: String =
            edges(&graph).iter().map(|(source, target)| format!("{source}\t{target}\n")).collect();
        assert!(lines == expected);
        Ok(())
    }

    #[test]
    fn blocks_add_up_and_end() -> Result<()> {
        for (scale, factor) in [(1, 0), (1, 1), (3, 5), (13, 8), (13, 9), (16, 1)] {
            let graph = Kronecker::new(scale)?.edge_factor(factor);
            let edges = edges(&graph);
            assert_eq!(edges.len() as u64, graph.edge_count());
            assert_eq!(graph.block(graph.block_count()).len(), 0);
            assert_eq!(graph.block(u64::MAX).len(), 0);
            let limit = graph.vertex_count();
            assert!(edges.iter().all(|&(source, target)| source < limit && target < limit));
        }
        let largest = Kronecker::new(32)?.edge_factor(u32::MAX);
        assert_eq!(largest.edge_count(), u64::from(u32::MAX) << 32);
        assert!(largest.block(3).all(|(source, target)| source >> 32 == 0 && target >> 32 == 0));
        Ok(())
    }

    #[test]
    fn scales_out_of_range_are_refused() {
        for scale in [0, 33, u32::MAX] {
            let error = Kronecker::new(scale).unwrap_err();
            assert!(matches!(error.kind(), crate::ErrorKind::Argument(_)), "{error}");
        }
    }

    #[test]
    fn scrambling_is_a_permutation() {
        for scale in 1..=12 {
            for seed in 0..20 {
                let scramble = Scramble::new(scale, seed);
                let ids: HashSet<u64> = (0..1 << scale).map(|id| scramble.id(id)).collect();
                assert_eq!(ids.len(), 1 << scale);
                assert!(ids.iter().all(|&id| id < 1 << scale));
            }
        }
    }

    #[test]
    fn quarters_are_chosen_with_their_probabilities() -> Result<()> {
        let bounds = QUARTERS.map(|bound| f64::from(bound) / 4_294_967_296.0);
        for (bound, exact) in bounds.into_iter().zip([0.57, 0.76, 0.95]) {
            assert!((bound - exact).abs() < 1e-9, "{bound} for {exact}");
        }
        // Unscrambled, the top bits of an edge are its first quarter.
        let graph = Kronecker::new(15)?.edge_factor(64).seed(3);
        let mut counts = [0_u64; 4];
        for index in 0..graph.block_count() {
            let mut block = graph.block(index);
            block.scramble = Scramble { scale: 15, add: 0, factors: [1, 1] };
            for (source, target) in block {
                counts[(source >> 14 << 1 | target >> 14) as usize] += 1;
            }
        }
        // Within five standard deviations.
        for (count, share) in counts.into_iter().zip([0.57, 0.19, 0.19, 0.05]) {
            let edges = graph.edge_count() as f64;
            let deviation = (share * (1.0 - share) * edges).sqrt();
            assert!((count as f64 - share * edges).abs() < 5.0 * deviation, "{counts:?}");
        }
        Ok(())
    }

    #[test]
    fn degrees_are_skewed() -> Result<()> {
        let graph = Kronecker::new(14)?.seed(5);
        let mut degrees = vec![0_u64; 1 << 14];
        for (source, target) in edges(&graph) {
            degrees[source as usize] += 1;
            degrees[target as usize] += 1;
        }
        let busiest = degrees.iter().max().unwrap();
        let idle = degrees.iter().filter(|&&degree| degree == 0).count();
        // The average degree is 32; the busiest vertex expects 2 · 2^18 · .76^14 ≈ 11,250.
        assert!((10_000..12_500).contains(busiest), "{busiest}");
        assert!((1 << 14) / 5 < idle && idle < (1 << 14) / 2, "{idle}");
        // Ids do not tell the degree: the two halves of the ids have similar shares.
        let low: u64 = degrees[..1 << 13].iter().sum();
        let share = low as f64 / (2.0 * graph.edge_count() as f64);
        assert!((0.3..0.7).contains(&share), "{share}");
        Ok(())
    }
}
