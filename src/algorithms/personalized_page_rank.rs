//! Personalized PageRank: how often a walker who keeps returning to some vertices is at a vertex.
//!
//! ```text
//! rank₀(v) = [v ∈ S] / |S|
//! rankᵢ(v) = d · Σ over edges u→v of rankᵢ₋₁(u) / out(u)
//!          + [v ∈ S] / |S| · ((1-d) + d · Σ over w with out(w) = 0 of rankᵢ₋₁(w))
//! ```
//!
//! A walker at a vertex without outgoing edges returns to the sources, so the ranks sum to 1.
//!
//! - **State**: the rank, an `f64`, or eight of them for eight sources side by side. Parallel edges
//!   count as often as they occur.
//! - **Supersteps**: iterations + 1, for every eight sources where each has ranks of its own.
//!   **Messages**: the edges of all vertices whose rank is not 0.
//! - **Source**: Page, Brin, Motwani, Winograd, *The PageRank Citation Ranking* (1999), section 6;
//!   Haveliwala, *Topic-sensitive PageRank* (WWW 2002), section 3. NetworkX treats sinks in the same
//!   way; GraphX's `runParallelPersonalizedPageRank` loses their mass.

use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{Aggregate, Outcome, Pregel, Seed, Sum, Superstep, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::bfs::{source_index, vertices_argument};
use super::lanes::{SumLanes, beside};
use super::limits::{Limits, end_if, limit_setters};
use super::page_rank::{DAMPING, DEFAULT_DAMPING, DEFAULT_ITERATIONS, ITERATIONS, TOLERANCE};
use super::ranges::{fraction, given};
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// Sources whose ranks are computed side by side.
const LANES: usize = 8;

/// How long to go on.
#[derive(Debug, Clone, Copy)]
struct Settings {
    damping: f64,
    iterations: usize,
    tolerance: Option<f64>,
}

/// One distribution that starts from all sources.
#[derive(Debug, Clone)]
struct Together {
    settings: Settings,
    /// Dense numbers, in order.
    sources: Arc<Vec<u32>>,
}

/// What an iteration adds up over all vertices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The rank of vertices without outgoing edges.
    pub dangling: f64,
    /// How much the ranks changed: the L1 distance to the iteration before.
    pub change: f64,
}

impl Aggregate for Totals {
    fn merge(&mut self, other: Self) {
        self.dangling += other.dangling;
        self.change += other.change;
    }
}

impl Together {
    fn share(&self, index: u32) -> f64 {
        match self.sources.binary_search(&index) {
            Ok(_) => 1.0 / self.sources.len() as f64,
            Err(_) => 0.0,
        }
    }
}

impl VertexProgram for Together {
    type State = f64;
    type Edge = ();
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = Totals;

    fn init(&self, seed: &Seed) -> f64 {
        self.share(seed.index)
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        let Settings { damping, iterations, .. } = self.settings;
        if vertex.superstep() > 0 {
            let returns = 1.0 - damping + damping * vertex.previous().dangling;
            let rank = damping * inbox.unwrap_or(0.0) + self.share(vertex.index()) * returns;
            vertex.aggregate().change += (rank - *vertex.state()).abs();
            *vertex.state_mut() = rank;
        }
        let rank = *vertex.state();
        match vertex.out_degree() {
            0 => vertex.aggregate().dangling += rank,
            _ if rank == 0.0 || vertex.superstep() == iterations => {}
            degree => vertex.send_to_neighbors(rank / f64::from(degree)),
        }
    }

    fn after_superstep(&self, step: &Superstep<'_, Totals>) -> ControlFlow<()> {
        let settled = |tolerance| step.index > 0 && step.aggregate.change < tolerance;
        end_if(self.settings.tolerance.is_some_and(settled))
    }
}

/// A distribution for each of up to eight sources.
#[derive(Debug, Clone, Copy)]
struct SideBySide {
    settings: Settings,
    /// Dense numbers; those of lanes that are not used are no vertex's.
    sources: [u32; LANES],
}

/// [`Totals`] for every lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct LaneTotals {
    dangling: [f64; LANES],
    change: [f64; LANES],
}

impl Aggregate for LaneTotals {
    fn merge(&mut self, other: Self) {
        for lane in 0..LANES {
            self.dangling[lane] += other.dangling[lane];
            self.change[lane] += other.change[lane];
        }
    }
}

impl SideBySide {
    fn start(&self, index: u32) -> [f64; LANES] {
        self.sources.map(|source| f64::from(u8::from(source == index)))
    }
}

impl VertexProgram for SideBySide {
    type State = [f64; LANES];
    type Edge = ();
    type Message = [f64; LANES];
    type Combiner = SumLanes;
    type Aggregate = LaneTotals;

    fn init(&self, seed: &Seed) -> [f64; LANES] {
        self.start(seed.index)
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<[f64; LANES]>) {
        let Settings { damping, iterations, .. } = self.settings;
        if vertex.superstep() > 0 {
            let dangling = vertex.previous().dangling;
            let mut ranks = self.start(vertex.index());
            let received = inbox.unwrap_or_default();
            for lane in 0..LANES {
                let returns = 1.0 - damping + damping * dangling[lane];
                ranks[lane] = damping * received[lane] + ranks[lane] * returns;
                let change = (ranks[lane] - vertex.state()[lane]).abs();
                vertex.aggregate().change[lane] += change;
            }
            *vertex.state_mut() = ranks;
        }
        let ranks = *vertex.state();
        match vertex.out_degree() {
            0 => {
                let dangling = &mut vertex.aggregate().dangling;
                dangling.iter_mut().zip(ranks).for_each(|(sum, rank)| *sum += rank);
            }
            _ if vertex.superstep() == iterations || ranks == [0.0; LANES] => {}
            degree => vertex.send_to_neighbors(ranks.map(|rank| rank / f64::from(degree))),
        }
    }

    fn after_superstep(&self, step: &Superstep<'_, LaneTotals>) -> ControlFlow<()> {
        let below = |tolerance: f64| step.aggregate.change.iter().all(|change| *change < tolerance);
        end_if(step.index > 0 && self.settings.tolerance.is_some_and(below))
    }
}

/// Starts personalized PageRank on a graph: the walker returns to one of the sources, each as
/// likely as any other.
///
/// ```
/// use superstep::algorithms::personalized_page_rank;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 1), (2, 3), (4, 1)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&edges)?;
/// let ranks = personalized_page_rank(&graph, [1]).damping(0.5).run()?.states();
/// let ranks = ranks.collect()?;
/// // 1 = 1/2 (share of 2) + 1/2 + 1/2 (sinks), and nothing leads to 4.
/// assert!((ranks[0].1 - 8.0 / 13.0).abs() < 1e-9 && ranks[3].1 == 0.0);
/// let each = personalized_page_rank(&graph, [1, 2]).damping(0.5).run_each()?.collect()?;
/// assert!((each[0].1[0] - ranks[0].1).abs() < 1e-12);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn personalized_page_rank<V: Data, E: Data>(
    graph: &Graph<V, E>,
    sources: impl IntoIterator<Item = VertexId>,
) -> PersonalizedPageRankRun<'_, V, E> {
    PersonalizedPageRankRun {
        graph,
        sources: sources.into_iter().collect(),
        damping: DEFAULT_DAMPING,
        limits: Limits::default(),
    }
}

/// Personalized PageRank on a graph, with its settings.
#[derive(Debug, Clone)]
#[must_use = "nothing is computed until `run`"]
pub struct PersonalizedPageRankRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    sources: Vec<VertexId>,
    damping: f64,
    limits: Limits,
}

impl<V: Data, E: Data> PersonalizedPageRankRun<'_, V, E> {
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
        /// neither this nor the iterations are set, it is 1e-12.
        tolerance
    }

    /// Computes one distribution that starts from and returns to all sources together: an outcome
    /// whose states are `(id, rank)` in id order, which sum to 1. A source given twice counts once.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for no source, a damping outside 0 to 1
    /// or a tolerance that is not above 0;
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex) for a source that the graph
    /// does not have; otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Totals>> {
        let (settings, mut sources) = self.checked()?;
        sources.sort_unstable();
        sources.dedup();
        together(&self.graph.structure()?, settings, sources)
    }

    /// Computes a distribution for every source by itself: a row `(id, ranks)` for every vertex, in
    /// id order, whose ranks are in the order of the sources. Eight sources share a walk over the
    /// edges.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_each(&self) -> Result<Rdd<(VertexId, Vec<f64>)>> {
        let (settings, sources) = self.checked()?;
        each(&self.graph.structure()?, settings, &sources)
    }

    fn checked(&self) -> Result<(Settings, Vec<u32>)> {
        fraction("damping", self.damping)?;
        if self.sources.is_empty() {
            return Err(no_source());
        }
        let sources = self.sources.iter().map(|source| source_index(self.graph, *source));
        let settings = Settings {
            damping: self.damping,
            iterations: self.limits.iterations.unwrap_or(DEFAULT_ITERATIONS),
            tolerance: self.limits.tolerance_unless_counted()?,
        };
        Ok((settings, sources.collect::<Result<_>>()?))
    }
}

fn together(graph: &Graph, settings: Settings, sources: Vec<u32>) -> Result<Outcome<f64, Totals>> {
    let program = Together { settings, sources: Arc::new(sources) };
    Pregel::new(program).max_supersteps(settings.iterations.saturating_add(1)).run(graph)
}

fn each(graph: &Graph, settings: Settings, sources: &[u32]) -> Result<Rdd<(VertexId, Vec<f64>)>> {
    let mut all = None;
    for batch in sources.chunks(LANES) {
        let mut lanes = [u32::MAX; LANES];
        lanes[..batch.len()].copy_from_slice(batch);
        let run = Pregel::new(SideBySide { settings, sources: lanes });
        let run = run.max_supersteps(settings.iterations.saturating_add(1));
        let states = run.run(graph)?.states();
        let used = batch.len();
        all = Some(beside(all, states.map_values(move |ranks| ranks[..used].to_vec()))?);
    }
    all.ok_or_else(no_source)
}

fn no_source() -> Error {
    Error::argument("personalized PageRank needs at least one source")
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "personalized-pagerank"
    }

    fn summary(&self) -> &'static str {
        "How often a walker who keeps returning to some vertices is at each vertex"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            SOURCES,
            Parameter {
                name: "each",
                value: "",
                help: "A column for each source by itself, instead of one for all together",
                default: "",
                choices: &[],
            },
            DAMPING,
            ITERATIONS,
            TOLERANCE,
        ]
    }

    fn shape(&self, arguments: &Arguments) -> Option<Shape> {
        if !arguments.is_set("each") {
            return Some(Shape::of_vertices(&["rank"]));
        }
        let ids = arguments.list::<String>(SOURCES.name).ok().flatten()?;
        Some(Shape::new(&["id"], ids.iter().map(|id| format!("from {id}"))))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, DAMPING.name, fraction)?;
        Limits::read(arguments)?.tolerance().map(drop)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let missing = || Error::argument("personalized-pagerank needs --sources IDS");
        let sources = vertices_argument(graph, SOURCES.name, arguments)?.ok_or_else(missing)?;
        let mut run = personalized_page_rank(graph, sources.iter().copied());
        run.damping = arguments.get("damping")?.unwrap_or(run.damping);
        run.limits = Limits::read(arguments)?;
        if !arguments.is_set("each") {
            let outcome = run.run()?;
            return Ok(Table::new(&["id", "rank"], Values::Float(outcome.states()), &outcome));
        }
        let names = sources.iter().map(|id| format!("from {id}"));
        Ok(Table::of_vectors(names, &run.run_each()?))
    }
}

/// The parameter for the sources.
const SOURCES: Parameter = Parameter {
    name: "sources",
    value: "IDS",
    help: "The vertices to which the walker returns, each as likely",
    default: "none: it has to be given",
    choices: &[],
};
