//! What a superstep reads of a graph: its blocks, joined partition by partition.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexBlock};
use crate::rdd::{Rdd, Rows};
use crate::storage::StorageLevel;

use super::gather::Entering;
use super::program::Direction;
use super::step::connected;

/// A graph's blocks of one partition, as a superstep reads them, and how many of its vertices have
/// neighbors.
pub(super) type GraphBlocks<E> = (Arc<VertexBlock>, Vec<Entering<E>>, usize);

/// The forms of the edges that a superstep reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Forms {
    pub(super) by_source: bool,
    pub(super) by_target: bool,
}

impl Forms {
    /// The forms in which a graph has its edges already.
    pub(super) fn of<V: Data, E: Data>(graph: &Graph<V, E>, direction: Direction) -> Self {
        let mut forms = Self { by_source: true, by_target: true };
        for reversed in direction.reversals() {
            let [by_source, by_target] = graph.is_sorted(*reversed);
            forms.by_source &= by_source;
            forms.by_target &= by_target;
        }
        forms
    }
}

/// Joins what a superstep needs of the graph, partition by partition: handles on the graph's
/// blocks. Of a graph that is kept encoded or on disk, a partition is decoded for its turn in
/// each superstep.
pub(super) fn graph_blocks<V: Data, E: Data>(
    graph: &Graph<V, E>,
    direction: Direction,
    forms: Forms,
) -> Result<Rdd<GraphBlocks<E>>> {
    let mut blocks = graph.vertices.map(move |vertices| {
        let connected = connected(&vertices, direction);
        (vertices, Vec::new(), connected)
    });
    for reversed in direction.reversals() {
        let (edges, _) = graph.edges_and_hubs(*reversed)?;
        blocks = joined(&blocks, &edges, |entering: &mut Vec<_>, block| {
            entering.push(Entering { block, by_source: None, by_target: None });
        });
        if forms.by_source {
            let sorted = graph.edges_by_source(*reversed)?;
            blocks = joined(&blocks, &sorted, |entering: &mut Vec<Entering<_>>, sorted| {
                if let Some(last) = entering.last_mut() {
                    last.by_source = Some(sorted);
                }
            });
        }
        if forms.by_target {
            let sorted = graph.edges_by_target(*reversed)?;
            blocks = joined(&blocks, &sorted, |entering: &mut Vec<Entering<_>>, sorted| {
                if let Some(last) = entering.last_mut() {
                    last.by_target = Some(sorted);
                }
            });
        }
    }
    Ok(blocks)
}

/// Adds blocks of the edges to blocks of the graph, partition by partition.
fn joined<E: Data, T: Data>(
    blocks: &Rdd<GraphBlocks<E>>,
    edges: &Rdd<Arc<T>>,
    add: impl Fn(&mut Vec<Entering<E>>, Arc<T>) + Send + Sync + Copy + 'static,
) -> Rdd<GraphBlocks<E>> {
    blocks.zip_nodes(edges, "graph_blocks", None, move |blocks, edges| {
        Ok(Box::new(blocks.zip(edges).map(move |((vertices, mut entering, connected), edges)| {
            add(&mut entering, edges);
            (vertices, entering, connected)
        })))
    })
}

/// Returns an RDD of blocks with one more partition, kept without lineage.
pub(super) fn with_partition<T: Data>(
    blocks: &Rdd<T>,
    block: T,
    level: StorageLevel,
) -> Result<Rdd<T>> {
    let added = blocks.derived_source("created", 1, move |_| {
        Ok(Box::new(std::iter::once(block.clone())) as Rows<T>)
    });
    Rdd::union_nodes(blocks.runtime(), &[blocks.clone(), added]).local_checkpoint(level)
}
