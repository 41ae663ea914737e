//! A minimum spanning forest: edges of the least total weight that connect all that is connected.
//! Directions and self-loops do not matter, and of parallel edges the lightest counts.
//!
//! In rounds, every vertex finds its lightest edge to another tree, and every tree the lightest of
//! those of its vertices; along these, trees join. Edges of equal weight are told apart by the ids of
//! their ends, so the choice is unique, and the forest the same for any partitions.
//!
//! What comes in merges on the way to the lightest edges from two different trees: one of them is
//! not the receiver's own.
//!
//! - **State**: the chosen edge, 24 bytes. Which tree a vertex is of is held in this process, 4 bytes
//!   a vertex, and is read by all vertices of a round; so are the edges that were chosen, 16 bytes
//!   each.
//! - **Supersteps**: two a round. There are at most log₂ V rounds, since every tree that is not
//!   finished joins another one, and one in which all are found to be.
//! - **Messages**: in each round, every edge both ways.
//! - **Source**: Borůvka, *O jistém problému minimálním* (1926); Chung and Condon, *Parallel
//!   Implementation of Borůvka's Minimum Spanning Tree Algorithm* (IPPS 1996), section 3.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Edge, Graph};
use crate::pregel::{Combiner, Direction, Pregel, Seed, SuperstepStats, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::registry::{Algorithm, Arguments, Parameter, Shape, Weights};
use super::table::{Table, Values};
use super::weights::check_weights;

/// What is no vertex, no tree and no edge.
const NONE: u32 = u32::MAX;

/// An edge between two trees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Link {
    weight: f64,
    /// The dense numbers of its ends, the smaller one first.
    low: u32,
    high: u32,
}

impl Link {
    fn ends(&self) -> (u32, u32) {
        (self.low, self.high)
    }

    /// A total order of the edges.
    fn is_lighter(&self, other: &Self) -> bool {
        self.weight.total_cmp(&other.weight).then(self.ends().cmp(&other.ends())).is_lt()
    }
}

/// An edge seen from one end: its weight, and who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Offer {
    weight: f64,
    /// The other end's tree.
    tree: u32,
    /// The other end.
    sender: u32,
}

impl Offer {
    const NO: Self = Self { weight: 0.0, tree: NONE, sender: NONE };

    /// The order of [`Link`]s with one end in common: that of their other ends.
    #[inline]
    fn is_lighter(&self, other: &Self) -> bool {
        let lighter = self.weight.total_cmp(&other.weight).then(self.sender.cmp(&other.sender));
        other.tree == NONE || lighter.is_lt()
    }
}

/// The lightest edge that leads to a vertex, and the lightest one from another tree than that.
#[derive(Debug, Clone, Copy)]
struct Offers {
    lightest: Offer,
    other: Offer,
}

/// Keeps the lightest offers from two trees.
#[derive(Debug, Clone, Copy)]
struct FromTwoTrees;

impl Combiner<Offer> for FromTwoTrees {
    type Combined = Offers;

    const NEUTRAL: Option<fn() -> Offers> =
        Some(|| Offers { lightest: Offer::NO, other: Offer::NO });

    #[inline]
    fn lift(offer: Offer) -> Offers {
        Offers { lightest: offer, other: Offer::NO }
    }

    #[inline]
    fn merge(into: &mut Offers, offer: Offer) {
        if offer.is_lighter(&into.lightest) {
            if offer.tree != into.lightest.tree {
                into.other = into.lightest;
            }
            into.lightest = offer;
        } else if offer.tree != into.lightest.tree && offer.is_lighter(&into.other) {
            into.other = offer;
        }
    }
}

/// The vertex program of a round.
#[derive(Debug)]
struct Choose<E> {
    /// The tree of each vertex.
    trees: Arc<Vec<u32>>,
    edge: PhantomData<fn() -> E>,
}

impl<E: Data + Copy + Into<f64>> VertexProgram for Choose<E> {
    type State = Option<Link>;
    type Edge = E;
    type Message = Offer;
    type Combiner = FromTwoTrees;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Option<Link> {
        None
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Offers>) {
        vertex.vote_to_halt();
        let own = vertex.index();
        let tree = self.trees[own as usize];
        let Some(Offers { lightest, other }) = inbox else {
            return vertex.send_to_neighbors(Offer { weight: 0.0, tree, sender: own });
        };
        let chosen = if lightest.tree == tree { other } else { lightest };
        if chosen.tree != NONE {
            let (low, high) = (own.min(chosen.sender), own.max(chosen.sender));
            *vertex.state_mut() = Some(Link { weight: chosen.weight, low, high });
        }
    }

    #[inline]
    fn along(&self, offer: &Offer, weight: &E) -> Offer {
        // No weight is negative zero.
        Offer { weight: (*weight).into() + 0.0, ..*offer }
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }
}

/// The trees of a forest that grows.
struct Trees {
    /// The tree of each vertex, by the smallest of its vertices.
    of: Arc<Vec<u32>>,
    /// The edges of the forest.
    links: Vec<Link>,
}

impl Trees {
    fn new(vertices: u32) -> Self {
        Self { of: Arc::new((0..vertices).collect()), links: Vec::new() }
    }

    /// Joins every tree that an edge leads out of with another one, along the lightest of those
    /// edges. Returns how many trees became of those.
    fn join(&mut self, edges: &[Link]) -> usize {
        let of = Arc::make_mut(&mut self.of);
        // For each tree the place of its lightest edge.
        let mut chosen = vec![NONE; of.len()];
        for (at, edge) in edges.iter().enumerate() {
            for end in [edge.low, edge.high] {
                let chosen = &mut chosen[of[end as usize] as usize];
                if edges.get(*chosen as usize).is_none_or(|lightest| edge.is_lighter(lightest)) {
                    *chosen = at as u32;
                }
            }
        }
        let mut parents: Vec<u32> = (0..of.len() as u32).collect();
        let mut trees = 0;
        for edge in chosen.iter().filter_map(|at| edges.get(*at as usize)) {
            trees += 1;
            let ends = [edge.low, edge.high];
            let [a, b] = ends.map(|end| root(&mut parents, of[end as usize]));
            // Two trees may have chosen the same edge.
            if a != b {
                parents[a.max(b) as usize] = a.min(b);
                self.links.push(*edge);
                trees -= 1;
            }
        }
        of.iter_mut().for_each(|tree| *tree = root(&mut parents, *tree));
        trees
    }
}

/// The tree that a tree has become part of.
fn root(parents: &mut [u32], mut tree: u32) -> u32 {
    while parents[tree as usize] != tree {
        let next = parents[parents[tree as usize] as usize];
        parents[tree as usize] = next;
        tree = next;
    }
    tree
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

    /// Returns the number of rounds in which trees joined.
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
/// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) when a weight is not a
/// number; otherwise when the run fails.
pub fn minimum_spanning_forest<V, E>(graph: &Graph<V, E>) -> Result<SpanningForest>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    check_weights(graph, "weight", "a number", |weight| !weight.is_nan())?;
    let mut trees = Trees::new(graph.vertex_count() as u32);
    let mut supersteps = Vec::new();
    let mut rounds = 0;
    loop {
        let choose = Choose::<E> { trees: Arc::clone(&trees.of), edge: PhantomData };
        let outcome = Pregel::new(choose).run(graph)?;
        supersteps.extend_from_slice(outcome.supersteps());
        let edges = outcome.states().flat_map(|(_, chosen)| chosen).collect()?;
        if edges.is_empty() {
            break;
        }
        rounds += 1;
        if trees.join(&edges) == 1 {
            break;
        }
    }
    for (index, step) in supersteps.iter_mut().enumerate() {
        step.index = index;
    }
    let mut links = trees.links;
    links.sort_unstable_by_key(Link::ends);
    let edge_count = links.len() as u64;
    let weight = links.iter().fold(0.0, |sum, link| sum + link.weight);
    let tree_count = graph.vertex_count() - edge_count;
    let (links, dictionary) = (Arc::new(links), Arc::clone(&graph.shape.dictionary));
    let partitions = graph.partition_count();
    let edges = graph.vertices.derived_source("forest", partitions, move |partition| {
        let at = |partition: usize| links.len() * partition / partitions;
        let own = links[at(partition)..at(partition + 1)].to_vec();
        let dictionary = Arc::clone(&dictionary);
        Ok(Box::new(own.into_iter().filter_map(move |link| {
            let ends = dictionary.id(link.low).zip(dictionary.id(link.high));
            ends.map(|(source, target)| Edge::new(source, target, link.weight))
        })))
    });
    Ok(SpanningForest { edges, weight, edge_count, tree_count, rounds, supersteps })
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

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_edges(&["weight"]))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        self.run_weighted(&graph.map_edges(|()| 1.0)?, arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, _arguments: &Arguments) -> Result<Table> {
        let forest = minimum_spanning_forest(graph)?;
        let rows = forest.edges.map(|edge| (edge.source, edge.target, edge.value));
        let table = Table::without_run(&["source", "target", "weight"], Values::rows(&rows));
        let table = table.keyed_by(2).with_supersteps(&forest.supersteps);
        Ok(table.figure("weight", forest.weight).figure("trees", forest.tree_count))
    }
}
