//! Eigenvector centrality: a vertex is as central as those that point to it together.
//!
//! ```text
//! x₀(v) = 1/√N
//! zᵢ(v) = xᵢ₋₁(v) + Σ over edges u→v of xᵢ₋₁(u)      xᵢ = zᵢ / |zᵢ|
//! ```
//!
//! Adding the vertex's own score does not change the eigenvectors, but makes the largest eigenvalue
//! the only one of its size, so that bipartite graphs converge too.
//!
//! - **State**: the score and what becomes of it in the next iteration, two `f64`. Parallel edges
//!   count as often as they occur.
//! - **Supersteps**: iterations + 2: the length of zᵢ is known one superstep later.
//!   **Messages**: every edge in each.
//! - **Source**: Bonacich, *Power and centrality: a family of measures* (American Journal of
//!   Sociology 92, 1987); Newman, *Networks* (2010), section 7.2. NetworkX shifts in the same way.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Aggregate, Outcome, Pregel, Seed, Sum, Superstep, Vertex, VertexProgram};

pub use super::limits::DEFAULT_TOLERANCE;

use super::limits::{ITERATIONS, Limits, TOLERANCE, end_if, limit_setters};
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The iteration limit, when none is set.
pub const DEFAULT_ITERATIONS: usize = 10_000;

/// A vertex between two iterations.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Score {
    /// Of a vector of length 1.
    score: f64,
    /// The next score, before it is known what to divide by.
    next: f64,
}

/// What an iteration adds up over all vertices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The squares of the next scores, before they are scaled.
    pub squares: f64,
    /// How much the scores changed: the L1 distance to the iteration before.
    pub change: f64,
}

impl Aggregate for Totals {
    fn merge(&mut self, other: Self) {
        self.squares += other.squares;
        self.change += other.change;
    }
}

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct Eigenvector {
    tolerance: f64,
}

impl VertexProgram for Eigenvector {
    type State = Score;
    type Edge = ();
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = Totals;

    fn init(&self, seed: &Seed) -> Score {
        let score = 1.0 / (seed.vertex_count as f64).sqrt();
        Score { score, next: score }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        if vertex.superstep() > 0 {
            // What was sent was not scaled yet either.
            let length = vertex.previous().squares.sqrt();
            let before = *vertex.state();
            let score = before.next / length;
            let next = score + inbox.unwrap_or(0.0) / length;
            *vertex.state_mut() = Score { score, next };
            vertex.aggregate().change += (score - before.score).abs();
        }
        let next = vertex.state().next;
        vertex.aggregate().squares += next * next;
        vertex.send_to_neighbors(next);
    }

    fn after_superstep(&self, step: &Superstep<'_, Totals>) -> ControlFlow<()> {
        // Superstep 1 only scales what superstep 0 began with.
        end_if(step.index > 1 && step.aggregate.change < self.tolerance)
    }
}

/// Starts eigenvector centrality on a graph.
///
/// It says something where the graph is connected, and strongly so when it is directed: elsewhere
/// scores gather in the component with the largest eigenvalue, and without cycles they never
/// settle.
///
/// ```
/// use superstep::algorithms::eigenvector;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let star = ctx.parallelize([(1, 2), (1, 3), (1, 4), (1, 5)].map(Edge::from), 2);
/// let star = Graph::builder().undirected(true).edges(&star)?;
/// let scores = eigenvector(&star).run()?.states().collect()?;
/// assert!((scores[0].1 - 0.5_f64.sqrt()).abs() < 1e-9);
/// assert!((scores[1].1 - 0.5_f64.sqrt() / 2.0).abs() < 1e-9);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn eigenvector<V: Data, E: Data>(graph: &Graph<V, E>) -> EigenvectorRun<'_, V, E> {
    EigenvectorRun { graph, limits: Limits::default() }
}

/// Eigenvector centrality on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct EigenvectorRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    limits: Limits,
}

impl<V: Data, E: Data> EigenvectorRun<'_, V, E> {
    limit_setters! {
        /// Sets how many iterations may run, by default 10,000.
        iterations
        /// Ends when an iteration changes the scores by less than this in total (L1 norm); by
        /// default 1e-12.
        tolerance
    }

    /// Computes the scores: an outcome whose states are `(id, score)` in id order, from 0 to 1,
    /// whose squares sum to 1, and whose stop reason is
    /// [`Stopped`](crate::StopReason::Stopped) when the tolerance was met and
    /// [`MaxSupersteps`](crate::StopReason::MaxSupersteps) after the last iteration allowed. In a
    /// graph without edges all scores are the same.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a tolerance that is not above 0;
    /// otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Totals>> {
        let run = Pregel::new(Eigenvector { tolerance: self.limits.tolerance()? });
        let iterations = self.limits.iterations.unwrap_or(DEFAULT_ITERATIONS);
        let run = run.max_supersteps(iterations.saturating_add(2));
        Ok(run.run(&self.graph.structure()?)?.map_states(|state| state.score))
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "eigenvector"
    }

    fn summary(&self) -> &'static str {
        "How central those are that point to each vertex, and so on"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter { default: "10000", ..ITERATIONS }, TOLERANCE]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["score"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        Limits::read(arguments)?.tolerance().map(drop)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = eigenvector(graph);
        run.limits = Limits::read(arguments)?;
        let outcome = run.run()?;
        Ok(Table::new(&["id", "score"], Values::Float(outcome.states()), &outcome))
    }
}
