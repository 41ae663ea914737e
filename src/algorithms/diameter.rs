//! The diameter: the longest of all shortest paths, by their number of edges.
//!
//! In an undirected graph a breadth-first search from one vertex bounds how far every vertex of its
//! component can be from others: with the search's depth e, a vertex at distance d has an
//! eccentricity from max(d, e - d) to e + d. Searches start by turns from the vertex of the largest
//! upper bound and from that of the smallest lower bound, until no upper bound is above the longest
//! path found: often after tens or some hundreds of searches, whatever the size of the graph.
//!
//! In a directed graph those bounds do not hold, and all vertices search, 512 at a time, as for
//! [`closeness`](mod@super::closeness).
//!
//! - **State**: the distance in the search at hand and both bounds, 16 bytes.
//! - **Supersteps**: four more than its depth for every search. **Messages**: every edge of the
//!   component in each search, of which those to vertices that were reached are not delivered.
//! - **Source**: Takes and Kosters, *Determining the diameter of small world networks* (CIKM 2011),
//!   section 4, and *Computing the eccentricity distribution of large graphs* (Algorithms 6, 2013).

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::pregel::{
    Aggregate, Any, Direction, Pregel, Seed, Superstep, SuperstepStats, Vertex, VertexProgram,
};

use super::connected_components::connected_components;
use super::distance_sums::distance_sums;
use super::ranges::{at_least_one, given};
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The distance of a vertex that the search has not reached.
const NOT_REACHED: u32 = u32::MAX;

/// What is known of a diameter.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Diameter {
    /// The length of the longest shortest path found.
    pub lower: u32,
    /// No shortest path is longer. The same as `lower` unless searches were limited.
    pub upper: u32,
    /// Breadth-first searches made.
    pub searches: u64,
    /// The supersteps that ran.
    pub supersteps: Vec<SuperstepStats>,
}

/// A vertex with the bounds on its eccentricity.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Bounds {
    /// The phase that the vertex has begun; none yet is `u32::MAX`.
    phase: u32,
    distance: u32,
    lower: u32,
    upper: u32,
}

/// A vertex that could search next: what it is chosen by, its degree, its dense number.
type Candidate = (u32, u64, Reverse<u32>);

/// What is to be known in a superstep of all vertices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// The superstep in which the search began.
    begun: usize,
    /// How deep the search is.
    depth: u32,
    /// The longest shortest path found.
    lower: u32,
    /// The largest upper bound of a vertex whose bounds differ; only where they were just made.
    widest: Option<Candidate>,
    /// The smallest lower bound of such a vertex, from above.
    narrowest: Option<Candidate>,
    /// Searches made before.
    searches: u32,
}

impl Aggregate for Progress {
    fn merge(&mut self, other: Self) {
        self.begun = self.begun.max(other.begun);
        self.depth = self.depth.max(other.depth);
        self.lower = self.lower.max(other.lower);
        self.widest = self.widest.max(other.widest);
        self.narrowest = self.narrowest.max(other.narrowest);
        self.searches = self.searches.max(other.searches);
    }
}

impl Progress {
    /// The longest that a shortest path can be.
    fn upper(&self) -> u32 {
        self.widest.map_or(0, |(upper, _, _)| upper).max(self.lower)
    }

    /// The vertex from which the next search starts.
    fn next(&self) -> Option<u32> {
        let by_turns = if self.searches.is_multiple_of(2) { self.widest } else { self.narrowest };
        by_turns.or(self.widest).map(|(_, _, Reverse(index))| index)
    }
}

/// The vertex program. A phase is a search: in its first superstep the bounds that follow from the
/// search before are made, in the second the vertex that was chosen by them starts.
#[derive(Debug, Clone)]
struct BoundEccentricities {
    /// The number of vertices of each vertex's component.
    sizes: Arc<Vec<u32>>,
    /// Searches allowed.
    searches: u64,
}

impl BoundEccentricities {
    fn make_bounds(vertex: &mut Vertex<'_, Self>) {
        let before = *vertex.previous();
        let phase = vertex.phase() as u32;
        let degree = u64::from(vertex.out_degree()) + u64::from(vertex.in_degree());
        let index = Reverse(vertex.index());
        let bounds = vertex.state_mut();
        bounds.phase = phase;
        let (distance, depth) = (bounds.distance, before.depth);
        if distance != NOT_REACHED {
            bounds.lower = bounds.lower.max(distance).max(depth - distance);
            bounds.upper = bounds.upper.min(depth + distance);
            if distance == 0 {
                bounds.lower = depth;
            }
        }
        bounds.distance = NOT_REACHED;
        let Bounds { lower, upper, .. } = *bounds;
        let mut own = Progress { lower, searches: phase, ..Progress::default() };
        if lower < upper && upper > before.lower {
            own.widest = Some((upper, degree, index));
            own.narrowest = Some((u32::MAX - lower, degree, index));
        }
        vertex.aggregate().merge(own);
    }
}

impl VertexProgram for BoundEccentricities {
    type State = Bounds;
    type Edge = ();
    type Message = ();
    type Combiner = Any;
    type Aggregate = Progress;

    const SETTLES: bool = true;
    const SETTLES_FOR_PHASE: bool = true;

    fn init(&self, seed: &Seed) -> Bounds {
        let others = self.sizes.get(seed.index as usize).map_or(0, |size| size - 1);
        Bounds { phase: u32::MAX, distance: NOT_REACHED, lower: 0, upper: others }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<()>) {
        if vertex.state().phase != vertex.phase() as u32 {
            Self::make_bounds(vertex);
            return;
        }
        let before = *vertex.previous();
        let progress = Progress { widest: None, narrowest: None, ..before };
        if vertex.state().distance == 0 {
            // It keeps what is known until a superstep has reached nobody.
            vertex.aggregate().merge(progress);
            if before.begun + before.depth as usize + 1 < vertex.superstep() {
                vertex.vote_to_halt();
            }
            return;
        }
        let distance = match inbox {
            None => {
                let begun = vertex.superstep();
                vertex.aggregate().merge(Progress { begun, ..progress });
                if before.next() != Some(vertex.index()) {
                    return vertex.vote_to_halt();
                }
                0
            }
            Some(()) => {
                vertex.vote_to_halt();
                vertex.aggregate().merge(progress);
                (vertex.superstep() - before.begun) as u32
            }
        };
        vertex.state_mut().distance = distance;
        vertex.aggregate().merge(Progress { depth: distance, ..Progress::default() });
        vertex.send_to_neighbors(());
    }

    #[inline]
    fn accepts(&self, bounds: &Bounds) -> bool {
        bounds.distance == NOT_REACHED
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }

    fn after_superstep(&self, step: &Superstep<'_, Progress>) -> ControlFlow<()> {
        // Bounds have been made in the first superstep of a phase, in which no search is running.
        let progress = step.aggregate;
        let just_made = progress.begun == 0;
        let certain = progress.upper() == progress.lower;
        let enough = u64::from(progress.searches) >= self.searches;
        if just_made && (certain || enough) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn next_phase(&self, _step: &Superstep<'_, Progress>, _phase: usize) -> bool {
        true
    }
}

/// Starts the search for the diameter of a graph: the longest shortest path between two vertices
/// that are connected, 0 where there are no edges between different vertices.
///
/// ```
/// use superstep::algorithms::diameter;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let path = ctx.parallelize([(1, 2), (2, 3), (3, 4), (8, 9)].map(Edge::from), 2);
/// let graph = Graph::builder().undirected(true).edges(&path)?;
/// let found = diameter(&graph).run()?;
/// assert_eq!((found.lower, found.upper), (3, 3));
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn diameter<V: Data, E: Data>(graph: &Graph<V, E>) -> DiameterRun<'_, V, E> {
    DiameterRun { graph, both_ways: graph.is_undirected(), searches: None }
}

/// The search for the diameter of a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct DiameterRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    both_ways: bool,
    searches: Option<u64>,
}

impl<V: Data, E: Data> DiameterRun<'_, V, E> {
    /// Takes the edges of a directed graph as going both ways.
    pub fn ignore_directions(mut self) -> Self {
        self.both_ways = true;
        self
    }

    /// Ends after so many breadth-first searches with the bounds known by then; two often find the
    /// diameter itself, as the lower bound.
    pub fn searches(mut self, searches: u64) -> Self {
        self.searches = Some(searches);
        self
    }

    /// Searches. Where edges go both ways it holds the size of each vertex's component in this
    /// process, 4 bytes a vertex.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when searches are limited to 0, or at all
    /// in a directed graph whose directions are not ignored; otherwise when a run fails.
    pub fn run(&self) -> Result<Diameter> {
        if let Some(searches) = self.searches {
            at_least_one("searches", usize::try_from(searches).unwrap_or(usize::MAX))?;
        }
        let graph = self.graph.structure()?;
        if self.both_ways {
            return by_bounds(&graph, self.searches.unwrap_or(u64::MAX));
        }
        if self.searches.is_some() {
            return Err(Error::argument(
                "searches: the bounds of a directed graph need its directions to be ignored",
            ));
        }
        let outcome = distance_sums(&graph, Direction::Out, None)?;
        let longest = outcome.states().map(|(_, sums)| sums.eccentricity).fold(0, u32::max)?;
        let supersteps = outcome.supersteps().to_vec();
        Ok(Diameter { lower: longest, upper: longest, searches: graph.vertex_count(), supersteps })
    }
}

fn by_bounds(graph: &Graph, searches: u64) -> Result<Diameter> {
    let labels = connected_components(graph)?.values().collect()?;
    let mut members = BTreeMap::new();
    labels.iter().for_each(|label| *members.entry(*label).or_insert(0) += 1);
    let sizes = labels.iter().map(|label| members.get(label).copied().unwrap_or(1));
    let program = BoundEccentricities { sizes: Arc::new(sizes.collect()), searches };
    let outcome = Pregel::new(program).run(graph)?;
    let known = outcome.aggregate();
    Ok(Diameter {
        lower: known.lower,
        upper: known.upper(),
        searches: known.searches.into(),
        supersteps: outcome.supersteps().to_vec(),
    })
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "diameter"
    }

    fn summary(&self) -> &'static str {
        "The longest of all shortest paths, by their number of edges"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "ignore-directions",
                value: "",
                help: "Take the edges of a directed graph as going both ways",
                default: "",
                choices: &[],
            },
            Parameter {
                name: "searches",
                value: "COUNT",
                help: "End after so many searches with the bounds known by then; of a directed graph with --ignore-directions only",
                default: "until the bounds meet",
                choices: &[],
            },
        ]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_figures())
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, "searches", at_least_one)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = diameter(graph);
        run.both_ways |= arguments.is_set("ignore-directions");
        run.searches = arguments.get("searches")?;
        let found = run.run()?;
        Ok(Table::without_run(&[], Values::None)
            .with_supersteps(&found.supersteps)
            .figure("diameter", found.lower)
            .figure("at most", found.upper)
            .figure("searches", found.searches))
    }
}
