//! Messages on their way in: the inner loops over the edge grid.
//!
//! Cells are walked in the order of their source partitions, and each cell in the order of its
//! sources, so the messages of a target always merge in the order of their sources' ids (of a program
//! that sends both ways, those along edges first and those against them then; letters come last). When all
//! vertices of a source partition sent, a cell is walked without looking at who did; otherwise
//! each source is looked up once.
//!
//! Accumulators and dense values have a power of two entries, and indexes are cut to it: entries
//! are in range by construction, so the cut changes nothing, and it spares the dense loop
//! two bounds checks an edge.

use std::sync::Arc;

use crate::graph::{Bits, Columns, EdgeBlock, Local, Streams, VertexBlock};

use super::combiner::Combiner;
use super::outbox::Outbox;
use super::program::{Combined, VertexProgram};

/// The combined messages of a partition's vertices.
pub(super) struct Inbox<C> {
    slots: Slots<C>,
    received: Bits,
}

enum Slots<C> {
    /// No message yet.
    Empty,
    /// Accumulators that start from a neutral value.
    Neutral(Vec<Neutral<C>>),
    /// Accumulators that start from the first message.
    Optional(Vec<Option<C>>),
}

impl<C: Clone> Inbox<C> {
    /// An inbox without messages.
    pub(super) fn empty(vertices: usize) -> Self {
        Self { slots: Slots::Empty, received: Bits::new(vertices) }
    }

    /// The vertices that received a message.
    pub(super) fn received(&self) -> &Bits {
        &self.received
    }

    /// Takes what a vertex received.
    #[inline]
    pub(super) fn take(&mut self, local: usize) -> Option<C> {
        match &mut self.slots {
            Slots::Empty => None,
            Slots::Neutral(slots) => self.received.contains(local).then(|| slots[local].0.clone()),
            Slots::Optional(slots) => slots[local].take(),
        }
    }
}

/// Where the messages of a vertex merge.
trait Slot<P: VertexProgram> {
    fn merge(&mut self, message: P::Message);
}

/// A slot that holds a value from the beginning.
#[derive(Clone)]
struct Neutral<C>(C);

impl<P: VertexProgram> Slot<P> for Neutral<Combined<P>> {
    #[inline(always)]
    fn merge(&mut self, message: P::Message) {
        P::Combiner::merge(&mut self.0, message);
    }
}

impl<P: VertexProgram> Slot<P> for Option<Combined<P>> {
    #[inline(always)]
    fn merge(&mut self, message: P::Message) {
        match self {
            Some(combined) => P::Combiner::merge(combined, message),
            empty => *empty = Some(P::Combiner::lift(message)),
        }
    }
}

/// What comes into one partition in a superstep.
pub(super) struct Mail<'a, P: VertexProgram> {
    pub(super) program: &'a P,
    pub(super) partition: usize,
    pub(super) block: &'a VertexBlock,
    /// True when the vertices are not the graph's own but created by messages.
    pub(super) created: bool,
    /// The edges that enter the partition, in each of the program's directions.
    pub(super) grids: &'a [Arc<EdgeBlock<P::Edge>>],
    /// The outboxes of all partitions.
    pub(super) outboxes: &'a [&'a Outbox<P::Message>],
}

impl<P: VertexProgram> Mail<'_, P> {
    /// Combines what each vertex was sent, along edges first and by letter then.
    pub(super) fn gather(&self) -> Inbox<Combined<P>> {
        let vertices = self.block.len();
        let mut inbox = Inbox::empty(vertices);
        let letters = self.letters();
        let talking = |source: usize| !self.outboxes[source].is_silent();
        let mut blocks = self.grids.iter();
        let by_edge = blocks.any(|block| block.grid.source_partitions().any(talking));
        if !by_edge && letters.is_empty() {
            return inbox;
        }
        let slots = vertices.next_power_of_two();
        inbox.slots = match P::Combiner::neutral() {
            Some(neutral) => {
                let mut slots = vec![Neutral(neutral); slots];
                self.fill(&mut slots, &mut inbox.received, &letters);
                Slots::Neutral(slots)
            }
            None => {
                let mut slots = vec![None; slots];
                self.fill(&mut slots, &mut inbox.received, &letters);
                Slots::Optional(slots)
            }
        };
        inbox
    }

    /// The letters to the partition's vertices with their local ids, in the order of merging.
    fn letters(&self) -> Vec<(usize, &P::Message)> {
        let mut letters = Vec::new();
        for outbox in self.outboxes {
            let known = outbox.letters(self.partition).iter();
            letters.extend(known.map(|(local, message)| (*local as usize, message)));
            if self.created {
                letters.extend(outbox.strangers().iter().filter_map(|(id, message)| {
                    self.block.ids.binary_search(id).ok().map(|local| (local, message))
                }));
            }
        }
        letters
    }

    fn fill<S: Slot<P>>(
        &self,
        slots: &mut [S],
        received: &mut Bits,
        letters: &[(usize, &P::Message)],
    ) {
        for block in self.grids {
            // When everybody sent, who received is known beforehand.
            let complete =
                block.grid.source_partitions().all(|source| self.outboxes[source].complete);
            match &block.grid.streams {
                Streams::Narrow(columns) => self.cells(block, columns, slots, received, complete),
                Streams::Wide(columns) => self.cells(block, columns, slots, received, complete),
            }
            if complete {
                let received = received.words_mut().iter_mut();
                let entered = block.grid.entered.words();
                received.zip(entered).for_each(|(received, entered)| *received |= entered);
            }
        }
        for (local, message) in letters {
            slots[*local].merge((*message).clone());
            received.insert(*local);
        }
    }

    fn cells<L: Local, S: Slot<P>>(
        &self,
        block: &EdgeBlock<P::Edge>,
        columns: &Columns<L>,
        slots: &mut [S],
        received: &mut Bits,
        complete: bool,
    ) {
        block.grid.for_each_cell(columns, |source_partition, routes, targets, first_edge| {
            let outbox = self.outboxes[source_partition];
            let edges = &block.values[first_edge..first_edge + targets.len()];
            match outbox.dense() {
                _ if outbox.is_silent() => {}
                Some(values) if complete => self.dense_cell(routes, targets, edges, values, slots),
                _ => self.sparse_cell(routes, targets, edges, outbox, slots, received),
            }
        });
    }

    /// Walks a cell all of whose sources sent.
    fn dense_cell<L: Local, S: Slot<P>>(
        &self,
        routes: &[L],
        targets: &[L],
        edges: &[P::Edge],
        values: &[P::Message],
        slots: &mut [S],
    ) {
        if values.is_empty() || slots.is_empty() {
            return;
        }
        let (last_value, last_slot) = (values.len() - 1, slots.len() - 1);
        let mut route = usize::MAX;
        for (target, edge) in targets.iter().zip(edges) {
            route = route.wrapping_add(target.starts());
            let message = &values[routes[route].local() & last_value];
            slots[target.local() & last_slot].merge(self.program.along(message, edge));
        }
    }

    /// Walks a cell some of whose sources sent, and notes who received something.
    fn sparse_cell<L: Local, S: Slot<P>>(
        &self,
        routes: &[L],
        targets: &[L],
        edges: &[P::Edge],
        outbox: &Outbox<P::Message>,
        slots: &mut [S],
        received: &mut Bits,
    ) {
        let mut sources = routes.iter();
        let mut message = None;
        for (target, edge) in targets.iter().zip(edges) {
            if target.starts() == 1 {
                let source = sources.next();
                message = source.and_then(|source| outbox.value(source.local()));
            }
            if let Some(message) = message {
                slots[target.local()].merge(self.program.along(message, edge));
                received.insert(target.local());
            }
        }
    }
}
