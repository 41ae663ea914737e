//! A forest that spans a graph, its vertices numbered in preorder, and where edges outside it lead:
//! [bridges](super::bridges) and [articulation points](super::articulation_points) are read off it.
//!
//! Three programs on the undirected simple graph, one after another:
//!
//! 1. [Connected components](super::connected_components); the smallest vertex of each is its root.
//! 2. **Forest**: a breadth-first search from all roots at a time gives every vertex a parent.
//! 3. **Numbers**: from the leaves up, the sizes of subtrees; from the roots down, numbers in
//!    preorder, so that a subtree is a range of numbers; and from the leaves up, the smallest and
//!    the largest number that edges outside the forest lead to from a subtree.
//!
//! - **State**: in step 3 some 60 bytes, and 16 for each child.
//! - **Supersteps**: those of the components, and four times the depth of the forest.
//! - **Messages**: every edge both ways in each step, and 4 letters a vertex.
//! - **Source**: Tarjan and Vishkin, *An efficient parallel biconnectivity algorithm* (SIAM Journal on
//!   Computing 14, 1985), sections 3 and 4.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{Any, Collect, Pregel, Seed, Superstep, SuperstepStats, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::connected_components;

/// A spanning forest, and how it was found.
#[derive(Debug, Clone)]
pub(super) struct Cuts {
    /// The undirected simple graph.
    pub(super) graph: Graph,
    /// Where each vertex is in the forest, in id order.
    pub(super) places: Rdd<(VertexId, Place)>,
    pub(super) supersteps: Vec<SuperstepStats>,
}

/// Finds out what holds a graph together.
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
    for (index, step) in supersteps.iter_mut().enumerate() {
        step.index = index;
    }
    Ok(Cuts { graph, places: numbers.states(), supersteps })
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
pub(super) struct Place {
    /// The vertex itself for a root.
    pub(super) parent: VertexId,
    /// Vertices in the subtree.
    size: u32,
    /// The place in preorder within the tree; that of the parent, `u32::MAX` for a root.
    number: u32,
    parent_number: u32,
    /// Vertices in the subtree of the parent.
    parent_size: u32,
    /// The smallest and the largest number that the subtree reaches by one edge outside the forest,
    /// or has.
    low: u32,
    high: u32,
    /// Children that have not told yet what is asked of them.
    pending: u32,
    children: Vec<(VertexId, u32)>,
}

impl Place {
    fn new(seed: &Seed) -> Self {
        Self {
            parent: seed.id,
            size: 1,
            number: 0,
            parent_number: u32::MAX,
            parent_size: 0,
            low: 0,
            high: 0,
            pending: 0,
            children: Vec::new(),
        }
    }

    /// True when an edge outside the forest leaves the subtree.
    pub(super) fn leads_out(&self) -> bool {
        self.leads_beyond(self.number, self.size)
    }

    /// True when an edge outside the forest leads from the subtree out of that of the parent.
    pub(super) fn leads_past_parent(&self) -> bool {
        self.leads_beyond(self.parent_number, self.parent_size)
    }

    fn leads_beyond(&self, number: u32, size: u32) -> bool {
        self.low < number || self.high >= number + size
    }
}

/// What vertices tell one another.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Message {
    /// To the parent: there is a child.
    Child,
    /// To the parent: the child's id, and how many vertices are in its subtree.
    Size(VertexId, u32),
    /// To a child: its number, the parent's, and how many vertices are in the parent's subtree.
    Number(u32, u32, u32),
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
        if let Some([Message::Number(own, parent, size)]) = inbox.as_deref() {
            (state.number, state.parent_number, state.parent_size) = (*own, *parent, *size);
        } else if !is_root {
            return;
        }
        let (number, size) = (state.number, state.size);
        let mut next = number + 1;
        for (child, below) in std::mem::take(&mut state.children) {
            vertex.send(child, Message::Number(next, number, size));
            vertex.state_mut().pending += 1;
            next += below;
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
