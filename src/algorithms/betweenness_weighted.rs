//! Betweenness centrality by the lengths of paths: Brandes' algorithm from one source at a time.
//!
//! Three phases a source. In the first, vertices find their distances, as for
//! [`shortest_paths`](super::shortest_paths). An edge u→v is tight when the distance of u and its
//! length make the distance of v; tight edges have no cycles, since lengths are above 0. In the second
//! phase every vertex first counts the tight edges that enter it, and once it has heard over all of
//! them how many paths lead there, passes their sum on. In the third it counts the tight edges that
//! leave it, and once it has heard over all of them, its dependency is complete.
//!
//! - **State**: 40 bytes. **Supersteps**: for every source, three times the largest number of edges
//!   on a shortest path at least. **Messages**: for every source at least four times all edges, each
//!   of 24 bytes, which are collected.
//! - **Source**: Brandes, *A faster algorithm for betweenness centrality* (Journal of Mathematical
//!   Sociology 25, 2001), section 4.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Collect, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram};

use super::betweenness::Progress;
use super::weights::{check_sums, check_weights};

/// What one end of an edge tells the other.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Word {
    /// The distance of the vertex that speaks.
    distance: f64,
    /// The length of the edge.
    length: f64,
    /// How many paths lead to it, or what its dependency makes each worth; 0 when neither is known.
    value: f64,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct State {
    score: f64,
    distance: f64,
    paths: f64,
    dependency: f64,
    /// Tight edges over which something is still to be heard.
    awaited: u32,
    /// The phase, and whether tight edges have been counted in it.
    phase: u32,
    counted: bool,
}

/// The vertex program.
#[derive(Debug, Clone)]
struct Weighted {
    sources: Arc<Vec<u32>>,
}

impl Weighted {
    fn search(&self, vertex: &mut Vertex<'_, Self>, begins: bool, words: &[Word]) {
        vertex.vote_to_halt();
        let state = vertex.state();
        let (before, phase) = (state.distance, state.phase);
        let offered = words.iter().map(|word| word.distance + word.length);
        let nearest = offered.fold(f64::INFINITY, f64::min);
        let distance = if begins {
            let source = self.sources.get(phase as usize / 3);
            if source == Some(&vertex.index()) { 0.0 } else { f64::INFINITY }
        } else {
            before.min(nearest)
        };
        vertex.state_mut().distance = distance;
        if distance.is_finite() && (begins || distance < before) {
            vertex.send_to_neighbors(Word { distance, length: 0.0, value: 0.0 });
        }
    }

    /// Hears over tight edges: first counts them, and says something when all have spoken.
    fn hear(&self, vertex: &mut Vertex<'_, Self>, begins: bool, words: &[Word], returns: bool) {
        let index = vertex.index();
        let state = vertex.state_mut();
        let distance = state.distance;
        if !distance.is_finite() {
            vertex.vote_to_halt();
            return;
        }
        let source = self.sources.get(state.phase as usize / 3) == Some(&index);
        if begins {
            if returns {
                state.dependency = 0.0;
            } else {
                state.paths = f64::from(u8::from(source));
            }
            vertex.send_to_neighbors(Word { distance, length: 0.0, value: 0.0 });
            return;
        }
        let tight = words.iter().filter(|word| match returns {
            false => word.distance + word.length == distance,
            true => distance + word.length == word.distance,
        });
        let first = !state.counted;
        if first {
            state.counted = true;
            state.awaited = tight.count() as u32;
        } else {
            let (spoke, sum) =
                tight.fold((0, 0.0), |(spoke, sum), word| (spoke + 1, sum + word.value));
            state.awaited = state.awaited.saturating_sub(spoke);
            if returns {
                state.dependency += state.paths * sum;
            } else {
                state.paths += sum;
            }
        }
        // Where nothing is awaited, it is said once: when the last has spoken, or at once.
        let heard = first || words.iter().any(|word| word.value > 0.0);
        if state.awaited == 0 && heard {
            let value = match returns {
                false => state.paths,
                true => {
                    if !source {
                        state.score += state.dependency;
                    }
                    (1.0 + state.dependency) / state.paths
                }
            };
            // Said only once: whatever comes later is not tight.
            state.awaited = u32::MAX;
            vertex.send_to_neighbors(Word { distance, length: 0.0, value });
        }
        vertex.vote_to_halt();
    }
}

impl VertexProgram for Weighted {
    type State = State;
    type Edge = f64;
    type Message = Word;
    type Combiner = Collect;
    type Aggregate = Progress;

    fn init(&self, _seed: &Seed) -> State {
        State {
            score: 0.0,
            distance: f64::INFINITY,
            paths: 0.0,
            dependency: 0.0,
            awaited: 0,
            phase: u32::MAX,
            counted: false,
        }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<Word>>) {
        let phase = vertex.phase() as u32;
        let state = vertex.state_mut();
        let begins = state.phase != phase;
        if begins {
            (state.phase, state.counted) = (phase, false);
        }
        let words = inbox.unwrap_or_default();
        match phase % 3 {
            0 => self.search(vertex, begins, &words),
            turn => self.hear(vertex, begins, &words, turn == 2),
        }
    }

    fn along(&self, word: &Word, length: &f64) -> Word {
        Word { length: *length, ..*word }
    }

    fn direction_in(&self, phase: usize) -> Direction {
        if phase % 3 == 2 { Direction::In } else { Direction::Out }
    }

    fn next_phase(&self, _step: &Superstep<'_, Progress>, phase: usize) -> bool {
        phase % 3 != 2 || phase / 3 + 1 < self.sources.len()
    }
}

/// Adds up the dependencies of the sources.
pub(super) fn dependencies(
    graph: &Graph<(), f64>,
    sources: Vec<u32>,
) -> Result<Outcome<f64, Progress>> {
    check_weights(graph, "length", "a finite number above 0", |length| {
        length > 0.0 && length.is_finite()
    })?;
    check_sums(graph, "length", graph.vertex_count())?;
    let outcome = Pregel::new(Weighted { sources: Arc::new(sources) }).run(graph)?;
    Ok(outcome.map_states(|state| state.score))
}
