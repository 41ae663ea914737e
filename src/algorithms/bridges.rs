//! Bridges: edges without which what they connect would fall apart. Directions, self-loops and
//! parallel edges do not matter, so an edge is one even if several of the input are the same.
//!
//! An edge of a spanning forest is a bridge when no other edge leaves the subtree below it.
//!
//! - **State, supersteps, messages**: those of the programs behind it, in `cuts.rs`: a spanning
//!   forest, numbers in preorder, and what each subtree reaches.
//! - **Source**: Tarjan and Vishkin, *An efficient parallel biconnectivity algorithm* (SIAM Journal on
//!   Computing 14, 1985), section 4.

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::rdd::Rdd;

use super::cuts::{Cuts, cuts};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// Returns the bridges of a graph, each with its smaller id first, ascending.
///
/// Takes some supersteps for each edge between a vertex and the farthest from it.
///
/// ```
/// use superstep::algorithms::bridges;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4), (5, 4)].map(Edge::from), 2);
/// assert_eq!(bridges(&Graph::from_edges(&edges)?)?.collect()?, [(3, 4), (4, 5)]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn bridges<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Rdd<(VertexId, VertexId)>> {
    sorted(&cuts(&graph.structure()?)?)
}

fn sorted(cuts: &Cuts) -> Result<Rdd<(VertexId, VertexId)>> {
    let bridges = cuts.places.flat_map(|(id, place)| {
        let ends = (id.min(place.parent), id.max(place.parent));
        (place.parent != id && !place.leads_out()).then_some((ends, ()))
    });
    Ok(bridges.sort_by_key(cuts.places.partition_count())?.keys())
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "bridges"
    }

    fn summary(&self) -> &'static str {
        "The edges without which their component would fall apart, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 200, edge: 160 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_edges(&[]))
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let cuts = cuts(graph)?;
        let table = Table::without_run(&["source", "target"], Values::rows(&sorted(&cuts)?));
        Ok(table.keyed_by(2).with_supersteps(&cuts.supersteps))
    }
}
