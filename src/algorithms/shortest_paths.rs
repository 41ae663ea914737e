//! Shortest paths from one source over edges with lengths.
//!
//! - **State**: the smallest distance found so far, an `f64`; infinite where there is none.
//! - **Messages**: a vertex whose distance got smaller sends it, and each edge adds its length.
//!   Distances wait in buckets of a width (`delta`) for those of lower buckets, so that few are
//!   sent that are improved upon later.
//! - **Supersteps**: some for each bucket. Where most edges lead to vertices with close ids,
//!   partitions go on by themselves within a bucket.
//! - **Source**: Meyer and Sanders, *Delta-stepping: a parallelizable shortest path algorithm*
//!   (Journal of Algorithms 49, 2003), section 2; LDBC Graphalytics specification 1.0,
//!   section 2.3.6.

use std::marker::PhantomData;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, Lengths, VertexId};
use crate::pregel::{Min, Outcome, Path, Pregel, Seed, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::bfs::{SOURCE, UNREACHABLE, on_path, source_argument, source_index};
use super::ranges::given;
use super::registry::{Algorithm, Arguments, Parameter, Shape, Weights};
use super::table::{Table, Values};
use super::weights::{check_sums, check_weights};

/// The vertex program, for edges whose values are lengths.
#[derive(Debug, Clone, Copy)]
struct ShortestPaths<E> {
    source: u32,
    /// Buckets for one unit of length.
    buckets: f64,
    edge: PhantomData<fn() -> E>,
}

impl<E: Data + Copy + Into<f64>> VertexProgram for ShortestPaths<E> {
    type State = f64;
    type Edge = E;
    type Message = f64;
    type Combiner = Min;
    type Aggregate = ();

    const MONOTONE: bool = true;
    const PRIORITISED: bool = true;

    fn init(&self, seed: &Seed) -> f64 {
        if seed.index == self.source { 0.0 } else { f64::INFINITY }
    }

    #[inline]
    fn starts(&self, seed: &Seed) -> bool {
        seed.index == self.source
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        let shorter = inbox.filter(|distance| distance < vertex.state());
        if let Some(distance) = shorter {
            *vertex.state_mut() = distance;
        }
        if shorter.is_some() || vertex.superstep() == 0 && inbox.is_none() {
            vertex.send_to_neighbors(*vertex.state());
        }
        vertex.vote_to_halt();
    }

    #[inline]
    fn along(&self, distance: &f64, length: &E) -> f64 {
        distance + (*length).into()
    }

    #[inline]
    fn priority(&self, distance: &f64) -> u64 {
        // Saturates for infinite and for huge distances, which then share a bucket.
        (distance * self.buckets) as u64
    }
}

/// Starts a search for the shortest paths from a vertex along outgoing edges, whose values are
/// their lengths: `f64`, `f32`, or integers of up to 32 bits.
///
/// ```
/// use superstep::algorithms::shortest_paths;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let roads = [(1, 2, 4.0), (1, 3, 1.0), (3, 2, 2.0), (9, 1, 1.0)];
/// let edges = ctx.parallelize(roads.map(|(a, b, length)| Edge::new(a, b, length)), 2);
/// let distances = shortest_paths(&Graph::from_edges(&edges)?, 1).run()?.states().collect()?;
/// assert_eq!(distances, [(1, 0.0), (2, 3.0), (3, 1.0), (9, f64::INFINITY)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn shortest_paths<V, E>(graph: &Graph<V, E>, source: VertexId) -> ShortestPathsRun<'_, V, E>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    ShortestPathsRun { graph, source, delta: None, path: None, local_rounds: None }
}

/// A search for shortest paths on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct ShortestPathsRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    source: VertexId,
    delta: Option<f64>,
    path: Option<Path>,
    local_rounds: Option<bool>,
}

impl<V: Data, E: Data + Copy + Into<f64>> ShortestPathsRun<'_, V, E> {
    /// Sets the width of a bucket, in the unit of the lengths. The default follows from the mean
    /// length and the mean degree. Results do not depend on it.
    pub fn delta(mut self, delta: f64) -> Self {
        self.delta = Some(delta);
        self
    }

    /// Sets the way messages travel, see [`Pregel::path`]. Results do not depend on it.
    pub fn path(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// Sets whether partitions go on by themselves, see [`Pregel::local_rounds`]. Results do not
    /// depend on it.
    pub fn local_rounds(mut self, local_rounds: bool) -> Self {
        self.local_rounds = Some(local_rounds);
        self
    }

    /// Searches: an outcome whose states are `(id, distance)`, in id order. A distance is the
    /// smallest sum of lengths, added up from the source on; infinite where no path leads.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex) when the graph does not have
    /// the source; [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph)
    /// when a length is negative or not a number, or finite and so large that a path might be
    /// infinitely long;
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when the bucket width is not positive;
    /// otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<f64, ()>> {
        let source = source_index(self.graph, self.source)?;
        let Lengths { least, total } = self.graph.lengths()?;
        if least.is_nan() || least < 0.0 {
            check_weights(self.graph, "length", "a number of 0 or more", |length| length >= 0.0)?;
        }
        check_sums(self.graph, "length", self.graph.vertex_count())?;
        let delta = self.delta.unwrap_or_else(|| self.default_delta(total));
        check_delta(delta)?;
        let program = ShortestPaths { source, buckets: 1.0 / delta, edge: PhantomData };
        let mut run = on_path(Pregel::new(program), self.path);
        if let Some(local_rounds) = self.local_rounds {
            run = run.local_rounds(local_rounds);
        }
        run.run(self.graph)
    }

    /// About as many edges a bucket as Meyer and Sanders' analysis asks for: a width in proportion
    /// to the mean length over the mean degree. The factor was measured on a Kronecker graph.
    fn default_delta(&self, total: f64) -> f64 {
        let edges = self.graph.edge_count() as f64;
        let degree = edges / self.graph.vertex_count() as f64;
        let delta = 2.0 * (total / edges) / degree.max(1.0);
        if delta.is_finite() && delta > 0.0 { delta } else { 1.0 }
    }
}

fn check_delta(delta: f64) -> Result<()> {
    if delta > 0.0 {
        return Ok(());
    }
    Err(Error::argument(format!("a bucket width of {delta} is not positive")))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "sssp"
    }

    fn summary(&self) -> &'static str {
        "The length of the shortest path from a source to each vertex, inf where no path leads"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            SOURCE,
            Parameter {
                name: "delta",
                value: "NUMBER",
                help: "The width of a bucket in the unit of the lengths, above 0; it changes the time and not the result",
                default: "from the mean length and the mean degree",
                choices: &[],
            },
            Parameter {
                name: "integer",
                value: "",
                help: "Lengths are whole numbers, and so are distances, 9223372036854775807 where no path leads",
                default: "",
                choices: &[],
            },
        ]
    }

    fn weights(&self) -> Weights {
        Weights::Needed
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["distance"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, "delta", |_, delta| check_delta(delta))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        self.run_weighted(&graph.map_edges(|()| 1.0)?, arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        let source = source_argument(graph, self.name(), arguments)?;
        let mut run = shortest_paths(graph, source);
        run.delta = arguments.get("delta")?;
        let integer = arguments.is_set("integer");
        if integer {
            let expected = "a whole number, as --integer says";
            check_weights(graph, "length", expected, |length| length.fract() == 0.0)?;
        }
        let outcome = run.run()?;
        let distances = outcome.states();
        let values =
            if integer { Values::Integer(whole(&distances)?) } else { Values::Float(distances) };
        Ok(Table::new(&["id", "distance"], values, &outcome))
    }
}

/// Distances that are whole numbers, as such.
fn whole(distances: &Rdd<(VertexId, f64)>) -> Result<Rdd<(VertexId, u64)>> {
    let finite = |distance: f64| if distance.is_finite() { distance } else { 0.0 };
    let longest = distances.map(move |(_, distance)| finite(distance)).fold(0.0, f64::max)?;
    // Up to here a float holds every whole number.
    if longest > (1_u64 << f64::MANTISSA_DIGITS) as f64 {
        let message = format!("--integer: the distance {longest} is beyond 2^53");
        return Err(Error::argument(message));
    }
    Ok(distances.map_values(
        |distance| {
            if distance.is_finite() { distance as u64 } else { UNREACHABLE }
        },
    ))
}
