//! The `k`-truss: what remains of a graph when edges that are in fewer than `k - 2` triangles are
//! removed until there are none. Directions, self-loops and parallel edges do not matter.
//!
//! Every vertex has the list of the neighbours to which its edge is left, and sends it to them
//! whenever it changes. Who receives a list counts the neighbours in common, and removes its edge to
//! the sender where they are too few. What is left in the end does not depend on the order: it is
//! the largest graph in which every edge is in enough triangles.
//!
//! - **State**: the list, 4 bytes an edge.
//! - **Supersteps**: two more than the rounds in which edges go.
//! - **Messages**: in each superstep, every edge of a vertex whose list changed. A list is sent as one
//!   shared value.
//! - **Work**: at first the lists of both ends of every edge are compared, O(E^1.5 log V) in all, and
//!   later those where one changed.
//! - **Source**: Cohen, *Trusses: Cohesive Subgraphs for Social Network Analysis* (2008), section 4;
//!   Wang and Cheng, *Truss Decomposition in Massive Networks* (VLDB 2012), section 2.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{Outcome, Pregel, Seed, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::neighbors::{List, Listen, Message, Told, for_each_common};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program, for undirected simple graphs.
#[derive(Debug, Clone, Copy)]
struct Truss {
    k: u32,
}

/// The neighbours to which an edge is left, ascending by number.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Left(Arc<Vec<u32>>);

impl VertexProgram for Truss {
    type State = Left;
    type Edge = ();
    type Message = Message;
    type Combiner = Listen;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Left {
        Left::default()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Told>) {
        let own = vertex.index();
        vertex.vote_to_halt();
        let told = inbox.unwrap_or_default();
        let left = match vertex.superstep() {
            0 => return vertex.send_to_neighbors(Message::Rank(u64::from(own))),
            1 => {
                let mut all: Vec<u32> = told.ranks.iter().map(|rank| *rank as u32).collect();
                all.sort_unstable();
                all
            }
            _ => {
                let left = &vertex.state().0;
                let goes = |list: &List| {
                    let sender = list.rank as u32;
                    left.binary_search(&sender).is_ok() && !self.stays(own, left, list)
                };
                let mut gone: Vec<u32> = told
                    .lists
                    .iter()
                    .filter(|list| goes(list))
                    .map(|list| list.rank as u32)
                    .collect();
                if gone.is_empty() {
                    return;
                }
                gone.sort_unstable();
                let stay = left.iter().copied().filter(|other| gone.binary_search(other).is_err());
                stay.collect::<Vec<_>>()
            }
        };
        // An edge in k - 2 triangles has k - 1 edges at either end.
        let left = if left.len() + 1 < self.k as usize { Vec::new() } else { left };
        // Also an empty list has to be known.
        let list = List { rank: u64::from(own), vertices: left.clone(), counts: Vec::new() };
        vertex.send_to_neighbors(Message::List(Arc::new(list)));
        *vertex.state_mut() = Left(Arc::new(left));
    }
}

impl Truss {
    /// True when the edge to the sender of a list is left there as well and in enough triangles.
    fn stays(&self, own: u32, left: &[u32], list: &List) -> bool {
        let wanted = self.k.saturating_sub(2) as usize;
        if list.vertices.len() <= wanted || list.vertices.binary_search(&own).is_err() {
            return false;
        }
        let mut common = 0;
        if wanted > 0 {
            for_each_common(left, &list.vertices, |_, _| common += 1);
        }
        common >= wanted
    }
}

/// The edges of a `k`-truss.
#[derive(Debug, Clone)]
pub struct KTruss {
    outcome: Outcome<Vec<u32>, ()>,
    edges: Rdd<(VertexId, VertexId)>,
}

impl KTruss {
    /// Returns the edges, each once and with its smaller id first, ascending.
    pub fn edges(&self) -> Rdd<(VertexId, VertexId)> {
        self.edges.clone()
    }

    /// Returns the outcome, whose states are the dense numbers of the neighbours to which every
    /// vertex has an edge in the truss, in id order.
    pub fn outcome(&self) -> &Outcome<Vec<u32>, ()> {
        &self.outcome
    }
}

/// Computes the `k`-truss of a graph, for `k` from 2 on; the 2-truss is the simple graph itself.
///
/// ```
/// use superstep::algorithms::k_truss;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4)].map(Edge::from), 2);
/// let truss = k_truss(&Graph::from_edges(&edges)?, 3)?;
/// assert_eq!(truss.edges().collect()?, [(1, 2), (1, 3), (2, 3)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a `k` below 2; otherwise when the run
/// fails.
pub fn k_truss<V: Data, E: Data>(graph: &Graph<V, E>, k: u32) -> Result<KTruss> {
    run(&graph.structure()?, k)
}

fn run(graph: &Graph, k: u32) -> Result<KTruss> {
    check_k(k)?;
    let outcome = Pregel::new(Truss { k }).run(&graph.to_simple()?)?;
    let outcome = outcome.map_states(|left| left.0.to_vec());
    let dictionary = Arc::clone(&graph.shape.dictionary);
    let edges = outcome.states().flat_map(move |(id, left)| {
        let others = left.into_iter().filter_map(|other| dictionary.id(other));
        let edges = others.filter(|other| id < *other).map(|other| (id, other));
        edges.collect::<Vec<_>>()
    });
    Ok(KTruss { outcome, edges })
}

fn check_k(k: u32) -> Result<()> {
    if k >= 2 {
        return Ok(());
    }
    Err(Error::argument(format!("k is {k}, and a truss needs 2 or more")))
}

/// Which truss.
const K: Parameter = Parameter {
    name: "k",
    value: "COUNT",
    help: "Every edge is in at least k - 2 triangles; from 2 on",
    default: "none: it has to be given",
    choices: &[],
};

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "k-truss"
    }

    fn summary(&self) -> &'static str {
        "The edges that remain when those in fewer than k - 2 triangles are removed until there are none"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[K]
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 200, edge: 160 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_edges(&[]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        check_k(arguments.required(self.name(), &K)?)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let truss = run(graph, arguments.required(self.name(), &K)?)?;
        let table = Table::new(&["source", "target"], Values::rows(&truss.edges), &truss.outcome);
        Ok(table.keyed_by(2))
    }
}
