//! The edges into one partition, to be looked up by source: what a sparse superstep reads.
//!
//! For the [hubs](super::hubs) and for each source partition, the set of the sources that have edges here, and under each source the
//! local ids of its targets. Following the edges of some active vertices costs a look at the set
//! for each of them, and their edges, whatever the size of the graph. It is made from the grid of
//! the same partition, so nothing moves.
//!
//! Takes 4 bytes an edge, 4 for each source of each cell, its place in the set (1.5 bits a vertex
//! of the source partition, or 4 bytes where sources are few), and the edges' values.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::edge_block::EdgeBlock;
use super::hubs::{Hubs, Origin};
use super::layout::Layout;

/// The edges into one partition by source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BySource<E> {
    /// By origin; those without edges are left out.
    cells: Vec<CellSources>,
    /// Where each source's edges end, cell after cell.
    #[serde(with = "crate::codec::packed")]
    ends: Vec<u32>,
    /// Local ids of targets.
    #[serde(with = "crate::codec::packed")]
    targets: Vec<u32>,
    values: Vec<E>,
}

/// The sources of one cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct CellSources {
    origin: Origin,
    /// The place of the first source in `ends`.
    first: usize,
    sources: Sources,
}

/// A set of local ids, each with its rank among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Sources {
    /// The set, and how many members are before each of its words.
    Many(Bits, #[serde(with = "crate::codec::packed")] Vec<u32>),
    /// Few members, ascending.
    Few(#[serde(with = "crate::codec::packed")] Vec<u32>),
}

/// Up to one source in so many vertices, they are listed: the list is shorter than the bitmap.
const FEW: usize = 32;

/// The vertices that sent, in the form that is at hand.
pub(crate) enum Senders<'a> {
    /// As a set.
    Many(&'a Bits),
    /// As a list, ascending.
    Few(&'a [u32]),
}

/// The edges from one partition by source.
pub(crate) struct SourceCell<'a, E> {
    block: &'a BySource<E>,
    cell: &'a CellSources,
}

impl<E: Clone> BySource<E> {
    /// Sorts the edges of a grid by source, origin by origin.
    pub(crate) fn new(block: &EdgeBlock<E>, layout: &Layout, hubs: &Hubs) -> Self {
        let count = block.grid.edge_count();
        let mut sorted = Self {
            cells: Vec::new(),
            ends: Vec::new(),
            targets: vec![0; count],
            values: Vec::new(),
        };
        let mut places = vec![0_u32; if size_of::<E>() == 0 { 0 } else { count }];
        // The place of each source's next edge; one more than a cell has sources.
        let mut next = vec![0_u32; layout.partition_size().max(hubs.len()) + 1];
        let mut first = 0;
        for origin in block.grid.origins() {
            let vertices = hubs.source_count(layout, origin);
            block.grid.for_each_edge_from(origin, |source| next[source + 1] += 1);
            let first_source = sorted.ends.len();
            let mut sources = Bits::new(vertices);
            for source in 0..vertices {
                let edges = next[source + 1];
                next[source + 1] += next[source];
                if edges > 0 {
                    sources.insert(source);
                    sorted.ends.push(first + next[source + 1]);
                }
            }
            let total = next[vertices];
            // The order of a source's targets does not matter; parallel edges are of one row and
            // keep theirs.
            block.grid.for_each_edge_in(origin, |source, target, place| {
                let at = (first + next[source]) as usize;
                next[source] += 1;
                sorted.targets[at] = target as u32;
                if let Some(entry) = places.get_mut(at) {
                    *entry = place as u32;
                }
            });
            first += total;
            next[..=vertices].fill(0);
            let sources = Sources::new(sources, sorted.ends.len() - first_source, vertices);
            sorted.cells.push(CellSources { origin, first: first_source, sources });
        }
        sorted.values = if places.is_empty() {
            block.values.clone()
        } else {
            places.iter().map(|place| block.values[*place as usize].clone()).collect()
        };
        sorted
    }

    /// The cells that have edges, with their origins, ascending.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (Origin, SourceCell<'_, E>)> {
        self.cells.iter().map(|cell| (cell.origin, SourceCell { block: self, cell }))
    }

    /// The cell of one origin, if it has edges.
    pub(crate) fn cell(&self, origin: Origin) -> Option<SourceCell<'_, E>> {
        let at = self.cells.binary_search_by_key(&origin, |cell| cell.origin).ok()?;
        Some(SourceCell { block: self, cell: &self.cells[at] })
    }
}

impl Sources {
    fn new(sources: Bits, count: usize, vertices: usize) -> Self {
        if count * FEW <= vertices {
            return Self::Few(sources.iter().map(|source| source as u32).collect());
        }
        let before = sources.ranks();
        Self::Many(sources, before)
    }
}

impl<'a, E> SourceCell<'a, E> {
    /// Calls `visit` with each sender that has edges here, ascending: with its place in the list
    /// or else its local id, and with the places of its [edges](Self::edges), which are not read.
    #[inline(always)]
    pub(crate) fn for_each_source(
        &self,
        senders: &Senders<'_>,
        mut visit: impl FnMut(usize, Range<usize>),
    ) {
        match (&self.cell.sources, senders) {
            (Sources::Many(sources, before), Senders::Many(senders)) => {
                let words = sources.words().iter().zip(senders.words()).zip(before);
                for (index, ((sources, senders), before)) in words.enumerate() {
                    let mut both = sources & senders;
                    while both != 0 {
                        let bit = both & both.wrapping_neg();
                        both ^= bit;
                        let rank = *before + (sources & (bit - 1)).count_ones();
                        let source = index * 64 + bit.trailing_zeros() as usize;
                        visit(source, self.places(rank as usize));
                    }
                }
            }
            (Sources::Many(sources, before), Senders::Few(senders)) => {
                for (place, sender) in senders.iter().enumerate() {
                    let sender = *sender as usize;
                    if sources.contains(sender) {
                        let below = sources.words()[sender / 64] & ((1 << (sender % 64)) - 1);
                        let rank = before[sender / 64] + below.count_ones();
                        visit(place, self.places(rank as usize));
                    }
                }
            }
            (Sources::Few(sources), Senders::Many(senders)) => {
                for (rank, source) in sources.iter().enumerate() {
                    if senders.contains(*source as usize) {
                        visit(*source as usize, self.places(rank));
                    }
                }
            }
            (Sources::Few(sources), Senders::Few(senders)) => {
                let mut at = 0;
                for (place, sender) in senders.iter().enumerate() {
                    at += sources[at..].partition_point(|source| source < sender);
                    if sources.get(at) == Some(sender) {
                        visit(place, self.places(at));
                    }
                }
            }
        }
    }

    /// The targets and values of edges.
    #[inline(always)]
    pub(crate) fn edges(&self, places: Range<usize>) -> (&'a [u32], &'a [E]) {
        (&self.block.targets[places.clone()], &self.block.values[places])
    }

    /// Where the edges of a source are.
    #[inline(always)]
    fn places(&self, rank: usize) -> Range<usize> {
        let at = self.cell.first + rank;
        let start = at.checked_sub(1).map_or(0, |before| self.block.ends[before]) as usize;
        start..self.block.ends[at] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::super::edge_block::pack;
    use super::*;

    #[test]
    fn senders_find_their_edges_in_every_form() {
        let layout = Layout::new(3_000, Some(3));
        // Partition 0 has many sources here, partition 2 few.
        let mut edges: Vec<_> = (0..900).map(|n| pack(n, n % 70)).collect();
        edges.extend((0..900).filter(|n| n % 3 == 0).map(|n| pack(n, 999)));
        edges.extend([pack(2_100, 5), pack(2_100, 6), pack(2_999, 5)]);
        edges.sort_unstable();
        let values: Vec<u32> = (0..edges.len() as u32).collect();
        let block = EdgeBlock::from_sorted(&edges, values, (&layout, &Hubs::default()), 1_000);
        let by_source = BySource::new(&block, &layout, &Hubs::default());
        let lists: [&[u32]; 3] = [&[], &[0, 3, 100, 899, 950, 999], &[1, 99, 100, 999]];
        for list in lists {
            let mut set = Bits::new(1_000);
            list.iter().for_each(|sender| set.insert(*sender as usize));
            for senders in [Senders::Few(list), Senders::Many(&set)] {
                for (origin, cell) in by_source.cells() {
                    assert!(by_source.cell(origin).is_some());
                    let mut found = Vec::new();
                    cell.for_each_source(&senders, |place, edges| {
                        let source = match senders {
                            Senders::Few(list) => list[place],
                            Senders::Many(_) => place as u32,
                        };
                        let (targets, values) = cell.edges(edges);
                        let ends = targets.iter().map(|target| (source, *target));
                        found.extend(ends.zip(values.iter().copied()));
                    });
                    found.sort_unstable();
                    let first = Hubs::default().dense(&layout, origin, 0);
                    let own = edges.iter().zip(0..).filter_map(|(edge, value)| {
                        let source = ((edge >> 32) as u32).checked_sub(first)?;
                        list.contains(&source).then_some(((source, *edge as u32), value))
                    });
                    assert!(found.into_iter().eq(own), "{list:?} from {origin:?}");
                }
                assert!(by_source.cell(Origin::Partition(1)).is_none());
            }
        }
    }
}
