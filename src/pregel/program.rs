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

    /// Which edges [`send_to_neighbors`](Vertex::send_to_neighbors) follows.
    fn direction(&self) -> Direction {
        Direction::Out
    }

    /// Looks at a finished superstep, and may end the run with `ControlFlow::Break(())`.
    fn after_superstep(&self, _step: &Superstep<'_, Self::Aggregate>) -> ControlFlow<()> {
        ControlFlow::Continue(())
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
    /// Messages they sent, before combining.
    pub messages: u64,
    /// Vertices of the graph.
    pub vertex_count: u64,
}
