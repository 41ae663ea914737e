//! What the vertices of a partition received, and the slots in which messages merge.
//!
//! Slots are as many as a partition can have vertices, rounded up to a power of two, and serve
//! superstep after superstep: a run lends them to a partition's turn, and gets them back as they
//! were, since every vertex that received something takes it.

use std::sync::{Arc, Mutex, PoisonError};

use crate::graph::Bits;

use super::combiner::Combiner;
use super::gather::Lookup;
use super::program::{Combined, VertexProgram};
use super::runs::Runs;

/// Where the messages of a vertex merge.
pub(super) trait Slot<P: VertexProgram>: Sized {
    fn merge(&mut self, message: P::Message);
    /// Merges the message that `make` makes, or does without it where it only counts.
    #[inline(always)]
    fn merge_with(&mut self, make: impl FnOnce() -> P::Message) {
        self.merge(make());
    }
    /// Takes what is there out, to be put back after merging into it: a value of one's own stays in
    /// a register.
    fn lift(&mut self) -> Self;
    /// True when no further message can change what is there.
    fn is_saturated(&self) -> bool;
}

/// A slot that holds a value from the beginning, which merging leaves out of the result.
#[derive(Clone)]
pub(super) struct Neutral<C>(C);

impl<P: VertexProgram> Slot<P> for Neutral<Combined<P>> {
    #[inline(always)]
    fn merge(&mut self, message: P::Message) {
        P::Combiner::merge(&mut self.0, message);
    }

    #[inline(always)]
    fn lift(&mut self) -> Self {
        Self(self.0.clone())
    }

    #[inline(always)]
    fn is_saturated(&self) -> bool {
        P::Combiner::is_saturated(&self.0)
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

    #[inline(always)]
    fn lift(&mut self) -> Self {
        self.take()
    }

    #[inline(always)]
    fn is_saturated(&self) -> bool {
        self.as_ref().is_some_and(P::Combiner::is_saturated)
    }
}

/// Slots of either kind.
pub(super) enum Slots<C> {
    /// Accumulators that start from a neutral value, and that value.
    Neutral(Vec<Neutral<C>>, C),
    /// Accumulators that start from the first message.
    Optional(Vec<Option<C>>),
}

/// Slots that are not in use.
pub(super) struct SlotPool<C> {
    free: Mutex<Vec<Slots<C>>>,
    neutral: Option<C>,
    /// How many slots a partition needs.
    slots: usize,
}

impl<C: Clone> SlotPool<C> {
    /// Makes a pool for partitions of up to `vertices` vertices.
    pub(super) fn new(neutral: Option<C>, vertices: usize) -> Arc<Self> {
        Arc::new(Self { free: Mutex::default(), neutral, slots: vertices.next_power_of_two() })
    }

    fn lend(&self, vertices: usize) -> Slots<C> {
        // Vertices that messages created may be more than a partition of the graph's own.
        let slots = self.slots.max(vertices.next_power_of_two());
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match free {
            Some(free) if free.len() >= slots => free,
            _ => match &self.neutral {
                Some(neutral) => {
                    Slots::Neutral(vec![Neutral(neutral.clone()); slots], neutral.clone())
                }
                None => Slots::Optional(vec![None; slots]),
            },
        }
    }

    fn take_back(&self, slots: Slots<C>) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(slots);
    }
}

impl<C> Slots<C> {
    fn len(&self) -> usize {
        match self {
            Self::Neutral(slots, _) => slots.len(),
            Self::Optional(slots) => slots.len(),
        }
    }
}

/// The messages of a partition's vertices, combined or about to be.
pub(super) struct Inbox<'m, P: VertexProgram> {
    slots: Option<Slots<Combined<P>>>,
    /// The messages instead, where they merge late.
    late: Option<Late<'m, P>>,
    pub(super) received: Bits,
    pool: Arc<SlotPool<Combined<P>>>,
}

/// Messages that merge late.
enum Late<'m, P: VertexProgram> {
    Runs(Runs<P::Message>),
    Lookup(Lookup<'m, P>),
}

impl<'m, P: VertexProgram> Inbox<'m, P> {
    /// An inbox without messages.
    pub(super) fn empty(pool: &Arc<SlotPool<Combined<P>>>, vertices: usize) -> Self {
        Self { slots: None, late: None, received: Bits::new(vertices), pool: Arc::clone(pool) }
    }

    /// The slots of `vertices` vertices, to merge messages into, and who received one.
    pub(super) fn open(&mut self, vertices: usize) -> (&mut Slots<Combined<P>>, &mut Bits) {
        let slots = self.slots.get_or_insert_with(|| self.pool.lend(vertices));
        (slots, &mut self.received)
    }

    /// Puts in messages that merge late.
    pub(super) fn put(&mut self, runs: Runs<P::Message>) {
        self.late = Some(Late::Runs(runs));
    }

    /// Lets messages be looked up that merge late.
    pub(super) fn look_up(&mut self, lookup: Lookup<'m, P>) {
        self.late = Some(Late::Lookup(lookup));
    }

    /// Takes what a vertex received.
    #[inline]
    pub(super) fn take(&mut self, local: usize) -> Option<Combined<P>> {
        if !self.received.contains(local) {
            return None;
        }
        if P::Combiner::LATE
            && let Some(late) = &mut self.late
        {
            return match late {
                Late::Runs(runs) => P::Combiner::combine(runs.take(local)),
                Late::Lookup(lookup) => P::Combiner::combine(lookup.messages(local)),
            };
        }
        match self.slots.as_mut()? {
            Slots::Neutral(slots, neutral) => {
                Some(std::mem::replace(&mut slots[local].0, neutral.clone()))
            }
            Slots::Optional(slots) => slots[local].take(),
        }
    }

    /// Drops what the given vertices received.
    pub(super) fn refuse(&mut self, settled: &Bits) {
        for word in 0..settled.words().len() {
            let mut refused = self.received.words()[word] & settled.words()[word];
            while refused != 0 && self.late.is_none() {
                drop(self.take(word * 64 + refused.trailing_zeros() as usize));
                refused &= refused - 1;
            }
            self.received.words_mut()[word] &= !settled.words()[word];
        }
    }

    /// Gives the slots back, once every vertex took what it received.
    pub(super) fn close(self) {
        if let Some(slots) = self.slots {
            self.pool.take_back(slots);
        }
    }
}
