//! The undirected simple graph of a graph: directions forgotten, self-loops and parallel edges
//! dropped. What is defined on such graphs (triangles, cores, trusses, …) starts from it.
//!
//! Each partition's edges and the edges turned around enter the same vertices, so that merging them
//! moves nothing beyond the turning around itself.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use crate::data::Data;
use crate::error::Result;

use super::blocks::vertex_blocks;
use super::edge_block::{EdgeBlock, pack};
use super::hubs::Hubs;
use super::{Graph, Shape};

/// What keeps edges from being those of a simple graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flaws {
    /// Some edge leads from a vertex to itself.
    pub(crate) self_loops: bool,
    /// Some edge has the same source and target as another.
    pub(crate) duplicates: bool,
}

impl<V: Data, E: Data> Graph<V, E> {
    /// Returns the undirected simple graph: edges go both ways, and of several between the same two
    /// vertices, in whichever direction, one stays; self-loops go. Vertices stay, also those
    /// without edges, and so do their values. A graph that is simple already is returned as it is.
    ///
    /// Costs a pass over the edges; where they change, sorting them, and for a directed graph
    /// [turning them around](Self::reverse).
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let edges = ctx.parallelize([(1, 2), (2, 1), (1, 2), (3, 3)].map(Edge::from), 2);
    /// let simple = Graph::from_edges(&edges)?.to_simple()?;
    /// assert!(simple.is_undirected());
    /// assert_eq!(simple.out_degrees().collect()?, [(1, 1), (2, 1), (3, 0)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing the edges fails.
    pub fn to_simple(&self) -> Result<Graph<V>> {
        let plain = match (self as &dyn Any).downcast_ref::<Graph<V>>() {
            Some(plain) => plain.clone(),
            None => self.map_edges(|_| ())?,
        };
        if plain.shape.undirected && plain.flaws()? == Flaws::default() {
            return Ok(plain);
        }
        let layout = plain.shape.layout;
        let placement = plain.edges.partitioning().cloned();
        let (reversed, from_reversed) = plain.reversed_edges()?;
        let undirected = plain.shape.undirected;
        // Near enough to the degrees that the vertices are going to have.
        let degrees = plain.vertices.map(|block| {
            let degrees = block.out_degrees.iter().zip(&block.in_degrees);
            Arc::new(degrees.map(|(out, into)| out.saturating_add(*into)).collect::<Vec<u32>>())
        });
        let hubs = Arc::new(Hubs::of_degrees(plain.shape.asked_hubs, &layout, &degrees)?);
        let sources = [Arc::clone(&plain.hubs), from_reversed];
        let new_hubs = Arc::clone(&hubs);
        let both = plain
            .edges
            .zip_nodes(&reversed, "both_ways", placement.clone(), |a, b| Ok(Box::new(a.zip(b))));
        let edges = both.narrow("simple", placement, move |partition, blocks| {
            let (sources, hubs) = (sources.clone(), Arc::clone(&new_hubs));
            let range = layout.range(partition);
            Ok(Box::new(blocks.map(move |(along, against)| {
                let mut keys = Vec::new();
                let mut add = |block: &EdgeBlock<()>, hubs: &Hubs| {
                    block.grid.for_each_edge(|origin, source, target, _| {
                        let source = hubs.dense(&layout, origin, source);
                        if source as usize != range.start + target {
                            keys.push(pack(source, target as u32));
                        }
                    });
                };
                add(&along, &sources[0]);
                if !undirected {
                    add(&against, &sources[1]);
                }
                keys.sort_unstable();
                keys.dedup();
                let values = vec![(); keys.len()];
                Arc::new(EdgeBlock::from_sorted(&keys, values, (&layout, &hubs), range.len()))
            })))
        });
        let edges = edges.persist(plain.shape.storage_level)?;
        let stored = edges.map(|block| block.grid.edge_count() as u64).fold(0, |a, b| a + b)?;
        let vertices = vertex_blocks(&edges, &plain.shape.dictionary, (layout, &hubs), true);
        let vertices = vertices.persist(plain.shape.storage_level)?;
        vertices.count()?;
        let shape = Shape {
            dictionary: Arc::clone(&plain.shape.dictionary),
            layout,
            undirected: true,
            storage_level: plain.shape.storage_level,
            edge_count: stored,
            // Not offered to a builder: nothing was left out by its policies.
            dropped_edges: 0,
            asked_hubs: plain.shape.asked_hubs,
            mostly_local: OnceLock::new(),
        };
        Ok(Graph::of_blocks(shape, vertices, plain.values.clone(), edges, hubs))
    }

    /// Looks for self-loops and parallel edges; each direction of an undirected edge counts as
    /// another edge.
    pub(crate) fn flaws(&self) -> Result<Flaws> {
        let (layout, hubs) = (self.shape.layout, Arc::clone(&self.hubs));
        let found = self.edges.narrow("flaws", None, move |partition, blocks| {
            let hubs = Arc::clone(&hubs);
            let first = layout.range(partition).start;
            Ok(Box::new(blocks.map(move |block| {
                let mut flaws = (false, false);
                let mut last = None;
                // Parallel edges stand beside one another in the grid.
                block.grid.for_each_edge(|origin, source, target, _| {
                    let source = hubs.dense(&layout, origin, source) as usize;
                    flaws.0 |= source == first + target;
                    flaws.1 |= last == Some((source, target));
                    last = Some((source, target));
                });
                flaws
            })))
        });
        let (self_loops, duplicates) = found.fold((false, false), |a, b| (a.0 | b.0, a.1 | b.1))?;
        Ok(Flaws { self_loops, duplicates })
    }
}
