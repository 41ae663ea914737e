//! Articulation points: vertices without which their component would fall apart. Directions,
//! self-loops and parallel edges do not matter.
//!
//! State, supersteps, messages and sources are those of the programs behind it, which also find
//! [bridges](super::bridges): a spanning forest, numbers in preorder, and what each subtree reaches. A
//! vertex is an articulation point when no edge outside the forest leads out of its own subtree from
//! that of one of its children, and the root of a tree when its neighbours are in several components
//! without it (Tarjan and Vishkin, *An efficient parallel biconnectivity algorithm*, SIAM Journal on
//! Computing 14, 1985, section 4).

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::rdd::Rdd;

use super::cuts::cuts;
use super::registry::{Algorithm, Arguments, Parameter};
use super::table::{Table, Values};

/// Returns whether each vertex is an articulation point, in id order.
///
/// Takes some supersteps for each edge between a vertex and the farthest from it.
///
/// ```
/// use superstep::algorithms::articulation_points;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4), (5, 4)].map(Edge::from), 2);
/// let points = articulation_points(&Graph::from_edges(&edges)?)?;
/// assert_eq!(points.filter(|(_, is_one)| *is_one).keys().collect()?, [3, 4]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn articulation_points<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Rdd<(VertexId, bool)>> {
    Ok(cuts(&graph.structure()?)?.points)
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "articulation-points"
    }

    fn summary(&self) -> &'static str {
        "The vertices without which their component would fall apart, directions ignored: 1 for them"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let cuts = cuts(graph)?;
        let points = Values::Integer(cuts.points.map_values(u64::from));
        let table = Table::without_run(&["id", "articulation"], points);
        Ok(table.with_supersteps(&cuts.supersteps))
    }
}
