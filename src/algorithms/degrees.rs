//! Degrees: how many edges enter and leave each vertex.
//!
//! - **State**: none: the graph counts its degrees when it is built. **Supersteps**: none.
//!   **Messages**: none.
//! - Parallel edges count as often as they occur. In an undirected graph both numbers are the
//!   degree, to which a self-loop adds one.

use serde::{Deserialize, Serialize};

use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};
use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::rdd::Rdd;

/// The degrees of a vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Degrees {
    /// Edges that enter the vertex.
    pub incoming: u32,
    /// Edges that leave the vertex.
    pub outgoing: u32,
}

/// Returns the degrees of every vertex, in id order; isolated vertices have none.
///
/// Costs a pass over the vertices when the rows are read, and nothing before.
///
/// ```
/// use superstep::algorithms::degrees;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (1, 3), (3, 1)].map(Edge::from), 2);
/// let found = degrees(&Graph::from_edges(&edges)?)?;
/// let both = found.map(|(id, degrees)| (id, degrees.incoming, degrees.outgoing)).collect()?;
/// assert_eq!(both, [(1, 1, 2), (2, 1, 0), (3, 1, 1)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the graph's blocks cannot be joined, which is a defect.
pub fn degrees<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Rdd<(VertexId, Degrees)>> {
    let both = graph.in_degrees().zip(&graph.out_degrees())?;
    Ok(both.map(|((id, incoming), (_, outgoing))| (id, Degrees { incoming, outgoing })))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "degrees"
    }

    fn summary(&self) -> &'static str {
        "The number of edges that enter and leave each vertex"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["in", "out"]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let rows = degrees(graph)?.map(|(id, degrees)| (id, degrees.incoming, degrees.outgoing));
        Ok(Table::without_run(&["id", "in", "out"], Values::rows(&rows)))
    }
}
