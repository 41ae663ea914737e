//! Closeness centrality: how near all others are.
//!
//! ```text
//! closeness(v) = r / Σ of the distances to the r vertices that v reaches · r / (N - 1)
//! ```
//!
//! The second factor makes vertices of different components comparable; without it a vertex that
//! reaches one neighbor only would be as close as can be. A vertex that reaches nobody has 0.
//!
//! - **State, supersteps, messages**: those of [`DistanceSums`]: exact, for graphs of up to some ten
//!   thousand vertices, in N / 512 searches of the whole graph; or estimated, in one.
//! - **Source**: Bavelas, *Communication patterns in task-oriented groups* (Journal of the
//!   Acoustical Society of America 22, 1950); Wasserman and Faust, *Social Network Analysis* (1994),
//!   section 5.2 for the second factor.

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Direction, Outcome};

pub use super::distance_sums::{Clock, DistanceSums, PRECISIONS};

use super::distance_sums::{
    DIRECTION, ESTIMATE, check_precision, direction_argument, distance_sums, memory_of,
};
use super::ranges::given;
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// Starts closeness centrality on a graph.
///
/// ```
/// use superstep::algorithms::closeness;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let path = ctx.parallelize([(1, 2), (2, 3)].map(Edge::from), 2);
/// let graph = Graph::builder().undirected(true).edges(&path)?;
/// let scores = closeness(&graph).run()?.states().collect()?;
/// assert_eq!(scores, [(1, 2.0 / 3.0), (2, 1.0), (3, 2.0 / 3.0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn closeness<V: Data, E: Data>(graph: &Graph<V, E>) -> ClosenessRun<'_, V, E> {
    ClosenessRun { graph, direction: Direction::Out, within_reach: false, precision: None }
}

/// Closeness centrality on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct ClosenessRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    direction: Direction,
    within_reach: bool,
    precision: Option<u32>,
}

impl<V: Data, E: Data> ClosenessRun<'_, V, E> {
    /// Sets along which edges distances from the vertex are measured: [`Direction::Out`] by
    /// default; [`Direction::In`] measures distances to the vertex, as NetworkX does.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Leaves out the factor r / (N - 1), so that only the vertices within reach count, as in
    /// igraph.
    pub fn within_reach(mut self, within_reach: bool) -> Self {
        self.within_reach = within_reach;
        self
    }

    /// Estimates by HyperBall with `2^precision` bytes a vertex, from 4 to 16: the number of
    /// vertices within a distance then has a relative standard deviation of
    /// 1.04 / √(2^precision), 13 % at 6.
    pub fn estimate(mut self, precision: u32) -> Self {
        self.precision = Some(precision);
        self
    }

    /// Computes the scores: an outcome whose states are `(id, score)` in id order, from 0 to 1.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a precision out of its range;
    /// otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Clock>> {
        let others = self.graph.vertex_count().saturating_sub(1) as f64;
        let within_reach = self.within_reach;
        let outcome = distance_sums(self.graph, self.direction, self.precision)?;
        Ok(outcome.map_states(move |sums| match sums {
            DistanceSums { farness: 0.0, .. } => 0.0,
            DistanceSums { reached, farness, .. } if within_reach => reached / farness,
            DistanceSums { reached, farness, .. } => reached / farness * (reached / others),
        }))
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "closeness"
    }

    fn summary(&self) -> &'static str {
        "How near all others are to each vertex"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            DIRECTION,
            ESTIMATE,
            Parameter {
                name: "within-reach",
                value: "",
                help: "Leave out the factor for the vertices that are out of reach",
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
        let mut run = closeness(graph).within_reach(arguments.is_set("within-reach"));
        run.direction = direction_argument(arguments)?;
        run.precision = arguments.get("estimate")?;
        let outcome = run.run()?;
        Ok(Table::new(&["id", "score"], Values::Float(outcome.states()), &outcome))
    }
}
