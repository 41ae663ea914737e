//! Reciprocity: how many of the directed edges have an edge back. Self-loops are left out, and
//! parallel edges count once.
//!
//! ```text
//! reciprocity = edges u→v for which there is an edge v→u / edges
//! ```
//!
//! - **State**: the edges that enter a vertex and those of them that are answered, 16 bytes, and in
//!   between the list of where they come from, 4 bytes each.
//! - **Supersteps**: 3. In the last, a vertex looks for itself in the lists of its predecessors.
//! - **Messages**: every edge twice. A list is sent as one shared value.
//! - **Source**: Newman, *Networks: An Introduction* (2010), section 7.10.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Aggregate, Outcome, Pregel, Seed, Vertex, VertexProgram};

use super::neighbors::{List, Listen, Message, Told};
use super::registry::{Algorithm, Arguments, Memory, Parameter};
use super::table::{Table, Values};

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct Answers;

/// Edges that enter a vertex, or all vertices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reciprocity {
    /// Distinct edges, self-loops left out.
    pub edges: u64,
    /// Those among them that have an edge back.
    pub mutual: u64,
}

impl Reciprocity {
    /// Returns the part of the edges that has an edge back, from 0 to 1, or `None` without edges.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.edges > 0).then(|| self.mutual as f64 / self.edges as f64)
    }
}

impl Aggregate for Reciprocity {
    fn merge(&mut self, other: Self) {
        self.edges += other.edges;
        self.mutual += other.mutual;
    }
}

impl VertexProgram for Answers {
    type State = Reciprocity;
    type Edge = ();
    type Message = Message;
    type Combiner = Listen;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Reciprocity {
        Reciprocity::default()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Told>) {
        let own = vertex.index();
        let told = inbox.unwrap_or_default();
        match vertex.superstep() {
            0 => vertex.send_to_neighbors(Message::Rank(u64::from(own))),
            1 => {
                let mut sources: Vec<u32> = told.ranks.iter().map(|rank| *rank as u32).collect();
                sources.sort_unstable();
                sources.dedup();
                sources.retain(|source| *source != own);
                vertex.state_mut().edges = sources.len() as u64;
                if !sources.is_empty() {
                    let list = List { rank: u64::from(own), vertices: sources, counts: Vec::new() };
                    vertex.send_to_neighbors(Message::List(Arc::new(list)));
                }
            }
            _ => {
                // Parallel edges come one after another.
                let mut last = u64::from(own);
                for list in &told.lists {
                    let is_new = list.rank != last && list.rank != u64::from(own);
                    if is_new && list.vertices.binary_search(&own).is_ok() {
                        vertex.state_mut().mutual += 1;
                    }
                    last = list.rank;
                }
            }
        }
        vertex.vote_to_halt();
    }
}

/// Counts the edges of a graph and those of them that are answered.
///
/// ```
/// use superstep::algorithms::reciprocity;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 1), (2, 3), (3, 3)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&edges)?;
/// assert_eq!(reciprocity(&graph)?.ratio(), Some(2.0 / 3.0));
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn reciprocity<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Reciprocity> {
    total(&at_each_vertex(&graph.structure()?)?)
}

/// Counts at every vertex the edges that enter it.
fn at_each_vertex(graph: &Graph) -> Result<Outcome<Reciprocity, ()>> {
    Pregel::new(Answers).run(graph)
}

fn total(outcome: &Outcome<Reciprocity, ()>) -> Result<Reciprocity> {
    let counts = outcome.states().map(|(_, counts)| counts);
    counts.fold(Reciprocity::default(), |mut all, counts| {
        all.merge(counts);
        all
    })
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "reciprocity"
    }

    fn summary(&self) -> &'static str {
        "The edges that enter each vertex and those of them that have an edge back, and the part of all that have one"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn memory(&self) -> Memory {
        Memory { vertex: 200, edge: 160 }
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let outcome = at_each_vertex(graph)?;
        let found = total(&outcome)?;
        let rows = outcome.states().map(|(id, counts)| (id, counts.edges, counts.mutual));
        let columns = ["id", "edges", "mutual"];
        let table = Table::new(&columns, Values::rows(&rows), &outcome);
        let table = table.figure("edges", found.edges).figure("mutual", found.mutual);
        Ok(table.figure("reciprocity", found.ratio()))
    }
}
