//! Reciprocity: how many of the directed edges have an edge back. Self-loops are left out, and
//! parallel edges count once.
//!
//! ```text
//! reciprocity = edges u→v for which there is an edge v→u / edges
//! ```
//!
//! - **State**: the edges that enter a vertex and those of them that are answered, 16 bytes, and in
//!   between the list of where they come from, 4 bytes each.
//! - **Supersteps**: 4. In the second, a vertex learns where its edges come from, in the last, where
//!   they lead, and compares.
//! - **Messages**: every edge twice, once in each direction.
//! - **Source**: Newman, *Networks: An Introduction* (2010), section 7.10.

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{
    Aggregate, Collect, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram,
};

use super::neighbors::for_each_common;
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program. In phase 0 a vertex learns who leads to it, in phase 1 to whom it leads.
#[derive(Debug, Clone, Copy)]
struct Answers;

/// The phase in which messages go against the edges.
const EDGES_BACK: usize = 1;

/// A vertex's edges.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Answered {
    /// Those whose edges enter the vertex, ascending, until they are counted.
    sources: Vec<u32>,
    counts: Reciprocity,
}

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
    type State = Answered;
    type Edge = ();
    /// The dense number of the sender.
    type Message = u32;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Answered {
        Answered::default()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u32>>) {
        let own = vertex.index();
        vertex.vote_to_halt();
        let Some(mut others) = inbox else { return vertex.send_to_neighbors(own) };
        others.sort_unstable();
        others.dedup();
        others.retain(|other| *other != own);
        let edges_back = vertex.phase() == EDGES_BACK;
        let Answered { sources, counts } = vertex.state_mut();
        if edges_back {
            for_each_common(sources, &others, |_, _| counts.mutual += 1);
            *sources = Vec::new();
        } else {
            counts.edges = others.len() as u64;
            *sources = others;
        }
    }

    fn direction_in(&self, phase: usize) -> Direction {
        if phase == EDGES_BACK { Direction::In } else { Direction::Out }
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase < EDGES_BACK
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
    Ok(Pregel::new(Answers).run(graph)?.map_states(|answered| answered.counts))
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

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["edges", "mutual"]))
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
