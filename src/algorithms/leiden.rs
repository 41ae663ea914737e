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
//! - **State**: as Louvain's; the communities, parts and their weights are held in this process, 60
//!   bytes a vertex.
//! - **Supersteps**: as Louvain's. A refinement reads each edge two to three times.
//! - **Source**: Traag, Waltman, van Eck, *From Louvain to Leiden: guaranteeing well-connected
//!   communities* (Scientific Reports 9, 2019), algorithm A.2; in it the order of the vertices is
//!   sequential.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;
use crate::hash::stable_hash;

pub use super::communities::{Communities, CommunitySearch};

use super::communities::{PARAMETERS, Settings, check, finish, table};
use super::community_levels::{Level, alone, number};
use super::community_moves::settle;
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape, Weights};
use super::table::Table;
use super::tally::Tally;

/// Turns of a refinement.
const TURNS: u64 = 8;
/// θ: how much a part that gains less is chosen still.
const RANDOMNESS: f64 = 0.01;

/// What is known of a refinement when vertices of a turn choose a part to join.
#[derive(Debug, Clone)]
struct Refinement {
    level: Arc<Level>,
    communities: Arc<Vec<u32>>,
    /// The sums of the strengths of each community.
    totals: Arc<Vec<f64>>,
    parts: Arc<Parts>,
    resolution: f64,
    /// What gains are divided by.
    temperature: f64,
    seed: u64,
    turn: u64,
}

/// The parts of communities, each with the number of one of its vertices.
#[derive(Debug, Clone)]
struct Parts {
    of: Arc<Vec<u32>>,
    members: Vec<u32>,
    /// The sums of the strengths of each part.
    totals: Vec<f64>,
    /// The weights between each part and the rest of its community.
    cuts: Vec<f64>,
}

impl Refinement {
    /// The part that a vertex is in from now on, and the weight to it, by the weights to all parts.
    fn choose(&self, vertex: usize, ties: &mut Tally<f64>) -> (u32, f64) {
        let parts = &self.parts;
        let own = (parts.of[vertex], 0.0);
        let community = self.communities[vertex];
        ties.retain(|(part, _)| self.communities[*part as usize] == community);
        ties.sort_unstable_by_key(|(part, _)| *part);
        let whole = self.totals[community as usize];
        let price = self.resolution / self.level.total;
        let strength = self.level.strengths[vertex];
        let inside: f64 = ties.iter().map(|(_, weight)| weight).sum();
        if inside < price * strength * (whole - strength) {
            return own;
        }
        let mut choices = vec![(own, 0.0)];
        for (part, weight) in ties.drain(..) {
            let total = parts.totals[part as usize];
            let is_tied = parts.cuts[part as usize] >= price * total * (whole - total);
            let gain = weight - price * strength * total;
            if is_tied && gain >= 0.0 && !self.moves(part) {
                choices.push(((part, weight), gain));
            }
        }
        let most = choices.iter().map(|(_, gain)| *gain).fold(0.0, f64::max);
        // Relative to the most, so that no power is beyond all numbers.
        let chance = |gain: f64| ((gain - most) / self.temperature).exp();
        let all: f64 = choices.iter().map(|(_, gain)| chance(*gain)).sum();
        let drawn = stable_hash(&(self.seed, self.turn, vertex as u32)) >> 11;
        let mut left = drawn as f64 / (1_u64 << 53) as f64 * all;
        for (choice, gain) in choices {
            left -= chance(gain);
            if left < 0.0 {
                return choice;
            }
        }
        own
    }

    /// True when a part is a single vertex whose turn it is.
    fn moves(&self, part: u32) -> bool {
        let turn = stable_hash(&(self.seed, TURNS, part)) % TURNS;
        self.parts.members[part as usize] == 1 && turn == self.turn
    }
}

impl Parts {
    /// Lets vertices join parts: for each the vertex, the part and the weight between them.
    fn join(&mut self, level: &Level, choices: &[(u32, (u32, f64))]) -> Result<()> {
        let before = Arc::clone(&self.of);
        let of = Arc::make_mut(&mut self.of);
        let is_new = |(vertex, (part, _)): &&(u32, (u32, f64))| before[*vertex as usize] != *part;
        let mut joining = vec![0; of.len()];
        for (vertex, (part, weight)) in choices.iter().filter(is_new) {
            let (old, new) = (before[*vertex as usize] as usize, *part as usize);
            of[*vertex as usize] = *part;
            joining[new] += 1;
            self.members[old] -= 1;
            self.members[new] += 1;
            let strength = level.strengths[*vertex as usize];
            self.totals[old] -= strength;
            self.totals[new] += strength;
            // What led from either of them to the rest still does, but for what was between them.
            self.cuts[new] += self.cuts[old] - 2.0 * weight;
            self.cuts[old] = 0.0;
        }
        // Those who joined a part together may have ties to one another, each seen from both ends.
        let together = choices.iter().filter(is_new);
        let together: Vec<_> =
            together.filter(|(_, (part, _))| joining[*part as usize] > 1).collect();
        if !together.is_empty() {
            let mut chosen = vec![false; of.len()];
            together.iter().for_each(|(vertex, _)| chosen[*vertex as usize] = true);
            let ties = level.ties(&self.of, move |vertex| chosen[vertex as usize])?;
            for (vertex, (part, weight)) in together {
                self.cuts[*part as usize] -= ties[*vertex as usize] - weight;
            }
        }
        Ok(())
    }
}

/// Divides communities into parts that are connected.
fn refine(
    level: &Arc<Level>,
    communities: &Arc<Vec<u32>>,
    settings: &Settings,
    temperature: f64,
    depth: usize,
) -> Result<Parts> {
    let totals = Arc::new(level.totals(communities, communities.len()));
    let mut parts = Arc::new(Parts {
        of: Arc::new(alone(communities.len())),
        members: vec![1; communities.len()],
        totals: level.strengths.clone(),
        cuts: level.ties(communities, |_| true)?,
    });
    for turn in 0..TURNS {
        let refinement = Arc::new(Refinement {
            level: Arc::clone(level),
            communities: Arc::clone(communities),
            totals: Arc::clone(&totals),
            parts: Arc::clone(&parts),
            resolution: settings.resolution,
            temperature,
            seed: stable_hash(&(settings.seed, depth as u64)),
            turn,
        });
        let choosing = Arc::clone(&refinement);
        let has_turn = move |vertex: u32| refinement.moves(refinement.parts.of[vertex as usize]);
        let choices = level.hear(&parts.of, has_turn, move |vertex, ties| {
            (vertex, choosing.choose(vertex as usize, ties))
        })?;
        Arc::make_mut(&mut parts).join(level, &choices)?;
    }
    Ok(Arc::unwrap_or_clone(parts))
}

fn search(graph: &Graph<(), f64>, settings: &Settings) -> Result<Communities> {
    let mut ran = Vec::new();
    let bottom = Arc::new(Level::bottom(graph, &mut ran)?);
    let mut found = alone(bottom.strengths.len());
    let (mut levels, mut sweeps) = (1, 0);
    if bottom.total > 0.0 {
        let mean_weight = bottom.total / bottom.graph.edge_count().max(1) as f64;
        let mut level = Arc::clone(&bottom);
        let mut start = found.clone();
        loop {
            let before = start.len();
            let (mut communities, swept) = settle(&level, start, settings, levels)?;
            sweeps += swept;
            let count = number(&mut communities);
            let communities = Arc::new(communities);
            let mut parts = alone(before);
            if count < before {
                let temperature = RANDOMNESS * mean_weight;
                let refined = refine(&level, &communities, settings, temperature, levels)?;
                parts = Arc::unwrap_or_clone(refined.of);
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
    finish(&bottom, found, settings, (levels, sweeps), ran)
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

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 400, edge: 300 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["community"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        check(arguments)
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
            let place = |id: &u64| ids.binary_search(id).unwrap_or_default();
            let level = Arc::new(Level::bottom(&graph, &mut Vec::new())?);
            // Communities that are not connected, as parts have to be.
            let communities: Arc<Vec<u32>> =
                Arc::new(ids.iter().map(|id| *id as u32 % 2).collect());
            let settings = Settings { resolution: 1.0, tolerance: 1e-3, seed };
            let refined = refine(&level, &communities, &settings, 0.01, 1)?;
            let parts = &refined.of;
            let mut merged = 0;
            for part in 0..ids.len() {
                let members: Vec<usize> =
                    (0..ids.len()).filter(|vertex| parts[*vertex] == part as u32).collect();
                let Some(first) = members.first() else { continue };
                merged += usize::from(members.len() > 1);
                assert!(members.iter().all(|other| communities[*other] == communities[*first]));
                let members: Vec<u64> = members.iter().map(|vertex| ids[*vertex]).collect();
                assert!(is_connected(&edges, &members), "seed {seed}: {members:?}");
                // What is kept up from turn to turn is what it would be by its definition.
                assert_eq!(refined.members[part] as usize, members.len());
                let inside = |id: &u64| members.contains(id);
                let ends = edges.iter().flat_map(|(a, b)| [(a, b), (b, a)]);
                let ends = ends.filter(|(a, b)| a != b && inside(a));
                let cut = ends
                    .filter(|(_, b)| !inside(b) && communities[place(b)] == communities[*first]);
                assert_eq!(refined.cuts[part], cut.count() as f64);
            }
            assert!(merged > 0);
        }
        Ok(())
    }
}
