//! The edges into one partition, to be looked up by target: what a superstep reads that looks for
//! a message only on behalf of the vertices that still want one, and may stop at the first.
//!
//! Under each vertex the dense ids of the sources of its edges, those of hubs first, ascending. Takes 4 bytes an edge, 4
//! a vertex, and the edges' values; made from the grid of the same partition.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::edge_block::EdgeBlock;
use super::hubs::Hubs;
use super::layout::Layout;

/// The edges into one partition by target.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ByTarget<E> {
    /// Where each vertex's edges end.
    #[serde(with = "crate::codec::packed")]
    ends: Vec<u32>,
    /// Dense ids of sources.
    #[serde(with = "crate::codec::packed")]
    pub(crate) sources: Vec<u32>,
    pub(crate) values: Vec<E>,
}

impl<E: Clone> ByTarget<E> {
    /// Sorts the edges of a grid by target; `vertices` is the size of the partition they enter.
    pub(crate) fn new(
        block: &EdgeBlock<E>,
        (layout, hubs): (&Layout, &Hubs),
        vertices: usize,
    ) -> Self {
        let count = block.grid.edge_count();
        let mut next = vec![0_u32; vertices + 1];
        block.grid.for_each_edge(|_, _, target, _| next[target + 1] += 1);
        for target in 0..vertices {
            next[target + 1] += next[target];
        }
        let mut sources = vec![0; count];
        let mut places = vec![0_u32; if size_of::<E>() == 0 { 0 } else { count }];
        block.grid.for_each_edge(|origin, source, target, place| {
            let at = next[target] as usize;
            next[target] += 1;
            sources[at] = hubs.dense(layout, origin, source);
            if let Some(entry) = places.get_mut(at) {
                *entry = place as u32;
            }
        });
        next.pop();
        let values = if places.is_empty() {
            block.values.clone()
        } else {
            places.iter().map(|place| block.values[*place as usize].clone()).collect()
        };
        Self { ends: next, sources, values }
    }

    /// Where a vertex's edges are in `sources` and `values`.
    #[inline]
    pub(crate) fn places(&self, target: usize) -> Range<usize> {
        let start = target.checked_sub(1).map_or(0, |before| self.ends[before]) as usize;
        start..self.ends[target] as usize
    }
}
