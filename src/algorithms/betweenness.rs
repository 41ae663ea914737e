//! Betweenness centrality: the part of all shortest paths that pass through a vertex.
//!
//! ```text
//! betweenness(v) = Σ over s ≠ v ≠ t of paths(s, t through v) / paths(s, t)
//! ```
//!
//! where `paths` counts shortest paths by their number of edges. Brandes' algorithm, from 16 sources
//! at a time. In the even phases vertices count shortest paths from the sources, level by level along
//! edges; in the odd ones they add up dependencies, level by level back against them:
//!
//! ```text
//! dependency(v) = Σ over edges v→w, w one level deeper, of paths(v) / paths(w) · (1 + dependency(w))
//! ```
//!
//! - **State**: for each of 16 sources the level, the number of paths and the dependency, and the
//!   score: 336 bytes. The number of paths is an `f64`, which some thousand levels of a grid exceed.
//! - **Supersteps**: for every 16 sources twice the depth of the deepest search, and two.
//!   **Messages**: each edge twice for each level at which its ends are from one of the 16.
//! - **Source**: Brandes, *A faster algorithm for betweenness centrality* (Journal of Mathematical
//!   Sociology 25, 2001), section 4; Brandes and Pich, *Centrality estimation in large networks*
//!   (International Journal of Bifurcation and Chaos 17, 2007), section 3, for random sources.

use std::sync::Arc;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{
    Aggregate, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram,
};

use super::betweenness_weighted::dependencies as weighted_dependencies;
use super::bfs::{source_index, vertices_argument};
use super::lanes::SumLanes;
use super::ranges::{at_least_one, given};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape, Weights};
use super::table::{Table, Values};

/// Sources at a time.
const LANES: usize = 16;
/// The level of a vertex that was not reached.
const NOT_REACHED: u32 = u32::MAX;

/// A vertex in the search from each source of a batch.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct State {
    score: f64,
    /// The phase that the vertex has begun; none yet is `u32::MAX`.
    phase: u32,
    level: [u32; LANES],
    paths: [f64; LANES],
    dependency: [f64; LANES],
}

/// What is to be known in a superstep of the whole phase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The superstep in which the phase began.
    begun: usize,
    /// The deepest level of the batch so far.
    deepest: u32,
}

impl Aggregate for Progress {
    fn merge(&mut self, other: Self) {
        self.begun = self.begun.max(other.begun);
        self.deepest = self.deepest.max(other.deepest);
    }
}

/// The vertex program.
#[derive(Debug, Clone)]
struct Betweenness {
    /// Dense numbers, in order.
    sources: Arc<Vec<u32>>,
}

impl Betweenness {
    /// Counts paths: the lanes in which the vertex is reached now pass on their number.
    #[inline]
    fn search(
        &self,
        vertex: &mut Vertex<'_, Self>,
        begins: bool,
        inbox: Option<&[f64; LANES]>,
        level: u32,
    ) {
        let mut news = [0.0; LANES];
        if begins {
            let own = vertex.index();
            let state = vertex.state_mut();
            state.level = [NOT_REACHED; LANES];
            state.paths = [0.0; LANES];
            state.dependency = [0.0; LANES];
            let batch = self.sources.chunks(LANES).nth(state.phase as usize / 2);
            if let Some(lane) = batch.and_then(|batch| batch.binary_search(&own).ok()) {
                (state.level[lane], state.paths[lane], news[lane]) = (0, 1.0, 1.0);
            }
        } else if let Some(paths) = inbox {
            let state = vertex.state_mut();
            for lane in 0..LANES {
                if paths[lane] > 0.0 && state.level[lane] == NOT_REACHED {
                    state.level[lane] = level;
                    state.paths[lane] = paths[lane];
                    news[lane] = paths[lane];
                }
            }
        }
        if news != [0.0; LANES] {
            vertex.aggregate().deepest = vertex.aggregate().deepest.max(level);
            vertex.send_to_neighbors(news);
        }
        vertex.vote_to_halt();
    }

    /// Adds up dependencies in the lanes in which it is the vertex's turn.
    #[inline]
    fn return_from(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<&[f64; LANES]>, level: u32) {
        let mut news = [0.0; LANES];
        let mut next = 0;
        let state = vertex.state_mut();
        for lane in 0..LANES {
            let own = state.level[lane];
            if own == level && level > 0 {
                let received = inbox.map_or(0.0, |shares| shares[lane]);
                let dependency = state.paths[lane] * received;
                state.dependency[lane] = dependency;
                state.score += dependency;
                news[lane] = (1.0 + dependency) / state.paths[lane];
            } else if own < level {
                next = next.max(own);
            }
        }
        // Sources have no use for dependencies on them.
        if level > 1 && news != [0.0; LANES] {
            vertex.send_to_neighbors(news);
        }
        if next == 0 {
            vertex.vote_to_halt();
        }
    }
}

impl VertexProgram for Betweenness {
    type State = State;
    type Edge = ();
    type Message = [f64; LANES];
    type Combiner = SumLanes;
    type Aggregate = Progress;

    fn init(&self, _seed: &Seed) -> State {
        State {
            score: 0.0,
            phase: u32::MAX,
            level: [NOT_REACHED; LANES],
            paths: [0.0; LANES],
            dependency: [0.0; LANES],
        }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<[f64; LANES]>) {
        let phase = vertex.phase() as u32;
        let begins = vertex.state().phase != phase;
        let searches = phase.is_multiple_of(2);
        let mut progress = *vertex.previous();
        if begins {
            vertex.state_mut().phase = phase;
            progress.begun = vertex.superstep();
            if searches {
                progress.deepest = 0;
            }
        }
        vertex.aggregate().merge(progress);
        let passed = (vertex.superstep() - progress.begun) as u32;
        if searches {
            self.search(vertex, begins, inbox.as_ref(), passed);
        } else {
            let level = progress.deepest.saturating_sub(passed);
            self.return_from(vertex, inbox.as_ref(), level);
        }
    }

    fn direction_in(&self, phase: usize) -> Direction {
        if phase.is_multiple_of(2) { Direction::Out } else { Direction::In }
    }

    fn next_phase(&self, _step: &Superstep<'_, Progress>, phase: usize) -> bool {
        // What was searched is to be returned from; then there may be more sources.
        phase.is_multiple_of(2) || (phase / 2 + 1) * LANES < self.sources.len()
    }
}

/// Which searches are made, and what becomes of their dependencies.
#[derive(Debug, Clone)]
enum Sources {
    All,
    These(Vec<VertexId>),
    Random { count: usize, seed: u64 },
}

/// Starts betweenness centrality on a graph, by the number of edges of paths.
///
/// ```
/// use superstep::algorithms::betweenness;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let path = ctx.parallelize([(1, 2), (2, 3), (3, 4)].map(Edge::from), 2);
/// let graph = Graph::builder().undirected(true).edges(&path)?;
/// let scores = betweenness(&graph).run()?.states().collect()?;
/// assert_eq!(scores, [(1, 0.0), (2, 2.0), (3, 2.0), (4, 0.0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn betweenness<V: Data, E: Data>(graph: &Graph<V, E>) -> BetweennessRun<'_, V, E> {
    BetweennessRun {
        graph,
        search: |graph, sources| dependencies(&graph.structure()?, sources),
        sources: Sources::All,
        normalized: false,
    }
}

/// Starts betweenness centrality on a graph whose edge values are lengths: `f64`, `f32`, or integers
/// of up to 32 bits, all above 0.
///
/// It searches from one source at a time, see `betweenness_weighted.rs`. Paths are equally short when
/// their lengths, added up from the source on, are the same number.
///
/// ```
/// use superstep::algorithms::betweenness_weighted;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let roads = [(1, 2, 1), (2, 3, 1), (1, 3, 5)].map(|(a, b, length)| Edge::new(a, b, length));
/// let graph = Graph::from_edges(&ctx.parallelize(roads, 2))?;
/// let scores = betweenness_weighted(&graph).run()?.states().collect()?;
/// assert_eq!(scores, [(1, 0.0), (2, 1.0), (3, 0.0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn betweenness_weighted<V, E>(graph: &Graph<V, E>) -> BetweennessRun<'_, V, E>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    let search: Search<V, E> = |graph, sources| {
        let lengths = graph.map_edges(|length| (*length).into())?.map_vertices(|_, _| ())?;
        weighted_dependencies(&lengths, sources)
    };
    BetweennessRun { search, ..betweenness(graph) }
}

/// Adds up the dependencies of some sources.
type Search<V, E> = fn(&Graph<V, E>, Vec<u32>) -> Result<Outcome<f64, Progress>>;

/// Betweenness centrality on a graph, with its settings.
#[derive(Debug, Clone)]
#[must_use = "nothing is computed until `run`"]
pub struct BetweennessRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    search: Search<V, E>,
    sources: Sources,
    normalized: bool,
}

impl<V: Data, E: Data> BetweennessRun<'_, V, E> {
    /// Adds up the dependencies of these sources only, as they are: neither scaled up to all sources
    /// nor, in an undirected graph, halved. A source given twice counts once.
    pub fn sources(mut self, sources: impl IntoIterator<Item = VertexId>) -> Self {
        self.sources = Sources::These(sources.into_iter().collect());
        self
    }

    /// Estimates the scores from so many sources, drawn at random with a seed: their dependencies are
    /// scaled by N / count. With at least N the result is exact.
    pub fn samples(mut self, count: usize, seed: u64) -> Self {
        self.sources = Sources::Random { count, seed };
        self
    }

    /// Divides by the number of pairs of other vertices, (N - 1) (N - 2), in an undirected graph
    /// half of it, so that scores are from 0 to 1.
    pub fn normalized(mut self, normalized: bool) -> Self {
        self.normalized = normalized;
        self
    }

    /// Computes the scores: an outcome whose states are `(id, score)` in id order. In an undirected
    /// graph a pair counts once. Parallel edges make as many paths, self-loops none.
    ///
    /// Exact scores cost N / 16 searches of the whole graph there and back, or N where edges have
    /// lengths.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for no source or sample;
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) for a length that is not
    /// above 0 or not finite, or so large that a path might be infinitely long;
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex) for a source that the graph
    /// does not have; otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, Progress>> {
        let count = self.graph.vertex_count();
        let mut scale = if self.graph.is_undirected() { 0.5 } else { 1.0 };
        let mut sources = match &self.sources {
            Sources::All => (0..count as u32).collect(),
            Sources::These(ids) if ids.is_empty() => {
                return Err(Error::argument("betweenness needs at least one source"));
            }
            Sources::These(ids) => {
                scale = 1.0;
                let sources = ids.iter().map(|id| source_index(self.graph, *id));
                sources.collect::<Result<Vec<_>>>()?
            }
            Sources::Random { count: samples, seed } => {
                at_least_one("samples", *samples)?;
                let drawn = draw(count as u32, *samples, *seed);
                scale *= count as f64 / drawn.len().max(1) as f64;
                drawn
            }
        };
        sources.sort_unstable();
        sources.dedup();
        if self.normalized {
            let others = count.saturating_sub(1) as f64;
            let pairs =
                others * (others - 1.0) / if self.graph.is_undirected() { 2.0 } else { 1.0 };
            scale = if pairs > 0.0 { scale / pairs } else { 0.0 };
        }
        let outcome = (self.search)(self.graph, sources)?;
        Ok(outcome.map_states(move |score| score * scale))
    }
}

fn dependencies(graph: &Graph, sources: Vec<u32>) -> Result<Outcome<f64, Progress>> {
    let run = Pregel::new(Betweenness { sources: Arc::new(sources) });
    Ok(run.run(graph)?.map_states(|state| state.score))
}

/// Draws different numbers below `count` (Fisher and Yates' shuffle, as far as it is needed).
fn draw(count: u32, samples: usize, seed: u64) -> Vec<u32> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut all: Vec<u32> = (0..count).collect();
    let samples = samples.min(all.len());
    for place in 0..samples {
        let rest = (all.len() - place) as u64;
        // The product's upper half is a number below `rest`; its bias is below 2^-32.
        let chosen = (u128::from(random.next_u64()) * u128::from(rest)) >> 64;
        all.swap(place, place + chosen as usize);
    }
    all.truncate(samples);
    all
}

/// The entry of the registry.
pub(super) struct Entry;

impl Entry {
    fn table<E: Data>(run: BetweennessRun<'_, (), E>, arguments: &Arguments) -> Result<Table> {
        Self.check(arguments)?;
        let mut run = run.normalized(arguments.is_set("normalized"));
        if let Some(sources) = vertices_argument(run.graph, "sources", arguments)? {
            run = run.sources(sources);
        } else if let Some(samples) = arguments.get("samples")? {
            run = run.samples(samples, arguments.get("seed")?.unwrap_or(1));
        }
        let outcome = run.run()?;
        Ok(Table::new(&["id", "score"], Values::Float(outcome.states()), &outcome))
    }
}

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "betweenness"
    }

    fn summary(&self) -> &'static str {
        "The part of all shortest paths that pass through each vertex"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "sources",
                value: "IDS",
                help: "Add up the shortest paths from these vertices only",
                default: "all vertices",
                choices: &[],
            },
            Parameter {
                name: "samples",
                value: "COUNT",
                help: "Estimate from so many vertices, drawn at random",
                default: "all vertices",
                choices: &[],
            },
            Parameter {
                name: "seed",
                value: "SEED",
                help: "Which vertices are drawn",
                default: "1",
                choices: &[],
            },
            Parameter {
                name: "normalized",
                value: "",
                help: "Divide by the number of pairs of other vertices",
                default: "",
                choices: &[],
            },
        ]
    }

    fn weights(&self) -> Weights {
        Weights::Optional
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 4096, edge: 160 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["score"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        if arguments.is_set("sources") && arguments.is_set("samples") {
            return Err(Error::argument("--sources and --samples exclude each other"));
        }
        given(arguments, "samples", at_least_one)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        Self::table(betweenness(graph), arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        Self::table(betweenness_weighted(graph), arguments)
    }
}
