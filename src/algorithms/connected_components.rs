//! Connected components: which vertices can reach one another when directions are ignored.
//!
//! Most graphs have one component that is larger than all others, and the vertex with the most
//! edges is in it. A first phase floods that component from there, as a breadth-first search does:
//! a vertex looks for any neighbor that was reached, and needs no other message. In the second
//! phase each of the remaining vertices holds a label, at first itself, sends it both ways along
//! its edges, takes over the smallest label it receives, and speaks again when its label changed.
//!
//! - **State**: the label, 4 bytes: 0 for the flooded component, elsewhere one more than the
//!   smallest dense number seen. Dense numbers are in id order.
//! - **Supersteps**: one more than the longest shortest path from the vertex with the most edges,
//!   and the same for each other component from its smallest vertex, side by side. Where most edges
//!   lead to vertices with close ids, partitions go on by themselves, and it is about the
//!   number of times that a path changes partitions.
//! - **Messages**: in the flooded component every edge both ways; elsewhere at most that in each
//!   superstep of the second phase.
//! - **Source**: Kang, Tsourakakis, Faloutsos, *PEGASUS* (ICDM 2009), section 3.4 (HCC) for the
//!   labels; Slota, Rajamanickam, Madduri, *BFS and Coloring-based Parallel Algorithms for Strongly
//!   Connected Components and Related Problems* (IPDPS 2014), section III (Multistep) for flooding
//!   first; LDBC Graphalytics specification 1.0, section 2.3.3 (WCC).

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{Combiner, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The label of the component that is flooded.
const FLOODED: u32 = 0;

/// The vertex program.
#[derive(Debug, Clone, Copy)]
pub struct ConnectedComponents {
    /// The dense number of the vertex from which the first phase floods.
    hub: u32,
}

/// The smallest label; none is smaller than that of the flooded component.
#[derive(Debug, Clone, Copy)]
pub struct SmallestLabel;

impl Combiner<u32> for SmallestLabel {
    type Combined = u32;

    #[inline]
    fn lift(message: u32) -> u32 {
        message
    }

    #[inline]
    fn merge(into: &mut u32, message: u32) {
        *into = message.min(*into);
    }

    const NEUTRAL: Option<fn() -> u32> = Some(|| u32::MAX);

    #[inline]
    fn is_saturated(combined: &u32) -> bool {
        *combined == FLOODED
    }
}

impl VertexProgram for ConnectedComponents {
    type State = u32;
    type Edge = ();
    type Message = u32;
    type Combiner = SmallestLabel;
    type Aggregate = ();

    const SETTLES: bool = true;
    const MONOTONE: bool = true;

    fn init(&self, seed: &Seed) -> u32 {
        if seed.index == self.hub { FLOODED } else { seed.index + 1 }
    }

    #[inline]
    fn starts(&self, seed: &Seed) -> bool {
        seed.index == self.hub
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        let smaller = inbox.filter(|label| label < vertex.state());
        if let Some(label) = smaller {
            *vertex.state_mut() = label;
        }
        // The hub begins the first phase, whoever was not reached the second one.
        let begins = inbox.is_none() && (vertex.phase() == 1 || vertex.index() == self.hub);
        if smaller.is_some() || begins {
            vertex.send_to_neighbors(*vertex.state());
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }

    #[inline]
    fn accepts(&self, label: &u32) -> bool {
        *label != FLOODED
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase == 0
    }
}

/// Runs the program on a graph.
pub(super) fn run(graph: &Graph) -> Result<Outcome<u32, ()>> {
    let hub = graph.hub()?.unwrap_or_default();
    Pregel::new(ConnectedComponents { hub }).run(graph)
}

/// Returns the smallest id of its component for every vertex, in id order.
///
/// ```
/// use superstep::algorithms::connected_components;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(5, 3), (4, 5), (9, 8)].map(Edge::from), 2);
/// let components = connected_components(&Graph::from_edges(&edges)?)?;
/// assert_eq!(components.collect()?, [(3, 3), (4, 3), (5, 3), (8, 8), (9, 8)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn connected_components<V: Data, E: Data>(
    graph: &Graph<V, E>,
) -> Result<Rdd<(VertexId, VertexId)>> {
    let graph = graph.structure()?;
    labels(&graph, &run(&graph)?.states())
}

/// Turns labels into the smallest ids of their components.
pub(super) fn labels(
    graph: &Graph,
    states: &Rdd<(VertexId, u32)>,
) -> Result<Rdd<(VertexId, VertexId)>> {
    let flooded = states.filter(|(_, label)| *label == FLOODED).map(|(id, _)| id);
    let smallest = flooded.fold(VertexId::MAX, VertexId::min)?;
    // The dictionary alone: the edges need not stay for the labels.
    let dictionary = Arc::clone(&graph.shape.dictionary);
    Ok(states.map(move |(id, label)| match label.checked_sub(1) {
        None => (id, smallest),
        Some(index) => (id, dictionary.id(index).unwrap_or(id)),
    }))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "connected-components"
    }

    fn summary(&self) -> &'static str {
        "The smallest id of each vertex's component, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["component"]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let outcome = run(graph)?;
        let labels = labels(graph, &outcome.states())?;
        Ok(Table::new(&["id", "component"], Values::Id(labels), &outcome))
    }
}
