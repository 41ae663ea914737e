//! Moves of vertices to the communities where the modularity gains most.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::hash::stable_hash;
use crate::pregel::{Aggregate, Combiner, Pregel, Seed, SuperstepStats, Vertex, VertexProgram};

use super::communities::Settings;
use super::community_levels::Level;
use super::tally::{Tally, add, tally};

/// Rounds on one graph at most.
const ROUNDS: usize = 200;
/// Rounds that together have to add enough, or else a graph is left.
const PATIENCE: usize = 8;

/// Adds up the weights to each neighboring community.
#[derive(Debug, Clone, Copy)]
pub(super) struct ByCommunity;

impl Combiner<(u32, f64)> for ByCommunity {
    type Combined = Tally<f64>;

    const LATE: bool = true;

    fn combine(messages: impl Iterator<Item = (u32, f64)>) -> Option<Tally<f64>> {
        Some(tally(messages)).filter(|tally| !tally.is_empty())
    }

    fn lift(message: (u32, f64)) -> Tally<f64> {
        vec![message]
    }

    fn merge(into: &mut Tally<f64>, message: (u32, f64)) {
        add(into, message);
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

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Tally<f64>>) {
        let own = *vertex.state();
        if vertex.superstep() == 0 {
            vertex.send_to_neighbors((own, 1.0));
            return;
        }
        vertex.vote_to_halt();
        let tally = inbox.unwrap_or_default();
        let index = vertex.index();
        let (strength, looped) =
            (self.level.strengths[index as usize], self.level.loops[index as usize]);
        let to_own = tally.iter().find(|(community, _)| *community == own);
        let to_own = to_own.map_or(0.0, |(_, weight)| *weight);
        vertex.aggregate().inside += to_own + looped;
        let price = self.resolution * strength / self.level.total;
        // Without the vertex itself, wherever it is.
        let stay = to_own - price * (self.totals[own as usize] - strength);
        let gains = tally.into_iter().filter(|(community, _)| *community != own).map(
            |(community, weight)| (weight - price * self.totals[community as usize], community),
        );
        // More than rounding makes of equal gains.
        let best = best_of((stay, own), gains, 1e-12 * strength);
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

/// The largest gain with its community: one that is larger than that of staying by more than a little,
/// and of several the smallest community, in whatever order they come.
fn best_of(stay: (f64, u32), gains: impl Iterator<Item = (f64, u32)>, little: f64) -> (f64, u32) {
    gains.fold(stay, |best, (gain, community)| {
        let as_good = best.1 != stay.1 && gain >= best.0 - little && community < best.1;
        if gain > best.0 + little || as_good { (gain, community) } else { best }
    })
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
    let mut bests = Vec::new();
    for round in 0..ROUNDS {
        let totals = level.totals(&communities, communities.len());
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
        if modularity > best.1 {
            best = (before.communities.to_vec(), modularity);
        }
        bests.push(best.1);
        let earlier = bests.len().checked_sub(PATIENCE + 1).map(|round| bests[round]);
        if restless == 0 || earlier.is_some_and(|earlier| best.1 - earlier < settings.tolerance) {
            break;
        }
        communities = outcome.states().values().collect()?;
    }
    Ok(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_communities_that_are_as_good_the_smallest_is_joined_in_whatever_order_they_come() {
        let gains = [(1.0, 5), (1.0, 3), (1.0, 7), (0.5, 1)];
        for turn in 0..gains.len() {
            let mut gains = gains;
            gains.rotate_left(turn);
            assert_eq!(best_of((0.2, 9), gains.into_iter(), 0.1), (1.0, 3));
            // What gains hardly more than staying, or as much, is not worth a move.
            assert_eq!(best_of((0.95, 9), gains.into_iter(), 0.1), (0.95, 9));
        }
    }
}
