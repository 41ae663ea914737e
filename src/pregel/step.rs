//! One superstep of one partition, and the vertex as a program sees it.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Error;
use crate::exec::{PanicContext, raise};
use crate::graph::{Bits, Dictionary, Layout, Origin, Senders, VertexBlock, VertexId};

use super::Direction;
use super::gather::Entering;
use super::generation::{Generation, Summary};
use super::held::{Entry, Held};
use super::inbox::{Inbox, Slot, Slots};
use super::outbox::{Draft, Outbox, unknown_target};
use super::plan::Path;
use super::program::VertexProgram;
use super::run::UnknownTarget;
use super::states::States;

/// What is the same for all vertices of a superstep.
pub(super) struct Setting<A> {
    pub(super) superstep: usize,
    /// The aggregate of the superstep before.
    pub(super) previous: A,
    pub(super) layout: Layout,
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) vertex_count: u64,
    pub(super) edge_count: u64,
    pub(super) direction: Direction,
    pub(super) unknown: UnknownTarget,
    /// How messages along edges come in.
    pub(super) path: Path,
    /// Partitions go on by themselves until nothing changes within them.
    pub(super) local_rounds: bool,
    /// Messages of higher buckets wait.
    pub(super) bucket: u64,
    pub(super) phase: usize,
    /// Every vertex that accepts messages wakes up.
    pub(super) wakes: bool,
}

/// The generation type of a program.
pub(super) type GenerationOf<P> = Generation<
    <P as VertexProgram>::State,
    <P as VertexProgram>::Message,
    <P as VertexProgram>::Aggregate,
>;

/// What a partition's vertices send and contribute while they compute.
struct Desk<P: VertexProgram> {
    summary: Summary<P::Aggregate>,
    draft: Draft<P::Message>,
}

/// A vertex in a superstep: its state, and its way to the rest of the graph.
pub struct Vertex<'a, P: VertexProgram> {
    setting: &'a Setting<P::Aggregate>,
    desk: &'a mut Desk<P>,
    block: &'a VertexBlock,
    state: &'a mut P::State,
    local: usize,
    sent: bool,
    halts: bool,
}

impl<P: VertexProgram> std::fmt::Debug for Vertex<'_, P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vertex").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl<P: VertexProgram> Vertex<'_, P> {
    /// Returns the vertex's id.
    #[inline]
    #[must_use]
    pub fn id(&self) -> VertexId {
        self.block.ids[self.local]
    }

    /// Returns the vertex's dense number: `0..vertex_count` in id order, those that messages created
    /// behind the graph's own.
    #[inline]
    #[must_use]
    pub fn index(&self) -> u32 {
        self.block.first + self.local as u32
    }

    /// Returns the current superstep, from 0.
    #[inline]
    #[must_use]
    pub fn superstep(&self) -> usize {
        self.setting.superstep
    }

    /// Returns the current phase, from 0; see [`VertexProgram::next_phase`].
    #[inline]
    #[must_use]
    pub fn phase(&self) -> usize {
        self.setting.phase
    }

    /// Returns the number of vertices, those that messages created included.
    #[inline]
    #[must_use]
    pub fn vertex_count(&self) -> u64 {
        self.setting.vertex_count
    }

    /// Returns the number of directed edges of the graph.
    #[inline]
    #[must_use]
    pub fn edge_count(&self) -> u64 {
        self.setting.edge_count
    }

    /// Returns how many edges leave the vertex.
    #[inline]
    #[must_use]
    pub fn out_degree(&self) -> u32 {
        self.block.out_degrees[self.local]
    }

    /// Returns how many edges enter the vertex.
    #[inline]
    #[must_use]
    pub fn in_degree(&self) -> u32 {
        self.block.in_degrees[self.local]
    }

    /// Returns the vertex's state.
    #[inline]
    #[must_use]
    pub fn state(&self) -> &P::State {
        self.state
    }

    /// Returns the vertex's state for changing it.
    #[inline]
    #[must_use]
    pub fn state_mut(&mut self) -> &mut P::State {
        self.state
    }

    /// Returns what all vertices contributed in the superstep before; the default in superstep 0.
    #[inline]
    #[must_use]
    pub fn previous(&self) -> &P::Aggregate {
        &self.setting.previous
    }

    /// Returns this partition's contributions to the superstep's aggregate, to add the vertex's
    /// own. What others contributed so far is among them, so add and do not read.
    #[inline]
    #[must_use]
    pub fn aggregate(&mut self) -> &mut P::Aggregate {
        &mut self.desk.summary.aggregate
    }

    /// Sends a message along every edge of the program's [direction](super::Direction): one value
    /// is kept a vertex, whatever its degree, and each edge turns it into its own message with
    /// [`along`](VertexProgram::along).
    ///
    /// It may be called once a vertex and superstep; a second call fails the run.
    #[inline]
    pub fn send_to_neighbors(&mut self, message: P::Message) {
        let neighbors = degree(self.block, self.local, self.setting.direction);
        if neighbors == 0 {
            return;
        }
        if self.sent {
            sent_twice(self.id());
        }
        self.sent = true;
        self.desk.summary.messages += neighbors;
        self.desk.draft.send(self.local, message);
    }

    /// Sends a message to the vertex with an id, neighbour or not. Slower than
    /// [`send_to_neighbors`](Self::send_to_neighbors): the id is looked up, and the message travels
    /// on its own. Such messages merge after those along edges. What happens when the graph has no
    /// such vertex says [`Pregel::unknown_target`](super::Pregel::unknown_target).
    pub fn send(&mut self, target: VertexId, message: P::Message) {
        let layout = &self.setting.layout;
        self.desk.summary.messages += 1;
        match self.setting.dictionary.dense(target) {
            Some(dense) => {
                let (partition, local) = layout.place(dense);
                self.desk.draft.letters.post(partition, local, message);
            }
            None => match self.setting.unknown {
                UnknownTarget::Create => self.desk.draft.letters.post_to_stranger(target, message),
                UnknownTarget::Drop => self.desk.summary.dropped += 1,
                UnknownTarget::Error => raise(unknown_target(target)),
            },
        }
    }

    /// Votes to halt: the vertex computes again only when a message arrives.
    #[inline]
    pub fn vote_to_halt(&mut self) {
        self.halts = true;
    }
}

#[cold]
fn sent_twice(id: VertexId) -> ! {
    raise(Error::argument(format!("vertex {id} sent to its neighbors twice in one superstep")))
}

/// How many edges of a direction a vertex has.
#[inline]
fn degree(block: &VertexBlock, local: usize, direction: Direction) -> u64 {
    match direction {
        Direction::Out => u64::from(block.out_degrees[local]),
        Direction::In => u64::from(block.in_degrees[local]),
        Direction::Both => u64::from(block.out_degrees[local]) + u64::from(block.in_degrees[local]),
    }
}

/// How many vertices of a partition have edges of a direction.
pub(super) fn connected(block: &VertexBlock, direction: Direction) -> usize {
    match direction {
        Direction::Out => block.leaving,
        Direction::In => block.entering,
        Direction::Both => block.connected,
    }
}

/// A partition in a superstep: what its vertices have, and what becomes of it.
pub(super) struct Turn<'a, P: VertexProgram> {
    program: &'a P,
    setting: &'a Setting<P::Aggregate>,
    block: &'a VertexBlock,
    /// The edges from the partition to itself are among them.
    edges: &'a [Entering<P::Edge>],
    partition: usize,
    states: States<P::State>,
    halts: Bits,
    settled: Arc<Bits>,
    held: Arc<Held<P::Message>>,
    /// What this superstep adds to what is held.
    holding: Vec<Entry<P::Message>>,
    inbox: Inbox<'a, P>,
    desk: Desk<P>,
    /// The vertex that computes, for messages of panics.
    current: &'a Cell<usize>,
}

/// Computes the vertices of a partition that are awake or received something; `connected` of them
/// have neighbors.
pub(super) fn superstep<P: VertexProgram>(
    program: &P,
    setting: &Setting<P::Aggregate>,
    place: (usize, &VertexBlock, &[Entering<P::Edge>], usize),
    before: &GenerationOf<P>,
    inbox: Inbox<'_, P>,
) -> GenerationOf<P> {
    let (partition, block, edges, connected) = place;
    let vertices = block.len();
    let halted = before.halted.words();
    let settled = match setting.wakes && P::SETTLES_FOR_PHASE {
        true => Arc::new(Bits::new(if P::SETTLES { vertices } else { 0 })),
        false => Arc::clone(&before.settled),
    };
    let computing = |word: usize, received: &Bits| {
        let valid = u64::MAX >> (64 - (vertices - word * 64).min(64));
        let sleeping = match setting.wakes {
            true => settled.words().get(word).copied().unwrap_or_default(),
            false => halted[word],
        };
        (!sleeping & valid) | received.words()[word]
    };
    let count = (0..halted.len()).map(|word| computing(word, &inbox.received).count_ones());
    let count = count.sum::<u32>() as usize;
    let next_bucket = before.held.next_bucket();
    let releases = next_bucket.is_some_and(|bucket| bucket <= setting.bucket);
    if count == 0 && !releases {
        return Generation {
            states: Arc::clone(&before.states),
            halted: Arc::clone(&before.halted),
            settled: Arc::clone(&settled),
            held: Arc::clone(&before.held),
            outbox: Arc::new(Outbox::silent(vertices, connected == 0)),
            summary: Summary { next_bucket, ..Summary::default() },
        };
    }
    let current = Cell::new(0);
    let _context = PanicContext(|| {
        format!("superstep {}, vertex {}", setting.superstep, block.ids[current.get()])
    });
    let draft = if setting.local_rounds || P::PRIORITISED {
        Draft::of_several_rounds(vertices)
    } else {
        Draft::new(vertices, count)
    };
    let mut turn = Turn {
        program,
        setting,
        block,
        edges,
        partition,
        states: (*before.states).clone(),
        halts: (*before.halted).clone(),
        settled: Arc::clone(&settled),
        held: Arc::clone(&before.held),
        holding: Vec::new(),
        inbox,
        desk: Desk { summary: Summary::default(), draft },
        current: &current,
    };
    if P::PRIORITISED && releases {
        turn.release();
    }
    for word in 0..halted.len() {
        turn.compute(word, computing(word, &turn.inbox.received));
    }
    if P::MONOTONE && setting.local_rounds {
        turn.inbox.received.words_mut().fill(0);
        turn.go_on();
    }
    let Turn { states, halts, settled, mut held, holding, inbox, mut desk, .. } = turn;
    inbox.close();
    if !holding.is_empty() {
        Arc::make_mut(&mut held).hold(holding);
    }
    desk.summary.awake = (vertices - halts.count()) as u64;
    desk.summary.next_bucket = held.next_bucket();
    Generation {
        states: Arc::new(states),
        halted: Arc::new(halts),
        settled,
        held,
        outbox: Arc::new(desk.draft.finish(connected)),
        summary: desk.summary,
    }
}

impl<P: VertexProgram> Turn<'_, P> {
    /// Computes vertices of a word of 64.
    #[inline(always)]
    fn compute(&mut self, word: usize, computing: u64) {
        if computing == 0 {
            return;
        }
        let first = word * 64;
        let page = self.states.page_mut(first);
        let mut left = computing;
        let (mut sent, mut halting) = (0, self.halts.words()[word]);
        let was_settled = if P::SETTLES { self.settled.words()[word] } else { 0 };
        let mut settled = was_settled;
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let local = first + left.trailing_zeros() as usize;
            left ^= bit;
            self.current.set(local);
            let received = self.inbox.take(local);
            let state = &mut page[local % States::<P::State>::PAGE];
            let mut vertex = Vertex {
                setting: self.setting,
                desk: &mut self.desk,
                block: self.block,
                state,
                local,
                sent: false,
                halts: false,
            };
            self.program.compute(&mut vertex, received);
            let (has_sent, halts) = (vertex.sent, vertex.halts);
            sent |= if has_sent { bit } else { 0 };
            halting = if halts { halting | bit } else { halting & !bit };
            if P::SETTLES && settled & bit == 0 && !self.program.accepts(state) {
                settled |= bit;
                let edges = degree(self.block, local, self.setting.direction.reversed());
                self.desk.summary.settled_edges += edges;
            }
            if P::PRIORITISED && has_sent && !self.setting.local_rounds {
                let bucket = self.program.priority(state);
                if bucket > self.setting.bucket
                    && let Some(message) = self.desk.draft.take_back()
                {
                    let messages = degree(self.block, local, self.setting.direction);
                    self.desk.summary.messages -= messages;
                    self.holding.push((bucket, local as u32, message));
                }
            }
        }
        self.desk.summary.computed += u64::from(computing.count_ones());
        self.desk.draft.mark(word, sent);
        self.halts.words_mut()[word] = halting;
        if settled != was_settled {
            Arc::make_mut(&mut self.settled).words_mut()[word] = settled;
        }
    }

    /// Sends the messages whose bucket's turn it is, other than those of vertices that have sent
    /// better ones since.
    fn release(&mut self) {
        let mut released = Bits::new(self.block.len());
        let held = Arc::make_mut(&mut self.held);
        held.take(self.setting.bucket, |(bucket, local, message)| {
            let index = *local as usize;
            if self.program.priority(self.states.get(index)) != *bucket {
                return;
            }
            // A newer message of the same bucket replaces the one before.
            if !released.contains(index) {
                released.insert(index);
                self.desk.summary.messages += degree(self.block, index, self.setting.direction);
            }
            self.desk.draft.send(index, message.clone());
        });
    }

    /// Delivers messages within the partition, other than those of hubs, and computes who received
    /// one, until nobody does: bucket by bucket where the program has priorities, and else all at a time.
    fn go_on(&mut self) {
        let mut waiting: BTreeMap<u64, Vec<(u32, P::Message)>> = BTreeMap::new();
        let mut first = 0;
        loop {
            for (local, message) in self.desk.draft.logged_from(first) {
                let state = self.states.get(*local as usize);
                let bucket = if P::PRIORITISED { self.program.priority(state) } else { 0 };
                waiting.entry(bucket).or_default().push((*local, message.clone()));
            }
            first = self.desk.draft.logged();
            let Some((bucket, mut round)) = waiting.pop_first() else { return };
            round.sort_by_key(|(local, _)| *local);
            if P::PRIORITISED {
                // Whoever got better since has another message in an earlier bucket, or had.
                round.retain(|(local, _)| {
                    self.program.priority(self.states.get(*local as usize)) == bucket
                });
            }
            // A newer message comes after an older one of the same vertex and replaces it.
            round.reverse();
            round.dedup_by_key(|(local, _)| *local);
            round.reverse();
            let mut touched = Vec::new();
            self.deliver(&round, &mut touched);
            touched.sort_unstable();
            touched.dedup();
            for word in touched {
                self.compute(word, self.inbox.received.words()[word]);
                self.inbox.received.words_mut()[word] = 0;
            }
        }
    }

    /// Merges messages along the edges from the partition to itself that leave no hub, and notes the words of the
    /// bitmap in which somebody received one.
    fn deliver(&mut self, round: &[(u32, P::Message)], touched: &mut Vec<usize>) {
        let (slots, received) = self.inbox.open(self.block.len());
        let senders: Vec<_> = round.iter().map(|(local, _)| *local).collect();
        for by_source in self.edges.iter().filter_map(|edges| edges.by_source.as_deref()) {
            let Some(cell) = by_source.cell(Origin::Partition(self.partition)) else { continue };
            cell.for_each_source(&Senders::Few(&senders), |place, edges| {
                let (targets, edges) = cell.edges(edges);
                for (target, edge) in targets.iter().zip(edges) {
                    let target = *target as usize;
                    if P::SETTLES && self.settled.contains(target) {
                        continue;
                    }
                    let message = self.program.along(&round[place].1, edge);
                    match slots {
                        Slots::Neutral(slots, _) => Slot::<P>::merge(&mut slots[target], message),
                        Slots::Optional(slots) => Slot::<P>::merge(&mut slots[target], message),
                    }
                    if !received.contains(target) {
                        received.insert(target);
                        touched.push(target / 64);
                    }
                }
            });
        }
    }
}
