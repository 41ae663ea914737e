//! Forward neighbors: what finding each triangle once rests on.
//!
//! Below any graph is a simple undirected one, without directions, self-loops and parallel edges.
//! Its vertices are ranked by degree, equal ones by id, and each keeps those of its neighbors that
//! have a higher rank: at most √(2·edges) of them, however many a hub has. A triangle is found from
//! its corner of the lowest rank, as a vertex that occurs in two forward lists.
//!
//! Source: Schank and Wagner, *Finding, Counting and Listing all Triangles in Large Graphs* (WEA
//! 2005), section 3 (algorithm *forward*).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{
    Collect, Direction, Outcome, Pregel, Seed, SuperstepStats, Vertex, VertexProgram,
};

/// A vertex's place in the simple graph.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Neighborhood {
    /// Distinct neighbors, the vertex itself not among them.
    pub(super) degree: u32,
    pub(super) forward: Arc<Forward>,
}

/// Neighbors of higher rank.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Forward {
    /// Their dense numbers, ascending.
    pub(super) ids: Vec<u32>,
    /// For each, in how many directions there is an edge: 1 or 2.
    pub(super) ways: Vec<u8>,
}

/// Returns the graph with each vertex's neighborhood as its value, and the supersteps it took: two
/// for either direction of edges.
pub(super) fn neighborhoods(graph: &Graph) -> Result<(Graph<Neighborhood>, Vec<SuperstepStats>)> {
    let gather = |direction| Pregel::new(Gather { direction }).run(graph);
    let entering: Outcome<Gathered, ()> = gather(Direction::Out)?;
    let mut supersteps = entering.supersteps().to_vec();
    let leaving = gather(Direction::In)?;
    supersteps.extend_from_slice(leaving.supersteps());
    let both = entering.states().zip(&leaving.states())?;
    let rows =
        both.map(|((id, entering), (_, leaving))| (id, entering.neighborhood(&leaving.others)));
    Ok((graph.with_rows(&rows)?, supersteps))
}

/// Gathers the distinct neighbors at the other end of edges, with their degrees.
#[derive(Debug, Clone, Copy)]
struct Gather {
    direction: Direction,
}

/// A vertex and its neighbors of one direction, each as a dense number above a degree.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Gathered {
    own: u64,
    /// Ascending, without the vertex itself.
    others: Arc<Vec<u64>>,
}

impl VertexProgram for Gather {
    type State = Gathered;
    type Edge = ();
    type Message = u64;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Gathered {
        let degree = seed.out_degree.saturating_add(seed.in_degree);
        Gathered { own: u64::from(seed.index) << 32 | u64::from(degree), others: Arc::default() }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u64>>) {
        let own = vertex.state().own;
        match inbox {
            None if vertex.superstep() == 0 => vertex.send_to_neighbors(own),
            None => {}
            Some(mut others) => {
                others.sort_unstable();
                others.dedup();
                others.retain(|other| *other != own);
                others.shrink_to_fit();
                vertex.state_mut().others = Arc::new(others);
            }
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        self.direction
    }
}

impl Gathered {
    /// Unites the neighbors of both directions.
    fn neighborhood(&self, other_way: &[u64]) -> Neighborhood {
        // The degree decides, then the dense number.
        let rank = |packed: u64| packed.rotate_left(32);
        let mut forward = Forward::default();
        let mut degree = 0;
        let (mut one, mut two) = (&self.others[..], other_way);
        loop {
            let (a, b) = (one.first().copied(), two.first().copied());
            let Some(next) = a.into_iter().chain(b).min() else { break };
            let (in_one, in_two) = (a == Some(next), b == Some(next));
            one = &one[usize::from(in_one)..];
            two = &two[usize::from(in_two)..];
            degree += 1;
            if rank(next) > rank(self.own) {
                forward.ids.push((next >> 32) as u32);
                forward.ways.push(u8::from(in_one) + u8::from(in_two));
            }
        }
        Neighborhood { degree, forward: Arc::new(forward) }
    }
}
