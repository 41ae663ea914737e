//! Strongly connected components: which vertices can reach one another along directed edges.
//!
//! In most graphs one component is far larger than all others, and the vertex with the most edges is
//! in it: those that it reaches and that reach it. The two searches also tell the other vertices
//! apart, into four kinds that no component mixes. The rest goes on in rounds, each on the edges that
//! the one before left over:
//!
//! 1. **Trim**: a vertex that no edge leaves, or that none enters, is a component of its own; with it
//!    go its edges, and then others.
//! 2. **Colour**: vertices have a random order, and every vertex takes over the earliest place among
//!    the vertices that reach it. Components lie within a colour.
//! 3. **Mark**: against the edges, from the vertex that a colour comes from, the vertices of the colour
//!    that reach it. Those are its component.
//! 4. The edges between unmarked vertices of equal colours are the graph of the next round.
//!
//! What is left falls apart into colours as quicksort's parts do: O(log V) rounds are expected,
//! whatever the graph.
//!
//! - **State**: a colour and what is known of the vertex, 8 bytes; in step 4 the edges that stay.
//! - **Supersteps**: at first those of two searches. Then in each round, one more than the longest
//!   path in which vertices are trimmed, and as many as colours and marks travel. Where most edges
//!   are within partitions, searches and colours go on within a partition by themselves.
//! - **Messages**: the edges of the vertices that the searches reach. Then in each round, every edge
//!   once in steps 1, 3 and 4, and in step 2 as often as its source gets an earlier colour, O(log V)
//!   times expected.
//! - **Source**: Fleischer, Hendrickson, Pınar, *On Identifying Strongly Connected Components in
//!   Parallel* (IPDPS workshops 2000), section 2 (the searches); Orzan, *On Distributed Verification and Verified Distribution* (2004), section 4
//!   (colouring); Slota, Rajamanickam, Madduri, *BFS and Coloring-based Parallel Algorithms for
//!   Strongly Connected Components and Related Problems* (IPDPS 2014), section III; Coppersmith,
//!   Fleischer, Hendrickson, Pınar, *A divide-and-conquer algorithm for identifying strongly connected
//!   components* (2005), for the rounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Edge, Graph, VertexId};
use crate::pregel::{
    Collect, Combiner, Direction, Max, Pregel, Seed, SuperstepStats, Vertex, VertexProgram,
};
use crate::rdd::Rdd;

use super::both_ways::{Ways, both_ways};
use super::connected_components;
use super::order::shuffled;
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};
use super::trim::trimmed;

/// What is known of a vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Known {
    /// Nothing yet.
    Open,
    /// It is a component of its own.
    Alone,
    /// It is in the component of the vertex that its colour comes from.
    Marked,
}

/// A vertex in a round.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    known: Known,
    color: u32,
}

/// Spreads colours along the edges.
#[derive(Debug, Clone, Copy)]
struct Spread {
    round: u64,
}

impl Spread {
    /// The place of a vertex in the round's order.
    fn place(&self, index: u32) -> u32 {
        shuffled(index, self.round)
    }
}

impl VertexProgram for Spread {
    type State = Place;
    type Edge = ();
    type Message = u32;
    type Combiner = FirstColor;
    type Aggregate = ();

    const SETTLES: bool = true;
    const MONOTONE: bool = true;

    fn init(&self, seed: &Seed) -> Place {
        Place { known: Known::Open, color: self.place(seed.index) }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        vertex.vote_to_halt();
        let state = vertex.state_mut();
        if state.known != Known::Open {
            return;
        }
        let earlier = inbox.filter(|color| *color < state.color);
        if let Some(color) = earlier {
            state.color = color;
        }
        if earlier.is_some() || inbox.is_none() {
            let color = state.color;
            vertex.send_to_neighbors(color);
        }
    }

    #[inline]
    fn accepts(&self, state: &Place) -> bool {
        state.known == Known::Open && state.color > 0
    }
}

/// The earliest colour.
#[derive(Debug, Clone, Copy)]
struct FirstColor;

impl Combiner<u32> for FirstColor {
    type Combined = u32;

    #[inline]
    fn lift(color: u32) -> u32 {
        color
    }

    #[inline]
    fn merge(into: &mut u32, color: u32) {
        *into = color.min(*into);
    }

    const NEUTRAL: Option<fn() -> u32> = Some(|| u32::MAX);

    #[inline]
    fn is_saturated(color: &u32) -> bool {
        *color == 0
    }
}

/// Marks, against the edges, who reaches the vertex that its colour comes from.
#[derive(Debug, Clone, Copy)]
struct Mark {
    order: Spread,
}

impl VertexProgram for Mark {
    type State = Place;
    type Edge = ();
    type Message = u32;
    type Combiner = Max;
    type Aggregate = ();

    const SETTLES: bool = true;

    fn init(&self, seed: &Seed) -> Place {
        Place { known: Known::Open, color: self.order.place(seed.index) }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        vertex.vote_to_halt();
        let Place { known, color } = *vertex.state();
        let starts = vertex.superstep() == 0 && color == self.order.place(vertex.index());
        // What a vertex leads to has its colour or an earlier one, so its own is the largest that
        // it can hear of.
        if known == Known::Open && (starts || inbox == Some(color)) {
            vertex.state_mut().known = Known::Marked;
            vertex.send_to_neighbors(color);
        }
    }

    fn direction(&self) -> Direction {
        Direction::In
    }

    #[inline]
    fn accepts(&self, state: &Place) -> bool {
        state.known == Known::Open
    }
}

/// Lists the edges between vertices of equal colours that are still open.
#[derive(Debug, Clone, Copy)]
struct Remain;

/// A vertex and the edges that lead to it from vertices of its colour.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remaining {
    place: Place,
    sources: Arc<Vec<u32>>,
}

impl VertexProgram for Remain {
    type State = Remaining;
    type Edge = ();
    /// Colour and number of the sender.
    type Message = (u32, u32);
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Remaining {
        Remaining { place: Place { known: Known::Open, color: 0 }, sources: Arc::default() }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<(u32, u32)>>) {
        vertex.vote_to_halt();
        let own = vertex.index();
        let Place { known, color } = vertex.state().place;
        if known != Known::Open {
            return;
        }
        if vertex.superstep() == 0 {
            vertex.send_to_neighbors((color, own));
        }
        let sources = inbox.unwrap_or_default().into_iter();
        let mut sources: Vec<u32> =
            sources.filter(|(other, _)| *other == color).map(|(_, source)| source).collect();
        sources.dedup();
        sources.retain(|source| *source != own);
        if !sources.is_empty() {
            vertex.state_mut().sources = Arc::new(sources);
        }
    }
}

/// The components of a graph, and how they were found.
#[derive(Debug, Clone)]
pub struct StronglyConnectedComponents {
    labels: Rdd<(VertexId, VertexId)>,
    rounds: usize,
    supersteps: Vec<SuperstepStats>,
}

impl StronglyConnectedComponents {
    /// Returns the smallest id of its component for every vertex, in id order.
    pub fn labels(&self) -> Rdd<(VertexId, VertexId)> {
        self.labels.clone()
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

/// Finds the strongly connected components of a graph; those of an undirected graph are its
/// connected components.
///
/// ```
/// use superstep::algorithms::strongly_connected_components;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(5, 3), (3, 4), (4, 5), (4, 8), (8, 9)].map(Edge::from), 2);
/// let found = strongly_connected_components(&Graph::from_edges(&edges)?)?;
/// assert_eq!(found.labels().collect()?, [(3, 3), (4, 3), (5, 3), (8, 8), (9, 9)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn strongly_connected_components<V: Data, E: Data>(
    graph: &Graph<V, E>,
) -> Result<StronglyConnectedComponents> {
    run(&graph.structure()?)
}

fn run(graph: &Graph) -> Result<StronglyConnectedComponents> {
    if graph.is_undirected() {
        let outcome = connected_components::run(graph)?;
        let labels = connected_components::labels(graph, &outcome.states())?;
        let supersteps = outcome.supersteps().to_vec();
        return Ok(StronglyConnectedComponents { labels, rounds: 1, supersteps });
    }
    let mut supersteps = Vec::new();
    let mut rounds = 0;
    let mut rest = graph.clone();
    let mut labels: Option<Rdd<(VertexId, VertexId)>> = None;
    loop {
        let (states, open) = match graph.hub()? {
            Some(hub) if rounds == 0 => around(hub, graph, &mut supersteps)?,
            _ => round(&rest, rounds as u64, &mut supersteps)?,
        };
        rounds += 1;
        let next = next_graph(&rest, &open, &mut supersteps)?;
        let found = found(&states, &next)?;
        labels = Some(match labels {
            Some(labels) => labels.union(&found),
            None => found,
        });
        if next.edge_count() == 0 {
            break;
        }
        rest = next;
    }
    for (index, step) in supersteps.iter_mut().enumerate() {
        step.index = index;
    }
    let labels = match labels {
        Some(labels) if rounds > 1 => labels.sort_by_key(graph.partition_count())?,
        Some(labels) => labels,
        None => return Err(Error::internal("a round without labels")),
    };
    Ok(StronglyConnectedComponents { labels, rounds, supersteps })
}

type States = Rdd<(VertexId, Place)>;

/// The component of a vertex, and the others in four kinds: what is known of every vertex, and the
/// graph with that.
fn around(
    vertex: u32,
    graph: &Graph,
    supersteps: &mut Vec<SuperstepStats>,
) -> Result<(States, Graph<Place>)> {
    let states = both_ways(vertex, graph, supersteps)?.map_values(|ways| match ways {
        Ways { from: true, to: true } => Place { known: Known::Marked, color: 0 },
        Ways { from, to } => {
            Place { known: Known::Open, color: 1 + 2 * u32::from(from) + u32::from(to) }
        }
    });
    let open = graph.zip_vertices(&states)?;
    Ok((states, open))
}

/// Steps 1 to 3: what is known of every vertex, and the graph with that.
fn round(
    graph: &Graph,
    round: u64,
    supersteps: &mut Vec<SuperstepStats>,
) -> Result<(States, Graph<Place>)> {
    let trimmed = trimmed(graph, supersteps)?;
    let order = Spread { round };
    let spread = Pregel::new(order).run_from(&trimmed, move |seed, trimmed| Place {
        known: if trimmed.gone { Known::Alone } else { Known::Open },
        color: order.place(seed.index),
    })?;
    supersteps.extend_from_slice(spread.supersteps());
    let colored = graph.zip_vertices(&spread.states())?;
    let mark = Pregel::new(Mark { order }).run_from(&colored, |_, place| *place)?;
    supersteps.extend_from_slice(mark.supersteps());
    Ok((mark.states(), graph.zip_vertices(&mark.states())?))
}

/// Step 4: the graph of the edges that stay.
fn next_graph(
    graph: &Graph,
    open: &Graph<Place>,
    supersteps: &mut Vec<SuperstepStats>,
) -> Result<Graph> {
    let start = |_: &Seed, place: &Place| Remaining { place: *place, sources: Arc::default() };
    let remain = Pregel::new(Remain).run_from(open, start)?;
    supersteps.extend_from_slice(remain.supersteps());
    let dictionary = Arc::clone(&graph.shape.dictionary);
    let edges = remain.states().flat_map(move |(target, state)| {
        let sources = state.sources.iter().filter_map(|source| dictionary.id(*source));
        sources.map(|source| Edge::from((source, target))).collect::<Vec<_>>()
    });
    Graph::builder().edges(&edges)
}

/// The labels of the vertices that are not in the next graph.
fn found(states: &States, next: &Graph) -> Result<Rdd<(VertexId, VertexId)>> {
    let marked = states.filter(|(_, place)| place.known == Known::Marked);
    let members = marked.map(|(id, place)| (place.color, id));
    let smallest = members.reduce_by_key(VertexId::min, states.partition_count());
    let smallest: BTreeMap<u32, VertexId> = smallest.collect()?.into_iter().collect();
    let dictionary = Arc::clone(&next.shape.dictionary);
    Ok(states.flat_map(move |(id, place)| {
        let label = match place.known {
            Known::Marked => smallest.get(&place.color).copied(),
            // Without edges to others of its colour, it is alone as well.
            Known::Alone | Known::Open => dictionary.dense(id).is_none().then_some(id),
        };
        label.map(|label| (id, label))
    }))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "strongly-connected-components"
    }

    fn summary(&self) -> &'static str {
        "The smallest id of each vertex's component, in which all vertices can reach one another"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["component"]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let found = run(graph)?;
        let table = Table::without_run(&["id", "component"], Values::Id(found.labels()));
        Ok(table.with_supersteps(found.supersteps()))
    }
}
