//! Greedy colouring: a number for every vertex that none of its neighbours has. Directions,
//! self-loops and parallel edges do not matter.
//!
//! Vertices are ordered by degree, the largest first, ties at random by the seed. A vertex waits for
//! its neighbours before it in that order, and takes the smallest colour that none of them has. The
//! result is what colouring the vertices one by one in that order would give, whatever the
//! partitions: at most one colour more than the largest degree, and usually far fewer.
//!
//! - **State**: how many neighbours the vertex waits for, their colours as a bitmap, its own; 32 bytes,
//!   and a bit for each neighbour before it beyond 64.
//! - **Supersteps**: two more than the longest descending path of the order.
//! - **Messages**: every edge both ways twice.
//! - **Source**: Jones and Plassmann, *A parallel graph coloring heuristic* (SIAM Journal on
//!   Scientific Computing 14, 1993); Hasenplaugh, Kaler, Schardl, Leiserson, *Ordering heuristics
//!   for parallel graph coloring* (SPAA 2014), section 3 (largest degree first).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Collect, Direction, Outcome, Pregel, Seed, Vertex, VertexProgram};

use super::order::shuffled;
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct Coloring {
    seed: u64,
}

/// What a vertex remembers.
/// A vertex that has no colour yet.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Color {
    /// Edges to vertices before this one that have no colour yet.
    waiting: u32,
    color: u32,
    /// Which of the first 64 colours neighbours have. Where that is all, which is so for most
    /// vertices of most graphs, a state has no allocation and is cheap to copy.
    taken: u64,
    /// The same of further colours, as far as this vertex could come to need them.
    beyond: Option<Arc<[u64]>>,
}

impl Color {
    /// A vertex without a colour, which waits for some neighbours.
    fn waiting_for(neighbors: u32) -> Self {
        // So many neighbours cannot take more than so many colours.
        let words = neighbors as usize / 64;
        let beyond = (words > 0).then(|| vec![0; words].into());
        Self { waiting: neighbors, color: NONE, taken: 0, beyond }
    }

    fn take(&mut self, color: u64) {
        let (word, bit) = ((color / 64) as usize, 1 << (color % 64));
        match word.checked_sub(1) {
            None => self.taken |= bit,
            Some(word) => {
                let beyond = self.beyond.as_mut().map(Arc::make_mut);
                if let Some(taken) = beyond.and_then(|beyond| beyond.get_mut(word)) {
                    *taken |= bit;
                }
            }
        }
    }

    /// The smallest colour that no neighbour has.
    fn smallest_free(&self) -> u32 {
        let beyond = self.beyond.as_deref().unwrap_or_default();
        let mut words = std::iter::once(&self.taken).chain(beyond).zip(0..);
        // There is room for more colours than neighbours can have taken.
        let free = words.find(|(word, _)| **word != u64::MAX);
        free.map_or(NONE, |(word, full)| full * 64 + word.trailing_ones())
    }
}

impl VertexProgram for Coloring {
    type State = Color;
    type Edge = ();
    /// A place in the order in superstep 0, and a colour from then on.
    type Message = u64;
    type Combiner = Collect;
    type Aggregate = ();

    const SETTLES: bool = true;

    fn init(&self, _seed: &Seed) -> Color {
        Color::waiting_for(0)
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u64>>) {
        let degree = u64::from(vertex.out_degree()) + u64::from(vertex.in_degree());
        // Degrees that do not fit make no difference to the order; the low half tells them apart.
        let degree = degree.min(u64::from(u32::MAX));
        let place = degree << 32 | u64::from(shuffled(vertex.index(), self.seed));
        if vertex.superstep() == 0 {
            // Without neighbours it has to be awake in the next superstep.
            return vertex.send_to_neighbors(place);
        }
        let received = inbox.unwrap_or_default();
        if vertex.superstep() == 1 {
            let before = received.iter().filter(|other| **other > place).count();
            *vertex.state_mut() = Color::waiting_for(before as u32);
        } else {
            let state = vertex.state_mut();
            state.waiting -= received.len() as u32;
            received.into_iter().for_each(|color| state.take(color));
        }
        if vertex.state().waiting == 0 {
            let color = vertex.state().smallest_free();
            *vertex.state_mut() = Color { color, ..Color::waiting_for(0) };
            vertex.send_to_neighbors(u64::from(color));
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }

    #[inline]
    fn accepts(&self, state: &Color) -> bool {
        state.color == NONE
    }
}

/// Starts colouring a graph.
///
/// ```
/// use superstep::algorithms::coloring;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4)].map(Edge::from), 2);
/// let colors = coloring(&Graph::from_edges(&edges)?).run()?.states();
/// assert_eq!(colors.lookup(&3)?, [0]);
/// assert_eq!(colors.map(|(_, color)| color).max()?, 2);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn coloring<V: Data, E: Data>(graph: &Graph<V, E>) -> ColoringRun<'_, V, E> {
    ColoringRun { graph, seed: 0 }
}

/// The colouring of a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct ColoringRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    seed: u64,
}

impl<V: Data, E: Data> ColoringRun<'_, V, E> {
    /// Sets the seed that orders vertices of the same degree, by default 0.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Colours the graph: an outcome whose states are `(id, colour)`, in id order. Colours are
    /// numbers from 0.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(&self) -> Result<Outcome<u32, ()>> {
        run(&self.graph.structure()?, self.seed)
    }
}

fn run(graph: &Graph, seed: u64) -> Result<Outcome<u32, ()>> {
    let outcome = Pregel::new(Coloring { seed }).run(graph)?;
    Ok(outcome.map_states(|state| state.color))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "coloring"
    }

    fn summary(&self) -> &'static str {
        "A color for each vertex, from 0, that none of its neighbors has"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "seed",
            value: "SEED",
            help: "Seed that orders vertices of the same degree",
            default: "0",
            choices: &[],
        }]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["color"]))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let seed = arguments.get("seed")?.unwrap_or_default();
        let outcome = run(graph, seed)?;
        let colors = outcome.states().map_values(u64::from);
        let count = colors.map(|(_, color)| color + 1).fold(0, u64::max)?;
        let table = Table::new(&["id", "color"], Values::Integer(colors), &outcome);
        Ok(table.figure("colors", count))
    }
}
