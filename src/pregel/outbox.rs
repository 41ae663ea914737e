//! What the vertices of a partition send: one value each for all neighbours, and letters.

use std::mem::needs_drop;

use serde::{Deserialize, Serialize};

use crate::graph::{Bits, Hubs, Layout, Senders, VertexId};

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
    /// One value a vertex, and more up to a power of two; those of vertices that did not send are
    /// copies without meaning.
    Dense,
    /// One value a sender: the element is the number of senders before each word of `sent`.
    Ranked(Vec<u32>),
    /// One value for each of these senders, which are few.
    Listed(#[serde(with = "crate::codec::packed")] Vec<u32>),
}

/// From one sender in this many vertices on, values are stored densely.
const DENSE_FROM: usize = 4;
/// Up to one sender in this many vertices, senders are listed.
const LISTED_TO: usize = 64;

impl Form {
    /// The form of values that are stored one a sender.
    fn packed(sent: &Bits, senders: usize, vertices: usize) -> Self {
        if senders * LISTED_TO <= vertices {
            return Self::Listed(sent.iter().map(|local| local as u32).collect());
        }
        Self::Ranked(sent.ranks())
    }
}

impl<M: Clone> Outbox<M> {
    /// An outbox of `vertices` silent vertices. `complete` when none of them has neighbours.
    pub(super) fn silent(vertices: usize, complete: bool) -> Self {
        Self {
            values: Vec::new(),
            sent: Bits::new(vertices),
            form: Form::Listed(Vec::new()),
            complete,
            letters: Letters::default(),
        }
    }

    /// What hubs sent, as if they were a partition of their own; `outboxes` are those of all
    /// partitions. Costs a look at each hub, or at each sender where they are few.
    pub(super) fn of_hubs(hubs: &Hubs, layout: &Layout, outboxes: &[&Self]) -> Self {
        if hubs.len() == 0 || outboxes.iter().all(|outbox| outbox.is_silent()) {
            return Self::silent(hubs.len(), hubs.len() == 0);
        }
        let mut draft = Draft::new(hubs.len(), hubs.len());
        let (mut word, mut sent) = (0, 0);
        let mut send = |number: usize, message: &M| {
            if number / 64 != word {
                draft.mark(word, sent);
                (word, sent) = (number / 64, 0);
            }
            sent |= 1 << (number % 64);
            draft.send(number, message.clone());
        };
        let own = outboxes.iter().take(layout.partition_count()).enumerate();
        if own.clone().all(|(_, outbox)| matches!(outbox.form, Form::Listed(_))) {
            let mut found = Vec::new();
            for (partition, outbox) in own {
                let first = layout.range(partition).start as u32;
                if let Form::Listed(senders) = &outbox.form {
                    found.extend(senders.iter().zip(&outbox.values).filter_map(|(at, message)| {
                        Some((hubs.number(first + at)? as usize, message))
                    }));
                }
            }
            found.sort_unstable_by_key(|(number, _)| *number);
            found.into_iter().for_each(|(number, message)| send(number, message));
        } else {
            for (number, hub) in hubs.list().iter().enumerate() {
                let (partition, local) = layout.place(*hub);
                if let Some(message) = outboxes[partition].value(local as usize) {
                    send(number, message);
                }
            }
        }
        draft.mark(word, sent);
        draft.finish(hubs.len())
    }

    /// The vertices that sent to their neighbours, by dense id; `outboxes` are those of all
    /// partitions.
    pub(super) fn sent_everywhere(outboxes: &[&Self], layout: &Layout) -> Bits {
        let mut all = Bits::new(layout.vertex_count());
        for (partition, outbox) in outboxes.iter().enumerate().take(layout.partition_count()) {
            all.insert_all(layout.range(partition).start, &outbox.sent);
        }
        all
    }

    /// True when no vertex sent to its neighbours.
    pub(super) fn is_silent(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of each vertex, when they are stored densely; only those of senders mean
    /// something. Their number is a power of two.
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
            Form::Listed(senders) => {
                let at = senders.binary_search(&(local as u32)).ok()?;
                self.values.get(at)
            }
            Form::Ranked(before) => {
                let below = self.sent.words()[local / 64] & ((1 << (local % 64)) - 1);
                self.values.get(before[local / 64] as usize + below.count_ones() as usize)
            }
        }
    }

    /// What a vertex sent that is known to have sent: less is looked at than by [value](Self::value).
    #[inline(always)]
    pub(super) fn value_of_sender(&self, local: usize) -> Option<&M> {
        match &self.form {
            Form::Dense => self.values.get(local),
            Form::Listed(_) | Form::Ranked(_) => self.value(local),
        }
    }

    /// What a sender sent: its place among [senders](Self::senders) that are listed, or its local id.
    #[inline]
    pub(super) fn value_at(&self, place: usize) -> Option<&M> {
        match &self.form {
            Form::Listed(_) => self.values.get(place),
            Form::Dense | Form::Ranked(_) => self.value_of_sender(place),
        }
    }

    /// The vertices that sent to their neighbours.
    pub(super) fn sent(&self) -> &Bits {
        &self.sent
    }

    /// The vertices that sent to their neighbours, as a list where they are few.
    pub(super) fn senders(&self) -> Senders<'_> {
        match &self.form {
            Form::Listed(senders) => Senders::Few(senders),
            Form::Dense | Form::Ranked(_) => Senders::Many(&self.sent),
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

/// An outbox while the vertices compute, in the order of their local ids.
pub(super) struct Draft<M> {
    vertices: usize,
    values: Vec<M>,
    sent: Bits,
    /// True when values are written where the dense form has them.
    dense: bool,
    /// What vertices sent that may send more than once, when they may.
    log: Option<Vec<(u32, M)>>,
    pub(super) letters: Letters<M>,
}

impl<M: Clone> Draft<M> {
    /// An empty draft for a partition in which `computing` of the vertices are going to compute.
    pub(super) fn new(vertices: usize, computing: usize) -> Self {
        // Values of vertices that do not send are copies of others, which must be cheap to make.
        let dense = !needs_drop::<M>() && computing * DENSE_FROM >= vertices;
        let slots = if dense { vertices.next_power_of_two() } else { 0 };
        Self {
            vertices,
            values: Vec::with_capacity(slots),
            sent: Bits::new(vertices),
            dense,
            log: None,
            letters: Letters::default(),
        }
    }

    /// An empty draft for vertices that may send again, which replaces what they sent before.
    pub(super) fn of_several_rounds(vertices: usize) -> Self {
        Self {
            vertices,
            values: Vec::new(),
            sent: Bits::new(vertices),
            dense: false,
            log: Some(Vec::new()),
            letters: Letters::default(),
        }
    }

    /// How many messages to neighbours were sent in several rounds so far.
    pub(super) fn logged(&self) -> usize {
        self.log.as_ref().map_or(0, Vec::len)
    }

    /// What was sent to neighbours from the given message on.
    pub(super) fn logged_from(&self, first: usize) -> &[(u32, M)] {
        self.log.as_ref().map_or(&[], |log| &log[first..])
    }

    /// Takes back the last message to neighbours.
    pub(super) fn take_back(&mut self) -> Option<M> {
        self.log.as_mut()?.pop().map(|(_, message)| message)
    }

    /// Notes what a vertex sends to its neighbours; [`mark`](Self::mark) has to follow.
    #[inline]
    pub(super) fn send(&mut self, local: usize, message: M) {
        if let Some(log) = &mut self.log {
            log.push((local as u32, message));
            return;
        }
        if self.dense && self.values.len() < local {
            self.values.resize(local, message.clone());
        }
        self.values.push(message);
    }

    /// Notes which of the vertices `64 * word..` sent: a word at a time, since a bit at a time
    /// would make every vertex wait for the one before.
    #[inline]
    pub(super) fn mark(&mut self, word: usize, sent: u64) {
        if self.log.is_some() {
            return;
        }
        self.sent.words_mut()[word] = sent;
    }

    /// Makes the outbox; `connected` of the vertices have neighbours.
    pub(super) fn finish(mut self, connected: usize) -> Outbox<M> {
        if let Some(log) = self.log.take() {
            self.keep_last(log);
        }
        let senders = self.sent.count();
        let complete = senders == connected;
        let many = senders * DENSE_FROM >= self.vertices;
        let (values, form) = match (self.values.last().cloned(), many) {
            (Some(last), true) => {
                if !self.dense {
                    self.spread();
                }
                self.values.resize(self.vertices.next_power_of_two(), last);
                (self.values, Form::Dense)
            }
            _ => {
                if self.dense {
                    let values = self.values.into_iter().enumerate();
                    let own = values.filter(|(local, _)| self.sent.contains(*local));
                    self.values = own.map(|(_, value)| value).collect();
                }
                (self.values, Form::packed(&self.sent, senders, self.vertices))
            }
        };
        Outbox { values, sent: self.sent, form, complete, letters: self.letters }
    }

    /// Keeps the last message of each sender in a log.
    fn keep_last(&mut self, mut log: Vec<(u32, M)>) {
        if log.len() * LISTED_TO <= self.vertices {
            log.sort_by_key(|(local, _)| *local);
            for (at, (local, message)) in log.iter().enumerate() {
                if log.get(at + 1).is_none_or(|(next, _)| next != local) {
                    self.values.push(message.clone());
                    self.sent.insert(*local as usize);
                }
            }
            return;
        }
        let mut last = vec![0_u32; self.vertices];
        for (at, (local, _)) in (0..).zip(&log) {
            last[*local as usize] = at;
            self.sent.insert(*local as usize);
        }
        let messages = self.sent.iter().map(|local| log[last[local] as usize].1.clone());
        self.values.extend(messages);
    }

    /// Brings packed values to where the dense form has them.
    fn spread(&mut self) {
        let mut packed = std::mem::take(&mut self.values).into_iter();
        for local in 0..self.vertices {
            let value = if self.sent.contains(local) {
                packed.next()
            } else {
                self.values.last().or(packed.as_slice().first()).cloned()
            };
            self.values.extend(value);
        }
    }
}

/// A letter that cannot be delivered.
pub(super) fn unknown_target(id: VertexId) -> crate::Error {
    crate::ErrorKind::UnknownVertex { what: "a message", id: id.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<M: Clone + PartialEq + std::fmt::Debug>(message: impl Fn(usize) -> M) {
        for vertices in [1, 63, 64, 65, 200] {
            for every in [1, 2, 3, 5, 70] {
                for offset in [0, 1, 2] {
                    for computing in [1, vertices] {
                        let senders: Vec<_> = (offset..vertices).step_by(every).collect();
                        let mut draft = Draft::new(vertices, computing);
                        for sender in &senders {
                            draft.send(*sender, message(*sender));
                        }
                        for word in 0..vertices.div_ceil(64) {
                            let own = senders.iter().filter(|sender| **sender / 64 == word);
                            draft.mark(word, own.fold(0, |sent, at| sent | 1 << (at % 64)));
                        }
                        let outbox = draft.finish(senders.len());
                        assert!(outbox.complete);
                        for vertex in 0..vertices {
                            let own = senders.contains(&vertex).then(|| message(vertex));
                            assert_eq!(outbox.value(vertex), own.as_ref());
                        }
                        match outbox.senders() {
                            Senders::Few(listed) => {
                                assert!(
                                    listed
                                        .iter()
                                        .map(|at| *at as usize)
                                        .eq(senders.iter().copied())
                                );
                                for (place, sender) in listed.iter().enumerate() {
                                    let own = message(*sender as usize);
                                    assert_eq!(outbox.value_at(place), Some(&own));
                                }
                            }
                            Senders::Many(_) => senders.iter().for_each(|sender| {
                                assert_eq!(outbox.value_at(*sender), Some(&message(*sender)));
                            }),
                        }
                        assert!(senders.iter().all(|sender| {
                            outbox.value_of_sender(*sender) == Some(&message(*sender))
                        }));
                        let powers = |values: &[M]| values.len().is_power_of_two();
                        assert!(outbox.dense().is_none_or(powers));
                    }
                }
            }
        }
    }

    #[test]
    fn of_what_a_vertex_sends_in_several_rounds_the_last_counts() {
        let mut draft = Draft::of_several_rounds(300);
        for (local, message) in [(7, 'a'), (9, 'b'), (2, 'c'), (7, 'd'), (1, 'e')] {
            draft.send(local, message);
        }
        assert_eq!(draft.logged_from(3), [(7, 'd'), (1, 'e')]);
        assert_eq!(draft.take_back(), Some('e'));
        let outbox = draft.finish(300);
        let values = [0, 2, 7, 9].map(|local| outbox.value(local).copied());
        assert_eq!(values, [None, Some('c'), Some('d'), Some('b')]);
        assert!(!outbox.complete);
        let mut draft = Draft::of_several_rounds(300);
        (0..200).for_each(|n| draft.send(n * 7 % 90, n));
        let outbox = draft.finish(300);
        let last = |local: usize| (0..200).rev().find(|n| n * 7 % 90 == local);
        assert!((0..300).all(|local| outbox.value(local).copied() == last(local)));
    }

    #[test]
    fn an_outbox_gives_back_what_each_vertex_sent_at_any_density() {
        check(|vertex| vertex * 10);
        check(|vertex| vertex.to_string());
    }
}
