//! Communities by label propagation: every vertex takes over the label that most of its neighbors
//! have, all at once, so many times.
//!
//! ```text
//! label₀(v) = v
//! labelᵢ(v) = the smallest of the labels that occur most often, in iteration i-1, among v's neighbors
//! ```
//!
//! Labels come from both ends of edges: in a directed graph a neighbor with edges both ways counts
//! twice, and so does a self-loop; in an undirected one each edge counts once. Parallel edges count
//! as often as they occur. A vertex without neighbors keeps its label.
//!
//! - **State**: the label, 4 bytes: a dense number, and dense numbers are in id order.
//! - **Supersteps**: iterations + 1; fewer once an iteration changes no label, since then none
//!   would from there on.
//! - **Messages**: every edge both ways in each superstep but the last. They are counted as they are
//!   read; in the first supersteps, those to a partition are held at once, 8 bytes each.
//! - **Source**: Raghavan, Albert, Kumara, *Near linear time algorithm to detect community
//!   structures in large-scale networks* (Physical Review E 76, 2007), section III, made
//!   synchronous and deterministic by the LDBC Graphalytics specification 1.0, section 2.3.4
//!   (CDLP).

use std::cmp::Reverse;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{
    Aggregate, Combiner, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram,
};

use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};
use super::tally::{Tally, add, tally};

/// The number of iterations, when none is set.
pub const DEFAULT_ITERATIONS: usize = 10;

/// The labels that changed in a superstep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// How many.
    pub labels: u64,
}

impl Aggregate for Changed {
    fn merge(&mut self, other: Self) {
        self.labels += other.labels;
    }
}

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct LabelPropagation {
    iterations: usize,
}

/// Counts labels.
#[derive(Debug, Clone, Copy)]
struct ByLabel;

impl Combiner<u32> for ByLabel {
    type Combined = Tally<u32>;

    const LATE: bool = true;

    fn combine(labels: impl Iterator<Item = u32>) -> Option<Tally<u32>> {
        Some(tally(labels.map(|label| (label, 1)))).filter(|tally| !tally.is_empty())
    }

    fn lift(label: u32) -> Tally<u32> {
        vec![(label, 1)]
    }

    fn merge(into: &mut Tally<u32>, label: u32) {
        add(into, (label, 1));
    }
}

impl VertexProgram for LabelPropagation {
    type State = u32;
    type Edge = ();
    type Message = u32;
    type Combiner = ByLabel;
    type Aggregate = Changed;

    fn init(&self, seed: &Seed) -> u32 {
        seed.index
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Tally<u32>>) {
        if let Some(label) = inbox.and_then(|labels| most_frequent(&labels))
            && label != *vertex.state()
        {
            *vertex.state_mut() = label;
            vertex.aggregate().labels += 1;
        }
        if vertex.superstep() < self.iterations {
            vertex.send_to_neighbors(*vertex.state());
        }
        // Whoever has neighbors hears from them again.
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }

    fn after_superstep(&self, step: &Superstep<'_, Changed>) -> ControlFlow<()> {
        if step.index > 0 && step.aggregate.labels == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// The smallest of the labels that occur most often.
fn most_frequent(labels: &Tally<u32>) -> Option<u32> {
    let most = labels.iter().max_by_key(|(label, count)| (*count, Reverse(*label)));
    most.map(|(label, _)| *label)
}

/// Starts label propagation on a graph, of [`DEFAULT_ITERATIONS`] iterations unless told
/// otherwise.
///
/// ```
/// use superstep::algorithms::label_propagation;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // Two triangles, joined by one edge.
/// let edges = [(1, 2), (1, 3), (2, 3), (3, 7), (7, 8), (7, 9), (8, 9)].map(Edge::from);
/// let graph = Graph::builder().undirected(true).edges(&ctx.parallelize(edges, 2))?;
/// let labels = label_propagation(&graph).iterations(5).run()?.states().collect()?;
/// assert_eq!(labels, [(1, 1), (2, 1), (3, 1), (7, 3), (8, 3), (9, 3)]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn label_propagation<V: Data, E: Data>(graph: &Graph<V, E>) -> LabelPropagationRun<'_, V, E> {
    LabelPropagationRun { graph, iterations: DEFAULT_ITERATIONS }
}

/// Label propagation on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct LabelPropagationRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    iterations: usize,
}

impl<V: Data, E: Data> LabelPropagationRun<'_, V, E> {
    /// Sets the number of iterations. Some graphs never settle: two vertices that share an edge
    /// swap their labels for ever.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Propagates: an outcome whose states are `(id, label)` in id order; a label is the id of a
    /// vertex. Its aggregate counts the labels that changed in the last superstep, and its stop
    /// reason is [`Stopped`](crate::StopReason::Stopped) when that is none.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(&self) -> Result<Outcome<VertexId, Changed>> {
        run(&self.graph.structure()?, self.iterations)
    }
}

fn run(graph: &Graph, iterations: usize) -> Result<Outcome<VertexId, Changed>> {
    let outcome = Pregel::new(LabelPropagation { iterations }).run(graph)?;
    // The dictionary alone: the edges need not stay for the labels.
    let dictionary = Arc::clone(&graph.shape.dictionary);
    Ok(outcome.map_states(move |label| dictionary.id(label).unwrap_or_default()))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "label-propagation"
    }

    fn summary(&self) -> &'static str {
        "The community of each vertex, by the labels most frequent among its neighbors"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "iterations",
            value: "COUNT",
            help: "How many times all labels are passed on",
            default: "10",
            choices: &[],
        }]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["label"]))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let iterations = arguments.get("iterations")?.unwrap_or(DEFAULT_ITERATIONS);
        let outcome = run(graph, iterations)?;
        Ok(Table::new(&["id", "label"], Values::Id(outcome.states()), &outcome))
    }
}
