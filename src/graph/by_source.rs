//! The edges into one partition, to be looked up by source: what a sparse superstep reads.
//!
//! For each source partition, the sources that have edges here, ascending, and under each the local
//! ids of its targets. Following the edges of a few active vertices costs a search for each of
//! them and their edges, whatever the size of the graph. It is made from the grid of the same
//! partition, so nothing moves.
//!
//! Takes 4 bytes an edge, 8 for each source of each cell, and the edges' values.

use serde::{Deserialize, Serialize};

use super::edge_block::EdgeBlock;
use super::layout::Layout;

/// The edges into one partition by source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BySource<E> {
    /// The source partitions that edges come from, with the end of each one's part of `sources`.
    cells: Vec<(usize, usize)>,
    /// Local ids of sources, cell after cell.
    #[serde(with = "crate::codec::packed")]
    sources: Vec<u32>,
    /// Where each source's edges end.
    #[serde(with = "crate::codec::packed")]
    ends: Vec<u32>,
    /// Local ids of targets.
    #[serde(with = "crate::codec::packed")]
    targets: Vec<u32>,
    values: Vec<E>,
}

/// The edges from one partition by source.
pub(crate) struct SourceCell<'a, E> {
    block: &'a BySource<E>,
    /// The cell's first entry in the block's `sources`.
    first: usize,
    sources: &'a [u32],
}

impl<E: Clone> BySource<E> {
    /// Sorts the edges of a grid by source, source partition by source partition.
    pub(crate) fn new(block: &EdgeBlock<E>, layout: &Layout) -> Self {
        let count = block.grid.edge_count();
        let mut sorted = Self {
            cells: Vec::new(),
            sources: Vec::new(),
            ends: Vec::new(),
            targets: vec![0; count],
            values: Vec::with_capacity(count),
        };
        let mut places = vec![0_u32; if size_of::<E>() == 0 { 0 } else { count }];
        // One more than a partition's vertices: the place of each one's next edge.
        let mut next = vec![0_u32; layout.partition_size() + 1];
        let mut first = 0;
        let partitions: Vec<_> = block.grid.source_partitions().collect();
        for partition in partitions {
            let vertices = layout.range(partition).len();
            block.grid.for_each_edge_from(partition, |source| next[source + 1] += 1);
            for source in 0..vertices {
                let edges = next[source + 1];
                next[source + 1] += next[source];
                if edges > 0 {
                    sorted.sources.push(source as u32);
                    sorted.ends.push(first + next[source + 1]);
                }
            }
            let total = next[vertices];
            // The order of a source's targets does not matter; parallel edges are of one row and
            // keep theirs.
            block.grid.for_each_edge_in(partition, |source, target, place| {
                let at = (first + next[source]) as usize;
                next[source] += 1;
                sorted.targets[at] = target as u32;
                if let Some(entry) = places.get_mut(at) {
                    *entry = place as u32;
                }
            });
            first += total;
            next[..=vertices].fill(0);
            sorted.cells.push((partition, sorted.sources.len()));
        }
        if places.is_empty() {
            sorted.values.clone_from(&block.values);
        } else {
            sorted.values.extend(places.iter().map(|place| block.values[*place as usize].clone()));
        }
        sorted
    }

    /// The cells that have edges, with their source partitions, ascending.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, SourceCell<'_, E>)> {
        let firsts = std::iter::once(0).chain(self.cells.iter().map(|(_, end)| *end));
        self.cells.iter().zip(firsts).map(|((partition, end), first)| {
            (*partition, SourceCell { block: self, first, sources: &self.sources[first..*end] })
        })
    }

    /// The cell of one source partition, if it has edges.
    pub(crate) fn cell(&self, partition: usize) -> Option<SourceCell<'_, E>> {
        let at = self.cells.binary_search_by_key(&partition, |(partition, _)| *partition).ok()?;
        let first = at.checked_sub(1).map_or(0, |before| self.cells[before].1);
        Some(SourceCell { block: self, first, sources: &self.sources[first..self.cells[at].1] })
    }
}

impl<E> SourceCell<'_, E> {
    /// Calls `visit` with the target and the value of every edge of the given sources, which
    /// ascend and are `count`, along with what is given beside each source.
    pub(crate) fn for_each_edge_of<M>(
        &self,
        count: usize,
        senders: impl Iterator<Item = (u32, M)>,
        mut visit: impl FnMut(usize, &M, &E),
    ) {
        // A search among the sources that are left costs less than walking past them while the
        // senders are few.
        let search = count * 16 < self.sources.len();
        let mut at = 0;
        for (sender, message) in senders {
            if search {
                at += self.sources[at..].partition_point(|source| *source < sender);
            } else {
                while self.sources.get(at).is_some_and(|source| *source < sender) {
                    at += 1;
                }
            }
            match self.sources.get(at) {
                None => return,
                Some(source) if *source != sender => {}
                Some(_) => {
                    let entry = self.first + at;
                    let start = entry.checked_sub(1).map_or(0, |before| self.block.ends[before]);
                    let edges = start as usize..self.block.ends[entry] as usize;
                    let targets = &self.block.targets[edges.clone()];
                    for (target, edge) in targets.iter().zip(&self.block.values[edges]) {
                        visit(*target as usize, &message, edge);
                    }
                    at += 1;
                }
            }
        }
    }
}
