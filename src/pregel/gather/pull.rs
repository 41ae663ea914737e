//! A message for each vertex that still accepts one, looked for among the sources of its edges
//! until it is saturated: for supersteps in which many vertices send and each needs little.
//!
//! Source: the bottom-up step of Beamer, Asanović, Patterson, *Direction-Optimizing Breadth-First
//! Search* (SC 2012), section IV.

use crate::graph::{Bits, ByTarget};

use super::{Mail, Slot, Way};
use crate::pregel::program::VertexProgram;

/// A vertex that looks for messages: the lowest bits of its local id, and the places of its edges.
#[derive(Clone, Copy, Default)]
struct Seeker {
    bit: usize,
    next: usize,
    end: usize,
}

impl<P: VertexProgram> Mail<'_, P> {
    /// Looks for messages on behalf of the vertices that accept them.
    ///
    /// The vertices of a word of the bitmap go through three loops side by side: their edges, who of
    /// the sources sent, and what. Within a loop no vertex waits for what another reads from memory.
    pub(super) fn pull<S: Slot<P>>(&self, slots: &mut [S], received: &mut Bits) {
        for way in self.ways {
            let Some(by_target) = way.edges.by_target.as_deref() else { continue };
            for (word, settled) in self.settled.words().iter().enumerate() {
                let first = word * 64;
                let vertices = (self.block.len() - first).min(64);
                let mut seekers = [Seeker::default(); 64];
                let mut count = 0;
                let mut wanting = !settled & (u64::MAX >> (64 - vertices));
                // Where its edges begin is read for all of them, before anything depends on it.
                let mut sources = 0;
                while wanting != 0 {
                    let bit = wanting.trailing_zeros() as usize;
                    wanting &= wanting - 1;
                    let edges = by_target.places(first + bit);
                    // Messages from the other direction may have been enough.
                    if !edges.is_empty() && !slots[first + bit].is_saturated() {
                        sources ^= by_target.sources[edges.start];
                        seekers[count] = Seeker { bit, next: edges.start, end: edges.end };
                        count += 1;
                    }
                }
                std::hint::black_box(sources);
                let mut left = 0;
                for at in 0..count {
                    let mut seeker = seekers[at];
                    if self.seek(way, by_target, &mut seeker) {
                        seekers[left] = seeker;
                        left += 1;
                    }
                }
                let mut found = 0;
                for seeker in &mut seekers[..left] {
                    let slot = &mut slots[first + seeker.bit];
                    found |= 1 << seeker.bit;
                    loop {
                        let (partition, local) = self.layout.place(by_target.sources[seeker.next]);
                        if let Some(message) =
                            self.outboxes[partition].value_of_sender(local as usize)
                        {
                            let edge = &by_target.values[seeker.next];
                            slot.merge_with(|| self.program.along(message, edge));
                        }
                        seeker.next += 1;
                        if slot.is_saturated() || !self.seek(way, by_target, seeker) {
                            break;
                        }
                    }
                }
                received.words_mut()[word] |= found;
            }
        }
    }

    /// Finds the seeker's next edge that brings a message.
    #[inline(always)]
    fn seek(&self, way: &Way<'_, P>, by_target: &ByTarget<P::Edge>, seeker: &mut Seeker) -> bool {
        let brings = |source: &u32| {
            // The messages of hubs are not delivered within partitions.
            self.sent.contains(*source as usize)
                && !(self.delivered_within
                    && self.layout.place(*source).0 == self.partition
                    && way.hubs.number(*source).is_none())
        };
        let sources = &by_target.sources[seeker.next..seeker.end];
        let found = sources.iter().position(brings);
        seeker.next += found.unwrap_or_default();
        found.is_some()
    }
}
