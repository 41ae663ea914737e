//! One row of the edge grid: all edges into one partition, cut into cells by source partition.
//!
//! A cell holds a *route* (the local ids of the sources that have edges here, ascending) and a
//! *target stream*: one entry an edge, grouped by source in route order, whose top bit marks the
//! first edge of the next source. Walking a cell is therefore one pass without branches:
//!
//! ```text
//! route   [ 3     7        9 ]         cell (p → q): edges 3→5, 3→8, 7→5, 7→6, 7→8, 9→0
//! targets [ 5* 8  5* 6 8   0* ]        * = top bit
//! ```
//!
//! The same bytes serve values read in place from the source partition (`values[route[r]]`) and
//! values received from another process in route order (`received[r]`). Local ids take 16 bits
//! where partitions have at most 2^15 vertices, 32 bits otherwise. Entries are in
//! range by construction: each comes from the place that the layout gives a vertex. Sources ascend from cell to cell and within a cell, which fixes the order in
//! which messages merge, whatever the number of partitions.
//!
//! Source: grid blocking after Zhu et al., *GridGraph* (USENIX ATC 2015) and Zhang et al., *Making
//! Caches Work for Graph Analytics* (IEEE BigData 2017), section 3 (CSR segmenting).

use serde::{Deserialize, Serialize};

use super::bits::Bits;
use super::layout::Layout;

/// A local vertex id with a mark in its top bit.
pub(crate) trait Local: Copy + Send + Sync + 'static {
    /// 1 if the entry starts the edges of the next source, else 0.
    fn starts(self) -> usize;
    /// The local id without the mark.
    fn local(self) -> usize;
    /// Makes an entry.
    fn new(local: u32, starts: bool) -> Self;
}

macro_rules! local {
    ($int:ty) => {
        impl Local for $int {
            #[inline(always)]
            fn starts(self) -> usize {
                (self >> (<$int>::BITS - 1)) as usize
            }

            #[inline(always)]
            fn local(self) -> usize {
                (self & (<$int>::MAX >> 1)) as usize
            }

            fn new(local: u32, starts: bool) -> Self {
                local as $int | (starts as $int) << (<$int>::BITS - 1)
            }
        }
    };
}

local!(u16);
local!(u32);

/// Routes and targets of all cells of a row, cell after cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "L: crate::codec::packed::Packed")]
pub(crate) struct Columns<L> {
    #[serde(with = "crate::codec::packed")]
    pub(crate) routes: Vec<L>,
    #[serde(with = "crate::codec::packed")]
    pub(crate) targets: Vec<L>,
}

/// Columns in the width that the partition size asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Streams {
    /// Partitions of at most 2^15 vertices.
    Narrow(Columns<u16>),
    /// Larger partitions.
    Wide(Columns<u32>),
}

/// The edges from one partition: where they stand in the columns.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) source_partition: usize,
    /// The cell's first entry in `routes`; its last is before the next cell's first.
    pub(crate) first_route: usize,
    /// The cell's first entry in `targets`.
    pub(crate) first_edge: usize,
}

/// The structure of all edges into one partition.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grid {
    /// Cells that have edges, by source partition.
    cells: Vec<Cell>,
    pub(crate) streams: Streams,
    /// The vertices that some edge enters.
    pub(crate) entered: Bits,
}

/// The edges into one partition with their values, in the order of the target stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EdgeBlock<E> {
    pub(crate) grid: std::sync::Arc<Grid>,
    pub(crate) values: Vec<E>,
}

/// An edge on its way to its block: source in the high half, target's local id in the low half,
/// so that ordinary order is grid order.
pub(crate) fn pack(source: u32, target: u32) -> u64 {
    u64::from(source) << 32 | u64::from(target)
}

/// Takes apart what [`pack`] put together.
pub(crate) fn unpack(edge: u64) -> (u32, u32) {
    ((edge >> 32) as u32, edge as u32)
}

impl Grid {
    /// Lays out edges that are sorted by [`pack`]ed key. `vertices` is the size of the partition
    /// they enter.
    pub(crate) fn from_sorted(edges: &[u64], layout: &Layout, vertices: usize) -> Self {
        let mut entered = Bits::new(vertices);
        for edge in edges {
            entered.insert(unpack(*edge).1 as usize);
        }
        let narrow = layout.partition_size() <= 1 << 15;
        let (cells, streams) = if narrow {
            let (cells, columns) = lay_out(edges, layout);
            (cells, Streams::Narrow(columns))
        } else {
            let (cells, columns) = lay_out(edges, layout);
            (cells, Streams::Wide(columns))
        };
        Self { cells, streams, entered }
    }

    /// How many edges there are.
    pub(crate) fn edge_count(&self) -> usize {
        match &self.streams {
            Streams::Narrow(columns) => columns.targets.len(),
            Streams::Wide(columns) => columns.targets.len(),
        }
    }

    /// The partitions that edges come from, ascending.
    pub(crate) fn source_partitions(&self) -> impl Iterator<Item = usize> {
        self.cells.iter().map(|cell| cell.source_partition)
    }

    /// Calls `visit` with each cell's source partition, routes, targets and place in the values.
    pub(crate) fn for_each_cell<'a, L: Local>(
        &'a self,
        columns: &'a Columns<L>,
        mut visit: impl FnMut(usize, &'a [L], &'a [L], usize),
    ) {
        for (index, cell) in self.cells.iter().enumerate() {
            let (routes_end, edges_end) = match self.cells.get(index + 1) {
                Some(next) => (next.first_route, next.first_edge),
                None => (columns.routes.len(), columns.targets.len()),
            };
            visit(
                cell.source_partition,
                &columns.routes[cell.first_route..routes_end],
                &columns.targets[cell.first_edge..edges_end],
                cell.first_edge,
            );
        }
    }

    /// Calls `visit` with the source's local id for every edge from `partition`.
    pub(crate) fn for_each_edge_from(&self, partition: usize, mut visit: impl FnMut(usize)) {
        fn walk<L: Local>(
            grid: &Grid,
            columns: &Columns<L>,
            partition: usize,
            mut visit: impl FnMut(usize),
        ) {
            grid.for_each_cell(columns, |source_partition, routes, targets, _| {
                if source_partition == partition {
                    let mut route = usize::MAX;
                    for target in targets {
                        route = route.wrapping_add(target.starts());
                        visit(routes[route].local());
                    }
                }
            });
        }
        match &self.streams {
            Streams::Narrow(columns) => walk(self, columns, partition, &mut visit),
            Streams::Wide(columns) => walk(self, columns, partition, &mut visit),
        }
    }

    /// Calls `visit` with the source partition, the source's local id, the target's local id and
    /// the place in the values of every edge, in stream order.
    pub(crate) fn for_each_edge(&self, mut visit: impl FnMut(usize, usize, usize, usize)) {
        fn walk<L: Local>(
            grid: &Grid,
            columns: &Columns<L>,
            mut visit: impl FnMut(usize, usize, usize, usize),
        ) {
            grid.for_each_cell(columns, |partition, routes, targets, first_edge| {
                let mut sources = routes.iter();
                let mut source = 0;
                for (index, target) in targets.iter().enumerate() {
                    if target.starts() == 1 {
                        source = sources.next().map_or(0, |route| route.local());
                    }
                    visit(partition, source, target.local(), first_edge + index);
                }
            });
        }
        match &self.streams {
            Streams::Narrow(columns) => walk(self, columns, &mut visit),
            Streams::Wide(columns) => walk(self, columns, &mut visit),
        }
    }
}

fn lay_out<L: Local>(edges: &[u64], layout: &Layout) -> (Vec<Cell>, Columns<L>) {
    let mut cells: Vec<Cell> = Vec::new();
    let sources = edges.chunk_by(|a, b| unpack(*a).0 == unpack(*b).0).count();
    let mut routes = Vec::with_capacity(sources);
    let mut targets = Vec::with_capacity(edges.len());
    let mut last_source = None;
    for edge in edges {
        let (source, target) = unpack(*edge);
        let starts = last_source != Some(source);
        if starts {
            let (source_partition, local) = layout.place(source);
            if cells.last().is_none_or(|cell| cell.source_partition != source_partition) {
                let (first_route, first_edge) = (routes.len(), targets.len());
                cells.push(Cell { source_partition, first_route, first_edge });
            }
            routes.push(L::new(local, false));
            last_source = Some(source);
        }
        targets.push(L::new(target, starts));
    }
    (cells, Columns { routes, targets })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_gives_back_its_edges_in_order_in_both_widths() {
        for partition_size in [4_u32, 1 << 16] {
            let vertices = partition_size as usize * 3;
            let layout = Layout::new(vertices, Some(3));
            let sources = [0, 0, 1, 3, partition_size, partition_size + 2, 2 * partition_size];
            let edges: Vec<_> =
                sources.iter().zip([1, 1, 0, 3, 2, 2, 0]).map(|(s, t)| pack(*s, t)).collect();
            let grid = Grid::from_sorted(&edges, &layout, partition_size as usize);
            let mut walked = Vec::new();
            grid.for_each_edge(|partition, source, target, place| {
                assert_eq!(place, walked.len());
                let source = layout.range(partition).start + source;
                walked.push(pack(source as u32, target as u32));
            });
            assert_eq!(walked, edges);
            assert_eq!(grid.entered.count(), 4);
            assert_eq!(grid.source_partitions().collect::<Vec<_>>(), [0, 1, 2]);
        }
    }

    #[test]
    fn packing_keeps_source_before_target() {
        assert_eq!(unpack(pack(7, 9)), (7, 9));
        assert!(pack(1, u32::MAX) < pack(2, 0));
    }
}
