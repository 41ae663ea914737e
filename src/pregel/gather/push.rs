//! The edges of the vertices that sent, looked up by source: for supersteps in which not all did.
//!
//! Each partition looks up the senders of all partitions among the sources of its own edges. That
//! costs a look a sender and partition, and nothing for the vertices that were silent.

use crate::graph::Bits;

use super::{Mail, Slot};
use crate::pregel::program::VertexProgram;

impl<P: VertexProgram> Mail<'_, P> {
    /// Follows the edges of all senders into the partition.
    pub(super) fn push<S: Slot<P>>(&self, slots: &mut [S], received: &mut Bits) {
        for way in self.ways {
            let Some(by_source) = way.edges.by_source.as_deref() else { continue };
            for (origin, cell) in by_source.cells() {
                let Some(outbox) = self.speaking(way, origin) else { continue };
                cell.for_each_source(&outbox.senders(), |source, targets, edges| {
                    let Some(message) = outbox.value(source) else { return };
                    for (target, edge) in targets.iter().zip(edges) {
                        let target = *target as usize;
                        if !(P::SETTLES && self.settled.contains(target)) {
                            slots[target].merge_with(|| self.program.along(message, edge));
                            received.insert(target);
                        }
                    }
                });
            }
        }
    }
}
