//! Seeded random numbers for sampling: one stream a partition, the same on every machine.

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::error::{Error, Result};
use crate::hash::stable_hash;

/// Means above this are drawn in pieces, so that `exp(-mean)` stays far from zero.
const POISSON_PIECE: f64 = 16.0;

/// The random numbers of one partition.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// Starts the stream of a partition; streams of different seeds or partitions have nothing to
    /// do with each other.
    pub(crate) fn new(seed: u64, partition: usize) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(stable_hash(&(seed, partition as u64))))
    }

    /// Returns 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a number below `end`, each with the same chance (to within `end / 2^64`).
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// Returns a number in `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        // 53 bits are what a float holds exactly.
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns how often something happens that happens `mean` times on average. Takes time in
    /// proportion to the answer.
    pub(crate) fn poisson(&mut self, mut mean: f64) -> usize {
        let mut count = 0;
        while mean > 0.0 {
            let floor = (-mean.min(POISSON_PIECE)).exp();
            let mut product = self.unit();
            while product > floor {
                count += 1;
                product *= self.unit();
            }
            mean -= POISSON_PIECE;
        }
        count
    }
}

/// How many times a sample takes a row.
#[derive(Clone, Copy)]
pub(crate) enum Draw {
    /// Once with this chance.
    Once(f64),
    /// This many times on average, each time anew.
    Repeatedly(f64),
}

impl Draw {
    /// Checks a sample's fraction: at least 0, and without replacement at most 1.
    pub(crate) fn new(with_replacement: bool, fraction: f64) -> Result<Self> {
        if with_replacement && fraction.is_finite() && fraction >= 0.0 {
            Ok(Self::Repeatedly(fraction))
        } else if !with_replacement && (0.0..=1.0).contains(&fraction) {
            Ok(Self::Once(fraction))
        } else {
            let range = if with_replacement { "at least 0 with" } else { "in 0..=1 without" };
            let what = format!("a sample's fraction must be {range} replacement, not {fraction}");
            Err(Error::argument(what))
        }
    }

    /// Returns how many times the next row is taken.
    pub(crate) fn times(self, random: &mut Random) -> usize {
        match self {
            Self::Once(chance) => usize::from(random.unit() < chance),
            Self::Repeatedly(mean) => random.poisson(mean),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_the_same_in_every_run_and_differ_by_seed_and_partition() {
        // Pinned: a change here changes every seeded sample.
        assert_eq!(Random::new(1, 2).bits(), 15_361_365_946_506_112_541);
        let streams: std::collections::HashSet<_> = (0..100)
            .flat_map(|seed| (0..100).map(move |partition| Random::new(seed, partition).bits()))
            .collect();
        assert_eq!(streams.len(), 10_000);
    }

    #[test]
    fn draws_have_the_mean_and_variance_they_should() {
        let mut random = Random::new(7, 0);
        for mean in [0.0, 0.3, 4.0, 16.0, 50.0] {
            let draws: Vec<_> = (0..20_000).map(|_| random.poisson(mean) as f64).collect();
            let found = draws.iter().sum::<f64>() / 20_000.0;
            let spread = draws.iter().map(|n| (n - found).powi(2)).sum::<f64>() / 20_000.0;
            let (off, wide) = (5.0 * (mean / 20_000.0).sqrt(), 0.1 * mean);
            assert!((found - mean).abs() <= off, "{found} instead of {mean}");
            assert!((spread - mean).abs() <= wide, "variance {spread} instead of {mean}");
        }
        assert!((0..1000).all(|_| random.below(7) < 7 && random.unit() < 1.0));
    }
}
