//! Laying out the edge grid: from edges in order of their sources to cells of rows by length.

use super::bits::Bits;
use super::edge_block::{CellHeader, Columns, Local, SHORT};
use super::hubs::Origin;
use super::ordered::{Ordered, Pair};

/// What laying out needs from cell to cell.
pub(super) struct Draft {
    pub(super) cells: Vec<CellHeader>,
    pub(super) long_rows: Vec<u32>,
    /// The vertices that some edge enters.
    pub(super) entered: Bits,
    /// Where the value of the edge at each place stood, if edges have values.
    pub(super) places: Vec<u32>,
    /// Edges of a cell into each vertex, and later the place of the next one; 0 between cells.
    counts: Vec<u32>,
    /// The vertices that a cell's edges enter.
    touched: Vec<u32>,
}

impl Draft {
    /// An empty draft for edges into a partition of so many vertices.
    pub(super) fn new(vertices: usize) -> Self {
        Self {
            cells: Vec::new(),
            long_rows: Vec::new(),
            entered: Bits::new(vertices),
            places: Vec::new(),
            counts: vec![0; vertices],
            touched: Vec::new(),
        }
    }

    /// Lays out edges, cell by cell.
    pub(super) fn lay_out<P: Pair>(&mut self, mut ordered: Ordered<'_, P>) -> Columns<P::Id> {
        let mut rows = Vec::new();
        self.places = vec![0; ordered.hub_places.len() + ordered.places.len()];
        let hubs = self.hub_cell(&mut ordered, &mut rows);
        let mut sources = vec![P::Id::new(0); ordered.pairs.len()];
        let mut start = 0;
        for &(partition, end) in &ordered.cells {
            let pairs = &ordered.pairs[start..end];
            self.count(pairs.iter().map(|pair| pair.target()), pairs.len());
            self.rows((Origin::Partition(partition), hubs.len() + start), &mut rows);
            let (counts, sources) = (&mut self.counts[..], &mut sources[start..end]);
            let mut put = |pair: P| {
                let place = &mut counts[pair.target() as usize];
                sources[*place as usize] = P::Id::new(pair.source());
                *place += 1;
                *place as usize - 1
            };
            if ordered.places.is_empty() {
                pairs.iter().for_each(|pair| {
                    put(*pair);
                });
            } else {
                let places = &mut self.places[hubs.len() + start..];
                for (pair, from) in pairs.iter().zip(&ordered.places[start..end]) {
                    places[put(*pair)] = *from;
                }
            }
            self.clear();
            start = end;
        }
        rows.shrink_to_fit();
        Columns { rows, sources, hubs }
    }

    /// Lays out the edges of hubs, and returns their numbers by place.
    fn hub_cell<P: Pair>(
        &mut self,
        ordered: &mut Ordered<'_, P>,
        rows: &mut Vec<P::Id>,
    ) -> Vec<u16> {
        let targets = std::mem::take(&mut ordered.hub_targets);
        let from = std::mem::take(&mut ordered.hub_places);
        if targets.is_empty() {
            return Vec::new();
        }
        ordered.hub_runs.sort_unstable_by_key(|run| run.number);
        self.count(targets.iter().copied(), targets.len());
        self.rows((Origin::Hubs, 0), rows);
        let mut sources = vec![0; targets.len()];
        for run in &ordered.hub_runs {
            for edge in run.start..run.end {
                let place = &mut self.counts[targets[edge] as usize];
                sources[*place as usize] = run.number as u16;
                if !from.is_empty() {
                    self.places[*place as usize] = from[edge];
                }
                *place += 1;
            }
        }
        self.clear();
        sources
    }

    /// Begins a cell from what was counted: lists its rows, and leaves the place of each row's
    /// first edge in the counts.
    fn rows<L: Local>(&mut self, (origin, first_edge): (Origin, usize), all_rows: &mut Vec<L>) {
        // Where rows of each length and their edges begin.
        let mut short_rows = [0_u32; SHORT];
        let mut edges_of = [0_u32; SHORT + 1];
        for target in &self.touched {
            self.entered.insert(*target as usize);
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
            first_edge,
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
    }

    /// Forgets the counts of a cell.
    fn clear(&mut self) {
        for target in self.touched.drain(..) {
            self.counts[target as usize] = 0;
        }
    }

    /// Counts a cell's edges by target, and lists the targets, ascending.
    fn count(&mut self, targets: impl Iterator<Item = u32>, edge_count: usize) {
        let Self { counts, touched, .. } = self;
        if edge_count < counts.len() / 16 {
            for target in targets {
                let count = &mut counts[target as usize];
                if *count == 0 {
                    touched.push(target);
                }
                *count += 1;
            }
            touched.sort_unstable();
        } else {
            targets.for_each(|target| counts[target as usize] += 1);
            let counts = counts.iter().zip(0..);
            touched.extend(counts.filter(|(count, _)| **count > 0).map(|(_, at)| at));
        }
    }
}
