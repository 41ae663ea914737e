//! HITS: hubs point to good authorities, and authorities are pointed to by good hubs.
//!
//! ```text
//! hub₀(v) = 1/N
//! authorityᵢ(v) = Σ over edges u→v of hubᵢ₋₁(u), scaled
//! hubᵢ(v)       = Σ over edges v→w of authorityᵢ(w), scaled
//! ```
//!
//! - **State**: both scores and the last sum received, three `f64`. Parallel edges count as often as
//!   they occur.
//! - **Supersteps**: four an iteration, and one: in the even phases hubs send along edges and
//!   authorities add up, in the odd ones authorities send against edges and hubs add up.
//!   **Messages**: every edge twice an iteration.
//! - **Source**: Kleinberg, *Authoritative sources in a hyperlinked environment* (Journal of the ACM
//!   46, 1999), section 3.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::pregel::{
    Aggregate, Direction, Outcome, Pregel, Seed, Sum, Superstep, Vertex, VertexProgram,
};

pub use super::limits::DEFAULT_TOLERANCE;

use super::limits::{ITERATIONS, Limits, TOLERANCE, end_if, limit_setters};
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The iteration limit, when none is set.
pub const DEFAULT_ITERATIONS: usize = 1000;

/// What is 1 about all hub scores, and about all authority scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Their sum, as in NetworkX.
    #[default]
    Sum,
    /// The sum of their squares, as in Kleinberg's paper and Neo4j.
    Squares,
    /// The largest one, as in igraph.
    Largest,
}

impl Scale {
    /// The names, in order.
    pub const NAMES: &[&str] = &["sum", "squares", "largest"];
}

impl FromStr for Scale {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "sum" => Ok(Self::Sum),
            "squares" => Ok(Self::Squares),
            "largest" => Ok(Self::Largest),
            _ => Err(Error::argument(format!("not one of {}", Self::NAMES.join(", ")))),
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::NAMES[*self as usize])
    }
}

/// The two scores of a vertex.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// How good the pages are that it points to.
    pub hub: f64,
    /// How good the pages are that point to it.
    pub authority: f64,
}

/// A vertex between two half iterations.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct State {
    scores: Scores,
    /// What was received, before it is known what to divide by.
    received: f64,
}

/// What a half iteration gathers from all vertices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    sum: f64,
    squares: f64,
    largest: f64,
    /// How much the hub scores changed: the L1 distance to the iteration before.
    pub change: f64,
}

impl Aggregate for Totals {
    fn merge(&mut self, other: Self) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.largest = self.largest.max(other.largest);
        self.change += other.change;
    }
}

/// The vertex program. Every phase has two supersteps: the first scales what the phase before left
/// and sends, the second adds up.
#[derive(Debug, Clone, Copy)]
struct Hits {
    scale: Scale,
    tolerance: f64,
}

impl Hits {
    /// What was received, scaled; nothing where there are no edges.
    fn scaled(&self, received: f64, totals: &Totals) -> f64 {
        let size = match self.scale {
            Scale::Sum => totals.sum,
            Scale::Squares => totals.squares.sqrt(),
            Scale::Largest => totals.largest,
        };
        if size > 0.0 { received / size } else { 0.0 }
    }
}

impl VertexProgram for Hits {
    type State = State;
    type Edge = ();
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = Totals;

    fn init(&self, seed: &Seed) -> State {
        let hub = 1.0 / seed.vertex_count as f64;
        State { scores: Scores { hub, authority: 0.0 }, received: 0.0 }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        if !vertex.superstep().is_multiple_of(2) {
            let received = inbox.unwrap_or(0.0);
            vertex.state_mut().received = received;
            let totals = vertex.aggregate();
            totals.sum += received;
            totals.squares += received * received;
            totals.largest = totals.largest.max(received);
            vertex.vote_to_halt();
            return;
        }
        let State { mut scores, received } = *vertex.state();
        let scaled = self.scaled(received, vertex.previous());
        let sends = match vertex.phase() {
            0 => scores.hub,
            phase if phase.is_multiple_of(2) => {
                vertex.aggregate().change += (scaled - scores.hub).abs();
                scores.hub = scaled;
                scaled
            }
            _ => {
                scores.authority = scaled;
                scaled
            }
        };
        vertex.state_mut().scores = scores;
        vertex.send_to_neighbors(sends);
    }

    fn direction_in(&self, phase: usize) -> Direction {
        if phase.is_multiple_of(2) { Direction::Out } else { Direction::In }
    }

    fn after_superstep(&self, step: &Superstep<'_, Totals>) -> ControlFlow<()> {
        let has_hubs = step.index > 0 && step.index.is_multiple_of(4);
        end_if(has_hubs && step.aggregate.change < self.tolerance)
    }

    fn next_phase(&self, _step: &Superstep<'_, Totals>, _phase: usize) -> bool {
        true
    }
}

/// Starts HITS on a graph.
///
/// ```
/// use superstep::algorithms::hits;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 3), (2, 3)].map(Edge::from), 2);
/// let scores = hits(&Graph::from_edges(&edges)?).run()?.states().collect()?;
/// let both = scores.iter().map(|(id, scores)| (*id, scores.hub, scores.authority));
/// assert_eq!(both.collect::<Vec<_>>(), [(1, 0.5, 0.0), (2, 0.5, 0.0), (3, 0.0, 1.0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn hits<V: Data, E: Data>(graph: &Graph<V, E>) -> HitsRun<'_, V, E> {
    HitsRun { graph, limits: Limits::default(), scale: Scale::default() }
}

/// HITS on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct HitsRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    limits: Limits,
    scale: Scale,
}

impl<V: Data, E: Data> HitsRun<'_, V, E> {
    limit_setters! {
        /// Sets how many iterations may run, by default 1000.
        iterations
        /// Ends when an iteration changes the hub scores by less than this in total (L1 norm); by
        /// default 1e-12.
        tolerance
    }

    /// Sets what is 1 about the scores, by default their sum.
    pub fn scale(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Computes the scores: an outcome whose states are `(id, scores)` in id order, and whose stop
    /// reason is [`Stopped`](crate::StopReason::Stopped) when the tolerance was met and
    /// [`MaxSupersteps`](crate::StopReason::MaxSupersteps) after the last iteration allowed. In a
    /// graph without edges all scores are 0.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a tolerance that is not above 0;
    /// otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<Scores, Totals>> {
        let program = Hits { scale: self.scale, tolerance: self.limits.tolerance()? };
        let iterations = self.limits.iterations.unwrap_or(DEFAULT_ITERATIONS);
        let supersteps = iterations.saturating_mul(4).saturating_add(1);
        let run = Pregel::new(program).max_supersteps(supersteps);
        Ok(run.run(&self.graph.structure()?)?.map_states(|state| state.scores))
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "hits"
    }

    fn summary(&self) -> &'static str {
        "How good a hub and how good an authority each vertex is"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            ITERATIONS,
            Parameter {
                help: "Stop when an iteration changes the hub scores by less than this in total",
                ..TOLERANCE
            },
            Parameter {
                name: "scale",
                value: "NAME",
                help: "What is 1 about all hub scores, and about all authority scores",
                default: "sum",
                choices: Scale::NAMES,
            },
        ]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["hub", "authority"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        Limits::read(arguments)?.tolerance().map(drop)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = hits(graph);
        run.limits = Limits::read(arguments)?;
        run.scale = arguments.get("scale")?.unwrap_or_default();
        let outcome = run.run()?;
        let rows = outcome.states().map(|(id, scores)| (id, scores.hub, scores.authority));
        Ok(Table::new(&["id", "hub", "authority"], Values::rows(&rows), &outcome))
    }
}
