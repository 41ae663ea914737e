//! What a user writes: a vertex program.

use std::ops::ControlFlow;

use crate::data::Data;
use crate::graph::VertexId;

use super::{Aggregate, Combiner, Vertex};

/// What [`VertexProgram::compute`] receives when messages arrived.
pub type Combined<P> =
    <<P as VertexProgram>::Combiner as Combiner<<P as VertexProgram>::Message>>::Combined;

/// An algorithm told from the point of view of one vertex.
///
/// `compute` must depend on nothing but its arguments and `self`: a lost partition is computed
/// again, and has to come out the same.
pub trait VertexProgram: Send + Sync + Sized + 'static {
    /// What a vertex remembers between supersteps.
    type State: Data;
    /// The edge values of the graphs the program runs on.
    type Edge: Data;
    /// What a vertex sends.
    type Message: Data;
    /// How the messages to one vertex are merged: [`Sum`](super::Sum), [`Min`](super::Min),
    /// [`Max`](super::Max), [`Any`](super::Any), [`Collect`](super::Collect), or one of your own.
    type Combiner: Combiner<Self::Message>;
    /// What a superstep gathers from all vertices; `()` for nothing.
    type Aggregate: Aggregate;

    /// True when [`accepts`](Self::accepts) may say no. A hint: results are the same without it.
    const SETTLES: bool = false;

    /// True when vertices settle for a phase and not for the run: as the next one
    /// [begins](Self::next_phase) all of them compute, and accept messages again if they say so. Needs
    /// [`SETTLES`](Self::SETTLES).
    const SETTLES_FOR_PHASE: bool = false;

    /// True when the engine may deliver messages earlier than in the next superstep, later, or not
    /// at all where the same vertex sends a newer one: the combiner keeps one of the messages
    /// (such as the smallest), states only get better, a newer message of a vertex makes its
    /// older ones worthless, and `compute` sends whenever the state got better and votes to halt.
    /// Shortest paths and components are of this kind.
    ///
    /// A partition then goes on by itself until nothing changes within it, where most edges are
    /// within partitions: a road network takes tens of supersteps and not thousands. A hint:
    /// final states are the same without it, the number of supersteps is not.
    const MONOTONE: bool = false;

    /// True when [`priority`](Self::priority) says something. Needs [`MONOTONE`](Self::MONOTONE).
    const PRIORITISED: bool = false;

    /// Returns the state of a vertex before superstep 0.
    fn init(&self, seed: &Seed) -> Self::State;

    /// Computes one vertex in one superstep. `inbox` is `None` when no message arrived.
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Combined<Self>>);

    /// Turns what a vertex sends to its neighbours into what travels over one edge, such as
    /// `message + edge` for distances.
    #[inline]
    fn along(&self, message: &Self::Message, _edge: &Self::Edge) -> Self::Message {
        message.clone()
    }

    /// False for a vertex that sleeps from the beginning, as if it had voted to halt already: it
    /// computes when a message arrives. Where a run starts from few vertices, superstep 0 then costs
    /// what these cost.
    #[inline]
    fn starts(&self, _seed: &Seed) -> bool {
        true
    }

    /// Which edges [`send_to_neighbors`](Vertex::send_to_neighbors) follows.
    fn direction(&self) -> Direction {
        Direction::Out
    }

    /// Which edges [`send_to_neighbors`](Vertex::send_to_neighbors) follows in a
    /// [phase](Self::next_phase), where it is not the same in all: what went along edges may come
    /// back against them.
    fn direction_in(&self, _phase: usize) -> Direction {
        self.direction()
    }

    /// False once no message can change the state any more: the vertex is settled, and messages to
    /// it are not delivered. Only asked where [`SETTLES`](Self::SETTLES) is true, after each
    /// computation and for who does not [start](Self::starts); who said no is not asked again.
    #[inline]
    fn accepts(&self, _state: &Self::State) -> bool {
        true
    }

    /// The bucket of a vertex that sends: messages of a bucket wait until those of all lower ones
    /// have been delivered and nothing more follows from them. Fewer vertices then send what is
    /// improved upon later. Only asked where [`PRIORITISED`](Self::PRIORITISED) is true.
    ///
    /// Source: Meyer and Sanders, *Delta-stepping* (Journal of Algorithms 49, 2003), section 2;
    /// Dhulipala, Blelloch, Shun, *Julienne* (SPAA 2017), section 3.
    #[inline]
    fn priority(&self, _state: &Self::State) -> u64 {
        0
    }

    /// Looks at a finished superstep, and may end the run with `ControlFlow::Break(())`.
    fn after_superstep(&self, _step: &Superstep<'_, Self::Aggregate>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Says what happens when no vertex is active and no message is in flight: with `true` the next
    /// phase begins, and in the next superstep every vertex that still
    /// [accepts](Self::accepts) messages computes, without one, or every vertex where they
    /// [settle for a phase](Self::SETTLES_FOR_PHASE); with `false` the run ends.
    /// [`Vertex::phase`] tells vertices the phase, which begins at 0.
    fn next_phase(&self, _step: &Superstep<'_, Self::Aggregate>, _phase: usize) -> bool {
        false
    }
}

/// The edges that messages to neighbours follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From source to target.
    #[default]
    Out,
    /// From target to source.
    In,
    /// Both ways; in an undirected graph the same as `Out`.
    Both,
}

impl Direction {
    /// Whether messages follow edges turned around, in the order in which they merge.
    pub(super) fn reversals(self) -> &'static [bool] {
        match self {
            Self::Out => &[false],
            Self::In => &[true],
            Self::Both => &[false, true],
        }
    }

    /// The edges that bring messages, seen from who receives them.
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
            Self::Both => Self::Both,
        }
    }
}

/// A vertex before the first superstep.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Seed {
    /// The vertex's id.
    pub id: VertexId,
    /// The vertex's dense number: `0..vertex_count` in id order.
    pub index: u32,
    /// Edges that leave the vertex.
    pub out_degree: u32,
    /// Edges that enter the vertex.
    pub in_degree: u32,
    /// Vertices of the graph.
    pub vertex_count: u64,
}

/// A finished superstep.
#[derive(Debug)]
#[non_exhaustive]
pub struct Superstep<'a, A> {
    /// The superstep's number, from 0.
    pub index: usize,
    /// What the vertices contributed in it.
    pub aggregate: &'a A,
    /// Vertices that computed.
    pub active: u64,
    /// True for the first superstep of a phase.
    pub begins_phase: bool,
    /// Messages they sent, before combining.
    pub messages: u64,
    /// Vertices of the graph.
    pub vertex_count: u64,
}
