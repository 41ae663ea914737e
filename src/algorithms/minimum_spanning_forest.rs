//! A minimum spanning forest: edges of the least total weight that connect all that is connected.
//! Directions and self-loops do not matter, and of parallel edges the lightest counts.
//!
//! In rounds, each on the graph whose vertices are the trees so far: every tree chooses its lightest
//! edge to another tree, trees that chose one another join, and the edges between different trees are
//! the graph of the next round, for each vertex the lightest into each tree. Edges of equal weight
//! are told apart by the ids of their ends, so the choice is unique, and the forest the same for any
//! partitions.
//!
//! - **State**: the chosen edge and the root of the vertex's tree, 32 bytes; at the end of a round,
//!   the edges that stay.
//! - **Supersteps**: in each round two to choose, two for each doubling of the way to the root, which
//!   are O(log V), and two to find the edges that stay. There are at most log₂ V rounds, since every
//!   tree joins another one.
//! - **Messages**: in each round, every edge that is left both ways twice, and two for each vertex
//!   and doubling.
//! - **Source**: Borůvka, *O jistém problému minimálním* (1926); Chung and Condon, *Parallel
//!   Implementation of Borůvka's Minimum Spanning Tree Algorithm* (IPPS 1996); Salihoglu and Widom,
//!   *Optimizing Graph Algorithms on Pregel-like Systems* (VLDB 2014), section 4.2.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Edge, EdgeBlock, Graph, VertexId};
use crate::pregel::{
    Combiner, Direction, Pregel, Seed, Superstep, SuperstepStats, Vertex, VertexProgram,
};
use crate::rdd::Rdd;

use super::registry::{Algorithm, Arguments, Memory, Parameter, Weights};
use super::table::{Table, Values};

/// An edge of the input between two trees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Link {
    weight: f64,
    /// The dense numbers of its ends in the input, the smaller one first.
    low: u32,
    high: u32,
}

impl Link {
    /// A total order of the edges.
    fn is_lighter(&self, other: &Self) -> bool {
        let ends = |link: &Self| (link.low, link.high);
        self.weight.total_cmp(&other.weight).then(ends(self).cmp(&ends(other))).is_lt()
    }
}

/// An edge as a round sees it.
trait Road: Data {
    /// The edge, when the message that travels on it is from the vertex with a number.
    fn link(&self, sender: u32) -> Link;

    /// The edge as it arrives at the vertex with a number.
    fn arrived(link: Link, receiver: u32) -> Link;
}

impl Road for f64 {
    fn link(&self, sender: u32) -> Link {
        // No weight is negative zero. At one receiver, senders order edges as both ends would.
        Link { weight: self + 0.0, low: sender, high: sender }
    }

    fn arrived(link: Link, receiver: u32) -> Link {
        Link { low: link.low.min(receiver), high: link.high.max(receiver), ..link }
    }
}

impl Road for Link {
    fn link(&self, _sender: u32) -> Link {
        *self
    }

    fn arrived(link: Link, _receiver: u32) -> Link {
        link
    }
}

/// The vertex program of a round, on a graph without self-loops.
#[derive(Debug, Clone, Copy)]
struct Round<E>(PhantomData<fn() -> E>);

/// What a vertex remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Member {
    /// The edge that is of the forest because of this vertex.
    chosen: Option<Link>,
    /// A vertex nearer to the root of the tree, and in the end the root.
    root: VertexId,
    /// For each other tree with a larger root, the lightest edge there.
    across: Arc<Vec<(VertexId, Link)>>,
}

/// What vertices tell one another.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Message {
    /// To all neighbours: who the sender is, by id and number.
    Here {
        id: VertexId,
        index: u32,
    },
    /// To all neighbours: the root of the sender's tree, and the sender's number.
    Within {
        root: VertexId,
        index: u32,
    },
    /// What these become on their way.
    Offer(VertexId, Link),
    Across(VertexId, Link),
    /// By letter: the sender has chosen the receiver, or asks for the way to the root.
    Ask(VertexId),
    /// By letter: the next vertex on the way.
    Answer(VertexId),
}

/// What a vertex was told.
#[derive(Debug, Clone, Default)]
struct Told {
    lightest: Option<(VertexId, Link)>,
    across: Vec<(VertexId, Link)>,
    asks: Vec<VertexId>,
    answer: Option<VertexId>,
}

/// Keeps the lightest offer and collects the rest.
#[derive(Debug, Clone, Copy)]
struct Listen;

impl Combiner<Message> for Listen {
    type Combined = Told;

    fn lift(message: Message) -> Told {
        let mut told = Told::default();
        Self::merge(&mut told, message);
        told
    }

    fn merge(into: &mut Told, message: Message) {
        match message {
            Message::Offer(id, link) => {
                if into.lightest.is_none_or(|(_, lightest)| link.is_lighter(&lightest)) {
                    into.lightest = Some((id, link));
                }
            }
            Message::Across(root, link) => into.across.push((root, link)),
            Message::Ask(id) => into.asks.push(id),
            Message::Answer(id) => into.answer = Some(id),
            // They become others on their way.
            Message::Here { .. } | Message::Within { .. } => {}
        }
    }
}

impl<E: Road> VertexProgram for Round<E> {
    type State = Member;
    type Edge = E;
    type Message = Message;
    type Combiner = Listen;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Member {
        Member { chosen: None, root: seed.id, across: Arc::default() }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Told>) {
        vertex.vote_to_halt();
        if vertex.phase() == 0 {
            self.join(vertex, inbox.unwrap_or_default());
            return;
        }
        let Some(told) = inbox else {
            let within = Message::Within { root: vertex.state().root, index: vertex.index() };
            return vertex.send_to_neighbors(within);
        };
        let root = vertex.state().root;
        let mut across = told.across;
        // The other end keeps those into trees with smaller roots.
        across.retain(|(other, _)| *other > root);
        across.iter_mut().for_each(|(_, link)| *link = E::arrived(*link, vertex.index()));
        across.sort_unstable_by(|(a, link), (b, other)| {
            let ends = |link: &Link| (link.low, link.high);
            let by_weight = link.weight.total_cmp(&other.weight);
            a.cmp(b).then(by_weight).then(ends(link).cmp(&ends(other)))
        });
        across.dedup_by_key(|(root, _)| *root);
        vertex.state_mut().across = Arc::new(across);
    }

    fn along(&self, message: &Message, edge: &E) -> Message {
        match message {
            Message::Here { id, index } => Message::Offer(*id, edge.link(*index)),
            Message::Within { root, index } => Message::Across(*root, edge.link(*index)),
            letter => letter.clone(),
        }
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase == 0
    }
}

impl<E: Road> Round<E> {
    /// Chooses an edge and finds the root of the tree. Vertices ask in odd supersteps and answer in
    /// even ones.
    fn join(&self, vertex: &mut Vertex<'_, Self>, told: Told) {
        let own = vertex.id();
        match vertex.superstep() {
            0 => {
                let here = Message::Here { id: own, index: vertex.index() };
                vertex.send_to_neighbors(here);
            }
            1 => {
                if let Some((other, link)) = told.lightest {
                    let chosen = Some(E::arrived(link, vertex.index()));
                    *vertex.state_mut() = Member { chosen, root: other, across: Arc::default() };
                    vertex.send(other, Message::Ask(own));
                }
            }
            step if step % 2 == 0 => {
                // Of two that chose one another, by the same edge, the smaller is the root.
                let state = vertex.state_mut();
                if step == 2 && own < state.root && told.asks.contains(&state.root) {
                    (state.chosen, state.root) = (None, own);
                }
                let root = state.root;
                told.asks.into_iter().for_each(|id| vertex.send(id, Message::Answer(root)));
            }
            _ => {
                // The root points to itself: with the answer that is known already, it is found.
                if let Some(next) = told.answer.filter(|next| *next != vertex.state().root) {
                    vertex.state_mut().root = next;
                    vertex.send(next, Message::Ask(own));
                }
            }
        }
    }
}

/// A minimum spanning forest.
#[derive(Debug, Clone)]
pub struct SpanningForest {
    edges: Rdd<Edge<f64>>,
    weight: f64,
    edge_count: u64,
    tree_count: u64,
    rounds: usize,
    supersteps: Vec<SuperstepStats>,
}

impl SpanningForest {
    /// Returns the edges with their weights, each with its smaller id as the source, ascending.
    pub fn edges(&self) -> Rdd<Edge<f64>> {
        self.edges.clone()
    }

    /// Returns the sum of the weights.
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Returns the number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.edge_count
    }

    /// Returns the number of trees, which are the connected components; isolated vertices are trees
    /// of their own.
    #[must_use]
    pub fn tree_count(&self) -> u64 {
        self.tree_count
    }

    /// Returns the number of rounds.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Returns the supersteps of all rounds, in order.
    #[must_use]
    pub fn supersteps(&self) -> &[SuperstepStats] {
        &self.supersteps
    }
}

/// Finds a minimum spanning forest of a graph whose edge values are weights: `f64`, `f32`, or
/// integers of up to 32 bits. Weights may be negative.
///
/// ```
/// use superstep::algorithms::minimum_spanning_forest;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let roads = [(1, 2, 4.0), (1, 3, 1.0), (3, 2, 2.0), (8, 9, 5.0)];
/// let edges = ctx.parallelize(roads.map(|(a, b, length)| Edge::new(a, b, length)), 2);
/// let forest = minimum_spanning_forest(&Graph::from_edges(&edges)?)?;
/// let kept = forest.edges().map(|edge| (edge.source, edge.target)).collect()?;
/// assert_eq!(kept, [(1, 3), (2, 3), (8, 9)]);
/// assert_eq!((forest.weight(), forest.tree_count()), (8.0, 2));
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when a weight is not a number; otherwise when
/// the run fails.
pub fn minimum_spanning_forest<V, E>(graph: &Graph<V, E>) -> Result<SpanningForest>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    match (graph as &dyn Any).downcast_ref::<Graph<(), f64>>() {
        Some(graph) => run(graph),
        None => run(&graph.map_edges(|weight| (*weight).into())?.map_vertices(|_, _| ())?),
    }
}

fn run(graph: &Graph<(), f64>) -> Result<SpanningForest> {
    let unordered = graph.edges.flat_map_ref("weights", None, |block: &Arc<EdgeBlock<f64>>| {
        block.values.iter().filter(|weight| weight.is_nan()).count().checked_sub(1)
    });
    if !unordered.is_empty()? {
        return Err(Error::argument(
            "an edge has the weight NaN, and a minimum spanning forest needs numbers",
        ));
    }
    let vertex_count = graph.vertex_count();
    let graph = if graph.flaws()?.self_loops { without_self_loops(graph)? } else { graph.clone() };
    let mut supersteps = Vec::new();
    let (mut chosen, mut rest) = round(&graph, &mut supersteps)?;
    let mut rounds = 1;
    while rest.edge_count() > 0 {
        let (more, next) = round(&rest, &mut supersteps)?;
        chosen = chosen.union(&more);
        rest = next;
        rounds += 1;
    }
    for (index, step) in supersteps.iter_mut().enumerate() {
        step.index = index;
    }
    let keyed = chosen.map(|link| ((link.low, link.high), link.weight));
    let sorted = keyed.sort_by_key(graph.partition_count())?;
    let sorted = sorted.local_checkpoint(graph.shape.storage_level)?;
    let dictionary = Arc::clone(&graph.shape.dictionary);
    let edges = sorted.flat_map(move |((low, high), weight)| {
        let ends = dictionary.id(low).zip(dictionary.id(high));
        ends.map(|(source, target)| Edge::new(source, target, weight))
    });
    let (edge_count, weight) =
        sorted.map(|(_, weight)| (1, weight)).fold((0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))?;
    let tree_count = vertex_count - edge_count;
    Ok(SpanningForest { edges, weight, edge_count, tree_count, rounds, supersteps })
}

/// The edges that lead to another vertex, and the vertices that have some.
fn without_self_loops(graph: &Graph<(), f64>) -> Result<Graph<(), f64>> {
    let undirected = graph.is_undirected();
    let edges = graph
        .edges()
        .filter(move |edge| edge.source < edge.target || !undirected && edge.source != edge.target);
    Graph::builder().undirected(undirected).edges(&edges)
}

/// A round: the edges that its trees chose, and the graph of the trees that they make.
fn round<E: Road>(
    graph: &Graph<(), E>,
    supersteps: &mut Vec<SuperstepStats>,
) -> Result<(Rdd<Link>, Graph<(), Link>)> {
    let outcome = Pregel::new(Round::<E>(PhantomData)).run(graph)?;
    supersteps.extend_from_slice(outcome.supersteps());
    let chosen = outcome.states().flat_map(|(_, member)| member.chosen);
    let chosen = chosen.local_checkpoint(graph.shape.storage_level)?;
    let across = outcome.states().flat_map(|(_, member)| {
        let root = member.root;
        let links = member.across.iter().map(|(other, link)| Edge::new(root, *other, *link));
        links.collect::<Vec<_>>()
    });
    Ok((chosen, Graph::builder().undirected(true).edges(&across)?))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "minimum-spanning-forest"
    }

    fn summary(&self) -> &'static str {
        "Edges of the least total weight that connect all that is connected, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn weights(&self) -> Weights {
        Weights::Needed
    }

    fn memory(&self) -> Memory {
        Memory { vertex: 400, edge: 300 }
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        self.run_weighted(&graph.map_edges(|()| 1.0)?, arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, _arguments: &Arguments) -> Result<Table> {
        let forest = run(graph)?;
        let rows = forest.edges.map(|edge| (edge.source, edge.target, edge.value));
        let table = Table::without_run(&["source", "target", "weight"], Values::rows(&rows));
        let table = table.keyed_by(2).with_supersteps(&forest.supersteps);
        Ok(table.figure("weight", forest.weight).figure("trees", forest.tree_count))
    }
}
