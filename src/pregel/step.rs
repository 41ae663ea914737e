//! One superstep of one partition, and the vertex as a program sees it.

use std::cell::Cell;
use std::sync::Arc;

use crate::error::Error;
use crate::exec::{PanicContext, raise};
use crate::graph::{Bits, Dictionary, Layout, VertexBlock, VertexId};

use super::Direction;
use super::gather::Inbox;
use super::generation::{Generation, Summary};
use super::outbox::{Draft, Outbox, unknown_target};
use super::program::{Combined, VertexProgram};
use super::run::UnknownTarget;

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

/// Computes the vertices of a partition that are awake or received something.
pub(super) fn superstep<P: VertexProgram>(
    program: &P,
    setting: &Setting<P::Aggregate>,
    block: &VertexBlock,
    connected: usize,
    before: &GenerationOf<P>,
    mut inbox: Inbox<Combined<P>>,
) -> GenerationOf<P> {
    let vertices = block.len();
    let halted = before.halted.words();
    let tail = if vertices.is_multiple_of(64) { u64::MAX } else { (1 << (vertices % 64)) - 1 };
    let computes = |word: usize, received: &Bits| {
        let valid = if (word + 1) * 64 > vertices { tail } else { u64::MAX };
        (!halted[word] & valid) | received.words()[word]
    };
    let computing = (0..halted.len()).map(|word| computes(word, inbox.received()).count_ones());
    let computing = computing.sum::<u32>() as usize;
    if computing == 0 {
        return Generation {
            states: Arc::clone(&before.states),
            halted: Arc::clone(&before.halted),
            outbox: Arc::new(Outbox::silent(vertices, connected == 0)),
            summary: Summary::default(),
        };
    }
    let mut states = before.states.to_vec();
    let mut halts = (*before.halted).clone();
    let mut desk =
        Desk::<P> { summary: Summary::default(), draft: Draft::new(vertices, computing) };
    let current = Cell::new(0);
    let _context = PanicContext(|| {
        format!("superstep {}, vertex {}", setting.superstep, block.ids[current.get()])
    });
    for (word, halted) in halted.iter().enumerate() {
        let mut left = computes(word, inbox.received());
        let (mut sent, mut halting) = (0, *halted);
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let local = word * 64 + left.trailing_zeros() as usize;
            left ^= bit;
            current.set(local);
            let received = inbox.take(local);
            let mut vertex = Vertex {
                setting,
                desk: &mut desk,
                block,
                state: &mut states[local],
                local,
                sent: false,
                halts: false,
            };
            program.compute(&mut vertex, received);
            sent |= if vertex.sent { bit } else { 0 };
            halting = if vertex.halts { halting | bit } else { halting & !bit };
        }
        desk.draft.mark(word, sent);
        halts.words_mut()[word] = halting;
    }
    desk.summary.computed = computing as u64;
    desk.summary.awake = (vertices - halts.count()) as u64;
    Generation {
        states: Arc::new(states),
        halted: Arc::new(halts),
        outbox: Arc::new(desk.draft.finish(connected)),
        summary: desk.summary,
    }
}
