//! Breadth-first search: how many edges every vertex is from a source, and by way of which vertex.
//!
//! - **State**: [`Reached`], 8 bytes: the depth and the parent's dense number. Of several possible
//!   parents it is the one with the smallest id, unless one of them is among the graph's
//!   [hubs](crate::graph::GraphBuilder::hubs): then the one of these with the most edges.
//! - **Supersteps**: one more than the largest depth, and one in which nothing happens. Where most
//!   edges lead to vertices with close ids, as on road networks, partitions go on by themselves,
//!   and it is about the number of times that a path changes partitions.
//! - **Messages**: every edge of the vertices reached. Wide frontiers are pulled: a vertex that was
//!   not reached yet looks for any neighbor in the frontier.
//! - **Source**: Beamer, Asanović, Patterson, *Direction-Optimizing Breadth-First Search*
//!   (SC 2012); LDBC Graphalytics specification 1.0, section 2.3.1.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::{Graph, Hubs, VertexId};
use crate::pregel::{Any, Min, Outcome, Path, Pregel, Seed, Vertex, VertexProgram};

use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Cell, Kind, Table, Values};

/// The depth of a vertex that cannot be reached, as Graphalytics writes it.
pub const UNREACHABLE: u64 = i64::MAX as u64;

/// How a vertex was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Edges from the source; `u32::MAX` for a vertex that cannot be reached.
    depth: u32,
    /// The dense number of the vertex before it; its own for the source.
    parent: u32,
}

impl Reached {
    const NOT: Self = Self { depth: u32::MAX, parent: u32::MAX };

    /// Returns how many edges the vertex is from the source, or `None` when it cannot be reached.
    #[must_use]
    pub fn depth(self) -> Option<u32> {
        (self != Self::NOT).then_some(self.depth)
    }

    /// Returns the dense number (see [`Graph::id_at`]) of the vertex before it on a shortest path,
    /// its own for the source, or `None` when it cannot be reached.
    #[must_use]
    pub fn parent(self) -> Option<u32> {
        (self != Self::NOT).then_some(self.parent)
    }
}

/// Level by level: a message is the sender's dense number, and the first one settles a vertex.
#[derive(Debug, Clone, Copy)]
struct ByLevel {
    source: u32,
}

impl VertexProgram for ByLevel {
    type State = Reached;
    type Edge = ();
    type Message = u32;
    type Combiner = Any;
    type Aggregate = ();

    const SETTLES: bool = true;

    fn init(&self, seed: &Seed) -> Reached {
        start(self.source, seed)
    }

    #[inline]
    fn starts(&self, seed: &Seed) -> bool {
        seed.index == self.source
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        if let Some(parent) = inbox {
            *vertex.state_mut() = Reached { depth: vertex.superstep() as u32, parent };
        }
        if inbox.is_some() || vertex.index() == self.source {
            vertex.send_to_neighbors(vertex.index());
        }
        vertex.vote_to_halt();
    }

    #[inline]
    fn accepts(&self, state: &Reached) -> bool {
        *state == Reached::NOT
    }
}

/// In any order: a message is what the neighbor becomes if nothing better arrives.
#[derive(Debug, Clone)]
struct ByImprovement {
    source: u32,
    hubs: Arc<Hubs>,
}

/// Above the numbers of hubs.
const NO_HUB: u64 = 1 << 32;
/// Bits of a parent's place in the order of merging.
const PLACE_BITS: u32 = 33;

impl ByImprovement {
    /// Packs a depth and a parent so that the smaller number is the better one: parents come in the
    /// order in which messages merge, so that it is the same as level by level.
    fn pack(&self, depth: u32, parent: u32) -> u64 {
        let number = self.hubs.number(parent).map(u64::from);
        let place = number.unwrap_or(NO_HUB | u64::from(parent));
        u64::from(depth) << PLACE_BITS | place
    }

    fn unpack(&self, packed: u64) -> Reached {
        let place = packed & ((1 << PLACE_BITS) - 1);
        let parent = match place < NO_HUB {
            true => self.hubs.list()[place as usize],
            false => place as u32,
        };
        Reached { depth: (packed >> PLACE_BITS) as u32, parent }
    }
}

impl VertexProgram for ByImprovement {
    type State = Reached;
    type Edge = ();
    /// Depth and parent, [packed](ByImprovement::pack).
    type Message = u64;
    type Combiner = Min;
    type Aggregate = ();

    const MONOTONE: bool = true;

    fn init(&self, seed: &Seed) -> Reached {
        start(self.source, seed)
    }

    #[inline]
    fn starts(&self, seed: &Seed) -> bool {
        seed.index == self.source
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u64>) {
        let before = *vertex.state();
        let better = inbox.filter(|offered| {
            before == Reached::NOT || *offered < self.pack(before.depth, before.parent)
        });
        let better = better.map(|packed| self.unpack(packed));
        if let Some(better) = better {
            *vertex.state_mut() = better;
        }
        // Another parent at the same depth is news to nobody else.
        let closer = better.is_some_and(|better| better.depth < before.depth);
        if closer || vertex.superstep() == 0 && vertex.index() == self.source && inbox.is_none() {
            let message = self.pack(vertex.state().depth + 1, vertex.index());
            vertex.send_to_neighbors(message);
        }
        vertex.vote_to_halt();
    }
}

fn start(source: u32, seed: &Seed) -> Reached {
    if seed.index == source { Reached { depth: 0, parent: source } } else { Reached::NOT }
}

/// Starts a breadth-first search from a vertex along outgoing edges.
///
/// ```
/// use superstep::algorithms::bfs;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (1, 3), (3, 4), (9, 1)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&edges)?;
/// let reached = bfs(&graph, 1).run()?.states();
/// let depths = reached.map(|(id, reached)| (id, reached.depth())).collect()?;
/// assert_eq!(depths, [(1, Some(0)), (2, Some(1)), (3, Some(1)), (4, Some(2)), (9, None)]);
/// let parent = reached.lookup(&4)?[0].parent().and_then(|index| graph.id_at(index));
/// assert_eq!(parent, Some(3));
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn bfs<V: Data, E: Data>(graph: &Graph<V, E>, source: VertexId) -> Bfs<'_, V, E> {
    Bfs { graph, source, path: None, by_level: None }
}

/// A breadth-first search on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct Bfs<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    source: VertexId,
    path: Option<Path>,
    by_level: Option<bool>,
}

impl<V: Data, E: Data> Bfs<'_, V, E> {
    /// Sets the way messages travel, see [`Pregel::path`]. Results do not depend on it.
    pub fn path(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// Sets whether the search goes level by level or lets partitions go on by themselves, which
    /// otherwise follows from the graph. Results do not depend on it.
    pub fn by_level(mut self, by_level: bool) -> Self {
        self.by_level = Some(by_level);
        self
    }

    /// Searches: an outcome whose states are `(id, how it was reached)`, in id order.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownVertex`] when the graph does not have
    /// the source; otherwise when the run fails.
    pub fn run(&self) -> Result<Outcome<Reached, ()>> {
        let source = source_index(self.graph, self.source)?;
        let graph = self.graph.structure()?;
        let by_level = match self.by_level {
            Some(by_level) => by_level,
            None => !graph.is_mostly_local()?,
        };
        if by_level {
            on_path(Pregel::new(ByLevel { source }), self.path).run(&graph)
        } else {
            let hubs = Arc::clone(&graph.hubs);
            on_path(Pregel::new(ByImprovement { source, hubs }).local_rounds(true), self.path)
                .run(&graph)
        }
    }
}

/// Sets a path that was asked for.
pub(super) fn on_path<P: VertexProgram>(run: Pregel<P>, path: Option<Path>) -> Pregel<P> {
    match path {
        Some(path) => run.path(path),
        None => run,
    }
}

/// The dense number of a source.
pub(super) fn source_index<V: Data, E: Data>(graph: &Graph<V, E>, source: VertexId) -> Result<u32> {
    let unknown = || ErrorKind::UnknownVertex { what: "the source", id: source.to_string() };
    graph.index_of(source).ok_or_else(|| unknown().into())
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "bfs"
    }

    fn summary(&self) -> &'static str {
        "The number of edges from a source to each vertex, 9223372036854775807 where no path leads"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            SOURCE,
            Parameter {
                name: "parents",
                value: "",
                help: "A third column with the id of the vertex before each on a shortest path, the smallest of several; of the source its own",
                default: "",
                choices: &[],
            },
        ]
    }

    fn shape(&self, arguments: &Arguments) -> Option<Shape> {
        let parents =
            if arguments.is_set("parents") { &["depth", "parent"][..] } else { &["depth"] };
        Some(Shape::of_vertices(parents))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let source = source_argument(graph, self.name(), arguments)?;
        let outcome = bfs(graph, source).run()?;
        let depth = |reached: Reached| reached.depth().map_or(UNREACHABLE, u64::from);
        if !arguments.is_set("parents") {
            let depths = Values::Integer(outcome.states().map_values(depth));
            return Ok(Table::new(&["id", "depth"], depths, &outcome));
        }
        // The dictionary alone: the edges need not stay for the parents.
        let dictionary = Arc::clone(&graph.shape.dictionary);
        let rows = outcome.states().map(move |(id, reached)| {
            let parent = reached.parent().and_then(|index| dictionary.id(index));
            vec![Cell::from(id), depth(reached).into(), parent.into()]
        });
        let rows = Values::Rows(rows, vec![Kind::Id, Kind::Integer, Kind::Id]);
        Ok(Table::new(&["id", "depth", "parent"], rows, &outcome))
    }
}

/// The parameter of searches from one vertex.
pub(super) const SOURCE: Parameter = Parameter {
    name: "source",
    value: "ID",
    help: "The vertex to start from",
    default: "none: it has to be given",
    choices: &[],
};

/// The source that was given, which the graph has.
pub(super) fn source_argument<V, E>(
    graph: &Graph<V, E>,
    algorithm: &str,
    arguments: &Arguments,
) -> Result<VertexId> {
    let source = arguments.required(algorithm, &SOURCE)?;
    if graph.index_of(source).is_some() {
        return Ok(source);
    }
    Err(Error::argument(format!("--source {source}: the graph has no such vertex")))
}

/// The vertices that were given, all of which the graph has; `None` when none were.
pub(super) fn vertices_argument<V, E>(
    graph: &Graph<V, E>,
    name: &str,
    arguments: &Arguments,
) -> Result<Option<Vec<VertexId>>> {
    let Some(ids) = arguments.list::<VertexId>(name)? else { return Ok(None) };
    match ids.iter().find(|id| graph.index_of(**id).is_none()) {
        Some(id) => Err(Error::argument(format!("--{name} {id}: the graph has no such vertex"))),
        None => Ok(Some(ids)),
    }
}
