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
//!   components of a graph of at most as many edges. The parents and blocks are held in this process,
//!   32 bytes a vertex.
//! - **Source**: Tarjan and Vishkin, *An efficient parallel biconnectivity algorithm* (SIAM Journal
//!   on Computing 14, 1985), section 4; Dong, Wang, Gu, Sun, *Provably Fast and Space-Efficient
//!   Parallel Biconnectivity* (PPoPP 2023), section 4, for blocks as components.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::SuperstepStats;
use crate::rdd::Rdd;

use super::connected_components;
use super::cuts::{Cuts, cuts};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
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
    let dictionary = Arc::clone(&graph.shape.dictionary);
    // A root's subtree is everything, so that nothing leads past a root.
    let places = places.map(move |(id, place)| {
        let parent = if place.parent == id { None } else { dictionary.dense(place.parent) };
        (parent, place.leads_past_parent())
    });
    let places = Arc::new(places.collect()?);
    let of = Arc::clone(&places);
    let is_in_block = move |source: u32, target: u32| {
        let [(up, source_joins), (down, target_joins)] =
            [source, target].map(|vertex| of[vertex as usize]);
        match (up == Some(target), down == Some(source)) {
            (true, _) => source_joins,
            (_, true) => target_joins,
            _ => true,
        }
    };
    let edges = move |source, target| is_in_block(source, target).then_some((source, target));
    let blocks = graph.rewired(Arc::clone(&graph.shape.dictionary), edges, |(), ()| ())?;
    let found = connected_components::run(&blocks)?;
    for step in found.supersteps() {
        supersteps.push(SuperstepStats { index: supersteps.len(), ..*step });
    }
    let blocks = connected_components::labels(&blocks, &found.states())?.values().collect()?;
    // The first block of the tree edges at each vertex, and whether there is another.
    let mut ends: Vec<(Option<VertexId>, bool)> = vec![(None, false); places.len()];
    for ((vertex, (parent, _)), block) in places.iter().enumerate().zip(blocks) {
        let Some(parent) = *parent else { continue };
        for end in [vertex, parent as usize] {
            let (first, others) = &mut ends[end];
            *others |= *first.get_or_insert(block) != block;
        }
    }
    let dictionary = Arc::clone(&graph.shape.dictionary);
    let points = graph
        .vertices()
        .map(|(id, ())| id)
        .filter(move |id| dictionary.dense(*id).is_some_and(|vertex| ends[vertex as usize].1));
    Ok((points, supersteps))
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

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&[]))
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 300, edge: 80 }
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let (points, supersteps) = run(graph)?;
        let rows = points.map(|id| (id,));
        Ok(Table::without_run(&["id"], Values::rows(&rows)).with_supersteps(&supersteps))
    }
}
