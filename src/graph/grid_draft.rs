//! Laying out the edge grid: from sorted edges to cells of rows by length.

use super::edge_block::{CellHeader, Columns, Local, SHORT, unpack};
use super::hubs::{Hubs, Origin};
use super::layout::Layout;

/// Edges of one source, side by side.
#[derive(Clone, Copy)]
struct Run {
    /// The number of a hub, or a dense id.
    source: u32,
    start: usize,
    end: usize,
}

impl Run {
    /// Sorted edges by source: the runs of hubs by number, and then the others by dense id.
    fn all(edges: &[u64], hubs: &Hubs) -> (Vec<Self>, Vec<Self>) {
        let (mut of_hubs, mut others) = (Vec::new(), Vec::new());
        let mut start = 0;
        for edges in edges.chunk_by(|a, b| unpack(*a).0 == unpack(*b).0) {
            let source = unpack(edges[0]).0;
            let end = start + edges.len();
            match hubs.number(source) {
                Some(number) => of_hubs.push(Self { source: number, start, end }),
                None => others.push(Self { source, start, end }),
            }
            start = end;
        }
        of_hubs.sort_unstable_by_key(|run| run.source);
        (of_hubs, others)
    }

    /// How many edges runs have.
    fn edge_count(runs: &[Self]) -> usize {
        runs.iter().map(|run| run.end - run.start).sum()
    }
}

/// What laying out needs from cell to cell.
pub(super) struct Draft<'a> {
    layout: &'a Layout,
    pub(super) cells: Vec<CellHeader>,
    pub(super) long_rows: Vec<u32>,
    /// Edges of a cell into each vertex, and later the place of the next one; 0 between cells.
    counts: Vec<u32>,
    /// The vertices that a cell's edges enter.
    touched: Vec<u32>,
    /// The edge at each place.
    pub(super) places: Option<Vec<u32>>,
}

impl<'a> Draft<'a> {
    /// An empty draft for edges into a partition of so many vertices.
    pub(super) fn new(layout: &'a Layout, vertices: usize, places: Option<Vec<u32>>) -> Self {
        Self {
            layout,
            cells: Vec::new(),
            long_rows: Vec::new(),
            counts: vec![0; vertices],
            touched: Vec::new(),
            places,
        }
    }

    /// Lays out sorted edges, cell by cell.
    pub(super) fn lay_out<L: Local>(&mut self, edges: &[u64], hubs: &Hubs) -> Columns<L> {
        let (of_hubs, others) = Run::all(edges, hubs);
        let mut rows = Vec::new();
        let mut hubs = vec![0_u16; Run::edge_count(&of_hubs)];
        let mut sources = vec![L::new(0); edges.len() - hubs.len()];
        if !of_hubs.is_empty() {
            self.cell((Origin::Hubs, 0), 0, edges, &of_hubs, &mut rows, &mut hubs);
        }
        let (mut left, mut first) = (&others[..], 0);
        while let Some(run) = left.first() {
            let partition = self.layout.place(run.source).0;
            let range = self.layout.range(partition);
            let within = |run: &Run| (run.source as usize) < range.end;
            let (runs, rest) = left.split_at(left.partition_point(within));
            let end = first + Run::edge_count(runs);
            let (origin, place) = (Origin::Partition(partition), hubs.len() + first);
            let sources = &mut sources[first..end];
            self.cell((origin, range.start as u32), place, edges, runs, &mut rows, sources);
            (left, first) = (rest, end);
        }
        rows.shrink_to_fit();
        Columns { rows, sources, hubs }
    }

    /// Lays out the runs of one cell from place `first` on; its sources are numbered from `base`.
    fn cell<L: Local, S: Local>(
        &mut self,
        (origin, base): (Origin, u32),
        first: usize,
        edges: &[u64],
        runs: &[Run],
        all_rows: &mut Vec<L>,
        sources: &mut [S],
    ) {
        self.count(edges, runs, sources.len());
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
        let first_row = all_rows.len();
        self.cells.push(CellHeader {
            origin,
            first_row,
            first_edge: first,
            first_long: self.long_rows.len(),
            short_rows,
        });
        all_rows.resize(first_row + self.touched.len(), L::new(0));
        let rows = &mut all_rows[first_row..];
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
        let mut places = self.places.as_mut().map(|places| &mut places[first..]);
        for run in runs {
            let source = S::new(run.source - base);
            for (edge, at) in edges[run.start..run.end].iter().zip(run.start as u32..) {
                let place = &mut self.counts[unpack(*edge).1 as usize];
                sources[*place as usize] = source;
                if let Some(places) = &mut places {
                    places[*place as usize] = at;
                }
                *place += 1;
            }
        }
        for target in self.touched.drain(..) {
            self.counts[target as usize] = 0;
        }
    }

    /// Counts a cell's edges by target, and lists the targets, ascending.
    fn count(&mut self, edges: &[u64], runs: &[Run], edge_count: usize) {
        let few = edge_count < self.counts.len() / 16;
        let Self { counts, touched, .. } = self;
        for run in runs {
            for edge in &edges[run.start..run.end] {
                let target = unpack(*edge).1;
                let count = &mut counts[target as usize];
                if few && *count == 0 {
                    touched.push(target);
                }
                *count += 1;
            }
        }
        if few {
            self.touched.sort_unstable();
        } else {
            let counts = self.counts.iter().zip(0..);
            self.touched.extend(counts.filter(|(count, _)| **count > 0).map(|(_, at)| at));
        }
    }
}
