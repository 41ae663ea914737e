//! Messages on their way in: what a partition's vertices receive in a superstep.
//!
//! Along edges there are three ways, of which the [plan](super::plan) chooses one for all partitions:
//!
//! - [`dense`]: walk the edge grid, cell by cell;
//! - [`push`]: look up the edges of the vertices that sent;
//! - [`pull`]: look for a message on behalf of each vertex that still accepts one; where everybody
//!   sent and messages merge late, [`lookup`]: for all messages of a vertex as it computes.
//!
//! The messages of a target merge in the order of their sources' ids on all of them, those of
//! [hubs](crate::graph::Hubs) first (of a program that sends both ways, those along edges first and
//! those against them then; letters come last), so the way changes no bit. A vertex that no longer accepts messages receives none.

mod dense;
mod lookup;
mod pull;
mod push;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::graph::{
    Bits, BySource, ByTarget, EdgeBlock, Hubs, Layout, Origin, Senders, VertexBlock,
};

use super::combiner::Combiner;
use super::inbox::{Inbox, Slot, SlotPool, Slots};
use super::outbox::Outbox;
use super::plan::Path;
use super::program::{Combined, VertexProgram};
use super::runs::{Count, Runs};

pub(super) use lookup::Lookup;

/// The edges that enter a partition in one direction, in the forms that are there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entering<E> {
    pub(super) block: Arc<EdgeBlock<E>>,
    pub(super) by_source: Option<Arc<BySource<E>>>,
    pub(super) by_target: Option<Arc<ByTarget<E>>>,
}

/// One of the program's directions: edges, and what the hubs among their sources sent.
pub(super) struct Way<'a, P: VertexProgram> {
    pub(super) edges: &'a Entering<P::Edge>,
    pub(super) hubs: &'a Hubs,
    /// What the hubs sent; nothing where messages are pulled, which needs no table of it.
    pub(super) sent_by_hubs: &'a Outbox<P::Message>,
}

/// What comes into one partition in a superstep.
pub(super) struct Mail<'a, P: VertexProgram> {
    pub(super) program: &'a P,
    pub(super) path: Path,
    pub(super) layout: Layout,
    pub(super) partition: usize,
    pub(super) block: &'a VertexBlock,
    /// True when the vertices are not the graph's own but created by messages.
    pub(super) created: bool,
    /// True when messages within the partition were delivered in the superstep before.
    pub(super) delivered_within: bool,
    /// The edges that enter the partition, in each of the program's directions.
    pub(super) ways: &'a [Way<'a, P>],
    /// The outboxes of all partitions.
    pub(super) outboxes: &'a [&'a Outbox<P::Message>],
    /// The vertices that accept no more messages.
    pub(super) settled: &'a Bits,
    /// The vertices of the graph that sent, by dense id; empty unless messages are pulled.
    pub(super) sent: &'a Bits,
}

impl<'a, P: VertexProgram> Mail<'a, P> {
    /// Combines what each vertex was sent, along edges first and by letter then.
    pub(super) fn gather<'m>(&'m self, pool: &Arc<SlotPool<Combined<P>>>) -> Inbox<'m, P> {
        let vertices = self.block.len();
        let mut inbox = Inbox::empty(pool, vertices);
        let letters = self.letters();
        let speaks = |way: &Way<'a, P>| {
            way.edges.block.grid.origins().any(|origin| self.speaking(way, origin).is_some())
        };
        let by_edge = match self.path {
            Path::Pull => self.outboxes.iter().any(|outbox| !outbox.is_silent()),
            Path::Dense | Path::Push => self.ways.iter().any(speaks),
        };
        if !by_edge && letters.is_empty() {
            return inbox;
        }
        if letters.is_empty()
            && let Some(lookup) = Lookup::of(self)
        {
            lookup.received(&mut inbox.received);
            inbox.look_up(lookup);
        } else if P::Combiner::LATE && !self.delivered_within && !self.is_sparse() {
            let received = &mut inbox.received;
            let mut counts = vec![Count::default(); vertices.next_power_of_two()];
            self.fill(&mut counts, received, by_edge, &letters);
            let mut runs = Runs::new(&counts);
            self.fill(&mut runs.slots(), received, by_edge, &letters);
            inbox.put(runs);
        } else {
            let (slots, received) = inbox.open(vertices);
            // Only one of the kinds is compiled for a program.
            match slots {
                Slots::Neutral(slots, _) if const { P::Combiner::NEUTRAL.is_some() } => {
                    self.fill(slots, received, by_edge, &letters);
                }
                Slots::Optional(slots) if const { P::Combiner::NEUTRAL.is_none() } => {
                    self.fill(slots, received, by_edge, &letters);
                }
                Slots::Neutral(..) | Slots::Optional(_) => {}
            }
        }
        if P::SETTLES {
            inbox.refuse(self.settled);
        }
        inbox
    }

    /// True when so few vertices sent that a look at each vertex would cost more than their
    /// messages.
    fn is_sparse(&self) -> bool {
        let few = |outbox: &&Outbox<P::Message>| matches!(outbox.senders(), Senders::Few(_));
        self.path == Path::Push && self.outboxes.iter().all(few)
    }

    /// What the sources of a cell sent.
    fn outbox(&self, way: &Way<'a, P>, origin: Origin) -> &'a Outbox<P::Message> {
        match origin {
            Origin::Hubs => way.sent_by_hubs,
            Origin::Partition(partition) => self.outboxes[partition],
        }
    }

    /// What the sources of a cell sent, if some of it is still to be delivered here.
    fn speaking(&self, way: &Way<'a, P>, origin: Origin) -> Option<&'a Outbox<P::Message>> {
        let delivered = self.delivered_within && origin == Origin::Partition(self.partition);
        Some(self.outbox(way, origin)).filter(|outbox| !delivered && !outbox.is_silent())
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
        by_edge: bool,
        letters: &[(usize, &P::Message)],
    ) {
        if by_edge {
            // What a program cannot take is not compiled for it.
            match self.path {
                Path::Push => self.push(slots, received),
                Path::Pull if P::SETTLES => self.pull(slots, received),
                Path::Pull | Path::Dense => self.walk(slots, received),
            }
        }
        for (local, message) in letters {
            slots[*local].merge_with(|| (*message).clone());
            received.insert(*local);
        }
    }
}
