//! Shortest paths to landmarks by the lengths of edges.
//!
//! - **State**: the distances to eight landmarks, 64 bytes.
//! - **Supersteps**: for every eight landmarks, two more than the largest number of edges of a
//!   shortest path to one of them; fewer where partitions go on by themselves.
//! - **Messages**: the edges of vertices that came closer to a landmark.
//! - **Source**: Potamias, Bonchi, Castillo, Gionis, *Fast shortest path distance estimation in
//!   large networks* (CIKM 2009), section 3.

use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::{Direction, Number, Pregel, Seed, Vertex, VertexProgram};
use crate::rdd::Rdd;

use super::landmarks::no_landmark;
use super::lanes::{MinLanes, beside};
use super::weights::{check_sums, check_weights};

/// Landmarks at a time.
const LANES: usize = 8;

/// The vertex program.
#[derive(Debug, Clone, Copy)]
struct ByLength {
    /// Dense numbers; those of lanes that are not used are no vertex's.
    landmarks: [u32; LANES],
    direction: Direction,
}

impl VertexProgram for ByLength {
    type State = [f64; LANES];
    type Edge = f64;
    type Message = [f64; LANES];
    type Combiner = MinLanes;
    type Aggregate = ();

    const MONOTONE: bool = true;

    fn init(&self, seed: &Seed) -> [f64; LANES] {
        self.landmarks.map(|landmark| if landmark == seed.index { 0.0 } else { f64::INFINITY })
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<[f64; LANES]>) {
        let before = *vertex.state();
        let news = match inbox {
            Some(offered) => {
                let mut better = before;
                better.iter_mut().zip(offered).for_each(|(own, new)| *own = own.smaller(new));
                *vertex.state_mut() = better;
                better != before
            }
            None => before != [f64::INFINITY; LANES],
        };
        if news {
            vertex.send_to_neighbors(*vertex.state());
        }
        vertex.vote_to_halt();
    }

    #[inline]
    fn along(&self, distances: &[f64; LANES], length: &f64) -> [f64; LANES] {
        distances.map(|distance| distance + length)
    }

    fn direction(&self) -> Direction {
        self.direction
    }
}

/// Searches from landmarks along edges of a direction. A distance is the smallest sum of lengths,
/// added up from the landmark on.
pub(super) fn by_length(
    graph: &Graph<(), f64>,
    landmarks: &[u32],
    direction: Direction,
) -> Result<Rdd<(VertexId, Vec<Option<f64>>)>> {
    check_weights(graph, "length", "a number of 0 or more", |length| length >= 0.0)?;
    check_sums(graph, "length", graph.vertex_count())?;
    let mut all = None;
    for batch in landmarks.chunks(LANES) {
        let mut lanes = [u32::MAX; LANES];
        lanes[..batch.len()].copy_from_slice(batch);
        let states = Pregel::new(ByLength { landmarks: lanes, direction }).run(graph)?.states();
        let used = batch.len();
        let distances = states.map_values(move |distances| {
            let found = |distance: &f64| distance.is_finite().then_some(*distance);
            distances[..used].iter().map(found).collect()
        });
        all = Some(beside(all, distances)?);
    }
    all.ok_or_else(no_landmark)
}
