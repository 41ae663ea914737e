//! Moves of vertices to the communities where the modularity gains most.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::hash::stable_hash;
use crate::pregel::{Aggregate, Combiner, Pregel, Seed, SuperstepStats, Vertex, VertexProgram};

use super::communities::Settings;
use super::community_levels::Level;

/// Rounds on one graph at most.
const ROUNDS: usize = 200;
/// Rounds without a better modularity after which a graph is left.
const PATIENCE: usize = 8;
/// What a round has to add to the modularity to be better.
const LEAST_GAIN: f64 = 1e-7;

/// The weights to each neighboring community.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) entries: Vec<(u32, f64)>,
    /// Entries from here on may repeat communities.
    merged: usize,
}

impl Tally {
    pub(super) fn merge_entries(&mut self) {
        // Stable, so that weights add up in the order in which they came.
        self.entries.sort_by_key(|(community, _)| *community);
        self.entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        self.merged = self.entries.len();
    }
}

/// Adds up weights by community.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByCommunity;

impl Combiner<(u32, f64)> for ByCommunity {
    type Combined = Tally;

    fn lift(message: (u32, f64)) -> Tally {
        Tally { entries: vec![message], merged: 1 }
    }

    #[inline]
    fn merge(into: &mut Tally, message: (u32, f64)) {
        into.entries.push(message);
        if into.entries.len() >= 16.max(2 * into.merged) {
            into.merge_entries();
        }
    }
}

/// What a round finds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Round {
    /// The weights inside communities as they were, both ways.
    inside: f64,
    /// Vertices that would gain by moving, and those of them that did.
    restless: u64,
}

impl Aggregate for Round {
    fn merge(&mut self, other: Self) {
        self.inside += other.inside;
        self.restless += other.restless;
    }
}

/// The vertex program of a round.
#[derive(Debug, Clone)]
struct Move {
    communities: Arc<Vec<u32>>,
    /// The sums of the strengths of each community's members.
    totals: Arc<Vec<f64>>,
    level: Arc<Level>,
    resolution: f64,
    /// Decides whose turn it is.
    turn: u64,
}

impl VertexProgram for Move {
    type State = u32;
    type Edge = f64;
    type Message = (u32, f64);
    type Combiner = ByCommunity;
    type Aggregate = Round;

    fn init(&self, seed: &Seed) -> u32 {
        self.communities[seed.index as usize]
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Tally>) {
        let own = *vertex.state();
        if vertex.superstep() == 0 {
            vertex.send_to_neighbors((own, 1.0));
            return;
        }
        vertex.vote_to_halt();
        let mut tally = inbox.unwrap_or_default();
        tally.merge_entries();
        let index = vertex.index();
        let (strength, looped) =
            (self.level.strengths[index as usize], self.level.loops[index as usize]);
        let to_own = tally.entries.iter().find(|(community, _)| *community == own);
        let to_own = to_own.map_or(0.0, |(_, weight)| *weight);
        vertex.aggregate().inside += to_own + looped;
        let price = self.resolution * strength / self.level.total;
        // Without the vertex itself, wherever it is.
        let stay = to_own - price * (self.totals[own as usize] - strength);
        let mut best = (stay, own);
        for (community, weight) in tally.entries {
            let gain = weight - price * self.totals[community as usize];
            // More than rounding makes of equal gains.
            if community != own && gain > best.0 + 1e-12 * strength {
                best = (gain, community);
            }
        }
        if best.1 != own {
            vertex.aggregate().restless += 1;
            if stable_hash(&(self.turn, index)).is_multiple_of(2) {
                *vertex.state_mut() = best.1;
            }
        }
    }

    fn along(&self, (community, _): &(u32, f64), weight: &f64) -> (u32, f64) {
        (*community, *weight)
    }
}

/// Moves vertices from the communities where they are until nobody gains by it; returns the
/// communities with the highest modularity.
pub(super) fn settle(
    level: &Arc<Level>,
    mut communities: Vec<u32>,
    settings: &Settings,
    depth: usize,
    ran: &mut Vec<SuperstepStats>,
) -> Result<(Vec<u32>, f64)> {
    let mut best = (communities.clone(), f64::NEG_INFINITY);
    let mut since = 0;
    for round in 0..ROUNDS {
        let totals = level.totals(&communities);
        let program = Move {
            communities: Arc::new(communities),
            totals: Arc::new(totals),
            level: Arc::clone(level),
            resolution: settings.resolution,
            turn: stable_hash(&(settings.seed, depth as u64, round as u64)),
        };
        let before = program.clone();
        let outcome = Pregel::new(program).run(&level.graph)?;
        ran.extend_from_slice(outcome.supersteps());
        let Round { inside, restless } = *outcome.aggregate();
        let modularity = level.modularity(inside, &before.totals, settings.resolution);
        since += 1;
        if modularity > best.1 {
            if modularity > best.1 + LEAST_GAIN {
                since = 0;
            }
            best = (before.communities.to_vec(), modularity);
        }
        if restless == 0 || since >= PATIENCE {
            break;
        }
        communities = outcome.states().values().collect()?;
    }
    Ok(best)
}
