//! Articulation points: vertices without which what they connect would fall apart. Directions,
//! self-loops and parallel edges do not matter.
//!
//! A block is a set of edges any two of which are on a common ring, or one edge by itself; an
//! articulation point is a vertex at which blocks meet. With a spanning forest that is numbered in
//! preorder, every vertex but the roots stands for the edge to its parent, and two of them are in
//! the same block when they are connected by
//!
//! - an edge between a vertex and its parent, where an edge outside the forest leads from the
//!   vertex's subtree out of that of the parent, and
//! - an edge outside the forest. The forest is of breadth-first searches, so such an edge never
//!   leads to an ancestor.
//!
//! The connected components of this graph are the blocks. A vertex is an articulation point when
//! the edges to its children, and to its parent where it has one, are of more than one block.
//!
//! - **State, supersteps, messages**: those of the forest, in `cuts.rs`, and of the connected
//!   components of a graph of at most as many edges. The parents are held in this process, 8 bytes
//!   a vertex.
//! - **Source**: Tarjan and Vishkin, *An efficient parallel biconnectivity algorithm* (SIAM Journal
//!   on Computing 14, 1985), section 4; Dong, Wang, Gu, Sun, *Provably Fast and Space-Efficient
//!   Parallel Biconnectivity* (PPoPP 2023), section 4, for blocks as components.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Edge, Graph, VertexId};
use crate::pregel::SuperstepStats;
use crate::rdd::Rdd;

use super::connected_components;
use super::cuts::{Cuts, cuts};
use super::registry::{Algorithm, Arguments, Parameter};
use super::table::{Table, Values};

/// Returns the articulation points of a graph, ascending.
///
/// Takes some supersteps for each edge between a vertex and the farthest from it.
///
/// ```
/// use superstep::algorithms::articulation_points;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // Two triangles that share a vertex.
/// let edges = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 3)];
/// let graph = Graph::from_edges(&ctx.parallelize(edges.map(Edge::from), 2))?;
/// assert_eq!(articulation_points(&graph)?.collect()?, [3]);
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn articulation_points<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Rdd<VertexId>> {
    Ok(run(&graph.structure()?)?.0)
}

fn run(graph: &Graph) -> Result<(Rdd<VertexId>, Vec<SuperstepStats>)> {
    let Cuts { graph, places, mut supersteps } = cuts(graph)?;
    let partitions = graph.partition_count();
    let parents = Arc::new(places.map(|(_, place)| place.parent).collect()?);
    let dictionary = Arc::clone(&graph.shape.dictionary);
    let outside = graph.edges().filter(move |edge| {
        let parent = |id| dictionary.dense(id).map(|place| parents[place as usize]);
        // The other way is the same edge.
        edge.source < edge.target
            && parent(edge.source) != Some(edge.target)
            && parent(edge.target) != Some(edge.source)
    });
    // A root's subtree is everything, so that nothing leads past a root.
    let within = places.flat_map(|(id, place)| {
        let joined = place.parent != id && place.leads_past_parent();
        joined.then_some(Edge::from((id, place.parent)))
    });
    let builder = Graph::builder().partitions(partitions);
    let blocks = builder.parts(&graph.vertices(), &outside.union(&within))?;
    let found = connected_components::run(&blocks)?;
    for step in found.supersteps() {
        supersteps.push(SuperstepStats { index: supersteps.len(), ..*step });
    }
    let blocks = connected_components::labels(&blocks, &found.states())?;

    let parents = places.map(|(id, place)| (id, place.parent));
    let ends = blocks.join(&parents, partitions).flat_map(|(id, (block, parent))| {
        let ends = [(id, (block, block)), (parent, (block, block))];
        // A root has no edge to a parent.
        if parent == id { Vec::new() } else { ends.to_vec() }
    });
    let span = |a: (VertexId, VertexId), b: (VertexId, VertexId)| (a.0.min(b.0), a.1.max(b.1));
    let points = ends.reduce_by_key(span, partitions);
    let points = points.filter(|(_, (first, last))| first != last);
    Ok((points.map_values(|_| ()).sort_by_key(partitions)?.keys(), supersteps))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "articulation-points"
    }

    fn summary(&self) -> &'static str {
        "The vertices without which their component would fall apart, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let (points, supersteps) = run(graph)?;
        let rows = points.map(|id| (id,));
        Ok(Table::without_run(&["id"], Values::rows(&rows)).with_supersteps(&supersteps))
    }
}
