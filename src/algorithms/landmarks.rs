//! Shortest paths to landmarks: how many edges every vertex is from each of some vertices.
//!
//! - **State**: the distances to eight landmarks, 32 bytes.
//! - **Supersteps**: for every eight landmarks, two more than the longest shortest path to one of
//!   them. Where most edges lead to vertices with close ids, as on road networks, partitions go on
//!   by themselves, and it is about the number of times that a path changes partitions.
//! - **Messages**: the edges of vertices that came closer to a landmark.
//! - **Source**: Potamias, Bonchi, Castillo, Gionis, *Fast shortest path distance estimation in large
//!   networks* (CIKM 2009), section 3; GraphX, `ShortestPaths.scala`.

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{Direction, Number, Pregel, Seed, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::bfs::{source_index, vertices_argument};
use super::distance_sums::{DIRECTION, direction_argument};
use super::lanes::{MinLanes, beside};
use super::registry::{Algorithm, Arguments, Parameter};
use super::table::{Table, Values};

/// Landmarks at a time.
const LANES: usize = 8;
/// The distance of a vertex from which no path leads to the landmark.
const NOT_REACHED: u32 = u32::MAX;

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct Landmarks {
    /// Dense numbers; those of lanes that are not used are no vertex's.
    landmarks: [u32; LANES],
    direction: Direction,
}

impl VertexProgram for Landmarks {
    type State = [u32; LANES];
    type Edge = ();
    /// What the neighbor's distances become if nothing better arrives.
    type Message = [u32; LANES];
    type Combiner = MinLanes;
    type Aggregate = ();

    const MONOTONE: bool = true;

    fn init(&self, seed: &Seed) -> [u32; LANES] {
        self.landmarks.map(|landmark| if landmark == seed.index { 0 } else { NOT_REACHED })
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<[u32; LANES]>) {
        let before = *vertex.state();
        let news = match inbox {
            Some(offered) => {
                let mut better = before;
                better.iter_mut().zip(offered).for_each(|(own, new)| *own = own.smaller(new));
                *vertex.state_mut() = better;
                better != before
            }
            None => before != [NOT_REACHED; LANES],
        };
        if news {
            vertex.send_to_neighbors(vertex.state().map(|distance| distance.saturating_add(1)));
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        self.direction
    }
}

/// Starts a search for the shortest paths to each of some vertices, by their number of edges.
///
/// ```
/// use superstep::algorithms::landmarks;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 4)].map(Edge::from), 2);
/// let found = landmarks(&Graph::from_edges(&edges)?, [3, 2]).run()?.collect()?;
/// assert_eq!(found[0], (1, vec![Some(2), Some(1)]));
/// assert_eq!(found[3], (4, vec![None, None]));
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn landmarks<V: Data, E: Data>(
    graph: &Graph<V, E>,
    landmarks: impl IntoIterator<Item = VertexId>,
) -> LandmarksRun<'_, V, E> {
    let landmarks = landmarks.into_iter().collect();
    LandmarksRun { graph, landmarks, direction: Direction::Out }
}

/// A search for shortest paths to landmarks, with its settings.
#[derive(Debug, Clone)]
#[must_use = "nothing is computed until `run`"]
pub struct LandmarksRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    landmarks: Vec<VertexId>,
    direction: Direction,
}

impl<V: Data, E: Data> LandmarksRun<'_, V, E> {
    /// Sets along which edges paths lead from a vertex to a landmark: [`Direction::Out`] by default;
    /// with [`Direction::In`] they lead from landmarks to vertices.
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Searches: a row `(id, distances)` for every vertex, in id order, whose distances are in the
    /// order of the landmarks, `None` where no path leads.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for no landmark;
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex) for a landmark that the graph
    /// does not have; otherwise when the run fails.
    pub fn run(&self) -> Result<Rdd<(VertexId, Vec<Option<u32>>)>> {
        let landmarks = self.landmarks.iter().map(|id| source_index(self.graph, *id));
        let landmarks = landmarks.collect::<Result<Vec<_>>>()?;
        search(&self.graph.structure()?, &landmarks, self.direction)
    }
}

fn search(
    graph: &Graph,
    landmarks: &[u32],
    direction: Direction,
) -> Result<Rdd<(VertexId, Vec<Option<u32>>)>> {
    // What a landmark says is heard where a path to it begins.
    let direction = match direction {
        Direction::Out => Direction::In,
        Direction::In => Direction::Out,
        Direction::Both => Direction::Both,
    };
    let mut all = None;
    for batch in landmarks.chunks(LANES) {
        let mut lanes = [u32::MAX; LANES];
        lanes[..batch.len()].copy_from_slice(batch);
        let states = Pregel::new(Landmarks { landmarks: lanes, direction }).run(graph)?.states();
        let used = batch.len();
        let distances = states.map_values(move |distances| {
            let found = |distance: &u32| (*distance != NOT_REACHED).then_some(*distance);
            distances[..used].iter().map(found).collect()
        });
        all = Some(beside(all, distances)?);
    }
    all.ok_or_else(|| Error::argument("a search needs at least one landmark"))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "landmarks"
    }

    fn summary(&self) -> &'static str {
        "The number of edges from each vertex to each of some vertices"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[LANDMARKS, DIRECTION]
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let missing = || Error::argument("landmarks needs --landmarks IDS");
        let landmarks = vertices_argument(graph, LANDMARKS.name, arguments)?.ok_or_else(missing)?;
        let mut run = self::landmarks(graph, landmarks.iter().copied());
        run.direction = direction_argument(arguments)?;
        let names = landmarks.iter().map(|id| format!("to {id}"));
        let columns: Vec<_> = std::iter::once("id".to_owned()).chain(names).collect();
        let columns: Vec<_> = columns.iter().map(String::as_str).collect();
        Ok(Table::without_run(&columns, Values::vectors(&run.run()?, landmarks.len())))
    }
}

/// The parameter for the landmarks.
const LANDMARKS: Parameter = Parameter {
    name: "landmarks",
    value: "IDS",
    help: "The vertices to which paths lead; a column for each",
    default: "none: it has to be given",
    choices: &[],
};
