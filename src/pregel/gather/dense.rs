//! All edges of the partition, cell by cell: for supersteps in which most vertices send.
//!
//! Where all vertices of the source partitions sent, cells are walked without looking at who did,
//! and who receives something is known beforehand. Otherwise each edge's source is looked up.
//!
//! Slots and dense values have a power of two entries, and indexes are cut to it: entries are in
//! range by construction, so the cut changes nothing, and it spares the dense loop two bounds
//! checks an edge.

use crate::graph::{Bits, Cell, Local, SHORT, Streams};

use super::{Mail, Slot, Way};
use crate::pregel::outbox::Outbox;
use crate::pregel::program::VertexProgram;

impl<'m, P: VertexProgram> Mail<'m, P> {
    /// Walks the edges that enter the partition.
    pub(super) fn walk<S: Slot<P>>(&self, slots: &mut [S], received: &mut Bits) {
        for way in self.ways {
            let block = &*way.edges.block;
            let mut origins = block.grid.origins();
            // When everybody sent, who received is known beforehand.
            let complete =
                !self.delivered_within && origins.all(|from| self.outbox(way, from).complete);
            match &block.grid.streams {
                Streams::Narrow(columns) => {
                    self.cells(way, block.grid.hub_cell(columns), slots, received, complete);
                    self.cells(way, block.grid.cells(columns), slots, received, complete);
                }
                Streams::Wide(columns) => {
                    self.cells(way, block.grid.hub_cell(columns), slots, received, complete);
                    self.cells(way, block.grid.cells(columns), slots, received, complete);
                }
            }
            if complete {
                let received = received.words_mut().iter_mut();
                let entered = block.grid.entered.words();
                received.zip(entered).for_each(|(received, entered)| *received |= entered);
            }
        }
    }

    fn cells<'a, L: Local, F: Local, S: Slot<P>>(
        &self,
        way: &Way<'m, P>,
        cells: impl IntoIterator<Item = Cell<'a, L, F>>,
        slots: &mut [S],
        received: &mut Bits,
        complete: bool,
    ) {
        for cell in cells {
            let Some(outbox) = self.speaking(way, cell.origin) else { continue };
            let edges =
                &way.edges.block.values[cell.first_edge..cell.first_edge + cell.sources.len()];
            match outbox.dense() {
                Some(values) if complete => self.complete_cell(&cell, edges, values, slots),
                _ => self.partial_cell(&cell, edges, outbox, slots, received),
            }
        }
    }

    /// Walks a cell all of whose sources sent.
    fn complete_cell<L: Local, F: Local, S: Slot<P>>(
        &self,
        cell: &Cell<'_, L, F>,
        edges: &[P::Edge],
        values: &[P::Message],
        slots: &mut [S],
    ) {
        if values.is_empty() || slots.is_empty() {
            return;
        }
        let mut rest = Rest { rows: cell.rows, sources: cell.sources, edges };
        macro_rules! rows_of {
            ($($length:literal)*) => {$(
                let rows = cell.short_rows[$length - 1] as usize;
                self.rows_of::<$length, L, F, S>(rest.next(rows, rows * $length), values, slots);
            )*};
        }
        const { assert!(SHORT == 8) }
        rows_of!(1 2 3 4 5 6 7 8);
        // Neighbors in the list have about the same length, so several rows are walked side by
        // side: merging waits for the merge before in the same row, but not for other rows.
        let (several, others) = cell.long_rows.as_chunks::<ABREAST>();
        for lengths in several {
            self.rows_abreast(&mut rest, lengths, values, slots);
        }
        for length in others {
            self.rows_abreast(&mut rest, &[*length], values, slots);
        }
    }

    /// Walks the next rows, of the given ascending lengths, side by side.
    #[inline(always)]
    fn rows_abreast<const ROWS: usize, L: Local, F: Local, S: Slot<P>>(
        &self,
        rest: &mut Rest<'_, L, F, P::Edge>,
        lengths: &[u32; ROWS],
        values: &[P::Message],
        slots: &mut [S],
    ) {
        let last_slot = slots.len() - 1;
        let rows = lengths.map(|length| rest.next(1, length as usize));
        let places = std::array::from_fn::<_, ROWS, _>(|row| rows[row].rows[0].local() & last_slot);
        let mut own: [S; ROWS] = places.map(|place| slots[place].lift());
        let last_value = values.len() - 1;
        let shortest = lengths[0] as usize;
        let sources: [&[F]; ROWS] = std::array::from_fn(|row| &rows[row].sources[..shortest]);
        let edges: [&[P::Edge]; ROWS] = std::array::from_fn(|row| &rows[row].edges[..shortest]);
        for at in 0..shortest {
            for row in 0..ROWS {
                let message = &values[sources[row][at].local() & last_value];
                own[row].merge_with(|| self.program.along(message, &edges[row][at]));
            }
        }
        for (row, (place, mut slot)) in rows.iter().zip(places.into_iter().zip(own)) {
            self.merge_row(&row.sources[shortest..], &row.edges[shortest..], values, &mut slot);
            slots[place] = slot;
        }
    }

    /// Walks rows of one length.
    #[inline(always)]
    fn rows_of<const LENGTH: usize, L: Local, F: Local, S: Slot<P>>(
        &self,
        rest: Rest<'_, L, F, P::Edge>,
        values: &[P::Message],
        slots: &mut [S],
    ) {
        let last_slot = slots.len() - 1;
        let sources = rest.sources.as_chunks::<LENGTH>().0;
        let edges = rest.edges.as_chunks::<LENGTH>().0;
        for (target, (sources, edges)) in rest.rows.iter().zip(sources.iter().zip(edges)) {
            let slot = &mut slots[target.local() & last_slot];
            self.merge_row(sources, edges, values, slot);
        }
    }

    /// Merges the messages of one row.
    #[inline(always)]
    fn merge_row<F: Local, S: Slot<P>>(
        &self,
        sources: &[F],
        edges: &[P::Edge],
        values: &[P::Message],
        slot: &mut S,
    ) {
        let last_value = values.len() - 1;
        for (source, edge) in sources.iter().zip(edges) {
            slot.merge_with(|| self.program.along(&values[source.local() & last_value], edge));
        }
    }

    /// Walks a cell some of whose sources sent, and notes who received something.
    fn partial_cell<L: Local, F: Local, S: Slot<P>>(
        &self,
        cell: &Cell<'_, L, F>,
        edges: &[P::Edge],
        outbox: &Outbox<P::Message>,
        slots: &mut [S],
        received: &mut Bits,
    ) {
        // The usual form is looked at once a cell instead of once an edge.
        let (sent, dense) = (outbox.sent(), outbox.dense());
        cell.for_each_row(|target, row| {
            let mut any = false;
            for (source, edge) in cell.sources[row.clone()].iter().zip(&edges[row]) {
                let source = source.local();
                if !sent.contains(source) {
                    continue;
                }
                let message =
                    dense.map_or_else(|| outbox.value(source), |values| values.get(source));
                if let Some(message) = message {
                    slots[target].merge_with(|| self.program.along(message, edge));
                    any = true;
                }
            }
            if any {
                received.insert(target);
            }
        });
    }
}

/// How many long rows are walked side by side.
const ABREAST: usize = 4;

/// What is left of a cell's columns.
struct Rest<'a, L, F, E> {
    rows: &'a [L],
    sources: &'a [F],
    edges: &'a [E],
}

impl<'a, L, F, E> Rest<'a, L, F, E> {
    /// Takes the next rows and their edges.
    #[inline(always)]
    fn next(&mut self, rows: usize, edges: usize) -> Self {
        let (own_rows, rows) = self.rows.split_at(rows);
        let (own_sources, sources) = self.sources.split_at(edges);
        let (own_edges, edges) = self.edges.split_at(edges);
        *self = Self { rows, sources, edges };
        Self { rows: own_rows, sources: own_sources, edges: own_edges }
    }
}
