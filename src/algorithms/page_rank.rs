//! PageRank: how often a walker who follows edges, and jumps at random now and then, is at a
//! vertex.
//!
//! ```text
//! rank₀(v) = 1/N
//! rankᵢ(v) = (1-d)/N + d · Σ over edges u→v of rankᵢ₋₁(u) / out(u) + d/N · Σ over w with out(w) = 0 of rankᵢ₋₁(w)
//! ```
//!
//! - **State**: the rank, an `f64`. Parallel edges count as often as they occur.
//! - **Supersteps**: iterations + 1; superstep `i` computes rankᵢ. Messages: every edge in each but
//!   the last.
//! - **Variants**: [`Variant::Graphalytics`] as above; [`Variant::Gap`] leaves out the last sum, so
//!   that the mass of vertices without edges is lost; [`Variant::GraphX`] starts at 1, adds 1-d
//!   instead of (1-d)/N, leaves out the last sum, and at the end scales the ranks to sum to N.
//! - **Source**: Page, Brin, Motwani, Winograd, *The PageRank Citation Ranking* (1999), section 2;
//!   LDBC Graphalytics specification 1.0, section 2.3.2; GAP Benchmark Suite, `pr.cc`; GraphX,
//!   `PageRank.scala`.

use std::fmt;
use std::ops::ControlFlow;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::pregel::{Aggregate, Outcome, Pregel, Seed, Sum, Superstep, Vertex, VertexProgram};

pub use super::limits::DEFAULT_TOLERANCE;

use super::limits::{self, Limits, end_if, limit_setters};
use super::ranges::{fraction, given};
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The probability of following an edge, when none is set.
pub const DEFAULT_DAMPING: f64 = 0.85;
/// The iteration limit, when none is set.
pub const DEFAULT_ITERATIONS: usize = 1000;

/// Which of the published definitions is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// Ranks sum to 1: the mass of vertices without outgoing edges is spread evenly.
    #[default]
    Graphalytics,
    /// The mass of vertices without outgoing edges is lost.
    Gap,
    /// Ranks start at 1 and are scaled to sum to the number of vertices.
    GraphX,
}

impl Variant {
    const NAMES: &[&str] = &["graphalytics", "gap", "graphx"];
}

impl FromStr for Variant {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "graphalytics" => Ok(Self::Graphalytics),
            "gap" => Ok(Self::Gap),
            "graphx" => Ok(Self::GraphX),
            _ => Err(Error::argument(format!("not one of {}", Self::NAMES.join(", ")))),
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::NAMES[*self as usize])
    }
}

/// The vertex program.
#[derive(Debug, Clone, Copy)]
pub struct PageRank {
    damping: f64,
    /// What every vertex gets in each iteration.
    base: f64,
    /// The share of sink mass that every vertex gets: 1/N, or 0 where it is lost.
    sink_share: f64,
    iterations: usize,
    tolerance: Option<f64>,
    variant: Variant,
}

/// What an iteration adds up over all vertices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The rank of vertices without outgoing edges.
    pub dangling: f64,
    /// How much the ranks changed: the L1 distance to the iteration before; 0 without a tolerance.
    pub change: f64,
    /// All ranks; 0 but for [`Variant::GraphX`], which needs them.
    pub rank: f64,
}

impl Aggregate for Totals {
    fn merge(&mut self, other: Self) {
        self.dangling += other.dangling;
        self.change += other.change;
        self.rank += other.rank;
    }
}

impl VertexProgram for PageRank {
    type State = f64;
    type Edge = ();
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = Totals;

    fn init(&self, seed: &Seed) -> f64 {
        match self.variant {
            Variant::GraphX => 1.0,
            Variant::Graphalytics | Variant::Gap => 1.0 / seed.vertex_count as f64,
        }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        if vertex.superstep() > 0 {
            let received = inbox.unwrap_or(0.0) + self.sink_share * vertex.previous().dangling;
            let rank = self.base + self.damping * received;
            // Only what is asked for is added up: it is a good part of the work of a vertex.
            if self.tolerance.is_some() {
                vertex.aggregate().change += (rank - *vertex.state()).abs();
            }
            *vertex.state_mut() = rank;
        }
        let rank = *vertex.state();
        if self.variant == Variant::GraphX {
            vertex.aggregate().rank += rank;
        }
        match vertex.out_degree() {
            0 => vertex.aggregate().dangling += rank,
            _ if vertex.superstep() == self.iterations => {}
            degree => vertex.send_to_neighbors(rank / f64::from(degree)),
        }
    }

    fn after_superstep(&self, step: &Superstep<'_, Totals>) -> ControlFlow<()> {
        let settled = |tolerance| step.index > 0 && step.aggregate.change < tolerance;
        end_if(self.tolerance.is_some_and(settled))
    }
}

/// Starts PageRank on a graph; set what differs from the defaults, then
/// [`run`](PageRankRun::run).
///
/// ```
/// use superstep::algorithms::page_rank;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (4, 1)].map(Edge::from), 2);
/// let ranks = page_rank(&Graph::from_edges(&edges)?).tolerance(1e-12).run()?.states();
/// let total: f64 = ranks.map(|(_, rank)| rank).fold(0.0, |a, b| a + b)?;
/// assert!((total - 1.0).abs() < 1e-12);
/// assert!((ranks.lookup(&4)?[0] - 0.15 / 4.0).abs() < 1e-12);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn page_rank<V: Data, E: Data>(graph: &Graph<V, E>) -> PageRankRun<'_, V, E> {
    PageRankRun {
        graph,
        damping: DEFAULT_DAMPING,
        limits: Limits::default(),
        variant: Variant::default(),
    }
}

/// PageRank on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct PageRankRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    damping: f64,
    limits: Limits,
    variant: Variant,
}

impl<V: Data, E: Data> PageRankRun<'_, V, E> {
    /// Sets the probability of following an edge, between 0 and 1; by default 0.85.
    pub fn damping(mut self, damping: f64) -> Self {
        self.damping = damping;
        self
    }

    limit_setters! {
        /// Sets the number of iterations: exactly so many without a tolerance, at most so many with
        /// one.
        iterations
        /// Ends when an iteration changes the ranks by less than this in total (L1 norm). When
        /// neither this nor the iterations are set, it is 1e-12. What is left to converge is then
        /// at most damping / (1 - damping) times the tolerance.
        tolerance
    }

    /// Sets which definition is computed.
    pub fn variant(mut self, variant: Variant) -> Self {
        self.variant = variant;
        self
    }

    /// Computes the ranks: an outcome whose states are `(id, rank)`, and whose stop reason is
    /// [`Stopped`](crate::StopReason::Stopped) when the tolerance was met and
    /// [`MaxSupersteps`](crate::StopReason::MaxSupersteps) after the last iteration allowed.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a damping outside 0 to 1 or a
    /// tolerance that is not positive; otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Totals>> {
        fraction("damping", self.damping)?;
        let share = 1.0 / self.graph.vertex_count() as f64;
        let jump = 1.0 - self.damping;
        let (base, sink_share) = match self.variant {
            Variant::Graphalytics => (jump * share, share),
            Variant::Gap => (jump * share, 0.0),
            Variant::GraphX => (jump, 0.0),
        };
        let program = PageRank {
            damping: self.damping,
            base,
            sink_share,
            iterations: self.limits.iterations.unwrap_or(DEFAULT_ITERATIONS),
            tolerance: self.limits.tolerance_unless_counted()?,
            variant: self.variant,
        };
        let graph = self.graph.structure()?;
        let supersteps = program.iterations.saturating_add(1);
        let outcome = Pregel::new(program).max_supersteps(supersteps).run(&graph)?;
        if self.variant != Variant::GraphX {
            return Ok(outcome);
        }
        let scale = graph.vertex_count() as f64 / outcome.aggregate().rank;
        Ok(outcome.map_states(move |rank| rank * scale))
    }
}

/// How likely a walker follows an edge.
pub(super) const DAMPING: Parameter = Parameter {
    name: "damping",
    value: "FRACTION",
    help: "Probability of following an edge, from 0 to 1",
    default: "0.85",
    choices: &[],
};

/// How many iterations run.
pub(super) const ITERATIONS: Parameter = Parameter {
    help: "Iterations: exactly so many, or at most with a tolerance",
    default: "until the tolerance is met, at most 1000",
    ..limits::ITERATIONS
};

/// When iterations end.
pub(super) const TOLERANCE: Parameter = Parameter {
    help: "Stop when all ranks together change by less than this in an iteration",
    default: "1e-12 without iterations, else none",
    ..limits::TOLERANCE
};

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "pagerank"
    }

    fn summary(&self) -> &'static str {
        "The importance of each vertex by the links it receives"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            DAMPING,
            ITERATIONS,
            TOLERANCE,
            Parameter {
                name: "variant",
                value: "NAME",
                help: "Definition: sink mass spread (graphalytics), lost (gap), or ranks that sum to N (graphx)",
                default: "graphalytics",
                choices: Variant::NAMES,
            },
        ]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["rank"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, DAMPING.name, fraction)?;
        Limits::read(arguments)?.tolerance().map(drop)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = page_rank(graph);
        run.damping = arguments.get("damping")?.unwrap_or(run.damping);
        run.limits = Limits::read(arguments)?;
        run.variant = arguments.get("variant")?.unwrap_or_default();
        let outcome = run.run()?;
        Ok(Table::new(&["id", "rank"], Values::Float(outcome.states()), &outcome))
    }
}
