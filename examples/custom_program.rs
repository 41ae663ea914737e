//! Learn how to write a vertex program: state, messages, combiner, aggregate, and an early end. This
//! one computes how many steps each vertex is from a start.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};
use superstep::prelude::*;

struct Levels {
    start: VertexId,
}

/// How many vertices were reached for the first time in a superstep.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Reached(u64);

impl Aggregate for Reached {
    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl VertexProgram for Levels {
    type State = Option<u32>; // the level, once it is known
    type Edge = ();
    type Message = u32;
    type Combiner = Min; // of all messages, a vertex sees the smallest
    type Aggregate = Reached;

    fn init(&self, _seed: &Seed) -> Option<u32> {
        None
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        let starts = vertex.superstep() == 0 && vertex.id() == self.start;
        let found = if starts { Some(0) } else { inbox };
        if let (Some(level), None) = (found, *vertex.state()) {
            *vertex.state_mut() = Some(level);
            vertex.aggregate().0 += 1;
            vertex.send_to_neighbors(level + 1);
        }
        vertex.vote_to_halt(); // a message wakes it up
    }

    fn after_superstep(&self, step: &Superstep<'_, Reached>) -> ControlFlow<()> {
        println!("superstep {}: reached {}", step.index, step.aggregate.0);
        if step.aggregate.0 == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn main() -> superstep::Result<()> {
    let ctx = Context::local(0)?;
    let edges = ctx.parallelize([(1, 2), (2, 3), (3, 4), (1, 4), (5, 1)].map(Edge::from), 2);
    let outcome = Pregel::new(Levels { start: 1 }).run(&Graph::from_edges(&edges)?)?;
    println!("{}", outcome.stop_reason());
    println!("{:?}", outcome.states().collect()?);
    Ok(())
}
