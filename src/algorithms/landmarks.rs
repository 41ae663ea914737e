//! Shortest paths to landmarks: how many edges every vertex is from each of some vertices, or how
//! long the way is where edges have lengths (see `landmarks_weighted.rs`).
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
use super::landmarks_weighted::by_length;
use super::lanes::{MinLanes, beside};
use super::registry::{Algorithm, Arguments, Parameter, Shape, Weights};
use super::table::{Table, Value};

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
    LandmarksRun {
        graph,
        landmarks: landmarks.into_iter().collect(),
        direction: Direction::Out,
        search: |graph, landmarks, direction| search(&graph.structure()?, landmarks, direction),
    }
}

/// Starts a search for the shortest paths to each of some vertices in a graph whose edge values are
/// lengths: `f64`, `f32`, or integers of up to 32 bits, 0 or more.
///
/// ```
/// use superstep::algorithms::landmarks_weighted;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let roads = [(1, 2, 4.0), (1, 3, 1.0), (3, 2, 2.0)].map(|(a, b, length)| Edge::new(a, b, length));
/// let graph = Graph::from_edges(&ctx.parallelize(roads, 2))?;
/// let found = landmarks_weighted(&graph, [2]).run()?.collect()?;
/// assert_eq!(found, [(1, vec![Some(3.0)]), (2, vec![Some(0.0)]), (3, vec![Some(2.0)])]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn landmarks_weighted<V, E>(
    graph: &Graph<V, E>,
    landmarks: impl IntoIterator<Item = VertexId>,
) -> LandmarksRun<'_, V, E, f64>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    LandmarksRun {
        graph,
        landmarks: landmarks.into_iter().collect(),
        direction: Direction::Out,
        search: |graph, landmarks, direction| {
            let lengths = graph.map_edges(|length| (*length).into())?.map_vertices(|_, _| ())?;
            by_length(&lengths, landmarks, direction)
        },
    }
}

/// Looks for the distances to landmarks, given by their dense numbers.
type Search<V, E, D> =
    fn(&Graph<V, E>, &[u32], Direction) -> Result<Rdd<(VertexId, Vec<Option<D>>)>>;

/// A search for shortest paths to landmarks, with its settings; distances are numbers of edges, or of
/// type `D`.
#[derive(Debug, Clone)]
#[must_use = "nothing is computed until `run`"]
pub struct LandmarksRun<'a, V: 'static, E: 'static, D: 'static = u32> {
    graph: &'a Graph<V, E>,
    landmarks: Vec<VertexId>,
    direction: Direction,
    search: Search<V, E, D>,
}

impl<V: Data, E: Data, D: Data> LandmarksRun<'_, V, E, D> {
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
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) for a length that is
    /// negative or not a number, or finite and so large that a path might be infinitely long;
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex) for a landmark that the graph
    /// does not have; otherwise when the run fails.
    pub fn run(&self) -> Result<Rdd<(VertexId, Vec<Option<D>>)>> {
        let landmarks = self.landmarks.iter().map(|id| source_index(self.graph, *id));
        let landmarks = landmarks.collect::<Result<Vec<_>>>()?;
        (self.search)(self.graph, &landmarks, against(self.direction))
    }
}

/// The direction in which what a landmark says is heard where a path to it begins.
fn against(direction: Direction) -> Direction {
    match direction {
        Direction::Out => Direction::In,
        Direction::In => Direction::Out,
        Direction::Both => Direction::Both,
    }
}

fn search(
    graph: &Graph,
    landmarks: &[u32],
    direction: Direction,
) -> Result<Rdd<(VertexId, Vec<Option<u32>>)>> {
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
    all.ok_or_else(no_landmark)
}

/// The error of a search for nothing.
pub(super) fn no_landmark() -> Error {
    Error::argument("a search needs at least one landmark")
}

/// The entry of the registry.
pub(super) struct Entry;

impl Entry {
    /// The landmarks that were given.
    fn given<E>(graph: &Graph<(), E>, arguments: &Arguments) -> Result<Vec<VertexId>> {
        let missing = || Error::argument("landmarks needs --landmarks IDS");
        vertices_argument(graph, LANDMARKS.name, arguments)?.ok_or_else(missing)
    }

    fn table<E: Data, D: Data>(
        run: LandmarksRun<'_, (), E, D>,
        arguments: &Arguments,
    ) -> Result<Table>
    where
        Option<D>: Data + Value,
    {
        let names: Vec<_> = run.landmarks.iter().map(|id| format!("to {id}")).collect();
        let run = run.direction(direction_argument(arguments)?);
        Ok(Table::of_vectors(names, &run.run()?))
    }
}

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "landmarks"
    }

    fn summary(&self) -> &'static str {
        "The number of edges, or the length of the way, from each vertex to each of some vertices"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[LANDMARKS, DIRECTION]
    }

    fn weights(&self) -> Weights {
        Weights::Optional
    }

    fn shape(&self, arguments: &Arguments) -> Option<Shape> {
        let ids = arguments.list::<String>(LANDMARKS.name).ok().flatten()?;
        Some(Shape::new(&["id"], ids.iter().map(|id| format!("to {id}"))))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        Self::table(landmarks(graph, Self::given(graph, arguments)?), arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        Self::table(landmarks_weighted(graph, Self::given(graph, arguments)?), arguments)
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
