//! Katz centrality: how many walks end at a vertex, long ones counting less.
//!
//! ```text
//! score₀(v) = β
//! scoreᵢ(v) = α · Σ over edges u→v of scoreᵢ₋₁(u) + β
//! ```
//!
//! A walk of k edges counts α^k. The sums converge while α is less than 1 / λ, where λ is the
//! largest eigenvalue of the adjacency matrix; λ is at most the largest degree, so the default
//! 1 / (largest degree + 1) always does.
//!
//! - **State**: the score, an `f64`. Parallel edges count as often as they occur.
//! - **Supersteps**: iterations + 1. **Messages**: every edge in each.
//! - **Source**: Katz, *A new status index derived from sociometric analysis* (Psychometrika 18,
//!   1953); Newman, *Networks* (2010), section 7.3.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{Aggregate, Outcome, Pregel, Seed, Sum, Superstep, Vertex, VertexProgram};
use crate::rdd::Rdd;

pub use super::limits::DEFAULT_TOLERANCE;

use super::limits::{ITERATIONS, Limits, TOLERANCE, end_if, limit_setters};
use super::ranges::{given, positive};
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The weight of what every vertex has by itself, when none is set.
pub const DEFAULT_BETA: f64 = 1.0;
/// The iteration limit, when none is set.
pub const DEFAULT_ITERATIONS: usize = 1000;

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct Katz {
    alpha: f64,
    beta: f64,
    tolerance: f64,
}

/// What an iteration adds up over all vertices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// How much the scores changed: the L1 distance to the iteration before.
    pub change: f64,
    /// The absolute values of all scores.
    pub size: f64,
    /// The squares of all scores.
    pub squares: f64,
}

impl Aggregate for Totals {
    fn merge(&mut self, other: Self) {
        self.change += other.change;
        self.size += other.size;
        self.squares += other.squares;
    }
}

impl VertexProgram for Katz {
    type State = f64;
    type Edge = ();
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = Totals;

    fn init(&self, _seed: &Seed) -> f64 {
        self.beta
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        if vertex.superstep() > 0 {
            let score = self.alpha * inbox.unwrap_or(0.0) + self.beta;
            let change = (score - *vertex.state()).abs();
            *vertex.state_mut() = score;
            let totals = vertex.aggregate();
            totals.change += change;
            totals.size += score.abs();
            totals.squares += score * score;
        }
        vertex.send_to_neighbors(*vertex.state());
    }

    fn after_superstep(&self, step: &Superstep<'_, Totals>) -> ControlFlow<()> {
        let totals = step.aggregate;
        let settled = totals.change <= self.tolerance * totals.size;
        end_if(step.index > 0 && (settled || !totals.size.is_finite()))
    }
}

/// Starts Katz centrality on a graph.
///
/// ```
/// use superstep::algorithms::katz;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3)].map(Edge::from), 2);
/// let scores = katz(&Graph::from_edges(&edges)?).alpha(0.5).run()?.states().collect()?;
/// assert_eq!(scores, [(1, 1.0), (2, 1.5), (3, 1.75)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn katz<V: Data, E: Data>(graph: &Graph<V, E>) -> KatzRun<'_, V, E> {
    KatzRun { graph, alpha: None, beta: DEFAULT_BETA, limits: Limits::default(), normalized: false }
}

/// Katz centrality on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct KatzRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    alpha: Option<f64>,
    beta: f64,
    limits: Limits,
    normalized: bool,
}

impl<V: Data, E: Data> KatzRun<'_, V, E> {
    /// Sets what an edge's worth of distance is multiplied by, above 0; by default
    /// 1 / (largest degree + 1), of in-degrees or out-degrees whichever are smaller at most.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = Some(alpha);
        self
    }

    /// Sets what every vertex has by itself, above 0; by default 1. All scores are in proportion.
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    limit_setters! {
        /// Sets how many iterations may run, by default 1000.
        iterations
        /// Ends when an iteration changes all scores together by no more than this part of their
        /// sum; by default 1e-12.
        tolerance
    }

    /// Scales the scores so that their squares sum to 1.
    pub fn normalized(mut self, normalized: bool) -> Self {
        self.normalized = normalized;
        self
    }

    /// Computes the scores: an outcome whose states are `(id, score)` in id order, and whose stop
    /// reason is [`Stopped`](crate::StopReason::Stopped) when the tolerance was met and
    /// [`MaxSupersteps`](crate::StopReason::MaxSupersteps) after the last iteration allowed, as
    /// happens where alpha is too large.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a parameter out of its range, or an
    /// alpha so large that the scores grow beyond all numbers; otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Totals>> {
        let alpha = match self.alpha {
            Some(alpha) => alpha,
            None => 1.0 / (f64::from(self.smaller_largest_degree()?) + 1.0),
        };
        positive("alpha", alpha)?;
        positive("beta", self.beta)?;
        let program = Katz { alpha, beta: self.beta, tolerance: self.limits.tolerance()? };
        let iterations = self.limits.iterations.unwrap_or(DEFAULT_ITERATIONS);
        let run = Pregel::new(program).max_supersteps(iterations.saturating_add(1));
        let outcome = run.run(&self.graph.structure()?)?;
        if !outcome.aggregate().size.is_finite() {
            return Err(Error::argument(match self.alpha {
                Some(_) => format!(
                    "alpha {alpha}: scores grow without limit; it has to be less than 1 / the \
                     largest eigenvalue of the adjacency matrix"
                ),
                // At this alpha they have a limit.
                None => format!("beta {}: scores grow beyond all numbers", self.beta),
            }));
        }
        if !self.normalized {
            return Ok(outcome);
        }
        let squares = outcome.aggregate().squares;
        let scale = if squares > 0.0 { 1.0 / squares.sqrt() } else { 1.0 };
        Ok(outcome.map_states(move |score| score * scale))
    }

    /// The largest in-degree or the largest out-degree: the eigenvalue is at most either.
    fn smaller_largest_degree(&self) -> Result<u32> {
        let largest = |degrees: Rdd<(VertexId, u32)>| degrees.map(|(_, d)| d).fold(0, u32::max);
        Ok(largest(self.graph.in_degrees())?.min(largest(self.graph.out_degrees())?))
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "katz"
    }

    fn summary(&self) -> &'static str {
        "The number of walks that end at each vertex, long ones counting less"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "alpha",
                value: "NUMBER",
                help: "What every edge of a walk multiplies by; less than 1 / the largest eigenvalue",
                default: "1 / (largest degree + 1)",
                choices: &[],
            },
            Parameter {
                name: "beta",
                value: "NUMBER",
                help: "What every vertex has by itself, above 0",
                default: "1",
                choices: &[],
            },
            ITERATIONS,
            Parameter {
                help: "Stop when an iteration changes all scores together by no more than this part of their sum",
                ..TOLERANCE
            },
            Parameter {
                name: "normalized",
                value: "",
                help: "Scale the scores so that their squares sum to 1",
                default: "",
                choices: &[],
            },
        ]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["score"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, "alpha", positive)?;
        given(arguments, "beta", positive)?;
        Limits::read(arguments)?.tolerance().map(drop)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = katz(graph).normalized(arguments.is_set("normalized"));
        run.alpha = arguments.get("alpha")?;
        run.beta = arguments.get("beta")?.unwrap_or(run.beta);
        run.limits = Limits::read(arguments)?;
        let outcome = run.run()?;
        Ok(Table::new(&["id", "score"], Values::Float(outcome.states()), &outcome))
    }
}
