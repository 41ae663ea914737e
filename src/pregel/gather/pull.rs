//! A message for each vertex that still accepts one, looked for among the sources of its edges
//! until it is saturated: for supersteps in which many vertices send and each needs little.
//!
//! Source: the bottom-up step of Beamer, Asanović, Patterson, *Direction-Optimizing Breadth-First
//! Search* (SC 2012), section IV.

use crate::graph::Bits;

use super::{Mail, Slot};
use crate::pregel::program::VertexProgram;

impl<P: VertexProgram> Mail<'_, P> {
    /// Looks for messages on behalf of the vertices that accept them.
    pub(super) fn pull<S: Slot<P>>(&self, slots: &mut [S], received: &mut Bits) {
        let sent: Vec<&[u64]> = self.outboxes.iter().map(|outbox| outbox.sent().words()).collect();
        for way in self.ways {
            let Some(by_target) = way.edges.by_target.as_deref() else { continue };
            for (word, settled) in self.settled.words().iter().enumerate() {
                let first = word * 64;
                let vertices = (self.block.len() - first).min(64);
                let mut wanting = !settled & (u64::MAX >> (64 - vertices));
                let mut found = 0;
                while wanting != 0 {
                    let bit = wanting.trailing_zeros() as usize;
                    wanting &= wanting - 1;
                    let slot = &mut slots[first + bit];
                    // Messages from the other direction may have been enough.
                    if slot.is_saturated() {
                        continue;
                    }
                    let (sources, values) = by_target.edges(first + bit);
                    for (source, edge) in sources.iter().zip(values) {
                        let (partition, local) = self.layout.place(*source);
                        let local = local as usize;
                        if sent[partition][local / 64] >> (local % 64) & 1 == 0 {
                            continue;
                        }
                        // The messages of hubs are not delivered within partitions.
                        if self.delivered_within
                            && partition == self.partition
                            && way.hubs.number(*source).is_none()
                        {
                            continue;
                        }
                        if let Some(message) = self.outboxes[partition].value(local) {
                            slot.merge(self.program.along(message, edge));
                            found |= 1 << bit;
                            if slot.is_saturated() {
                                break;
                            }
                        }
                    }
                }
                received.words_mut()[word] |= found;
            }
        }
    }
}
