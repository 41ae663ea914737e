//! Removes the vertices that no edge enters or none leaves, and with them their edges, until there are
//! none: what is left is on cycles or between some.
//!
//! - **State**: the edges that are left in the direction that counts, and whether the vertex is gone;
//!   8 bytes. **Supersteps**: for each direction, one more than the longest path in which vertices go.
//! - **Messages**: the edges of the vertices that go.
//! - **Source**: McLendon, Hendrickson, Plimpton, Rauchwerger, *Finding strongly connected components
//!   in distributed graphs* (Journal of Parallel and Distributed Computing 65, 2005), section 3.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Direction, Pregel, Seed, Sum, SuperstepStats, Vertex, VertexProgram};

/// Removes the vertices without edges in one direction, and goes on with the edges that are left.
#[derive(Debug, Clone, Copy)]
struct Trim {
    /// Messages tell the other ends of the edges that go: along edges, where the vertices go that
    /// no edge enters.
    direction: Direction,
}

/// A vertex while it may be trimmed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Trimmed {
    pub(super) gone: bool,
    /// The edges that are left, in the direction that counts.
    left: u32,
}

impl Trim {
    fn start(self, seed: &Seed, gone: bool) -> Trimmed {
        let entering = self.direction == Direction::Out;
        Trimmed { gone, left: if entering { seed.in_degree } else { seed.out_degree } }
    }
}

impl VertexProgram for Trim {
    type State = Trimmed;
    type Edge = ();
    type Message = u32;
    type Combiner = Sum;
    type Aggregate = ();

    const SETTLES: bool = true;

    fn init(&self, seed: &Seed) -> Trimmed {
        self.start(seed, false)
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        vertex.vote_to_halt();
        let state = vertex.state_mut();
        state.left -= inbox.unwrap_or(0);
        if !state.gone && state.left == 0 {
            state.gone = true;
            vertex.send_to_neighbors(1);
        }
    }

    fn direction(&self) -> Direction {
        self.direction
    }

    #[inline]
    fn accepts(&self, state: &Trimmed) -> bool {
        !state.gone
    }
}

/// Finds the vertices that go, first those that no edge leaves.
pub(super) fn trimmed(
    graph: &Graph,
    supersteps: &mut Vec<SuperstepStats>,
) -> Result<Graph<Trimmed>> {
    let trim = Pregel::new(Trim { direction: Direction::In }).run(graph)?;
    supersteps.extend_from_slice(trim.supersteps());
    let trimmed = graph.zip_vertices(&trim.states())?;
    let trim = Trim { direction: Direction::Out };
    let outcome = Pregel::new(trim)
        .run_from(&trimmed, move |seed, before: &Trimmed| trim.start(seed, before.gone))?;
    supersteps.extend_from_slice(outcome.supersteps());
    graph.zip_vertices(&outcome.states())
}
