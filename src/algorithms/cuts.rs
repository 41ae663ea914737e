//! What holds a graph together: the edges and the vertices without which it would fall apart.
//! [Bridges](super::bridges) and [articulation points](super::articulation_points) are read off it.
//!
//! Four programs on the undirected simple graph, one after another:
//!
//! 1. [Connected components](super::connected_components); the smallest vertex of each is its root.
//! 2. **Forest**: a breadth-first search from all roots at a time gives every vertex a parent.
//! 3. **Numbers**: from the leaves up, the sizes of subtrees; from the roots down, numbers in
//!    preorder, so that a subtree is a range of numbers; and from the leaves up, the smallest and
//!    the largest number that edges outside the forest lead to from a subtree.
//! 4. **Around the roots**: the components that are left without the roots.
//!
//! An edge to a parent is a bridge when no edge outside the forest leaves the child's subtree. A
//! vertex other than a root is an articulation point when no edge outside the forest leaves the
//! subtree of the vertex from that of one of its children. A root is one when its neighbours are in
//! different components without it.
//!
//! - **State**: in step 3 some 60 bytes, and 16 for each child.
//! - **Supersteps**: those of the components twice, and four times the depth of the forest.
//! - **Messages**: every edge both ways in steps 1, 2 and 3, and in step 4 whenever a label changes;
//!   and 4 letters a vertex.
//! - **Source**: Tarjan and Vishkin, *An efficient parallel biconnectivity algorithm* (SIAM Journal on
//!   Computing 14, 1985), sections 3 and 4; Dong, Wang, Gu, Sun, *Provably Fast and Space-Efficient
//!   Parallel Biconnectivity* (PPoPP 2023), section 4 (any spanning tree serves).

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{
    Any, Collect, Combiner, Pregel, Seed, Superstep, SuperstepStats, Vertex, VertexProgram,
};
use crate::rdd::Rdd;

use super::connected_components;

/// Bridges and articulation points.
#[derive(Debug, Clone)]
pub(super) struct Cuts {
    /// Each once, the smaller id first, in the order of one of its ends.
    pub(super) bridges: Rdd<(VertexId, VertexId)>,
    /// Whether each vertex is an articulation point, in id order.
    pub(super) points: Rdd<(VertexId, bool)>,
    pub(super) supersteps: Vec<SuperstepStats>,
}

/// Finds what holds a graph together.
pub(super) fn cuts(graph: &Graph) -> Result<Cuts> {
    let graph = graph.to_simple()?;
    let mut supersteps = Vec::new();
    let components = connected_components::run(&graph)?;
    supersteps.extend_from_slice(components.supersteps());
    let labels = connected_components::labels(&graph, &components.states())?;
    let roots = graph.zip_vertices(&labels.map(|(id, label)| (id, id == label)))?;

    let parents = Pregel::new(Forest)
        .run_from(&roots, |seed, is_root| if *is_root { Some(seed.id) } else { None })?;
    supersteps.extend_from_slice(parents.supersteps());
    let parents = parents.states().map(|(id, parent)| (id, parent.unwrap_or(id)));
    let parents = graph.zip_vertices(&parents)?;
    let numbers = Pregel::new(Numbers)
        .run_from(&parents, |seed, parent| Place { parent: *parent, ..Place::new(seed) })?;
    supersteps.extend_from_slice(numbers.supersteps());

    let around = Pregel::new(AroundRoots).run_from(&roots, |seed, is_root| Around {
        label: seed.index,
        is_root: *is_root,
        falls_apart: false,
    })?;
    supersteps.extend_from_slice(around.supersteps());
    for (index, step) in supersteps.iter_mut().enumerate() {
        step.index = index;
    }
    let bridges = numbers.states().flat_map(|(id, place)| {
        let leads_out = place.low < place.number || place.high >= place.number + place.size;
        let ends = (id.min(place.parent), id.max(place.parent));
        (place.parent != id && !leads_out).then_some(ends)
    });
    let points = numbers.states().zip_partitions(&around.states(), |numbers, around| {
        numbers.zip(around).map(|((id, place), (_, around))| {
            (id, if place.parent == id { around.falls_apart } else { place.holds_a_child })
        })
    })?;
    Ok(Cuts { bridges, points, supersteps })
}

/// A breadth-first search from several vertices; the state is the parent, of a root itself.
#[derive(Debug, Clone, Copy)]
struct Forest;

impl VertexProgram for Forest {
    type State = Option<VertexId>;
    type Edge = ();
    type Message = VertexId;
    type Combiner = Any;
    type Aggregate = ();

    const SETTLES: bool = true;

    fn init(&self, _seed: &Seed) -> Option<VertexId> {
        None
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<VertexId>) {
        if inbox.is_some() {
            *vertex.state_mut() = inbox;
        }
        if vertex.state().is_some() {
            vertex.send_to_neighbors(vertex.id());
        }
        vertex.vote_to_halt();
    }

    #[inline]
    fn accepts(&self, parent: &Option<VertexId>) -> bool {
        parent.is_none()
    }
}

/// Numbers the vertices of a forest and finds where edges outside it lead.
#[derive(Debug, Clone, Copy)]
struct Numbers;

/// A vertex's place in the forest.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    /// The vertex itself for a root.
    parent: VertexId,
    /// Vertices in the subtree.
    size: u32,
    /// The place in preorder within the tree; that of the parent, `u32::MAX` for a root.
    number: u32,
    parent_number: u32,
    /// The smallest and the largest number that the subtree reaches by one edge outside the forest,
    /// or has.
    low: u32,
    high: u32,
    /// Children that have not told yet what is asked of them.
    pending: u32,
    children: Vec<(VertexId, u32)>,
    /// True when the subtree of a child reaches nothing beyond that of the vertex.
    holds_a_child: bool,
}

impl Place {
    fn new(seed: &Seed) -> Self {
        Self {
            parent: seed.id,
            size: 1,
            number: 0,
            parent_number: u32::MAX,
            low: 0,
            high: 0,
            pending: 0,
            children: Vec::new(),
            holds_a_child: false,
        }
    }
}

/// What vertices tell one another.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Message {
    /// To the parent: there is a child.
    Child,
    /// To the parent: the child's id, and how many vertices are in its subtree.
    Size(VertexId, u32),
    /// To a child: its number and the parent's.
    Number(u32, u32),
    /// To all neighbours: the sender's number and its parent's.
    Near(u32, u32),
    /// To the parent: the smallest and the largest number that the child's subtree reaches.
    Reach(u32, u32),
}

impl VertexProgram for Numbers {
    type State = Place;
    type Edge = ();
    type Message = Message;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Place {
        Place::new(seed)
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<Message>>) {
        let (id, parent) = (vertex.id(), vertex.state().parent);
        if vertex.phase() == 0 && vertex.superstep() == 0 {
            if parent != id {
                vertex.send(parent, Message::Child);
            }
            // Awake in the next superstep, in which a leaf hears of no child.
            return;
        }
        vertex.vote_to_halt();
        match vertex.phase() {
            0 => self.size(vertex, inbox.unwrap_or_default()),
            1 => self.number(vertex, inbox),
            2 => match inbox {
                None => {
                    let state = vertex.state();
                    let near = Message::Near(state.number, state.parent_number);
                    vertex.send_to_neighbors(near);
                }
                Some(near) => self.look_around(vertex, near),
            },
            _ => self.reach(vertex, inbox),
        }
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase < 3
    }
}

impl Numbers {
    /// Counts the vertices of the subtree, from the leaves up.
    fn size(&self, vertex: &mut Vertex<'_, Self>, told: Vec<Message>) {
        let id = vertex.id();
        let state = vertex.state_mut();
        for message in told {
            match message {
                Message::Child => state.pending += 1,
                Message::Size(child, size) => {
                    state.pending -= 1;
                    state.size += size;
                    state.children.push((child, size));
                }
                Message::Number(..) | Message::Near(..) | Message::Reach(..) => {}
            }
        }
        if state.pending == 0 {
            state.children.sort_unstable();
            if state.parent != id {
                let (parent, size) = (state.parent, state.size);
                vertex.send(parent, Message::Size(id, size));
            }
        }
    }

    /// Numbers the children, from the roots down: each after the vertex and its elder siblings'
    /// subtrees.
    fn number(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<Message>>) {
        let is_root = vertex.state().parent == vertex.id();
        let state = vertex.state_mut();
        if let Some([Message::Number(own, parent)]) = inbox.as_deref() {
            (state.number, state.parent_number) = (*own, *parent);
        } else if !is_root {
            return;
        }
        let number = state.number;
        let mut next = number + 1;
        for (child, size) in std::mem::take(&mut state.children) {
            vertex.send(child, Message::Number(next, number));
            vertex.state_mut().pending += 1;
            next += size;
        }
    }

    /// Notes where edges outside the forest lead from the vertex itself.
    fn look_around(&self, vertex: &mut Vertex<'_, Self>, near: Vec<Message>) {
        let state = vertex.state_mut();
        (state.low, state.high) = (state.number, state.number);
        for message in near {
            if let Message::Near(number, parent) = message
                && number != state.parent_number
                && parent != state.number
            {
                state.low = number.min(state.low);
                state.high = number.max(state.high);
            }
        }
    }

    /// Tells the parent what the subtree reaches, from the leaves up.
    fn reach(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<Message>>) {
        let id = vertex.id();
        let state = vertex.state_mut();
        for message in inbox.unwrap_or_default() {
            if let Message::Reach(low, high) = message {
                state.pending -= 1;
                state.holds_a_child |= low >= state.number && high < state.number + state.size;
                state.low = low.min(state.low);
                state.high = high.max(state.high);
            }
        }
        if state.pending == 0 && state.parent != id {
            let (parent, reach) = (state.parent, Message::Reach(state.low, state.high));
            vertex.send(parent, reach);
        }
    }
}

/// Finds the components without the roots, and whether the neighbours of a root are in one.
#[derive(Debug, Clone, Copy)]
struct AroundRoots;

/// What a vertex remembers.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Around {
    label: u32,
    is_root: bool,
    falls_apart: bool,
}

/// The smallest and the largest label.
#[derive(Debug, Clone, Copy)]
struct Range;

impl Combiner<u32> for Range {
    type Combined = (u32, u32);

    #[inline]
    fn lift(label: u32) -> (u32, u32) {
        (label, label)
    }

    #[inline]
    fn merge(into: &mut (u32, u32), label: u32) {
        *into = (into.0.min(label), into.1.max(label));
    }

    const NEUTRAL: Option<fn() -> (u32, u32)> = Some(|| (u32::MAX, 0));
}

impl VertexProgram for AroundRoots {
    type State = Around;
    type Edge = ();
    type Message = u32;
    type Combiner = Range;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Around {
        Around { label: seed.index, is_root: false, falls_apart: false }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<(u32, u32)>) {
        vertex.vote_to_halt();
        let begins = inbox.is_none();
        let state = vertex.state_mut();
        if state.is_root {
            if let Some((smallest, largest)) = inbox {
                // The last word is that of the second phase, in which labels are final.
                state.falls_apart = smallest != largest;
            }
            return;
        }
        let smaller = inbox.filter(|(smallest, _)| *smallest < state.label);
        if let Some((smallest, _)) = smaller {
            state.label = smallest;
        }
        if smaller.is_some() || begins {
            let label = state.label;
            vertex.send_to_neighbors(label);
        }
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase == 0
    }
}
