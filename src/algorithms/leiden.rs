//! Leiden's method: communities with many more edges inside than chance would have, each of them
//! connected.
//!
//! As [Louvain's](mod@super::louvain), with the same modularity and the same moves, but it is not
//! communities that become the vertices of the next graph. Between the moves and the next graph
//! comes a refinement:
//!
//! ```text
//! each vertex is a part of its own
//! for each vertex v, in a random order, that is still alone and well connected to its community C:
//!     v joins a part of C that is well connected to C, or stays alone, with a probability in
//!     proportion to exp(gain / (θ w)), of those that do not lose by it
//! ```
//!
//! A vertex or part S is well connected when A(S, C - S) is at least γ k(S) k(C - S) / 2m; w is the
//! mean weight of edges, and θ = 0.01. The parts become the vertices of the next graph, where those
//! of a community start together, and can leave it again one by one. It ends when no parts come
//! together. Every part is connected, and at the end every community is a part, or else falls into
//! its components.
//!
//! Here every vertex has one of eight turns, by a hash, and those of a turn decide at a time. They
//! join only parts that are not about to join others, so that parts stay connected. What is random
//! depends on the seed alone.
//!
//! - **State**: as Louvain's; in a refinement, the weights to each part of the same community, 16
//!   bytes an entry. Communities, parts and their weights are held in this process, 60 bytes a
//!   vertex.
//! - **Supersteps**: as Louvain's, and sixteen a level. **Messages**: every edge once in two of
//!   them.
//! - **Source**: Traag, Waltman, van Eck, *From Louvain to Leiden: guaranteeing well-connected
//!   communities* (Scientific Reports 9, 2019), algorithm A.2; in it the order of the vertices is
//!   sequential.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::hash::stable_hash;
use crate::pregel::{Pregel, Seed, SuperstepStats, Vertex, VertexProgram};

pub use super::communities::{Communities, CommunitySearch};

use super::communities::{PARAMETERS, Settings, finish, table};
use super::community_levels::{Level, alone, number};
use super::community_moves::{ByCommunity, settle};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Weights};
use super::table::Table;
use super::tally::Tally;

/// Turns of a refinement.
const TURNS: u64 = 8;
/// θ: how much a part that gains less is chosen still.
const RANDOMNESS: f64 = 0.01;

/// A vertex and the weights to each part of its community.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Ties {
    vertex: u32,
    parts: Vec<(u32, f64)>,
}

/// The vertex program that adds up ties.
#[derive(Debug, Clone)]
struct Within {
    communities: Arc<Vec<u32>>,
    /// Each part by the number of one of its vertices.
    parts: Arc<Vec<u32>>,
}

impl VertexProgram for Within {
    type State = Ties;
    type Edge = f64;
    type Message = (u32, f64);
    type Combiner = ByCommunity;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> Ties {
        Ties { vertex: seed.index, parts: Vec::new() }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Tally<f64>>) {
        let own = vertex.index() as usize;
        if vertex.superstep() == 0 {
            vertex.send_to_neighbors((self.parts[own], 1.0));
        }
        vertex.vote_to_halt();
        if let Some(tally) = inbox {
            let community = self.communities[own];
            let same = tally.into_iter();
            let same = same.filter(|(part, _)| self.communities[*part as usize] == community);
            let parts = &mut vertex.state_mut().parts;
            parts.extend(same);
            parts.sort_unstable_by_key(|(part, _)| *part);
        }
    }

    fn along(&self, (part, _): &(u32, f64), weight: &f64) -> (u32, f64) {
        (*part, *weight)
    }
}

/// What is known of a refinement when vertices decide.
#[derive(Debug, Clone)]
struct Refinement {
    level: Arc<Level>,
    communities: Arc<Vec<u32>>,
    /// The sums of the strengths of each community.
    totals: Arc<Vec<f64>>,
    parts: Arc<Vec<u32>>,
    /// The same of each part.
    part_totals: Arc<Vec<f64>>,
    /// The weights between each part and the rest of its community.
    cuts: Arc<Vec<f64>>,
    members: Arc<Vec<u32>>,
    resolution: f64,
    /// What gains are divided by.
    temperature: f64,
    seed: u64,
    turn: u64,
}

impl Refinement {
    /// The part that a vertex is in from now on.
    fn choose(&self, ties: &Ties) -> u32 {
        let vertex = ties.vertex as usize;
        let own = self.parts[vertex];
        if !self.moves(own) {
            return own;
        }
        let whole = self.totals[self.communities[vertex] as usize];
        let price = self.resolution / self.level.total;
        let strength = self.level.strengths[vertex];
        let inside: f64 = ties.parts.iter().map(|(_, weight)| weight).sum();
        if inside < price * strength * (whole - strength) {
            return own;
        }
        let mut choices = vec![(own, 0.0)];
        for (part, weight) in &ties.parts {
            let total = self.part_totals[*part as usize];
            let is_tied = self.cuts[*part as usize] >= price * total * (whole - total);
            let gain = weight - price * strength * total;
            if is_tied && gain >= 0.0 && !self.moves(*part) {
                choices.push((*part, gain));
            }
        }
        let most = choices.iter().map(|(_, gain)| *gain).fold(0.0, f64::max);
        // Relative to the most, so that no power is beyond all numbers.
        let chance = |gain: f64| ((gain - most) / self.temperature).exp();
        let all: f64 = choices.iter().map(|(_, gain)| chance(*gain)).sum();
        let drawn = stable_hash(&(self.seed, self.turn, ties.vertex)) >> 11;
        let mut left = drawn as f64 / (1_u64 << 53) as f64 * all;
        for (part, gain) in &choices {
            left -= chance(*gain);
            if left < 0.0 {
                return *part;
            }
        }
        own
    }

    /// True when a part is a single vertex whose turn it is.
    fn moves(&self, part: u32) -> bool {
        let turn = stable_hash(&(self.seed, TURNS, part)) % TURNS;
        self.members[part as usize] == 1 && turn == self.turn
    }
}

/// Divides communities into parts that are connected; each has the number of one of its vertices.
fn refine(
    level: &Arc<Level>,
    communities: &Arc<Vec<u32>>,
    settings: &Settings,
    temperature: f64,
    depth: usize,
    ran: &mut Vec<SuperstepStats>,
) -> Result<Vec<u32>> {
    let totals = Arc::new(level.totals(communities, communities.len()));
    let mut parts = alone(communities.len());
    for turn in 0..TURNS {
        let now = Arc::new(parts);
        let within = Within { communities: Arc::clone(communities), parts: Arc::clone(&now) };
        let outcome = Pregel::new(within).run(&level.graph)?;
        ran.extend_from_slice(outcome.supersteps());
        let ties = outcome.states().values();
        let of = Arc::clone(&now);
        let outside = ties.map(move |ties| {
            let own = of[ties.vertex as usize];
            let others = ties.parts.iter().filter(|(part, _)| *part != own);
            others.map(|(_, weight)| weight).sum::<f64>()
        });
        let (mut cuts, mut members) = (vec![0.0; now.len()], vec![0; now.len()]);
        for (part, outside) in now.iter().zip(outside.collect()?) {
            cuts[*part as usize] += outside;
            members[*part as usize] += 1;
        }
        let refinement = Refinement {
            level: Arc::clone(level),
            communities: Arc::clone(communities),
            totals: Arc::clone(&totals),
            part_totals: Arc::new(level.totals(&now, now.len())),
            parts: now,
            cuts: Arc::new(cuts),
            members: Arc::new(members),
            resolution: settings.resolution,
            temperature,
            seed: stable_hash(&(settings.seed, depth as u64)),
            turn,
        };
        parts = ties.map(move |ties| refinement.choose(&ties)).collect()?;
    }
    Ok(parts)
}

fn search(graph: &Graph<(), f64>, settings: &Settings) -> Result<Communities> {
    let mut ran = Vec::new();
    let bottom = Arc::new(Level::bottom(graph, &mut ran)?);
    let mut found = alone(bottom.strengths.len());
    let mut levels = 1;
    if bottom.total > 0.0 {
        let mean_weight = bottom.total / bottom.graph.edge_count().max(1) as f64;
        let mut level = Arc::clone(&bottom);
        let mut start = found.clone();
        loop {
            let before = start.len();
            let (mut communities, _) = settle(&level, start, settings, levels, &mut ran)?;
            let count = number(&mut communities);
            let communities = Arc::new(communities);
            let mut parts = alone(before);
            if count < before {
                let temperature = RANDOMNESS * mean_weight;
                parts = refine(&level, &communities, settings, temperature, levels, &mut ran)?;
            }
            let part_count = number(&mut parts);
            if part_count == before {
                found.iter_mut().for_each(|vertex| *vertex = communities[*vertex as usize]);
                break;
            }
            // The parts of a community start together, by the number of the first of them.
            let mut first = vec![u32::MAX; count];
            start = vec![0; part_count];
            for (part, community) in parts.iter().zip(&*communities) {
                let first = &mut first[*community as usize];
                *first = (*first).min(*part);
                start[*part as usize] = *first;
            }
            found.iter_mut().for_each(|vertex| *vertex = parts[*vertex as usize]);
            level = Arc::new(level.contract(&Arc::new(parts), part_count, &mut ran)?);
            levels += 1;
        }
    }
    finish(&bottom, found, settings, levels, ran)
}

/// Starts Leiden's search for communities of a graph whose edges weigh 1 each.
///
/// ```
/// use superstep::algorithms::leiden;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // Two triangles and an edge between them.
/// let edges = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 6), (6, 4)];
/// let graph = Graph::from_edges(&ctx.parallelize(edges.map(Edge::from), 2))?;
/// let found = leiden(&graph).run()?;
/// assert_eq!(found.labels.values().collect()?, [1, 1, 1, 4, 4, 4]);
/// assert!((found.modularity - 5.0 / 14.0).abs() < 1e-12);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn leiden<V: Data, E: Data>(graph: &Graph<V, E>) -> CommunitySearch<'_, V, E> {
    CommunitySearch::new(graph, search)
}

/// Starts Leiden's search for communities of a graph whose edge values are weights: `f64`, `f32`,
/// or integers of up to 32 bits, 0 or more.
pub fn leiden_weighted<V, E>(graph: &Graph<V, E>) -> CommunitySearch<'_, V, E>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    CommunitySearch::weighted(graph, search)
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "leiden"
    }

    fn summary(&self) -> &'static str {
        "Connected communities with many edges inside, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn weights(&self) -> Weights {
        Weights::Optional
    }

    fn memory(&self) -> Memory {
        Memory { vertex: 400, edge: 300 }
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        table(leiden(graph), arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        table(leiden_weighted(graph), arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Edge;
    use crate::rdd::Context;

    /// Whether vertices are reached from one of them over the others.
    fn is_connected(edges: &[(u64, u64)], members: &[u64]) -> bool {
        let mut reached = vec![members[0]];
        let mut next = 0;
        while let Some(vertex) = reached.get(next).copied() {
            next += 1;
            for (a, b) in edges.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]) {
                if a == vertex && members.contains(&b) && !reached.contains(&b) {
                    reached.push(b);
                }
            }
        }
        reached.len() == members.len()
    }

    #[test]
    fn parts_are_connected_and_within_their_communities() -> Result<()> {
        let ctx = Context::local(2)?;
        for seed in 0..20_u64 {
            let drawn = |edge: u64, end: u64| stable_hash(&(seed, edge, end)) % 60;
            let edges: Vec<_> = (0..150).map(|edge| (drawn(edge, 0), drawn(edge, 1))).collect();
            let rows: Vec<_> = edges.iter().map(|(a, b)| Edge::new(*a, *b, 1.0)).collect();
            let graph = Graph::builder().undirected(true).edges(&ctx.parallelize(rows, 3))?;
            let ids = graph.vertices().map(|(id, ())| id).collect()?;
            let level = Arc::new(Level::bottom(&graph, &mut Vec::new())?);
            // Communities that are not connected, as parts have to be.
            let communities: Arc<Vec<u32>> =
                Arc::new(ids.iter().map(|id| *id as u32 % 2).collect());
            let settings = Settings { resolution: 1.0, tolerance: 1e-3, seed };
            let parts = refine(&level, &communities, &settings, 0.01, 1, &mut Vec::new())?;
            let mut merged = 0;
            for part in 0..ids.len() {
                let members: Vec<usize> =
                    (0..ids.len()).filter(|vertex| parts[*vertex] == part as u32).collect();
                let Some(first) = members.first() else { continue };
                merged += usize::from(members.len() > 1);
                assert!(members.iter().all(|other| communities[*other] == communities[*first]));
                let members: Vec<u64> = members.iter().map(|vertex| ids[*vertex]).collect();
                assert!(is_connected(&edges, &members), "seed {seed}: {members:?}");
            }
            assert!(merged > 0);
        }
        Ok(())
    }
}
