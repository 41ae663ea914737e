//! Topological order: every vertex after all those from which an edge leads to it; or, where there
//! is none, a cycle that is in the way.
//!
//! A vertex gets its level when the last of its predecessors has: 0 without predecessors, and
//! otherwise one more than the highest of theirs. That is the longest path that leads to it.
//!
//! - **State**: the edges from predecessors that have no level yet, and the level; 8 bytes.
//! - **Supersteps**: one more than the highest level. For a cycle, two more, in which every vertex
//!   without a level learns of a predecessor without a level; following these leads round a cycle,
//!   which is done by the caller, a step a vertex.
//! - **Messages**: every edge at most once; for a cycle, again those between vertices without levels.
//! - **Source**: Kahn, *Topological sorting of large networks* (Communications of the ACM 5, 1962).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{Min, Outcome, Pregel, Seed, Sum, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// Gives vertices their levels.
#[derive(Debug, Clone, Copy)]
struct Levels;

/// What a vertex remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Edges from predecessors without a level.
    waiting: u32,
    /// `u32::MAX` until the vertex has one.
    level: u32,
}

const NONE: u32 = u32::MAX;

impl VertexProgram for Levels {
    type State = Place;
    type Edge = ();
    type Message = u32;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Place {
        Place { waiting: seed.in_degree, level: NONE }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        let waiting = vertex.state().waiting - inbox.unwrap_or(0);
        let level = if waiting == 0 { vertex.superstep() as u32 } else { NONE };
        *vertex.state_mut() = Place { waiting, level };
        if level != NONE {
            vertex.send_to_neighbors(1);
        }
        vertex.vote_to_halt();
    }
}

/// Finds a predecessor without a level for every vertex without a level.
#[derive(Debug, Clone, Copy)]
struct Predecessors;

/// What a vertex remembers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Stuck {
    is_stuck: bool,
    /// The smallest number of a predecessor that is stuck as well.
    predecessor: u32,
}

impl VertexProgram for Predecessors {
    type State = Stuck;
    type Edge = ();
    type Message = u32;
    type Combiner = Min;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Stuck {
        Stuck { is_stuck: false, predecessor: NONE }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        if vertex.superstep() == 0 && vertex.state().is_stuck {
            vertex.send_to_neighbors(vertex.index());
        }
        if let Some(predecessor) = inbox {
            vertex.state_mut().predecessor = predecessor;
        }
        vertex.vote_to_halt();
    }
}

/// The levels of a graph's vertices, or a cycle.
#[derive(Debug, Clone)]
pub struct TopologicalSort {
    outcome: Outcome<Option<u32>, ()>,
    cycle: Vec<VertexId>,
}

impl TopologicalSort {
    /// Returns the outcome: its states are `(id, level)`, in id order, with `None` for the vertices
    /// that a cycle leads to.
    pub fn outcome(&self) -> &Outcome<Option<u32>, ()> {
        &self.outcome
    }

    /// Returns a cycle if there is one: each vertex has an edge to the next, and the last one to
    /// the first, which has the smallest id of the cycle. It is the same for any partitions.
    #[must_use]
    pub fn cycle(&self) -> Option<&[VertexId]> {
        (!self.cycle.is_empty()).then_some(&self.cycle)
    }

    /// Returns the ids in topological order: by level, and within a level by id.
    ///
    /// # Errors
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph), with the cycle, when there
    /// is no such order; otherwise when the sort fails.
    pub fn order(&self) -> Result<Rdd<VertexId>> {
        if let Some(cycle) = self.cycle() {
            return Err(cyclic(cycle));
        }
        let levels = self.outcome.states();
        let keyed = levels.map(|(id, level)| ((level, id), ()));
        Ok(keyed.sort_by_key(levels.partition_count())?.map(|((_, id), ())| id))
    }
}

/// Ids of a cycle that a message shows; longer ones are cut.
const SHOWN: usize = 12;

/// Says what is in the way of a topological order.
pub(super) fn cyclic(cycle: &[VertexId]) -> Error {
    let shown: Vec<_> = cycle.iter().take(SHOWN).chain(cycle.first()).copied().collect();
    let mut places = vec!["{}".to_owned(); shown.len()];
    if cycle.len() > SHOWN {
        places.insert(SHOWN, format!("({} more)", cycle.len() - SHOWN));
    }
    let (edges, places) = (cycle.len(), places.join(" -> "));
    let reason =
        format!("the graph has no topological order: it has a cycle of length {edges}, {places}");
    Error::unsuitable_graph(reason, shown)
}

/// Sorts the vertices topologically along the directions of edges.
///
/// ```
/// use superstep::algorithms::topological_sort;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(7, 2), (7, 5), (2, 5), (5, 1)].map(Edge::from), 2);
/// let sorted = topological_sort(&Graph::from_edges(&edges)?)?;
/// assert_eq!(sorted.order()?.collect()?, [7, 2, 5, 1]);
///
/// let edges = edges.union(&ctx.parallelize([Edge::from((5, 7))], 1));
/// let sorted = topological_sort(&Graph::from_edges(&edges)?)?;
/// assert_eq!(sorted.cycle(), Some(&[2, 5, 7][..]));
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails. A cycle is not an error here, but a result.
pub fn topological_sort<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<TopologicalSort> {
    run(&graph.structure()?)
}

fn run(graph: &Graph) -> Result<TopologicalSort> {
    let levels = Pregel::new(Levels).run(graph)?;
    let stuck = levels.states().map_values(|place| place.level == NONE);
    let cycle = if stuck.filter(|(_, is_stuck)| *is_stuck).is_empty()? {
        Vec::new()
    } else {
        find_cycle(&graph.zip_vertices(&stuck)?)?
    };
    let outcome = levels.map_states(|place| (place.level != NONE).then_some(place.level));
    Ok(TopologicalSort { outcome, cycle })
}

/// Follows predecessors from the smallest vertex that is stuck until one comes back.
fn find_cycle(graph: &Graph<bool>) -> Result<Vec<VertexId>> {
    let init = |_: &Seed, is_stuck: &bool| Stuck { is_stuck: *is_stuck, predecessor: NONE };
    let found = Pregel::new(Predecessors).run_from(graph, init)?.states();
    let dictionary = Arc::clone(&graph.shape.dictionary);
    let pairs = found.filter(|(_, state)| state.is_stuck);
    let pairs = pairs.map(move |(id, state)| (id, dictionary.id(state.predecessor)));
    let before: BTreeMap<VertexId, Option<VertexId>> = pairs.collect()?.into_iter().collect();
    let mut path = Vec::new();
    let mut places = BTreeMap::new();
    let mut next = before.keys().next().copied();
    while let Some(id) = next {
        if let Some(first) = places.insert(id, path.len()) {
            let mut cycle = path.split_off(first);
            // The path went against the edges.
            cycle.reverse();
            let smallest = (0..cycle.len()).min_by_key(|place| cycle[*place]);
            cycle.rotate_left(smallest.unwrap_or_default());
            return Ok(cycle);
        }
        path.push(id);
        next = before.get(&id).copied().flatten();
    }
    Err(Error::internal("vertices wait for one another, and no cycle was found"))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "topological-sort"
    }

    fn summary(&self) -> &'static str {
        "The level of each vertex in a topological order, from 0; an error with a cycle where there is none"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["level"]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let sorted = run(graph)?;
        if let Some(cycle) = sorted.cycle() {
            return Err(cyclic(cycle));
        }
        let levels = sorted.outcome.states();
        let levels = levels.map_values(|level| level.map_or(0, u64::from));
        Ok(Table::new(&["id", "level"], Values::Integer(levels), &sorted.outcome))
    }
}
