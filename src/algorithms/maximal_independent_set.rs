//! A maximal independent set: vertices no two of which are neighbours, and which are so many that
//! every other vertex has a neighbour among them. Directions, self-loops and parallel edges do not
//! matter.
//!
//! Vertices have a random order that follows from the seed. In each round, the undecided vertices
//! that come before all their undecided neighbours join the set, and their neighbours leave. The
//! result is the set that taking the vertices one by one in that order would give, whatever the
//! partitions.
//!
//! - **State**: undecided, in or out; a byte.
//! - **Supersteps**: two a round, and O(log² V) rounds with high probability.
//! - **Messages**: every edge of the undecided vertices both ways in each round, and every edge of
//!   the set.
//! - **Source**: Luby, *A simple parallel algorithm for the maximal independent set problem* (SIAM
//!   Journal on Computing 15, 1986); Blelloch, Fineman, Shun, *Greedy sequential maximal independent
//!   set and matching are parallel on average* (SPAA 2012), section 3.

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::pregel::{Direction, Min, Outcome, Pregel, Seed, Vertex, VertexProgram};

use super::order::shuffled;
use super::registry::{Algorithm, Arguments, Parameter, Shape};
use super::table::{Table, Values};

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct Joining {
    seed: u64,
}

/// What has become of a vertex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Choice {
    Undecided,
    In,
    Out,
}

/// What a vertex says that is in the set. All others say where they are in the order, from 1.
const IN: u64 = 0;

impl VertexProgram for Joining {
    type State = Choice;
    type Edge = ();
    type Message = u64;
    type Combiner = Min;
    type Aggregate = ();

    const SETTLES: bool = true;

    fn init(&self, _seed: &Seed) -> Choice {
        Choice::Undecided
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u64>) {
        let place = u64::from(shuffled(vertex.index(), self.seed)) + 1;
        if vertex.superstep().is_multiple_of(2) {
            if inbox == Some(IN) {
                *vertex.state_mut() = Choice::Out;
                vertex.vote_to_halt();
            } else {
                vertex.send_to_neighbors(place);
            }
        } else if inbox.is_none_or(|first| place <= first) {
            // A vertex with a self-loop hears of its own place.
            *vertex.state_mut() = Choice::In;
            vertex.send_to_neighbors(IN);
            vertex.vote_to_halt();
        }
    }

    fn direction(&self) -> Direction {
        Direction::Both
    }

    #[inline]
    fn accepts(&self, choice: &Choice) -> bool {
        *choice == Choice::Undecided
    }
}

/// Starts the search for a maximal independent set.
///
/// ```
/// use superstep::algorithms::maximal_independent_set;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let star = ctx.parallelize([(1, 2), (1, 3), (1, 4)].map(Edge::from), 2);
/// let set = maximal_independent_set(&Graph::from_edges(&star)?).seed(7).run()?.states();
/// let members = set.filter(|(_, is_in)| *is_in).map(|(id, _)| id).collect()?;
/// assert!(members == [1] || members == [2, 3, 4]);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn maximal_independent_set<V: Data, E: Data>(
    graph: &Graph<V, E>,
) -> MaximalIndependentSetRun<'_, V, E> {
    MaximalIndependentSetRun { graph, seed: 0 }
}

/// The search for a maximal independent set of a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct MaximalIndependentSetRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    seed: u64,
}

impl<V: Data, E: Data> MaximalIndependentSetRun<'_, V, E> {
    /// Sets the seed of the order, by default 0. Every seed gives a maximal independent set, most
    /// of them different ones.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Searches: an outcome whose states are `(id, whether the vertex is in the set)`, in id order.
    ///
    /// # Errors
    /// When the run fails.
    pub fn run(&self) -> Result<Outcome<bool, ()>> {
        run(&self.graph.structure()?, self.seed)
    }
}

fn run(graph: &Graph, seed: u64) -> Result<Outcome<bool, ()>> {
    let outcome = Pregel::new(Joining { seed }).run(graph)?;
    Ok(outcome.map_states(|choice| choice == Choice::In))
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "maximal-independent-set"
    }

    fn summary(&self) -> &'static str {
        "A set of vertices without edges between them that no vertex could be added to: 1 for its members"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[Parameter {
            name: "seed",
            value: "SEED",
            help: "Seed of the order in which vertices are considered",
            default: "0",
            choices: &[],
        }]
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["member"]))
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let seed = arguments.get("seed")?.unwrap_or_default();
        let outcome = run(graph, seed)?;
        let members = outcome.states().map_values(u64::from);
        Ok(Table::new(&["id", "member"], Values::Integer(members), &outcome))
    }
}
