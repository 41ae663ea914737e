//! Harmonic centrality: the sum of 1 / distance over all others.
//!
//! ```text
//! harmonic(v) = Σ over vertices w ≠ v that v reaches of 1 / distance(v, w)
//! ```
//!
//! - **State, supersteps, messages**: those of [`DistanceSums`](super::closeness::DistanceSums):
//!   exact, for graphs of up to some ten thousand vertices, in N / 512 searches of the whole graph;
//!   or estimated, in one.
//! - **Source**: Marchiori and Latora, *Harmony in the small-world* (Physica A 285, 2000); Boldi and
//!   Vigna, *Axioms for centrality* (Internet Mathematics 10, 2014), section 3.

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Direction, Outcome};

use super::distance_sums::{
    Clock, DIRECTION, ESTIMATE, check_precision, direction_argument, distance_sums, memory_of,
};
use super::ranges::given;
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// Starts harmonic centrality on a graph.
///
/// ```
/// use superstep::algorithms::harmonic;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let path = ctx.parallelize([(1, 2), (2, 3)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&path)?;
/// let scores = harmonic(&graph).run()?.states().collect()?;
/// assert_eq!(scores, [(1, 1.5), (2, 1.0), (3, 0.0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn harmonic<V: Data, E: Data>(graph: &Graph<V, E>) -> HarmonicRun<'_, V, E> {
    HarmonicRun { graph, direction: Direction::Out, normalized: false, precision: None }
}

/// Harmonic centrality on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct HarmonicRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    direction: Direction,
    normalized: bool,
    precision: Option<u32>,
}

impl<V: Data, E: Data> HarmonicRun<'_, V, E> {
    /// Sets along which edges distances from the vertex are measured: [`Direction::Out`] by
    /// default; [`Direction::In`] measures distances to the vertex, as NetworkX does.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Divides by N - 1, so that scores are from 0 to 1, as in igraph.
    pub fn normalized(mut self, normalized: bool) -> Self {
        self.normalized = normalized;
        self
    }

    /// Estimates by HyperBall with `2^precision` bytes a vertex, from 4 to 16: the number of
    /// vertices within a distance then has a relative standard deviation of
    /// 1.04 / √(2^precision), 13 % at 6.
    pub fn estimate(mut self, precision: u32) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Computes the scores: an outcome whose states are `(id, score)` in id order, from 0 to N - 1.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a precision out of its range;
    /// otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Clock>> {
        let others = self.graph.vertex_count().saturating_sub(1).max(1) as f64;
        let divisor = if self.normalized { others } else { 1.0 };
        let outcome = distance_sums(self.graph, self.direction, self.precision)?;
        Ok(outcome.map_states(move |sums| sums.harmonic / divisor))
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "harmonic"
    }

    fn summary(&self) -> &'static str {
        "The sum of 1 / distance from each vertex to all others"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            DIRECTION,
            ESTIMATE,
            Parameter {
                name: "normalized",
                value: "",
                help: "Divide by the number of other vertices",
                default: "",
                choices: &[],
            },
        ]
    }

    fn memory(&self, arguments: &Arguments) -> Memory {
        memory_of(arguments)
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["score"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, ESTIMATE.name, |_, precision| check_precision(precision))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = harmonic(graph).normalized(arguments.is_set("normalized"));
        run.direction = direction_argument(arguments)?;
        run.precision = arguments.get("estimate")?;
        let outcome = run.run()?;
        Ok(Table::new(&["id", "score"], Values::Float(outcome.states()), &outcome))
    }
}
