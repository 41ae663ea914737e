//! Local clustering coefficient: how many of the edges that a vertex's neighbors could have among
//! themselves there are.
//!
//! ```text
//! lcc(v) = Σ over u in N(v) of |N(v) ∩ N_out(u)| / (k · (k - 1)),   k = |N(v)|,   N(v) = N_in(v) ∪ N_out(v) without v
//! ```
//!
//! and 0 where k is below 2. Neighborhoods are sets: self-loops and parallel edges play no part. In
//! a directed graph an edge between neighbors counts once for each of its directions.
//!
//! Each triangle is found once: vertices are ranked by degree, and its corner of the lowest rank, in
//! whose neighbors' lists of higher-ranked neighbors it shows, sends the other two what they gain.
//!
//! In an undirected graph that is counting [triangles](mod@super::triangles).
//!
//! - **State**: degree, forward neighbors, and the sum so far: 24 bytes and 5 for each forward
//!   neighbor.
//! - **Supersteps**: 4 to gather neighbors with the directions of their edges and 3 to find
//!   triangles; in an undirected graph 4 for both.
//! - **Messages**: every edge both ways, as often as 3 times; lists of neighbors are shared and not
//!   copied for each edge. Intersecting them takes about edges^1.5 steps.
//! - **Source**: Watts and Strogatz, *Collective dynamics of small-world networks* (Nature 393,
//!   1998); LDBC Graphalytics specification 1.0, section 2.3.5 (LCC).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{
    Collect, Direction, Outcome, Pregel, Seed, SuperstepStats, Vertex, VertexProgram,
};

use super::forward::{Forward, Neighborhood, neighborhoods};
use super::neighbors::{Lookup, for_each_common};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};
use super::triangles::corners;

/// Adds up, at each vertex, the edges opposite to it in triangles.
#[derive(Debug, Clone, Copy)]
struct OppositeEdges;

/// What a vertex knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Corner {
    neighborhood: Neighborhood,
    /// Directed edges between neighbors, as far as they are known.
    opposite: u64,
}

/// What a vertex tells its neighbors: first who its forward neighbors are, then what each of them
/// gains.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    sender: u32,
    forward: Arc<Forward>,
    /// One a forward neighbor; none in the first message.
    gains: Vec<u64>,
}

impl VertexProgram for OppositeEdges {
    type State = Corner;
    type Edge = ();
    type Message = Arc<Told>;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Corner {
        Corner::default()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<Arc<Told>>>) {
        let forward = Arc::clone(&vertex.state().neighborhood.forward);
        let sender = vertex.index();
        match (vertex.superstep(), inbox) {
            (0, _) if !forward.ids.is_empty() => {
                let told = Told { sender, forward, gains: Vec::new() };
                vertex.send_to_neighbors(Arc::new(told));
            }
            (1, Some(told)) => {
                let (own, gains) = find_triangles(&forward, &told);
                vertex.state_mut().opposite += own;
                if gains.iter().any(|gain| *gain > 0) {
                    vertex.send_to_neighbors(Arc::new(Told { sender, forward, gains }));
                }
            }
            (_, Some(mut told)) => {
                // One that is a neighbor in several ways told the same several times.
                told.sort_by_key(|told| told.sender);
                told.dedup_by_key(|told| told.sender);
                let gains = told.iter().filter_map(|told| {
                    told.gains.get(told.forward.ids.binary_search(&sender).ok()?)
                });
                vertex.state_mut().opposite += gains.sum::<u64>();
            }
            _ => {}
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }
}

/// Finds the triangles whose corner of the lowest rank has the forward neighbors `own`, from
/// theirs; returns what that corner gains, and what each of its forward neighbors.
fn find_triangles(own: &Forward, told: &[Arc<Told>]) -> (u64, Vec<u64>) {
    let mut gain = 0;
    let mut gains = vec![0; own.ids.len()];
    if own.ids.len() < 2 {
        return (gain, gains);
    }
    let mut seen = vec![false; own.ids.len()];
    // Those of lower rank speak, too, and some more than once.
    let theirs: Vec<(usize, &Forward)> = told
        .iter()
        .filter_map(|told| {
            let place = own.ids.binary_search(&told.sender).ok()?;
            (!std::mem::replace(&mut seen[place], true)).then_some((place, &*told.forward))
        })
        .collect();
    let asked: usize = theirs.iter().map(|(_, forward)| forward.ids.len()).sum();
    let merged = asked + theirs.len() * own.ids.len();
    let lookup = (Lookup::cost(&own.ids) + asked < merged).then(|| Lookup::new(&own.ids));
    for (place, forward) in theirs {
        let own_way = u64::from(own.ways[place]);
        let found = |other: usize, theirs: usize| {
            gain += u64::from(forward.ways[theirs]);
            gains[place] += u64::from(own.ways[other]);
            gains[other] += own_way;
        };
        match &lookup {
            Some(lookup) => lookup.for_each_common(&forward.ids, found),
            None => for_each_common(&own.ids, &forward.ids, found),
        }
    }
    (gain, gains)
}

/// Starts the computation of every vertex's local clustering coefficient.
///
/// ```
/// use superstep::algorithms::clustering_coefficient;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // A triangle, and a vertex that hangs on one of its corners.
/// let edges = [(1, 2), (1, 3), (2, 3), (3, 4)].map(Edge::from);
/// let graph = Graph::builder().undirected(true).edges(&ctx.parallelize(edges, 2))?;
/// let coefficients = clustering_coefficient(&graph).run()?.states().collect()?;
/// assert_eq!(coefficients, [(1, 1.0), (2, 1.0), (3, 1.0 / 3.0), (4, 0.0)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn clustering_coefficient<V: Data, E: Data>(
    graph: &Graph<V, E>,
) -> ClusteringCoefficientRun<'_, V, E> {
    ClusteringCoefficientRun { graph }
}

/// The computation of local clustering coefficients on a graph.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct ClusteringCoefficientRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
}

impl<V: Data, E: Data> ClusteringCoefficientRun<'_, V, E> {
    /// Computes: an outcome whose states are `(id, coefficient)` in id order, from 0 to 1. Its
    /// supersteps are those that find triangles.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(&self) -> Result<Outcome<f64, ()>> {
        Ok(run(&self.graph.structure()?)?.0)
    }
}

fn run(graph: &Graph) -> Result<(Outcome<f64, ()>, Vec<SuperstepStats>)> {
    if graph.is_undirected() {
        // An edge between two neighbors goes both ways, and makes a triangle.
        let coefficients = corners(graph, true)?
            .map_states(|corner| coefficient(2 * corner.triangles, corner.degree));
        return Ok((coefficients, Vec::new()));
    }
    let (graph, supersteps) = neighborhoods(graph)?;
    let outcome = Pregel::new(OppositeEdges).run_from(&graph, |_, neighborhood| Corner {
        neighborhood: neighborhood.clone(),
        opposite: 0,
    })?;
    let coefficients =
        outcome.map_states(|corner| coefficient(corner.opposite, corner.neighborhood.degree));
    Ok((coefficients, supersteps))
}

/// The share of the directed edges that there could be between so many neighbors.
fn coefficient(edges: u64, neighbors: u32) -> f64 {
    let neighbors = f64::from(neighbors);
    if neighbors < 2.0 { 0.0 } else { edges as f64 / (neighbors * (neighbors - 1.0)) }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "clustering-coefficient"
    }

    fn summary(&self) -> &'static str {
        "The share of the possible edges between each vertex's neighbors that there are"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 200, edge: 160 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["coefficient"]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let (outcome, supersteps) = run(graph)?;
        let columns = ["id", "coefficient"];
        let table = Table::without_run(&columns, Values::Float(outcome.states()));
        Ok(table.with_supersteps(&supersteps).with_run(&outcome))
    }
}
