//! Connected components: which vertices can reach one another when directions are ignored.
//!
//! Every vertex holds a label, at first itself, sends it both ways along its edges, and takes over
//! the smallest label it receives. A vertex speaks again only when its label has changed.
//!
//! - **State**: the smallest dense number seen, 4 bytes; dense numbers are in id order, so the
//!   final label names the smallest id of the component.
//! - **Supersteps**: one more than the longest shortest path from a component's smallest vertex,
//!   and one to see that nothing changes. Messages: at most every edge both ways in each.
//! - **Source**: Kang, Tsourakakis, Faloutsos, *PEGASUS* (ICDM 2009), section 3.4 (HCC); LDBC
//!   Graphalytics specification 1.0, section 2.3.3 (WCC).

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{Direction, Min, Pregel, Seed, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::registry::{Algorithm, Arguments, Parameter, Table, Values};

/// The vertex program: labels are dense vertex numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConnectedComponents;

impl VertexProgram for ConnectedComponents {
    type State = u32;
    type Edge = ();
    type Message = u32;
    type Combiner = Min;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> u32 {
        seed.index
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        let smaller = inbox.filter(|label| label < vertex.state());
        if let Some(label) = smaller {
            *vertex.state_mut() = label;
        }
        if smaller.is_some() || vertex.superstep() == 0 {
            vertex.send_to_neighbors(*vertex.state());
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }
}

/// Returns the smallest id of its component for every vertex, in id order.
///
/// ```
/// use superstep::algorithms::connected_components;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(5, 3), (4, 5), (9, 8)].map(Edge::from), 2);
/// let components = connected_components(&Graph::from_edges(&edges)?)?;
/// assert_eq!(components.collect()?, [(3, 3), (4, 3), (5, 3), (8, 8), (9, 8)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn connected_components<V: Data, E: Data>(
    graph: &Graph<V, E>,
) -> Result<Rdd<(VertexId, VertexId)>> {
    let graph = graph.structure()?;
    Ok(labels(&graph, &Pregel::new(ConnectedComponents).run(&graph)?.states()))
}

/// Turns dense numbers into the ids they stand for.
fn labels(graph: &Graph, states: &Rdd<(VertexId, u32)>) -> Rdd<(VertexId, VertexId)> {
    // The dictionary alone: the edges need not stay for the labels.
    let dictionary = Arc::clone(&graph.shape.dictionary);
    states.map(move |(id, label)| (id, dictionary.id(label).unwrap_or(id)))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "connected-components"
    }

    fn summary(&self) -> &'static str {
        "The smallest id of each vertex's component, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let outcome = Pregel::new(ConnectedComponents).run(graph)?;
        Ok(Table::new(Values::Id(labels(graph, &outcome.states())), &outcome))
    }
}
