//! HyperBall: estimates of how many vertices are within each distance of every vertex.
//!
//! Each vertex holds a HyperLogLog counter of the vertices within distance t, which is the union of
//! its neighbors' counters within t - 1.
//!
//! - **State**: the counter, `2^precision` bytes, and the sums.
//! - **Supersteps**: one more than the longest shortest path. **Messages**: the edges of vertices
//!   whose counter changed; all edges of a vertex share one counter.
//! - **Error**: a counter's relative standard deviation is 1.04 / √(2^precision).
//! - **Source**: Boldi and Vigna, *In-core computation of geometric centralities with HyperBall: a
//!   hundred billion nodes and beyond* (ICDM workshops 2013), section III; Flajolet, Fusy, Gandouet,
//!   Meunier, *HyperLogLog* (AofA 2007), figure 3.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hash::stable_hash;
use crate::pregel::{Combiner, Direction, Seed, Vertex, VertexProgram};

use super::distance_sums::{Clock, DistanceSums};

/// A counter: the largest rank of a hash in each register.
type Registers = Arc<[u8]>;

/// A vertex, and how many vertices are around it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ball {
    registers: Registers,
    /// The estimate for the registers.
    size: f64,
    pub(super) sums: DistanceSums,
}

/// Unites counters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unite;

impl Combiner<Registers> for Unite {
    type Combined = Vec<u8>;

    #[inline]
    fn lift(message: Registers) -> Vec<u8> {
        message.to_vec()
    }

    #[inline]
    fn merge(into: &mut Vec<u8>, message: Registers) {
        into.iter_mut().zip(&*message).for_each(|(most, rank)| *most = (*most).max(*rank));
    }
}

/// The vertex program.
#[derive(Debug, Clone, Copy)]
pub(super) struct HyperBall {
    direction: Direction,
    precision: u32,
}

impl HyperBall {
    /// Counts with `2^precision` registers a vertex, which hear from their neighbors along edges of
    /// a direction.
    pub(super) fn new(direction: Direction, precision: u32) -> Self {
        Self { direction, precision }
    }
}

impl VertexProgram for HyperBall {
    type State = Ball;
    type Edge = ();
    type Message = Registers;
    type Combiner = Unite;
    type Aggregate = Clock;

    fn init(&self, seed: &Seed) -> Ball {
        let hash = stable_hash(&seed.index);
        let mut registers = vec![0; 1 << self.precision];
        let register = (hash >> (u64::BITS - self.precision)) as usize;
        // A bit behind the hash ends the run of zeros of a hash that is all zeros.
        let rest = hash << self.precision | 1 << (self.precision - 1);
        registers[register] = rest.leading_zeros() as u8 + 1;
        let size = size(&registers);
        Ball { registers: registers.into(), size, sums: DistanceSums::default() }
    }

    #[inline]
    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u8>>) {
        vertex.vote_to_halt();
        let distance = vertex.superstep() as u32;
        if let Some(mut united) = inbox {
            let ball = vertex.state_mut();
            united
                .iter_mut()
                .zip(&*ball.registers)
                .for_each(|(most, own)| *most = (*most).max(*own));
            if *united == *ball.registers {
                return;
            }
            let grown = size(&united);
            // The two ranges of the estimate do not meet exactly.
            let count = (grown - ball.size).max(0.0);
            ball.sums.add(count, distance);
            (ball.registers, ball.size) = (united.into(), grown);
        }
        let registers = Arc::clone(&vertex.state().registers);
        vertex.send_to_neighbors(registers);
    }

    fn direction(&self) -> Direction {
        self.direction
    }
}

/// The estimate of how many different vertices a counter has seen.
fn size(registers: &[u8]) -> f64 {
    let count = registers.len() as f64;
    let alpha = match registers.len() {
        16 => 0.673,
        32 => 0.697,
        64 => 0.709,
        _ => 0.7213 / (1.0 + 1.079 / count),
    };
    let sum: f64 = registers.iter().map(|rank| (-f64::from(*rank)).exp2()).sum();
    let raw = alpha * count * count / sum;
    let empty = registers.iter().filter(|rank| **rank == 0).count();
    if raw <= 2.5 * count && empty > 0 { count * (count / empty as f64).ln() } else { raw }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_known_sets_are_within_four_standard_deviations() {
        for (precision, members) in [(6, 20_u32), (6, 5_000), (10, 300), (10, 100_000)] {
            let program = HyperBall::new(Direction::Out, precision);
            let mut united = vec![0; 1 << precision];
            for index in 0..members {
                let seed = Seed { id: 0, index, out_degree: 0, in_degree: 0, vertex_count: 1 };
                Unite::merge(&mut united, program.init(&seed).registers);
            }
            let error = (size(&united) / f64::from(members) - 1.0).abs();
            assert!(error < 4.0 * 1.04 / f64::from(1 << precision).sqrt(), "{members}: {error}");
        }
    }
}
