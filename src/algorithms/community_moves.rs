//! Moves of vertices to the communities where the modularity gains most.

use std::sync::Arc;

use crate::error::Result;
use crate::hash::stable_hash;

use super::communities::Settings;
use super::community_levels::Level;
use super::tally::Tally;

/// Sweeps over one graph at most.
const SWEEPS: u64 = 50;
/// Sweeps one after another that have to add too little before a graph is left.
const PATIENCE: usize = 2;
/// Turns of a sweep: enough that few neighbors move at the same time.
const TURNS: u64 = 64;

/// Communities of a level that change.
struct Moves<'a> {
    level: &'a Arc<Level>,
    resolution: f64,
    /// By vertex, each with the number of one of its members.
    communities: Arc<Vec<u32>>,
    /// The sums of the strengths of each community's members.
    totals: Arc<Vec<f64>>,
}

impl<'a> Moves<'a> {
    fn new(level: &'a Arc<Level>, communities: Arc<Vec<u32>>, resolution: f64) -> Self {
        let totals = Arc::new(level.totals(&communities, communities.len()));
        Self { level, resolution, communities, totals }
    }

    /// Lets the vertices of a turn move. Adds the weights from them into their communities as they
    /// were, and returns how many moved.
    fn turn(&mut self, turns: &Arc<Vec<u8>>, turn: u8, inside: &mut f64) -> Result<u64> {
        let turns = Arc::clone(turns);
        let (level, resolution) = (Arc::clone(self.level), self.resolution);
        let (communities, totals) = (Arc::clone(&self.communities), Arc::clone(&self.totals));
        let choose = move |vertex: u32, tally: &mut Tally<f64>| {
            let own = communities[vertex as usize];
            let strength = level.strengths[vertex as usize];
            let to_own = tally.iter().find(|(community, _)| *community == own);
            let to_own = to_own.map_or(0.0, |(_, weight)| *weight);
            let price = resolution * strength / level.total;
            // Without the vertex itself, wherever it is.
            let stay = to_own - price * (totals[own as usize] - strength);
            let gains = tally.iter().filter(|(community, _)| *community != own).map(
                |(community, weight)| (weight - price * totals[*community as usize], *community),
            );
            // More than rounding makes of equal gains.
            let best = best_of((stay, own), gains, 1e-12 * strength);
            (vertex, best.1, to_own)
        };
        let chosen = move |vertex: u32| turns[vertex as usize] == turn;
        let choices = self.level.hear(&self.communities, chosen, choose)?;
        let (communities, totals) =
            (Arc::make_mut(&mut self.communities), Arc::make_mut(&mut self.totals));
        let mut moved = 0;
        for (vertex, new, to_own) in choices {
            let old = std::mem::replace(&mut communities[vertex as usize], new);
            *inside += to_own + self.level.loops[vertex as usize];
            if old != new {
                moved += 1;
                let strength = self.level.strengths[vertex as usize];
                totals[old as usize] -= strength;
                totals[new as usize] += strength;
            }
        }
        Ok(moved)
    }

    /// Lets every vertex move once; returns how many did, and the weights inside communities as
    /// they were when each had its turn.
    fn sweep(&mut self, seed: u64) -> Result<(u64, f64)> {
        let vertices = self.communities.len() as u64;
        let turn = |vertex: u64| match vertices <= TURNS {
            // One after another.
            true => vertex as u8,
            false => (stable_hash(&(seed, vertex)) % TURNS) as u8,
        };
        let turns = Arc::new((0..vertices).map(turn).collect());
        let (mut moved, mut inside) = (0, 0.0);
        for turn in 0..TURNS.min(vertices) as u8 {
            moved += self.turn(&turns, turn, &mut inside)?;
        }
        // Free of what adding and taking away has rounded.
        self.totals = Arc::new(self.level.totals(&self.communities, self.communities.len()));
        Ok((moved, inside))
    }

    /// The modularity with so much weight inside communities.
    fn modularity(&self, inside: f64) -> f64 {
        self.level.modularity(inside, &self.totals, self.resolution)
    }

    /// The modularity.
    fn exact_modularity(&self) -> Result<f64> {
        let inside = self.level.ties(&self.communities, |_| true)?.iter().sum::<f64>();
        Ok(self.modularity(inside + self.level.loops.iter().sum::<f64>()))
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

/// Moves vertices from the communities where they are until hardly anybody gains by it; returns the
/// communities, whose modularity is no lower than it was, and how many sweeps it took.
pub(super) fn settle(
    level: &Arc<Level>,
    start: Vec<u32>,
    settings: &Settings,
    depth: usize,
) -> Result<(Vec<u32>, usize)> {
    let start = Arc::new(start);
    let mut moves = Moves::new(level, Arc::clone(&start), settings.resolution);
    let before = moves.exact_modularity()?;
    let (mut highest, mut idle, mut sweeps) = (f64::NEG_INFINITY, 0, 0);
    loop {
        let seed = stable_hash(&(settings.seed, depth as u64, sweeps));
        let (moved, inside) = moves.sweep(seed)?;
        sweeps += 1;
        // As it was when each had its turn: what is added shows half a sweep late.
        let modularity = moves.modularity(inside);
        idle = if modularity - highest < settings.tolerance { idle + 1 } else { 0 };
        if moved == 0 || idle == PATIENCE || sweeps == SWEEPS {
            break;
        }
        highest = highest.max(modularity);
    }
    let is_worse = moves.exact_modularity()? < before;
    let communities = if is_worse { start } else { moves.communities };
    Ok((Arc::unwrap_or_clone(communities), sweeps as usize))
}

#[cfg(test)]
mod tests {
    use super::super::community_levels::alone;
    use super::*;
    use crate::graph::{Edge, Graph};
    use crate::rdd::Context;

    #[test]
    fn vertices_hear_of_the_moves_of_the_turns_before() -> Result<()> {
        let ctx = Context::local(2)?;
        // Pairs of vertices; at the same time they would swap places.
        let edges = (0..40).map(|pair| Edge::new(2 * pair, 2 * pair + 1, 1.0 + pair as f64));
        let graph = Graph::builder().undirected(true).edges(&ctx.parallelize(edges, 3))?;
        let level = Arc::new(Level::bottom(&graph, &mut Vec::new())?);
        let vertices = level.strengths.len();
        let mut moves = Moves::new(&level, Arc::new(alone(vertices)), 1.0);
        let (turns, mut inside) = (Arc::new((0..vertices).map(|n| n as u8 % 2).collect()), 0.0);
        let mut moved = Vec::new();
        for turn in [0, 1, 0] {
            moved.push(moves.turn(&turns, turn, &mut inside)?);
            assert_eq!(*moves.totals, level.totals(&moves.communities, vertices));
        }
        assert_eq!(moved, [40, 0, 0]);
        assert!(moves.communities.chunks(2).all(|pair| pair == [pair[1]; 2]));
        // Everything is inside by now, both ways, and seen but for the first turn.
        let strengths: f64 = level.strengths.iter().sum();
        assert_eq!(inside, strengths);
        assert!((moves.exact_modularity()? - moves.modularity(strengths)).abs() < 1e-12);
        Ok(())
    }

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
