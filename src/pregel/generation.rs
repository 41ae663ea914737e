//! What a superstep leaves behind for the next one, a block a partition.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::graph::{Bits, VertexId};

/// A partition after a superstep.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Generation<S, M, A> {
    /// The state of each vertex; shared with the generation before when nothing ran.
    pub(super) states: Arc<Vec<S>>,
    /// The vertices that voted to halt.
    pub(super) halted: Arc<Bits>,
    /// What the vertices sent.
    pub(super) outbox: Arc<Outbox<M>>,
    pub(super) summary: Summary<A>,
}

/// What the driver learns of a partition's superstep.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Summary<A> {
    pub(super) aggregate: A,
    /// Vertices that computed.
    pub(super) computed: u64,
    /// Vertices that have not voted to halt.
    pub(super) awake: u64,
    /// Messages sent, before combining.
    pub(super) messages: u64,
    /// Messages to ids that the graph does not have, which are lost.
    pub(super) dropped: u64,
}

/// The messages of a partition's vertices: at most one value each for all neighbours, and letters
/// to single vertices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outbox<M> {
    values: Vec<M>,
    sent: Bits,
    form: Form,
    /// True when every vertex that has neighbours sent to them.
    pub(super) complete: bool,
    letters: Letters<M>,
}

/// Messages to single vertices, in sending order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Letters<M> {
    /// By target partition: the target's local id and the message.
    known: Vec<Vec<(u32, M)>>,
    /// To ids that the graph did not have when the run began.
    strangers: Vec<(VertexId, M)>,
}

impl<M> Default for Letters<M> {
    fn default() -> Self {
        Self { known: Vec::new(), strangers: Vec::new() }
    }
}

impl<M> Letters<M> {
    pub(super) fn post(&mut self, partition: usize, local: u32, message: M) {
        if self.known.len() <= partition {
            self.known.resize_with(partition + 1, Vec::new);
        }
        self.known[partition].push((local, message));
    }

    pub(super) fn post_to_stranger(&mut self, id: VertexId, message: M) {
        self.strangers.push((id, message));
    }
}

/// How `values` is indexed.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Form {
    /// One value a vertex; those of vertices that did not send are copies without meaning.
    Dense,
    /// One value a sender: the element is the number of senders before each word of `sent`.
    Packed(Vec<u32>),
}

/// From one sender in this many vertices on, values are stored densely.
const DENSE_FROM: usize = 4;

impl<M: Clone> Outbox<M> {
    /// An outbox of `vertices` silent vertices. `complete` when none of them has neighbours.
    pub(super) fn silent(vertices: usize, complete: bool) -> Self {
        let sent = Bits::new(vertices);
        let form = Form::Packed(vec![0; sent.words().len()]);
        Self { values: Vec::new(), sent, form, complete, letters: Letters::default() }
    }

    /// Stores the values of the vertices in `sent`, one each in their order.
    pub(super) fn new(
        packed: Vec<M>,
        sent: Bits,
        vertices: usize,
        complete: bool,
        letters: Letters<M>,
    ) -> Self {
        let dense = !packed.is_empty() && packed.len() * DENSE_FROM >= vertices;
        if dense && packed.len() == vertices {
            return Self { values: packed, sent, form: Form::Dense, complete, letters };
        }
        if dense {
            let mut values = Vec::with_capacity(vertices);
            let mut packed = packed.into_iter();
            for index in 0..vertices {
                let own = if sent.contains(index) { packed.next() } else { None };
                let value = own.or_else(|| values.last().cloned()).or_else(|| {
                    // Before the first sender any value will do.
                    packed.as_slice().first().cloned()
                });
                values.extend(value);
            }
            return Self { values, sent, form: Form::Dense, complete, letters };
        }
        let mut count = 0;
        let before = sent.words().iter().map(|word| {
            count += word.count_ones();
            count - word.count_ones()
        });
        let form = Form::Packed(before.collect());
        Self { values: packed, sent, form, complete, letters }
    }

    /// True when no vertex sent to its neighbours.
    pub(super) fn is_silent(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of each vertex, when they are stored densely; only those of senders mean
    /// something.
    #[inline]
    pub(super) fn dense(&self) -> Option<&[M]> {
        matches!(self.form, Form::Dense).then_some(&self.values)
    }

    /// What a vertex sent to its neighbours.
    #[inline]
    pub(super) fn value(&self, local: usize) -> Option<&M> {
        if !self.sent.contains(local) {
            return None;
        }
        match &self.form {
            Form::Dense => self.values.get(local),
            Form::Packed(before) => {
                let below = self.sent.words()[local / 64] & ((1 << (local % 64)) - 1);
                self.values.get(before[local / 64] as usize + below.count_ones() as usize)
            }
        }
    }

    /// The letters to a partition.
    pub(super) fn letters(&self, partition: usize) -> &[(u32, M)] {
        self.letters.known.get(partition).map_or(&[], Vec::as_slice)
    }

    /// The letters to ids that the graph did not have when the run began.
    pub(super) fn strangers(&self) -> &[(VertexId, M)] {
        &self.letters.strangers
    }
}

/// A letter that cannot be delivered.
pub(super) fn unknown_target(id: VertexId) -> crate::Error {
    crate::ErrorKind::UnknownVertex { what: "a message", id: id.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outbox_gives_back_what_each_vertex_sent_at_any_density() {
        for vertices in [1, 63, 64, 65, 200] {
            for every in [1, 2, 3, 5, 70] {
                for offset in [0, 1, 2] {
                    let senders: Vec<_> = (offset..vertices).step_by(every).collect();
                    let mut sent = Bits::new(vertices);
                    senders.iter().for_each(|sender| sent.insert(*sender));
                    let packed = senders.iter().map(|sender| sender * 10).collect();
                    let outbox = Outbox::new(packed, sent, vertices, false, Letters::default());
                    for vertex in 0..vertices {
                        let own = senders.contains(&vertex).then_some(vertex * 10);
                        assert_eq!(outbox.value(vertex).copied(), own);
                    }
                    assert!(outbox.dense().is_none_or(|values| values.len() == vertices));
                }
            }
        }
    }
}
