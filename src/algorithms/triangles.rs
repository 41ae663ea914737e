//! Triangles: sets of three vertices that are all neighbours of one another. Directions, self-loops
//! and parallel edges do not matter.
//!
//! Vertices are ordered by degree, ties by id. Each lists its neighbours of higher order and sends
//! the list to its neighbours; the lowest corner of a triangle finds it where its own list and that
//! of a higher neighbour have a vertex in common. No list is longer than √(2E).
//!
//! - **State**: the triangles at a vertex and its degree, 12 bytes, and in between its list, 4 bytes a neighbour of
//!   higher order.
//! - **Supersteps**: 3 for the number alone; 4 for the number at each vertex, the last of which
//!   brings the other two corners what the lowest one found.
//! - **Messages**: every edge of the simple graph both ways in each superstep but the last. A list
//!   is sent as one shared value.
//! - **Work**: each list is compared with those of the vertex's higher neighbours, O(E^1.5) in all.
//! - **Source**: Latapy, *Main-memory triangle computations for very large (sparse (power-law))
//!   graphs* (Theoretical Computer Science 407, 2008), section 3.1 (forward); Cohen, *Graph
//!   Twiddling in a MapReduce World* (Computing in Science & Engineering 11, 2009).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Outcome, Pregel, Seed, Vertex, VertexProgram};

use super::neighbors::{List, Listen, Lookup, Message, Told, for_each_common};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program, for undirected simple graphs.
#[derive(Debug, Clone, Copy)]
struct Triangles {
    /// Whether all three corners are told.
    at_each_vertex: bool,
}

/// What a vertex remembers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Corner {
    /// Triangles at the vertex.
    pub(super) triangles: u64,
    /// The vertex's neighbours.
    pub(super) degree: u32,
    /// The neighbours of higher order, ascending by number.
    higher: Arc<Vec<u32>>,
}

/// What orders the vertices: the degree, then the number, which is in the low half.
fn rank(vertex: &Vertex<'_, Triangles>) -> u64 {
    u64::from(vertex.out_degree()) << 32 | u64::from(vertex.index())
}

impl VertexProgram for Triangles {
    type State = Corner;
    type Edge = ();
    type Message = Message;
    type Combiner = Listen;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Corner {
        Corner { triangles: 0, degree: seed.out_degree, higher: Arc::default() }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Told>) {
        let own = rank(vertex);
        let told = inbox.unwrap_or_default();
        match vertex.superstep() {
            // A triangle takes two neighbours.
            0 if vertex.out_degree() > 1 => {
                vertex.send_to_neighbors(Message::Rank(own));
                return vertex.vote_to_halt();
            }
            1 if vertex.out_degree() > 1 => {
                let higher = told.ranks.iter().filter(|rank| **rank > own);
                let mut higher: Vec<u32> = higher.map(|rank| *rank as u32).collect();
                higher.sort_unstable();
                if !higher.is_empty() {
                    vertex.state_mut().higher = Arc::new(higher.clone());
                    let list = List { rank: own, vertices: higher, counts: Vec::new() };
                    vertex.send_to_neighbors(Message::List(Arc::new(list)));
                    // Awake in the next superstep, to give the list up.
                    return;
                }
            }
            2 => {
                let higher = std::mem::take(&mut vertex.state_mut().higher);
                let (found, counts) = self.found(own, &higher, &told.lists);
                vertex.state_mut().triangles = found;
                if self.at_each_vertex && found > 0 {
                    let corners = higher.iter().zip(counts).filter(|(_, count)| *count > 0);
                    let (vertices, counts) = corners.unzip();
                    let list = List { rank: own, vertices, counts };
                    vertex.send_to_neighbors(Message::List(Arc::new(list)));
                }
            }
            3 => {
                for list in told.lists.iter().filter(|list| list.rank < own) {
                    if let Ok(place) = list.vertices.binary_search(&vertex.index()) {
                        vertex.state_mut().triangles += u64::from(list.counts[place]);
                    }
                }
            }
            _ => {}
        }
        vertex.vote_to_halt();
    }
}

impl Triangles {
    /// Counts the triangles whose lowest corner a vertex is, and at each of its higher neighbours if
    /// that is wanted.
    fn found(&self, own: u64, higher: &[u32], lists: &[Arc<List>]) -> (u64, Vec<u32>) {
        let mut total = 0;
        let mut counts = vec![0_u32; if self.at_each_vertex { higher.len() } else { 0 }];
        if higher.len() < 2 {
            return (0, counts);
        }
        let above = || lists.iter().filter(|list| list.rank > own);
        let asked: usize = above().map(|list| list.vertices.len()).sum();
        let merged = asked + above().count() * higher.len();
        let lookup = (Lookup::cost(higher) + asked < merged).then(|| Lookup::new(higher));
        for list in above() {
            let mut common = 0;
            let visit = |place: usize, _: usize| {
                common += 1;
                if let Some(count) = counts.get_mut(place) {
                    *count += 1;
                }
            };
            match &lookup {
                Some(lookup) => lookup.for_each_common(&list.vertices, visit),
                None => for_each_common(higher, &list.vertices, visit),
            }
            total += u64::from(common);
            if self.at_each_vertex
                && common > 0
                && let Ok(place) = higher.binary_search(&(list.rank as u32))
            {
                counts[place] += common;
            }
        }
        (total, counts)
    }
}

/// Starts counting triangles.
///
/// ```
/// use superstep::algorithms::triangles;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4), (4, 1)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&edges)?;
/// assert_eq!(triangles(&graph).count()?, 2);
/// let at = triangles(&graph).run()?.states().collect()?;
/// assert_eq!(at, [(1, 2), (2, 1), (3, 2), (4, 1)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn triangles<V: Data, E: Data>(graph: &Graph<V, E>) -> TrianglesRun<'_, V, E> {
    TrianglesRun { graph }
}

/// Counting triangles on a graph.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run` or `count`"]
pub struct TrianglesRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
}

impl<V: Data, E: Data> TrianglesRun<'_, V, E> {
    /// Counts the triangles at every vertex: an outcome whose states are `(id, triangles)`, in id
    /// order. They sum to three times the number of triangles.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(&self) -> Result<Outcome<u64, ()>> {
        run(&self.graph.structure()?, true).map(|(outcome, _)| outcome)
    }

    /// Counts the triangles of the graph, which takes less time than counting them at every vertex.
    ///
    /// # Errors
    /// When the run fails.
    pub fn count(&self) -> Result<u64> {
        run(&self.graph.structure()?, false).map(|(_, total)| total)
    }
}

/// Runs the program on the simple graph of a graph.
pub(super) fn corners(graph: &Graph, at_each_vertex: bool) -> Result<Outcome<Corner, ()>> {
    Pregel::new(Triangles { at_each_vertex }).run(&graph.to_simple()?)
}

/// Runs the program, and adds up what the vertices found.
pub(super) fn run(graph: &Graph, at_each_vertex: bool) -> Result<(Outcome<u64, ()>, u64)> {
    let outcome = corners(graph, at_each_vertex)?.map_states(|corner| corner.triangles);
    let counted = outcome.states().map(|(_, triangles)| triangles).fold(0, |a, b| a + b)?;
    Ok((outcome, if at_each_vertex { counted / 3 } else { counted }))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "triangles"
    }

    fn summary(&self) -> &'static str {
        "The number of triangles at each vertex, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "total",
            value: "",
            help: "Only the number of triangles of the whole graph, which takes less time",
            default: "off",
            choices: &[],
        }]
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 200, edge: 160 }
    }

    fn shape(&self, arguments: &Arguments) -> Option<Shape> {
        let total = arguments.is_set("total");
        Some(if total { Shape::of_figures() } else { Shape::of_vertices(&["triangles"]) })
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let at_each_vertex = !arguments.is_set("total");
        let (outcome, total) = run(graph, at_each_vertex)?;
        let values = if at_each_vertex { Values::Integer(outcome.states()) } else { Values::None };
        let columns: &[&str] = if at_each_vertex { &["id", "triangles"] } else { &[] };
        Ok(Table::new(columns, values, &outcome).figure("triangles", total))
    }
}
