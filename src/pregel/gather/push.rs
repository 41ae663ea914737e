//! The edges of the vertices that sent, looked up by source: for supersteps in which not all did.
//!
//! Each partition looks up the senders of all partitions among the sources of its own edges. That
//! costs a look a sender and partition, and nothing for the vertices that were silent.

use std::hint::black_box;
use std::mem::needs_drop;
use std::ops::Range;

use crate::graph::{Bits, SourceCell};

use super::{Mail, Slot};
use crate::pregel::outbox::Outbox;
use crate::pregel::program::VertexProgram;

/// So many senders are looked up before the edges of the first are followed.
const ABREAST: usize = 64;

/// A sender's place in its outbox, and those of its edges.
type Found = (usize, Range<usize>);

impl<P: VertexProgram> Mail<'_, P> {
    /// Follows the edges of all senders into the partition.
    pub(super) fn push<S: Slot<P>>(&self, slots: &mut [S], received: &mut Bits) {
        let mut found: Vec<Found> = Vec::with_capacity(ABREAST);
        for way in self.ways {
            let Some(by_source) = way.edges.by_source.as_deref() else { continue };
            for (origin, cell) in by_source.cells() {
                let Some(outbox) = self.speaking(way, origin) else { continue };
                cell.for_each_source(&outbox.senders(), |place, edges| {
                    found.push((place, edges));
                    if found.len() == ABREAST {
                        self.follow(&cell, outbox, &mut found, slots, received);
                    }
                });
                self.follow(&cell, outbox, &mut found, slots, received);
            }
        }
    }

    /// Follows the edges that were found. The first of each is read for all of them, before anything
    /// depends on it: then no sender waits for what another reads from memory.
    fn follow<S: Slot<P>>(
        &self,
        cell: &SourceCell<'_, P::Edge>,
        outbox: &Outbox<P::Message>,
        found: &mut Vec<Found>,
        slots: &mut [S],
        received: &mut Bits,
    ) {
        let mut first_targets = 0;
        for (_, edges) in found.iter() {
            let (targets, values) = cell.edges(edges.clone());
            first_targets ^= targets.first().copied().unwrap_or_default();
            if const { !needs_drop::<P::Edge>() && size_of::<P::Edge>() > 0 } {
                black_box(values.first().cloned());
            }
        }
        black_box(first_targets);
        for (place, edges) in found.drain(..) {
            let Some(message) = outbox.value_at(place) else { continue };
            let (targets, edges) = cell.edges(edges);
            for (target, edge) in targets.iter().zip(edges) {
                let target = *target as usize;
                if !(P::SETTLES && self.settled.contains(target)) {
                    slots[target].merge_with(|| self.program.along(message, edge));
                    received.insert(target);
                }
            }
        }
    }
}
