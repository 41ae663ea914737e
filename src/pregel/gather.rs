//! Messages on their way in: the inner loops over the edge grid.
//!
//! Cells are walked in the order of their source partitions, and each cell in the order of its
//! sources, so the messages of a target always merge in the order of their sources' ids. When all
//! vertices of a source partition sent, a cell is walked without looking at who did; otherwise
//! each source is looked up once.

use std::sync::Arc;

use crate::graph::{Bits, Columns, EdgeBlock, Local, Streams, VertexBlock};

use super::combiner::Combiner;
use super::generation::Outbox;
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
    Neutral(Vec<C>),
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
            Slots::Neutral(slots) => self.received.contains(local).then(|| slots[local].clone()),
            Slots::Optional(slots) => slots[local].take(),
        }
    }
}

/// Collects what the vertices of one partition were sent: along its entering edges in `grids`, by
/// letter, and, when the vertices are not the graph's own, by letters to strangers.
pub(super) fn gather<P: VertexProgram>(
    program: &P,
    partition: usize,
    block: &VertexBlock,
    created: bool,
    grids: &[Arc<EdgeBlock<P::Edge>>],
    outboxes: &[&Outbox<P::Message>],
) -> Inbox<Combined<P>> {
    let vertices = block.len();
    let mut inbox = Inbox::empty(vertices);
    let talking = |source: usize| !outboxes[source].is_silent();
    let by_edge = grids.iter().any(|block| block.grid.source_partitions().any(talking));
    let letters: Vec<(usize, &P::Message)> = outboxes
        .iter()
        .flat_map(|outbox| {
            let strangers = if created { outbox.strangers() } else { &[] };
            let known = outbox.letters(partition).iter();
            let known = known.map(|(local, message)| (*local as usize, message));
            let own = strangers.iter().filter_map(|(id, message)| {
                block.ids.binary_search(id).ok().map(|local| (local, message))
            });
            known.chain(own)
        })
        .collect();
    let by_letter = !letters.is_empty();
    if !by_edge && !by_letter {
        return inbox;
    }
    match P::Combiner::neutral() {
        Some(neutral) => {
            let mut slots = NeutralSlots::<P> {
                combined: vec![neutral; vertices],
                received: &mut inbox.received,
            };
            slots.fill(program, grids, outboxes, &letters);
            inbox.slots = Slots::Neutral(slots.combined);
        }
        None => {
            let mut slots = OptionalSlots::<P> {
                combined: vec![None; vertices],
                received: &mut inbox.received,
            };
            slots.fill(program, grids, outboxes, &letters);
            inbox.slots = Slots::Optional(slots.combined);
        }
    }
    inbox
}

/// Where messages merge, with the loops that bring them there.
trait Fill<P: VertexProgram> {
    /// Merges a message, without noting that the vertex received one.
    fn merge(&mut self, local: usize, message: P::Message);

    /// The vertices that received a message.
    fn received(&mut self) -> &mut Bits;

    fn fill(
        &mut self,
        program: &P,
        grids: &[Arc<EdgeBlock<P::Edge>>],
        outboxes: &[&Outbox<P::Message>],
        letters: &[(usize, &P::Message)],
    ) {
        for block in grids {
            // When everybody sent, who received is known beforehand.
            let complete = block.grid.source_partitions().all(|source| outboxes[source].complete);
            match &block.grid.streams {
                Streams::Narrow(columns) => self.cells(program, block, columns, outboxes, complete),
                Streams::Wide(columns) => self.cells(program, block, columns, outboxes, complete),
            }
            if complete {
                let entered = block.grid.entered.words();
                let received = self.received().words_mut().iter_mut();
                received.zip(entered).for_each(|(received, entered)| *received |= entered);
            }
        }
        for (local, message) in letters {
            self.merge(*local, (*message).clone());
            self.received().insert(*local);
        }
    }

    fn cells<L: Local>(
        &mut self,
        program: &P,
        block: &EdgeBlock<P::Edge>,
        columns: &Columns<L>,
        outboxes: &[&Outbox<P::Message>],
        complete: bool,
    ) {
        block.grid.for_each_cell(columns, |source_partition, routes, targets, first_edge| {
            let outbox = outboxes[source_partition];
            let edges = &block.values[first_edge..first_edge + targets.len()];
            match outbox.dense() {
                _ if outbox.is_silent() => {}
                Some(values) if complete => {
                    let mut route = usize::MAX;
                    for (target, edge) in targets.iter().zip(edges) {
                        route = route.wrapping_add(target.starts());
                        let message = &values[routes[route].local()];
                        self.merge(target.local(), program.along(message, edge));
                    }
                }
                _ => {
                    let mut sources = routes.iter();
                    let mut message = None;
                    for (target, edge) in targets.iter().zip(edges) {
                        if target.starts() == 1 {
                            let source = sources.next();
                            message = source.and_then(|source| outbox.value(source.local()));
                        }
                        if let Some(message) = message {
                            self.merge(target.local(), program.along(message, edge));
                            self.received().insert(target.local());
                        }
                    }
                }
            }
        });
    }
}

struct NeutralSlots<'a, P: VertexProgram> {
    combined: Vec<Combined<P>>,
    received: &'a mut Bits,
}

impl<P: VertexProgram> Fill<P> for NeutralSlots<'_, P> {
    #[inline(always)]
    fn merge(&mut self, local: usize, message: P::Message) {
        P::Combiner::merge(&mut self.combined[local], message);
    }

    fn received(&mut self) -> &mut Bits {
        self.received
    }
}

struct OptionalSlots<'a, P: VertexProgram> {
    combined: Vec<Option<Combined<P>>>,
    received: &'a mut Bits,
}

impl<P: VertexProgram> Fill<P> for OptionalSlots<'_, P> {
    #[inline(always)]
    fn merge(&mut self, local: usize, message: P::Message) {
        match &mut self.combined[local] {
            Some(combined) => P::Combiner::merge(combined, message),
            empty => *empty = Some(P::Combiner::lift(message)),
        }
    }

    fn received(&mut self) -> &mut Bits {
        self.received
    }
}
