//! Messages that merge late: all messages to a partition in one vector, those of a vertex side by
//! side.
//!
//! They are gathered twice, by the same loops: into [`Count`]s first, which tell how long each
//! vertex's run is, and then into the [`Run`]s themselves. So no vertex has a vector of its own.

use std::slice::IterMut;

use super::inbox::Slot;
use super::program::VertexProgram;

/// A slot that counts messages.
#[derive(Clone, Copy, Default)]
pub(super) struct Count(usize);

impl<P: VertexProgram> Slot<P> for Count {
    #[inline(always)]
    fn merge(&mut self, _message: P::Message) {
        self.0 += 1;
    }

    #[inline(always)]
    fn merge_with(&mut self, _make: impl FnOnce() -> P::Message) {
        self.0 += 1;
    }

    #[inline(always)]
    fn lift(&mut self) -> Self {
        *self
    }

    #[inline(always)]
    fn is_saturated(&self) -> bool {
        false
    }
}

/// A slot that keeps messages: what is still free of a vertex's run.
#[derive(Default)]
pub(super) struct Run<'a, M>(IterMut<'a, Option<M>>);

impl<P: VertexProgram> Slot<P> for Run<'_, P::Message> {
    #[inline(always)]
    fn merge(&mut self, message: P::Message) {
        // There are as many places as messages were counted.
        if let Some(place) = self.0.next() {
            *place = Some(message);
        }
    }

    #[inline(always)]
    fn lift(&mut self) -> Self {
        Self(std::mem::take(&mut self.0))
    }

    #[inline(always)]
    fn is_saturated(&self) -> bool {
        false
    }
}

/// The messages of a partition's vertices.
pub(super) struct Runs<M> {
    messages: Vec<Option<M>>,
    /// Where each vertex's run ends.
    ends: Vec<usize>,
}

impl<M> Runs<M> {
    /// Makes room for as many messages as were counted.
    pub(super) fn new(counts: &[Count]) -> Self {
        let mut total = 0;
        let ends = counts.iter().map(|count| {
            total += count.0;
            total
        });
        let ends = ends.collect();
        let mut messages = Vec::new();
        messages.resize_with(total, || None);
        Self { messages, ends }
    }

    /// The slots of all vertices, to put messages into.
    pub(super) fn slots(&mut self) -> Vec<Run<'_, M>> {
        let mut rest = &mut self.messages[..];
        let mut start = 0;
        let runs = self.ends.iter().map(|end| {
            let (run, others) = std::mem::take(&mut rest).split_at_mut(end - start);
            (rest, start) = (others, *end);
            Run(run.iter_mut())
        });
        runs.collect()
    }

    /// Takes the messages of a vertex, at most as many as the iterator says.
    pub(super) fn take(&mut self, local: usize) -> impl Iterator<Item = M> {
        let start = local.checked_sub(1).map_or(0, |before| self.ends[before]);
        let run = self.messages[start..self.ends[local]].iter_mut();
        run.map_while(Option::take)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Collect, Seed, Vertex};
    use super::*;

    struct Letters;

    impl VertexProgram for Letters {
        type State = ();
        type Edge = ();
        type Message = char;
        type Combiner = Collect;
        type Aggregate = ();

        fn init(&self, _: &Seed) {}

        fn compute(&self, _: &mut Vertex<'_, Self>, _: Option<Vec<char>>) {}
    }

    #[test]
    fn runs_keep_the_messages_of_each_vertex_in_their_order() {
        let sent = [(2, 'a'), (0, 'b'), (2, 'c'), (5, 'd'), (2, 'e')];
        let mut counts = [Count::default(); 8];
        for (vertex, letter) in sent {
            Slot::<Letters>::merge(&mut counts[vertex], letter);
        }
        let mut runs = Runs::new(&counts);
        let mut slots = runs.slots();
        for (vertex, letter) in sent {
            // As the loops over long rows do.
            let mut own = Slot::<Letters>::lift(&mut slots[vertex]);
            Slot::<Letters>::merge(&mut own, letter);
            slots[vertex] = own;
        }
        drop(slots);
        let taken: Vec<String> = (0..8).map(|vertex| runs.take(vertex).collect()).collect();
        let expected = ["b", "", "ace", "", "", "d", "", ""];
        assert_eq!(taken, expected);
        assert_eq!(runs.take(2).count(), 0);
    }
}
