//! Truss numbers: the largest `k` for which an edge is in the [`k`-truss](mod@super::k_truss).
//! Directions, self-loops and parallel edges do not matter.
//!
//! Every vertex holds an upper bound for each of its edges, and sends its list whenever a bound
//! changed. Who receives the list of a neighbour computes the bound of the edge between them anew:
//!
//! ```text
//! bound(u, v) = 2 + the largest h so that for h common neighbours w, both bound(u, w) and bound(v, w)
//!               are at least h + 2
//! ```
//!
//! and takes over the sender's bound where that is smaller. Bounds only fall and never below the
//! truss number. When none changes, the edges whose bounds are at least `k` are each in `k - 2`
//! triangles of such edges, so that bounds are truss numbers.
//!
//! - **State**: the neighbours and the bounds, 8 bytes an edge.
//! - **Supersteps**: two more than the rounds in which bounds change.
//! - **Messages**: in each superstep, every edge of a vertex of which a bound changed. A list is
//!   sent as one shared value.
//! - **Work**: at first the lists of both ends of every edge are compared, O(E^1.5 log V) in all,
//!   and later those where one changed.
//! - **Source**: Sarıyüce, Seshadhri, Pinar, *Local Algorithms for Hierarchical Dense Subgraph
//!   Discovery* (PVLDB 12, 2018), section 4; Wang and Cheng, *Truss Decomposition in Massive
//!   Networks* (VLDB 2012), section 2.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{Outcome, Pregel, Seed, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::neighbors::{List, Listen, Message, Told, for_each_common};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program, for undirected simple graphs.
#[derive(Debug, Clone, Copy)]
struct TrussNumbers;

/// The neighbours by number, ascending, and the bounds of the edges to them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Bounds {
    neighbors: Vec<u32>,
    bounds: Vec<u32>,
}

impl VertexProgram for TrussNumbers {
    type State = Bounds;
    type Edge = ();
    type Message = Message;
    type Combiner = Listen;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Bounds {
        Bounds::default()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Told>) {
        let own = vertex.index();
        vertex.vote_to_halt();
        let told = inbox.unwrap_or_default();
        match vertex.superstep() {
            0 => return vertex.send_to_neighbors(Message::Rank(u64::from(own))),
            1 => {
                let mut neighbors: Vec<u32> = told.ranks.iter().map(|rank| *rank as u32).collect();
                neighbors.sort_unstable();
                // Each other edge of the vertex makes a triangle at most.
                let bounds = vec![neighbors.len() as u32 + 1; neighbors.len()];
                *vertex.state_mut() = Bounds { neighbors, bounds };
            }
            _ => {
                let Bounds { neighbors, bounds } = vertex.state();
                let mut lower = bounds.clone();
                let mut counts = Vec::new();
                for list in &told.lists {
                    let Ok(place) = neighbors.binary_search(&(list.rank as u32)) else { continue };
                    lower[place] =
                        lower[place].min(bound(own, neighbors, bounds, list, &mut counts));
                }
                if lower == *bounds {
                    return;
                }
                vertex.state_mut().bounds = lower;
            }
        }
        let Bounds { neighbors, bounds } = vertex.state().clone();
        let list = List { rank: u64::from(own), vertices: neighbors, counts: bounds };
        vertex.send_to_neighbors(Message::List(Arc::new(list)));
    }
}

/// What a neighbour's list says of the edge to it. `counts` is room to count in.
fn bound(own: u32, neighbors: &[u32], bounds: &[u32], list: &List, counts: &mut Vec<u32>) -> u32 {
    let theirs = list.vertices.binary_search(&own).map_or(2, |place| list.counts[place]);
    // So many third corners as there are of each bound; those of larger ones count as the largest.
    let most = theirs as usize;
    counts.clear();
    counts.resize(most + 1, 0);
    for_each_common(neighbors, &list.vertices, |place, at| {
        counts[(bounds[place].min(list.counts[at]) as usize).min(most)] += 1;
    });
    let mut at_least = 0;
    for k in (3..=most).rev() {
        at_least += counts[k];
        if at_least as usize + 2 >= k {
            return k as u32;
        }
    }
    2
}

/// Returns the edges of a graph, each once and with its smaller id first, ascending, with their
/// truss numbers, which are from 2 on.
///
/// ```
/// use superstep::algorithms::truss_numbers;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4)].map(Edge::from), 2);
/// let numbers = truss_numbers(&Graph::from_edges(&edges)?)?.collect()?;
/// assert_eq!(numbers, [((1, 2), 3), ((1, 3), 3), ((2, 3), 3), ((3, 4), 2)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn truss_numbers<V: Data, E: Data>(
    graph: &Graph<V, E>,
) -> Result<Rdd<((VertexId, VertexId), u32)>> {
    let graph = graph.structure()?;
    Ok(edges(&graph, &run(&graph)?))
}

fn run(graph: &Graph) -> Result<Outcome<Bounds, ()>> {
    Pregel::new(TrussNumbers).run(&graph.to_simple()?)
}

fn edges(graph: &Graph, outcome: &Outcome<Bounds, ()>) -> Rdd<((VertexId, VertexId), u32)> {
    let dictionary = Arc::clone(&graph.shape.dictionary);
    outcome.states().flat_map(move |(id, Bounds { neighbors, bounds })| {
        let others = neighbors.into_iter().zip(bounds);
        let others = others.filter_map(|(other, bound)| Some((dictionary.id(other)?, bound)));
        let edges = others.filter(|(other, _)| id < *other);
        edges.map(|(other, bound)| ((id, other), bound)).collect::<Vec<_>>()
    })
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "truss-numbers"
    }

    fn summary(&self) -> &'static str {
        "The largest k for which each edge is in the k-truss, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_edges(&["truss"]))
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 200, edge: 120 }
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let outcome = run(graph)?;
        let edges = edges(graph, &outcome);
        let largest = edges.map(|(_, number)| number).fold(0, u32::max)?;
        let rows = edges.map(|((source, target), number)| (source, target, number));
        let table = Table::new(&["source", "target", "truss"], Values::rows(&rows), &outcome);
        Ok(table.keyed_by(2).figure("largest", largest))
    }
}
