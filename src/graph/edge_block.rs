//! One row of the edge grid: all edges into one partition, cut into cells by source partition.
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
//! Local ids take 16 bits where partitions have at most 2^16 vertices, 32 bits otherwise. Entries
//! are in range by construction: each comes from the place that the layout gives a vertex. Cells
//! ascend by source partition and rows by source, so the messages of a target merge in the order
//! of their sources, whatever the number of partitions.
//!
//! Source: grid blocking after Zhu et al., *GridGraph* (USENIX ATC 2015) and Zhang et al., *Making
//! Caches Work for Graph Analytics* (IEEE BigData 2017), section 3 (CSR segmenting); rows by length
//! after Kreutzer et al., *A Unified Sparse Matrix Data Format* (SIAM J. Sci. Comput. 36(5), 2014).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::layout::Layout;

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
    rows: Vec<L>,
    #[serde(with = "crate::codec::packed")]
    sources: Vec<L>,
}

/// Columns in the width that the partition size asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Streams {
    /// Partitions of at most 2^16 vertices.
    Narrow(Columns<u16>),
    /// Larger partitions.
    Wide(Columns<u32>),
}

/// The edges from one partition: where they stand in the columns.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct CellHeader {
    source_partition: usize,
    first_row: usize,
    first_edge: usize,
    first_long: usize,
    /// How many rows have 1, 2, … edges.
    short_rows: [u32; SHORT],
}

/// The edges from one partition into another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<'a, L> {
    pub(crate) source_partition: usize,
    /// The targets' local ids.
    pub(crate) rows: &'a [L],
    /// The sources' local ids, row after row.
    pub(crate) sources: &'a [L],
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
    /// Cells that have edges, by source partition.
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
    pub(crate) grid: std::sync::Arc<Grid>,
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
        layout: &Layout,
        vertices: usize,
    ) -> Self {
        let plain = size_of::<E>() == 0;
        let (grid, places) = Grid::from_sorted(edges, layout, vertices, !plain);
        let values = match places {
            Some(places) => places.iter().map(|place| values[*place as usize].clone()).collect(),
            None => values,
        };
        Self { grid: std::sync::Arc::new(grid), values }
    }
}

impl Grid {
    /// Lays out sorted edges, and tells for each place which edge it has, if `with_places`.
    fn from_sorted(
        edges: &[u64],
        layout: &Layout,
        vertices: usize,
        with_places: bool,
    ) -> (Self, Option<Vec<u32>>) {
        let mut entered = Bits::new(vertices);
        for edge in edges {
            entered.insert(unpack(*edge).1 as usize);
        }
        let mut draft = Draft {
            layout,
            cells: Vec::new(),
            long_rows: Vec::new(),
            counts: vec![0; vertices],
            touched: Vec::new(),
            places: with_places.then(|| vec![0; edges.len()]),
        };
        let streams = if layout.partition_size() <= 1 << 16 {
            Streams::Narrow(draft.lay_out(edges))
        } else {
            Streams::Wide(draft.lay_out(edges))
        };
        let Draft { cells, long_rows, places, .. } = draft;
        (Self { cells, long_rows, streams, entered }, places)
    }

    /// How many edges there are.
    pub(crate) fn edge_count(&self) -> usize {
        match &self.streams {
            Streams::Narrow(columns) => columns.sources.len(),
            Streams::Wide(columns) => columns.sources.len(),
        }
    }

    /// The partitions that edges come from, ascending.
    pub(crate) fn source_partitions(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().map(|cell| cell.source_partition)
    }

    /// The cells, by source partition.
    pub(crate) fn cells<'a, L: Local>(
        &'a self,
        columns: &'a Columns<L>,
    ) -> impl Iterator<Item = Cell<'a, L>> {
        (0..self.cells.len()).map(|index| self.cell_at(columns, index))
    }

    /// Calls `visit` with the source's local id for every edge from `partition`.
    pub(crate) fn for_each_edge_from(&self, partition: usize, visit: impl FnMut(usize)) {
        fn walk<L: Local>(cell: Option<Cell<'_, L>>, visit: impl FnMut(usize)) {
            let sources = cell.map_or(&[][..], |cell| cell.sources);
            sources.iter().map(|source| source.local()).for_each(visit);
        }
        match &self.streams {
            Streams::Narrow(columns) => walk(self.cell(columns, partition), visit),
            Streams::Wide(columns) => walk(self.cell(columns, partition), visit),
        }
    }

    /// Calls `visit` with the source's local id, the target's local id and the place in the values
    /// of every edge from `partition`, in the order of the grid.
    pub(crate) fn for_each_edge_in(
        &self,
        partition: usize,
        mut visit: impl FnMut(usize, usize, usize),
    ) {
        fn walk<L: Local>(cell: &Cell<'_, L>, visit: &mut impl FnMut(usize, usize, usize)) {
            cell.for_each_row(|target, edges| {
                for edge in edges {
                    visit(cell.sources[edge].local(), target, cell.first_edge + edge);
                }
            });
        }
        match &self.streams {
            Streams::Narrow(columns) => {
                self.cell(columns, partition).iter().for_each(|cell| walk(cell, &mut visit));
            }
            Streams::Wide(columns) => {
                self.cell(columns, partition).iter().for_each(|cell| walk(cell, &mut visit));
            }
        }
    }

    /// The cell of one source partition, if it has edges.
    fn cell<'a, L: Local>(
        &'a self,
        columns: &'a Columns<L>,
        partition: usize,
    ) -> Option<Cell<'a, L>> {
        let at = self.cells.binary_search_by_key(&partition, |cell| cell.source_partition).ok()?;
        Some(self.cell_at(columns, at))
    }

    fn cell_at<'a, L: Local>(&'a self, columns: &'a Columns<L>, index: usize) -> Cell<'a, L> {
        let cell = &self.cells[index];
        let next = self.cells.get(index + 1);
        let rows_end = next.map_or(columns.rows.len(), |next| next.first_row);
        let edges_end = next.map_or(columns.sources.len(), |next| next.first_edge);
        let long_end = next.map_or(self.long_rows.len(), |next| next.first_long);
        Cell {
            source_partition: cell.source_partition,
            rows: &columns.rows[cell.first_row..rows_end],
            sources: &columns.sources[cell.first_edge..edges_end],
            short_rows: cell.short_rows,
            long_rows: &self.long_rows[cell.first_long..long_end],
            first_edge: cell.first_edge,
        }
    }

    /// Calls `visit` with the source partition, the source's local id, the target's local id and
    /// the place in the values of every edge, in the order of the grid.
    pub(crate) fn for_each_edge(&self, mut visit: impl FnMut(usize, usize, usize, usize)) {
        fn walk<'a, L: Local>(
            cells: impl Iterator<Item = Cell<'a, L>>,
            mut visit: impl FnMut(usize, usize, usize, usize),
        ) {
            for cell in cells {
                cell.for_each_row(|target, edges| {
                    for edge in edges {
                        let source = cell.sources[edge].local();
                        visit(cell.source_partition, source, target, cell.first_edge + edge);
                    }
                });
            }
        }
        match &self.streams {
            Streams::Narrow(columns) => walk(self.cells(columns), &mut visit),
            Streams::Wide(columns) => walk(self.cells(columns), &mut visit),
        }
    }
}

impl<L: Local> Cell<'_, L> {
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
}

/// What laying out needs from cell to cell.
struct Draft<'a> {
    layout: &'a Layout,
    cells: Vec<CellHeader>,
    long_rows: Vec<u32>,
    /// Edges of a cell into each vertex, and later the place of the next one; 0 between cells.
    counts: Vec<u32>,
    /// The vertices that a cell's edges enter.
    touched: Vec<u32>,
    /// The edge at each place.
    places: Option<Vec<u32>>,
}

impl Draft<'_> {
    fn lay_out<L: Local>(&mut self, edges: &[u64]) -> Columns<L> {
        let mut columns = Columns { rows: Vec::new(), sources: vec![L::new(0); edges.len()] };
        let source_partition = |edge: &u64| self.layout.place(unpack(*edge).0).0;
        let mut first = 0;
        let mut starts = Vec::new();
        while let Some(edge) = edges.get(first) {
            let partition = source_partition(edge);
            starts.push((partition, first));
            let end = self.layout.range(partition).end as u64;
            first += edges[first..].partition_point(|edge| u64::from(unpack(*edge).0) < end);
        }
        for (index, (partition, first)) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(edges.len(), |next| next.1);
            self.cell(*partition, *first, &edges[*first..end], &mut columns);
        }
        columns.rows.shrink_to_fit();
        columns
    }

    /// Lays out the edges of one cell, which begin at place `first`.
    fn cell<L: Local>(
        &mut self,
        source_partition: usize,
        first: usize,
        edges: &[u64],
        columns: &mut Columns<L>,
    ) {
        self.count(edges);
        // Where rows of each length and their edges begin.
        let mut short_rows = [0_u32; SHORT];
        let mut edges_of = [0_u32; SHORT + 1];
        for target in &self.touched {
            let length = self.counts[*target as usize] as usize;
            if length <= SHORT {
                short_rows[length - 1] += 1;
                edges_of[length - 1] += length as u32;
            }
        }
        let (mut next_row, mut next_edge) = ([0; SHORT + 1], [0; SHORT + 1]);
        for class in 0..SHORT {
            next_row[class + 1] = next_row[class] + short_rows[class] as usize;
            next_edge[class + 1] = next_edge[class] + edges_of[class];
        }
        let first_row = columns.rows.len();
        self.cells.push(CellHeader {
            source_partition,
            first_row,
            first_edge: first,
            first_long: self.long_rows.len(),
            short_rows,
        });
        columns.rows.resize(first_row + self.touched.len(), L::new(0));
        let rows = &mut columns.rows[first_row..];
        let mut place = |target: u32, class: usize, count: &mut u32| {
            rows[next_row[class]] = L::new(target);
            next_row[class] += 1;
            let length = std::mem::replace(count, next_edge[class]);
            next_edge[class] += length;
        };
        let mut long = Vec::new();
        for target in &self.touched {
            let count = &mut self.counts[*target as usize];
            match *count as usize - 1 {
                SHORT.. => long.push((*count, *target)),
                class => place(*target, class, count),
            }
        }
        long.sort_unstable();
        for (length, target) in long {
            self.long_rows.push(length);
            place(target, SHORT, &mut self.counts[target as usize]);
        }
        let range = self.layout.range(source_partition);
        let sources = &mut columns.sources[first..first + edges.len()];
        let mut places = self.places.as_mut().map(|places| &mut places[first..]);
        for (edge, at) in edges.iter().zip(first as u32..) {
            let (source, target) = unpack(*edge);
            let place = &mut self.counts[target as usize];
            sources[*place as usize] = L::new(source - range.start as u32);
            if let Some(places) = &mut places {
                places[*place as usize] = at;
            }
            *place += 1;
        }
        for target in self.touched.drain(..) {
            self.counts[target as usize] = 0;
        }
    }

    /// Counts a cell's edges by target, and lists the targets, ascending.
    fn count(&mut self, edges: &[u64]) {
        let few = edges.len() < self.counts.len() / 16;
        for edge in edges {
            let target = unpack(*edge).1;
            let count = &mut self.counts[target as usize];
            if few && *count == 0 {
                self.touched.push(target);
            }
            *count += 1;
        }
        if few {
            self.touched.sort_unstable();
        } else {
            let counts = self.counts.iter().zip(0..);
            self.touched.extend(counts.filter(|(count, _)| **count > 0).map(|(_, at)| at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Edges in the order of the grid, as source, target and place among the sorted edges.
    fn walked(block: &EdgeBlock<u32>, layout: &Layout) -> Vec<(u32, u32, u32)> {
        let mut walked = Vec::new();
        block.grid.for_each_edge(|partition, source, target, place| {
            let source = layout.range(partition).start + source;
            walked.push((source as u32, target as u32, block.values[place]));
        });
        walked
    }

    #[test]
    fn a_grid_gives_back_its_edges_and_their_values_in_both_widths() {
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
            let block = EdgeBlock::from_sorted(&edges, values, &layout, size);
            let mut walked = walked(&block, &layout);
            assert_eq!(block.grid.edge_count(), edges.len());
            // Within a target, edges come in the order in which they were sorted.
            let mut last = vec![0; size];
            for (_, target, place) in &walked {
                assert!(last[*target as usize] <= *place);
                last[*target as usize] = *place;
            }
            walked.sort_by_key(|(_, _, place)| *place);
            let expected = edges.iter().zip(0..).map(|(edge, place)| {
                let (source, target) = unpack(*edge);
                (source, target, place)
            });
            assert!(walked.into_iter().eq(expected));
            assert_eq!(block.grid.source_partitions().collect::<Vec<_>>(), [0, 1, 2]);
            let from_first = edges.iter().filter(|edge| unpack(**edge).0 < partition_size);
            let mut count = 0;
            block.grid.for_each_edge_from(0, |_| count += 1);
            assert_eq!(count, from_first.count());
        }
    }

    #[test]
    fn packing_keeps_source_before_target() {
        assert_eq!(unpack(pack(7, 9)), (7, 9));
        assert!(pack(1, u32::MAX) < pack(2, 0));
    }
}
