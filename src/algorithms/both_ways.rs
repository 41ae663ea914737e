//! Which vertices are reached from a vertex, and which reach it.
//!
//! - **State**: both answers. **Supersteps**: those of a search each way; where most edges are within
//!   partitions, searches go on within a partition by themselves.
//! - **Messages**: the edges of the vertices that were reached.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{Any, Direction, Pregel, Seed, SuperstepStats, Vertex, VertexProgram};
use crate::rdd::Rdd;

/// The ways between a vertex and the one that searches start from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ways {
    /// A path leads here from there.
    pub(super) from: bool,
    /// A path leads from here to there.
    pub(super) to: bool,
}

/// A search from a vertex, along edges or against them.
#[derive(Debug, Clone, Copy)]
struct Search {
    start: u32,
    direction: Direction,
}

impl Search {
    fn has_reached(&self, ways: &Ways) -> bool {
        if self.direction == Direction::In { ways.to } else { ways.from }
    }
}

impl VertexProgram for Search {
    type State = Ways;
    type Edge = ();
    type Message = ();
    type Combiner = Any;
    type Aggregate = ();

    const SETTLES: bool = true;
    const MONOTONE: bool = true;

    fn init(&self, _seed: &Seed) -> Ways {
        Ways::default()
    }

    #[inline]
    fn starts(&self, seed: &Seed) -> bool {
        seed.index == self.start
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, _inbox: Option<()>) {
        vertex.vote_to_halt();
        if !self.has_reached(vertex.state()) {
            let ways = vertex.state_mut();
            if self.direction == Direction::In {
                ways.to = true;
            } else {
                ways.from = true;
            }
            vertex.send_to_neighbors(());
        }
    }

    fn direction(&self) -> Direction {
        self.direction
    }

    #[inline]
    fn accepts(&self, ways: &Ways) -> bool {
        !self.has_reached(ways)
    }
}

/// Searches both ways from the vertex with a dense number: for every vertex, in id order, what was
/// found.
pub(super) fn both_ways(
    start: u32,
    graph: &Graph,
    supersteps: &mut Vec<SuperstepStats>,
) -> Result<Rdd<(VertexId, Ways)>> {
    let search = |direction| Pregel::new(Search { start, direction });
    let along = search(Direction::Out).run(graph)?;
    supersteps.extend_from_slice(along.supersteps());
    let reached = graph.zip_vertices(&along.states())?;
    let against = search(Direction::In).run_from(&reached, |_, ways| *ways)?;
    supersteps.extend_from_slice(against.supersteps());
    Ok(against.states())
}
