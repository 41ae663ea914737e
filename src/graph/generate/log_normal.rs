//! Graphs whose out-degrees have a log-normal distribution, as pages of the web have links.
//!
//! Source: see [`LogNormal`].

use rand_xoshiro::rand_core::RngCore;

use super::random::{SEED, below, normal, numbers};
use super::{BLOCK_EDGES, Family, Generator, VERTICES, checked_vertices};
use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::parameter::Parameter;

/// The mean of the logarithm of out-degrees, unless another is asked for.
const DEFAULT_MU: f64 = 4.0;

/// The standard deviation of the logarithm of out-degrees, unless another is asked for.
const DEFAULT_SIGMA: f64 = 1.3;

/// A directed graph whose out-degrees are drawn from a log-normal distribution, rounded down, and
/// whose targets are drawn evenly from all vertices.
///
/// Degrees that are not below the number of vertices are drawn again. Self-loops and parallel edges
/// occur.
///
/// # Source
///
/// G. Malewicz et al., "Pregel: a system for large-scale graph processing", SIGMOD 2010, section 5
/// (mu 4, sigma 1.3: a mean of 127 edges); GraphX, `GraphGenerators.logNormalGraph`.
///
/// # Example
///
/// ```
/// use superstep::graph::generate::{Generator, LogNormal};
///
/// let graph = LogNormal::new(2000)?.seed(1);
/// let edges: usize = (0..graph.block_count()).map(|block| graph.edges(block).len()).sum();
/// assert!((180_000..300_000).contains(&edges), "{edges}");
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct LogNormal {
    vertices: u64,
    mu: f64,
    sigma: f64,
    seed: u64,
}

impl LogNormal {
    /// Makes a graph with mu 4, sigma 1.3 and seed 0.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error for more than
    /// [`MAX_VERTICES`](super::MAX_VERTICES).
    pub fn new(vertices: u64) -> Result<Self> {
        let vertices = checked_vertices(vertices)?;
        Ok(Self { vertices, mu: DEFAULT_MU, sigma: DEFAULT_SIGMA, seed: 0 })
    }

    /// Sets the mean and the standard deviation of the logarithm of out-degrees.
    ///
    /// # Errors
    ///
    /// An [`Argument`](crate::ErrorKind::Argument) error unless both are finite, sigma is not
    /// negative, and one degree of two at least is below the number of vertices.
    pub fn degrees(self, mu: f64, sigma: f64) -> Result<Self> {
        if !mu.is_finite() || !sigma.is_finite() || sigma < 0.0 {
            let wrong = format!("mu {mu} and sigma {sigma} are not those of a distribution");
            return Err(Error::argument(wrong));
        }
        // Half of all degrees are below the median; without that, drawing again might not end.
        let median = libm::exp(mu);
        if self.vertices > 0 && median >= self.vertices as f64 {
            let vertices = self.vertices;
            return Err(Error::argument(format!(
                "{vertices} vertices are too few for a median degree of {median:.0}"
            )));
        }
        Ok(Self { mu, sigma, ..self })
    }

    /// Sets the seed: equal seeds give equal graphs.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// What a degree is on average, before it is rounded and without a limit.
    fn mean_degree(&self) -> f64 {
        libm::exp(self.mu + self.sigma * self.sigma / 2.0).min(self.vertices as f64)
    }

    /// The number of vertices whose edges make a block.
    fn block_vertices(&self) -> u64 {
        ((BLOCK_EDGES as f64 / self.mean_degree()) as u64).clamp(1, BLOCK_EDGES)
    }
}

impl Generator for LogNormal {
    fn describe(&self) -> String {
        let Self { vertices, mu, sigma, seed } = self;
        format!(
            "Log-normal graph: {vertices} vertices, mu {mu} sigma {sigma} seed {seed}, directed"
        )
    }

    fn vertex_count(&self) -> u64 {
        self.vertices
    }

    fn expected_edges(&self) -> u64 {
        (self.mean_degree() * self.vertices as f64) as u64
    }

    fn block_count(&self) -> u64 {
        self.vertices.div_ceil(self.block_vertices())
    }

    fn edges(&self, block: u64) -> Vec<(VertexId, VertexId)> {
        let start = block.saturating_mul(self.block_vertices()).min(self.vertices);
        let end = start.saturating_add(self.block_vertices()).min(self.vertices);
        let mut edges = Vec::new();
        for source in start..end {
            let mut random = numbers(self.seed, source);
            let degree = loop {
                let degree = libm::exp(self.mu + self.sigma * normal(&mut random));
                if degree < self.vertices as f64 {
                    break degree as u64;
                }
            };
            edges.extend((0..degree).map(|_| (source, below(random.next_u64(), self.vertices))));
        }
        edges
    }
}

/// The entry of the registry.
pub(super) const FAMILY: Family = Family {
    name: "log-normal",
    summary: "A random directed graph with log-normal out-degrees, as pages of the web (GraphX)",
    parameters: &[
        VERTICES,
        Parameter {
            name: "mu",
            value: "NUMBER",
            help: "Mean of the logarithm of out-degrees: half of them are below e^mu",
            default: "4",
            choices: &[],
        },
        Parameter {
            name: "sigma",
            value: "NUMBER",
            help: "Standard deviation of the logarithm of out-degrees",
            default: "1.3",
            choices: &[],
        },
        SEED,
    ],
    make: |family, arguments| {
        let graph = LogNormal::new(family.required(arguments, "vertices")?)?.degrees(
            arguments.get("mu")?.unwrap_or(DEFAULT_MU),
            arguments.get("sigma")?.unwrap_or(DEFAULT_SIGMA),
        )?;
        Ok(Box::new(graph.seed(arguments.get("seed")?.unwrap_or_default())))
    },
};
