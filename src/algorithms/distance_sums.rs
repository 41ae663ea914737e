//! Sums over the distances from every vertex: what closeness, harmonic centrality and
//! eccentricities are made of.
//!
//! Exactly, by breadth-first searches from all vertices, 512 at a time: each vertex holds a set of
//! the sources that have reached it, one bit a source, and sends on those that are new. What
//! arrives is counted where it arrives, so searches run against the direction in which distances
//! are asked for. Or as an estimate, by HyperBall ([`estimate`]).
//!
//! - **State**: the set, 64 bytes, and the sums.
//! - **Supersteps**: for every 512 vertices, two more than the longest of their shortest paths.
//! - **Messages**: in every phase of 512 sources, each edge once for each distance at which its
//!   source is from one of them.
//! - **Source**: Then, Kaufmann, Chirigati, et al., *The More the Merrier: Efficient Multi-Source
//!   Graph Traversal* (PVLDB 8, 2014), section 3.

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::pregel::{
    Aggregate, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram,
};

use super::hyper_ball::HyperBall;
use super::lanes::Union;
use super::registry::{Arguments, Memory, Parameter};

/// Words of a set of sources.
const WORDS: usize = 8;
/// Sources that search at a time.
const BATCH: u64 = 64 * WORDS as u64;

/// The smallest and the largest precision of an estimate.
pub const PRECISIONS: std::ops::RangeInclusive<u32> = 4..=16;

/// Sums over the distances between a vertex and all others that it can reach, or that can reach
/// it: whole numbers where they are exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct DistanceSums {
    /// How many other vertices there is a path to.
    pub reached: f64,
    /// The sum of their distances.
    pub farness: f64,
    /// The sum of 1 / distance.
    pub harmonic: f64,
    /// The largest distance.
    pub eccentricity: u32,
}

impl DistanceSums {
    /// Adds `count` vertices at a distance.
    #[inline]
    pub(super) fn add(&mut self, count: f64, distance: u32) {
        self.reached += count;
        self.farness += count * f64::from(distance);
        self.harmonic += count / f64::from(distance);
        self.eccentricity = self.eccentricity.max(distance);
    }
}

/// The superstep in which the phase began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// The superstep's number.
    pub(super) begun: usize,
}

impl Aggregate for Clock {
    fn merge(&mut self, other: Self) {
        self.begun = self.begun.max(other.begun);
    }
}

/// A vertex in the search from a batch of sources.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Search {
    /// The sources that have reached the vertex.
    seen: [u64; WORDS],
    sums: DistanceSums,
}

/// The vertex program; phase `p` searches from the vertices `512 p..`.
#[derive(Debug, Clone, Copy)]
struct FromAll {
    direction: Direction,
}

impl VertexProgram for FromAll {
    type State = Search;
    type Edge = ();
    type Message = [u64; WORDS];
    type Combiner = Union;
    type Aggregate = Clock;

    fn init(&self, _seed: &Seed) -> Search {
        Search { seen: [0; WORDS], sums: DistanceSums::default() }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<[u64; WORDS]>) {
        vertex.vote_to_halt();
        let Some(arrived) = inbox else {
            // The phase begins.
            vertex.aggregate().begun = vertex.superstep();
            let mut own = [0; WORDS];
            let place = u64::from(vertex.index());
            if place / BATCH == vertex.phase() as u64 {
                own[(place % BATCH / 64) as usize] = 1 << (place % 64);
                vertex.send_to_neighbors(own);
            }
            vertex.state_mut().seen = own;
            return;
        };
        let begun = vertex.previous().begun;
        vertex.aggregate().begun = begun;
        let distance = (vertex.superstep() - begun) as u32;
        let Search { seen, sums } = vertex.state_mut();
        let mut fresh = arrived;
        let mut count = 0;
        for (fresh, seen) in fresh.iter_mut().zip(seen) {
            *fresh &= !*seen;
            *seen |= *fresh;
            count += fresh.count_ones();
        }
        if count > 0 {
            sums.add(f64::from(count), distance);
            vertex.send_to_neighbors(fresh);
        }
    }

    fn direction(&self) -> Direction {
        self.direction
    }

    fn next_phase(&self, step: &Superstep<'_, Clock>, phase: usize) -> bool {
        (phase as u64 + 1) * BATCH < step.vertex_count
    }
}

/// Sums up the distances from every vertex along edges of a direction, exactly or, with a precision
/// of `2^precision` registers a vertex, estimated.
pub(super) fn distance_sums<V: Data, E: Data>(
    graph: &Graph<V, E>,
    direction: Direction,
    precision: Option<u32>,
) -> Result<Outcome<DistanceSums, Clock>> {
    let graph = graph.structure()?;
    // What is said by a source is heard where a path from it ends.
    let against = match direction {
        Direction::Out => Direction::In,
        Direction::In => Direction::Out,
        Direction::Both => Direction::Both,
    };
    match precision {
        None => exact(&graph, against),
        Some(precision) => {
            check_precision(precision)?;
            estimate(&graph, against, precision)
        }
    }
}

/// The most that a run with these arguments keeps.
pub(super) fn memory_of(arguments: &Arguments) -> Memory {
    let precision: Option<u32> = arguments.get(ESTIMATE.name).ok().flatten();
    // Sketches of two supersteps, and those on their way.
    let sketches = precision.map_or(0, |precision| 3 << precision.min(*PRECISIONS.end()));
    Memory { vertex: 1024 + sketches, edge: 40 }
}

/// Checks the precision of an estimate.
pub(super) fn check_precision(precision: u32) -> Result<()> {
    if PRECISIONS.contains(&precision) {
        return Ok(());
    }
    Err(Error::argument(format!(
        "precision {precision}: expected a number from {} to {}",
        PRECISIONS.start(),
        PRECISIONS.end()
    )))
}

fn exact(graph: &Graph, direction: Direction) -> Result<Outcome<DistanceSums, Clock>> {
    Ok(Pregel::new(FromAll { direction }).run(graph)?.map_states(|search| search.sums))
}

fn estimate(
    graph: &Graph,
    direction: Direction,
    precision: u32,
) -> Result<Outcome<DistanceSums, Clock>> {
    Ok(Pregel::new(HyperBall::new(direction, precision)).run(graph)?.map_states(|ball| ball.sums))
}

/// The parameter for the direction of paths.
pub(super) const DIRECTION: Parameter = Parameter {
    name: "direction",
    value: "WAY",
    help: "Along which edges paths lead from a vertex: out, in (paths to it), or both ways",
    default: "out",
    choices: &["out", "in", "both"],
};

/// The parameter for an estimate.
pub(super) const ESTIMATE: Parameter = Parameter {
    name: "estimate",
    value: "PRECISION",
    help: "Estimate with 2^PRECISION bytes a vertex, from 4 to 16; the more the closer",
    default: "exact, in a search of the whole graph for every 512 vertices",
    choices: &[],
};

/// The direction that was given.
pub(super) fn direction_argument(arguments: &Arguments) -> Result<Direction> {
    match arguments.get::<String>(DIRECTION.name)?.as_deref() {
        None | Some("out") => Ok(Direction::Out),
        Some("in") => Ok(Direction::In),
        Some("both") => Ok(Direction::Both),
        Some(other) => {
            Err(Error::argument(format!("--direction {other}: expected out, in or both")))
        }
    }
}
