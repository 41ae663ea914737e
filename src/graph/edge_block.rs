//! One row of the edge grid: all edges into one partition, cut into cells by source partition, with
//! one more cell for the edges of [hubs](super::hubs), which comes first.
//!
//! A cell lists its *rows*, one for each target that has edges here, and under each row the local
//! ids of the edges' sources, ascending. Rows come by their number of edges, those with one first,
//! then those with two, up to [`SHORT`], and then the longer ones, shortest first, whose lengths are
//! listed; rows of one length come by target:
//!
//! ```text
//! cell (p → q): edges 3→5, 3→8, 7→5, 7→6, 7→8, 9→0
//!
//! rows     [ 0  6 | 5    8   ]     short_rows [2, 2, 0, …]: two of one edge, two of two
//! sources  [ 9  7 | 3 7  3 7 ]
//! ```
//!
//! So walking a cell is a loop of fixed length for each length of row, without a branch that
//! depends on an edge: it reads the sources' values at random within one partition, which fits a
//! second-level cache, and touches each target once.
//!
//! Local ids take 16 bits where partitions have at most 2^16 vertices, 32 bits otherwise, and the
//! numbers of hubs always 16. Entries
//! are in range by construction: each comes from the place that the layout gives a vertex. Cells
//! ascend by source partition and rows by source, so the messages of a target merge in the order
//! of their sources, whatever the number of partitions.
//!
//! Source: grid blocking after Zhu et al., *GridGraph* (USENIX ATC 2015) and Zhang et al., *Making
//! Caches Work for Graph Analytics* (IEEE BigData 2017), section 3 (CSR segmenting); rows by length
//! after Kreutzer et al., *A Unified Sparse Matrix Data Format* (SIAM J. Sci. Comput. 36(5), 2014).

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::build::Duplicates;
use super::grid_draft::Draft;
use super::hubs::{Hubs, Origin};
use super::keys::Keying;
use super::layout::Layout;
use super::ordered::{Ordered, Pair};
use super::runs::{EdgeRun, gathered_values};

/// Rows of up to so many edges are sorted by their number.
pub(crate) const SHORT: usize = 8;

/// A local vertex id in a width of its own.
pub(crate) trait Local: Copy + Send + Sync + 'static {
    /// The id.
    fn local(self) -> usize;
    /// Makes an entry of an id that fits.
    fn new(local: u32) -> Self;
}

macro_rules! local {
    ($int:ty) => {
        impl Local for $int {
            #[inline(always)]
            fn local(self) -> usize {
                self as usize
            }

            #[inline(always)]
            fn new(local: u32) -> Self {
                local as $int
            }
        }
    };
}

local!(u16);
local!(u32);

/// Rows and sources of all cells, cell after cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "L: crate::codec::packed::Packed")]
pub(crate) struct Columns<L> {
    #[serde(with = "crate::codec::packed")]
    pub(super) rows: Vec<L>,
    #[serde(with = "crate::codec::packed")]
    pub(super) sources: Vec<L>,
    /// The sources of the first cell, where it is that of the hubs.
    #[serde(with = "crate::codec::packed")]
    pub(super) hubs: Vec<u16>,
}

/// Columns in the width that the partition size asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Streams {
    /// Partitions of at most 2^16 vertices.
    Narrow(Columns<u16>),
    /// Larger partitions.
    Wide(Columns<u32>),
}

impl From<Columns<u16>> for Streams {
    fn from(columns: Columns<u16>) -> Self {
        Self::Narrow(columns)
    }
}

impl From<Columns<u32>> for Streams {
    fn from(columns: Columns<u32>) -> Self {
        Self::Wide(columns)
    }
}

/// The edges from one partition or from the hubs: where they stand in the columns.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct CellHeader {
    pub(super) origin: Origin,
    pub(super) first_row: usize,
    pub(super) first_edge: usize,
    pub(super) first_long: usize,
    /// How many rows have 1, 2, … edges.
    pub(super) short_rows: [u32; SHORT],
}

/// The edges from one partition, or from the hubs, into a partition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'a, L, S = L> {
    pub(crate) origin: Origin,
    /// The targets' local ids.
    pub(crate) rows: &'a [L],
    /// The sources' local ids, or their numbers among the hubs, row after row.
    pub(crate) sources: &'a [S],
    /// How many rows have 1, 2, … edges.
    pub(crate) short_rows: [u32; SHORT],
    /// How many edges each of the other rows has.
    pub(crate) long_rows: &'a [u32],
    /// The place of the cell's first edge among the block's.
    pub(crate) first_edge: usize,
}

/// The structure of all edges into one partition.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grid {
    /// Cells that have edges, by origin.
    cells: Vec<CellHeader>,
    #[serde(with = "crate::codec::packed")]
    long_rows: Vec<u32>,
    pub(crate) streams: Streams,
    /// The vertices that some edge enters.
    pub(crate) entered: Bits,
}

/// The edges into one partition with their values, in the order of the grid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EdgeBlock<E> {
    pub(crate) grid: Arc<Grid>,
    pub(crate) values: Vec<E>,
}

/// An edge on its way to its block: source in the high half, target's local id in the low half,
/// so that ordinary order is by source and then by target.
pub(crate) fn pack(source: u32, target: u32) -> u64 {
    u64::from(source) << 32 | u64::from(target)
}

/// Takes apart what [`pack`] put together.
pub(crate) fn unpack(edge: u64) -> (u32, u32) {
    ((edge >> 32) as u32, edge as u32)
}

impl<E: Clone> EdgeBlock<E> {
    /// Lays out edges that are sorted by [`pack`]ed key, with their values. `vertices` is the size
    /// of the partition they enter.
    pub(crate) fn from_sorted(
        edges: &[u64],
        values: Vec<E>,
        places: (&Layout, &Hubs),
        vertices: usize,
    ) -> Self {
        let valued = size_of::<E>() > 0;
        if is_narrow(places.0) {
            Self::new(Ordered::<u32>::from_sorted(edges, places, valued), values, vertices)
        } else {
            Self::new(Ordered::<u64>::from_sorted(edges, places, valued), values, vertices)
        }
    }

    /// Lays out the edges of all runs of a partition.
    pub(super) fn from_runs(
        runs: Vec<Arc<EdgeRun<E>>>,
        partition: usize,
        keying: &Keying,
        hubs: &Hubs,
        duplicates: Duplicates,
    ) -> Self {
        let vertices = keying.layout.range(partition).len();
        if is_narrow(&keying.layout) {
            let ordered = Ordered::<u32>::from_runs(&runs, partition, keying, hubs, duplicates);
            let values = gathered_values(&runs, keying.groups, ordered.len());
            drop(runs);
            Self::new(ordered, values, vertices)
        } else {
            let ordered = Ordered::<u64>::from_runs(&runs, partition, keying, hubs, duplicates);
            let values = gathered_values(&runs, keying.groups, ordered.len());
            drop(runs);
            Self::new(ordered, values, vertices)
        }
    }

    fn new<P: Pair>(ordered: Ordered<'_, P>, values: Vec<E>, vertices: usize) -> Self
    where
        Streams: From<Columns<P::Id>>,
    {
        let mut draft = Draft::new(vertices);
        let streams = draft.lay_out(ordered).into();
        let Draft { cells, long_rows, places, entered, .. } = draft;
        let values = if places.is_empty() {
            values
        } else {
            places.iter().map(|place| values[*place as usize].clone()).collect()
        };
        Self { grid: Arc::new(Grid { cells, long_rows, streams, entered }), values }
    }
}

/// True where local ids take 16 bits.
fn is_narrow(layout: &Layout) -> bool {
    layout.partition_size() <= 1 << 16
}

impl Grid {
    /// How many edges there are.
    pub(crate) fn edge_count(&self) -> usize {
        match &self.streams {
            Streams::Narrow(columns) => columns.hubs.len() + columns.sources.len(),
            Streams::Wide(columns) => columns.hubs.len() + columns.sources.len(),
        }
    }

    /// Where edges come from, ascending.
    pub(crate) fn origins(&self) -> impl Iterator<Item = Origin> {
        self.cells.iter().map(|cell| cell.origin)
    }

    /// True when some edge comes from `origin`.
    pub(crate) fn has(&self, origin: Origin) -> bool {
        self.cells.binary_search_by_key(&origin, |cell| cell.origin).is_ok()
    }

    /// The cells of partitions, in their order.
    pub(crate) fn cells<'a, L: Local>(
        &'a self,
        columns: &'a Columns<L>,
    ) -> impl Iterator<Item = Cell<'a, L>> {
        let hubs = columns.hubs.len();
        let first = usize::from(self.has(Origin::Hubs));
        (first..self.cells.len())
            .map(move |index| self.cell_at(&columns.rows, &columns.sources, hubs, index))
    }

    /// The cell of the hubs, if it has edges; it comes before the others.
    pub(crate) fn hub_cell<'a, L: Local>(
        &'a self,
        columns: &'a Columns<L>,
    ) -> Option<Cell<'a, L, u16>> {
        self.has(Origin::Hubs).then(|| self.cell_at(&columns.rows, &columns.hubs, 0, 0))
    }

    /// The cell of a partition, if it has edges.
    fn cell<'a, L: Local>(
        &'a self,
        columns: &'a Columns<L>,
        partition: usize,
    ) -> Option<Cell<'a, L>> {
        let origin = Origin::Partition(partition);
        let at = self.cells.binary_search_by_key(&origin, |cell| cell.origin).ok()?;
        Some(self.cell_at(&columns.rows, &columns.sources, columns.hubs.len(), at))
    }

    /// A cell, the sources of which are in a column that begins with the given edge.
    fn cell_at<'a, L, S>(
        &'a self,
        rows: &'a [L],
        sources: &'a [S],
        first_edge: usize,
        index: usize,
    ) -> Cell<'a, L, S> {
        let cell = &self.cells[index];
        let next = self.cells.get(index + 1);
        let rows_end = next.map_or(rows.len(), |next| next.first_row);
        let edges_end = next.map_or(sources.len(), |next| next.first_edge - first_edge);
        let long_end = next.map_or(self.long_rows.len(), |next| next.first_long);
        Cell {
            origin: cell.origin,
            rows: &rows[cell.first_row..rows_end],
            sources: &sources[cell.first_edge - first_edge..edges_end],
            short_rows: cell.short_rows,
            long_rows: &self.long_rows[cell.first_long..long_end],
            first_edge: cell.first_edge,
        }
    }

    /// Calls `visit` with the source's local id for every edge from `origin`.
    pub(crate) fn for_each_edge_from(&self, origin: Origin, visit: impl FnMut(usize)) {
        fn walk<L: Local, S: Local>(cell: Option<Cell<'_, L, S>>, visit: impl FnMut(usize)) {
            let sources = cell.map_or(&[][..], |cell| cell.sources);
            sources.iter().map(|source| source.local()).for_each(visit);
        }
        match (&self.streams, origin) {
            (Streams::Narrow(columns), Origin::Hubs) => walk(self.hub_cell(columns), visit),
            (Streams::Wide(columns), Origin::Hubs) => walk(self.hub_cell(columns), visit),
            (Streams::Narrow(columns), Origin::Partition(at)) => {
                walk(self.cell(columns, at), visit);
            }
            (Streams::Wide(columns), Origin::Partition(at)) => walk(self.cell(columns, at), visit),
        }
    }

    /// Calls `visit` with the source's local id, the target's local id and the place in the values
    /// of every edge from `origin`, in the order of the grid.
    pub(crate) fn for_each_edge_in(
        &self,
        origin: Origin,
        mut visit: impl FnMut(usize, usize, usize),
    ) {
        let mut visit = |_, source, target, place| visit(source, target, place);
        match (&self.streams, origin) {
            (Streams::Narrow(columns), Origin::Hubs) => {
                self.hub_cell(columns).iter().for_each(|cell| cell.for_each_edge(&mut visit));
            }
            (Streams::Wide(columns), Origin::Hubs) => {
                self.hub_cell(columns).iter().for_each(|cell| cell.for_each_edge(&mut visit));
            }
            (Streams::Narrow(columns), Origin::Partition(at)) => {
                self.cell(columns, at).iter().for_each(|cell| cell.for_each_edge(&mut visit));
            }
            (Streams::Wide(columns), Origin::Partition(at)) => {
                self.cell(columns, at).iter().for_each(|cell| cell.for_each_edge(&mut visit));
            }
        }
    }

    /// Calls `visit` with the target's local id and the places of the edges in its cell for every
    /// row.
    pub(crate) fn for_each_row(&self, mut visit: impl FnMut(usize, Range<usize>)) {
        fn walk<L: Local>(
            grid: &Grid,
            columns: &Columns<L>,
            visit: &mut impl FnMut(usize, Range<usize>),
        ) {
            grid.hub_cell(columns).iter().for_each(|cell| cell.for_each_row(&mut *visit));
            grid.cells(columns).for_each(|cell| cell.for_each_row(&mut *visit));
        }
        match &self.streams {
            Streams::Narrow(columns) => walk(self, columns, &mut visit),
            Streams::Wide(columns) => walk(self, columns, &mut visit),
        }
    }

    /// Calls `visit` with the origin, the source's local id, the target's local id and the place in
    /// the values of every edge, in the order of the grid.
    pub(crate) fn for_each_edge(&self, mut visit: impl FnMut(Origin, usize, usize, usize)) {
        fn walk<L: Local>(
            grid: &Grid,
            columns: &Columns<L>,
            visit: &mut impl FnMut(Origin, usize, usize, usize),
        ) {
            grid.hub_cell(columns).iter().for_each(|cell| cell.for_each_edge(visit));
            grid.cells(columns).for_each(|cell| cell.for_each_edge(visit));
        }
        match &self.streams {
            Streams::Narrow(columns) => walk(self, columns, &mut visit),
            Streams::Wide(columns) => walk(self, columns, &mut visit),
        }
    }
}

impl<L: Local, S: Local> Cell<'_, L, S> {
    /// Calls `visit` with each row's target and the places of its edges in `sources`.
    pub(crate) fn for_each_row(&self, mut visit: impl FnMut(usize, Range<usize>)) {
        let short = self.short_rows.iter().zip(1..);
        let short = short.flat_map(|(rows, edges)| std::iter::repeat_n(edges, *rows as usize));
        let long = self.long_rows.iter().map(|edges| *edges as usize);
        let mut first = 0;
        for (target, edges) in self.rows.iter().zip(short.chain(long)) {
            visit(target.local(), first..first + edges);
            first += edges;
        }
    }

    /// Calls `visit` with the origin, the source's and the target's local ids and the place in the
    /// block of each edge.
    fn for_each_edge(&self, visit: &mut impl FnMut(Origin, usize, usize, usize)) {
        self.for_each_row(|target, edges| {
            for edge in edges {
                visit(self.origin, self.sources[edge].local(), target, self.first_edge + edge);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges in the order of the grid, as source, target and place among the sorted edges.
    fn walked(block: &EdgeBlock<u32>, (layout, hubs): (&Layout, &Hubs)) -> Vec<(u32, u32, u32)> {
        let mut walked = Vec::new();
        block.grid.for_each_edge(|origin, source, target, place| {
            let source = hubs.dense(layout, origin, source);
            walked.push((source, target as u32, block.values[place]));
        });
        walked
    }

    #[test]
    fn a_grid_gives_back_its_edges_and_their_values_in_both_widths_with_and_without_hubs() {
        for partition_size in [40_u32, 1 << 17] {
            let vertices = partition_size as usize * 3;
            let layout = Layout::new(vertices, Some(3));
            let mut edges = Vec::new();
            for source in 0..60 {
                let source = source * (partition_size / 20);
                // Vertex 7 has a long row, the others short ones of every length.
                edges.push(pack(source, 7));
                edges.extend((0..source % 23).map(|target| pack(source, target)));
            }
            edges.sort_unstable();
            let values: Vec<u32> = (0..edges.len() as u32).collect();
            let size = partition_size as usize;
            let mut counts = vec![0_u32; vertices];
            edges.iter().for_each(|edge| counts[unpack(*edge).0 as usize] += 1);
            for hubs in [Hubs::default(), Hubs::choose(Some(9), &layout, |at| counts[at])] {
                let block = EdgeBlock::from_sorted(&edges, values.clone(), (&layout, &hubs), size);
                let mut walked = walked(&block, (&layout, &hubs));
                assert_eq!(block.grid.edge_count(), edges.len());
                // Within a target, hubs come first by number, and then edges in the order in which
                // they were sorted.
                let mut last = vec![(0, 0); size];
                for (source, target, place) in &walked {
                    let order = (hubs.number(*source).unwrap_or(u32::MAX), *place);
                    assert!(last[*target as usize] <= order);
                    last[*target as usize] = order;
                }
                walked.sort_by_key(|(_, _, place)| *place);
                let expected = edges.iter().zip(0..).map(|(edge, place)| {
                    let (source, target) = unpack(*edge);
                    (source, target, place)
                });
                assert!(walked.into_iter().eq(expected));
                let partitions = [0, 1, 2].map(Origin::Partition);
                let origins = block.grid.origins().filter(|origin| *origin != Origin::Hubs);
                assert!(origins.eq(partitions));
                assert_eq!(block.grid.has(Origin::Hubs), hubs.len() > 0);
                let is_first = |edge: &&u64| {
                    let source = unpack(**edge).0;
                    source < partition_size && hubs.number(source).is_none()
                };
                let mut count = 0;
                block.grid.for_each_edge_from(Origin::Partition(0), |_| count += 1);
                assert_eq!(count, edges.iter().filter(is_first).count());
            }
        }
    }

    #[test]
    fn packing_keeps_source_before_target() {
        assert_eq!(unpack(pack(7, 9)), (7, 9));
        assert!(pack(1, u32::MAX) < pack(2, 0));
    }
}
