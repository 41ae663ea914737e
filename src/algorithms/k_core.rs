//! Core numbers: the largest `k` for which a vertex is in the `k`-core, which is what remains of a
//! graph when vertices with fewer than `k` neighbours are removed until there are none. Directions,
//! self-loops and parallel edges do not matter.
//!
//! Vertices are peeled off level by level: those of the smallest degree that is left go and tell
//! their neighbours, whose degrees fall, and so on until no more go at this level. On the way, those
//! who stay tell the smallest of their degrees, which is the next level.
//!
//! - **State**: the neighbours that are left, or the core number; 8 bytes.
//! - **Supersteps**: for each core number that occurs, one, and one for each round of vertices that
//!   others take with them and for those who hear of the last; one more where the next level is not
//!   known, because nobody was left to hear, or where it was that of vertices that went since.
//! - **Messages**: every edge of the simple graph once, from the end that goes first; and back where
//!   both go in different rounds.
//! - **Source**: Matula and Beck, *Smallest-last ordering and clustering and graph coloring
//!   algorithms* (Journal of the ACM 30, 1983); Dhulipala, Blelloch, Shun, *Julienne* (SPAA 2017),
//!   section 4.1 (peeling in parallel).

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Aggregate, Outcome, Pregel, Seed, Sum, Superstep, Vertex, VertexProgram};

use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program, for undirected simple graphs.
#[derive(Debug, Clone, Copy)]
struct Peeling;

/// What a vertex remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Layer {
    /// The degree among the vertices that are left; the core number of a vertex that went.
    degree: u32,
    gone: bool,
}

/// What a superstep tells the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// No vertex is left that has a smaller degree.
    least: u32,
    /// The core number that vertices get which go now.
    current: u32,
}

impl Default for Level {
    fn default() -> Self {
        Self { least: u32::MAX, current: 0 }
    }
}

impl Aggregate for Level {
    fn merge(&mut self, other: Self) {
        self.least = self.least.min(other.least);
        self.current = self.current.max(other.current);
    }
}

impl VertexProgram for Peeling {
    type State = Layer;
    type Edge = ();
    type Message = u32;
    type Combiner = Sum;
    type Aggregate = Level;

    const SETTLES: bool = true;

    fn init(&self, seed: &Seed) -> Layer {
        Layer { degree: seed.out_degree, gone: false }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        vertex.vote_to_halt();
        let before = *vertex.previous();
        let degree = vertex.state().degree - inbox.unwrap_or(0);
        let (level, least) = match inbox {
            Some(_) => (Some(before.current), before.least),
            // Nothing arrives in the first superstep of a level, which may not be known yet.
            None => ((before.least < u32::MAX).then_some(before.least), u32::MAX),
        };
        let goes = level.filter(|level| degree <= *level);
        *vertex.state_mut() = Layer { degree: goes.unwrap_or(degree), gone: goes.is_some() };
        let least = if goes.is_some() { least } else { degree.min(least) };
        vertex.aggregate().merge(Level { least, current: level.unwrap_or(0) });
        if goes.is_some() {
            vertex.send_to_neighbors(1);
        }
    }

    #[inline]
    fn accepts(&self, layer: &Layer) -> bool {
        !layer.gone
    }

    fn next_phase(&self, step: &Superstep<'_, Level>, _phase: usize) -> bool {
        // All that are left compute at the beginning of a phase.
        step.active > 0 || !step.begins_phase
    }
}

/// Computes the core number of every vertex: an outcome whose states are `(id, core number)`, in id
/// order. A vertex without neighbours has core number 0.
///
/// ```
/// use superstep::algorithms::k_core;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4)].map(Edge::from), 2);
/// let cores = k_core(&Graph::from_edges(&edges)?)?.states();
/// assert_eq!(cores.collect()?, [(1, 2), (2, 2), (3, 2), (4, 1)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn k_core<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Outcome<u32, Level>> {
    run(&graph.structure()?)
}

fn run(graph: &Graph) -> Result<Outcome<u32, Level>> {
    let outcome = Pregel::new(Peeling).run(&graph.to_simple()?)?;
    Ok(outcome.map_states(|layer| layer.degree))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "k-core"
    }

    fn summary(&self) -> &'static str {
        "The core number of each vertex: the largest k for which it is in a subgraph of degrees of at least k"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["core"]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let outcome = run(graph)?;
        let cores = outcome.states().map_values(u64::from);
        Ok(Table::new(&["id", "core"], Values::Integer(cores), &outcome))
    }
}
