//! `count_approx_distinct`: about how many different rows there are, in little memory.

use crate::data::Key;
use crate::error::{Error, Result};
use crate::hash::stable_hash;
use crate::rdd::Rdd;

impl<T: Key> Rdd<T> {
    /// Estimates how many different rows there are, with a relative standard deviation of about
    /// `relative_sd`: 0.05 is within 5 % for two in three inputs.
    ///
    /// One job and no shuffle; each partition holds and sends `(1.04 / relative_sd)^2` bytes, at
    /// most twice as many. Rows are hashed the same in every run, and the order of rows and their
    /// partitions change nothing: an input has one estimate.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize((0..100_000_u64).map(|n| n % 5000), 4);
    /// let about = numbers.count_approx_distinct(0.02)?;
    /// assert!((4700..5300).contains(&about), "{about}");
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// Source: Flajolet, Fusy, Gandouet, Meunier, HyperLogLog (2007), with the estimator of Ertl,
    /// New cardinality estimation algorithms for HyperLogLog sketches (2017), section 2.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when `relative_sd` is outside
    /// 0.002..=0.3; otherwise when computing a partition fails.
    pub fn count_approx_distinct(&self, relative_sd: f64) -> Result<u64> {
        if !(0.002..=0.3).contains(&relative_sd) {
            let what = format!("relative_sd must be in 0.002..=0.3, not {relative_sd}");
            return Err(Error::argument(what));
        }
        let parts = self.run(|rows| {
            let mut registers = Registers::new(relative_sd);
            rows.for_each(|row| registers.add(stable_hash(&row)));
            Ok(registers)
        })?;
        let merged = parts.into_iter().fold(Registers::new(relative_sd), Registers::merge);
        Ok(merged.estimate().round() as u64)
    }
}

/// Of the hashes that begin with the same bits, the longest run of zeros that follows, plus one.
struct Registers {
    ranks: Vec<u8>,
    /// How many bits choose a register.
    bits: u32,
}

impl Registers {
    /// Makes registers enough for a relative standard deviation, which is 1.04 / sqrt(registers).
    fn new(relative_sd: f64) -> Self {
        let mut bits = 4;
        while 1.04 / f64::from(1_u32 << bits).sqrt() > relative_sd {
            bits += 1;
        }
        Self { ranks: vec![0; 1 << bits], bits }
    }

    fn add(&mut self, hash: u64) {
        let register = (hash >> (64 - self.bits)) as usize;
        // The bit below the hash bounds the rank where all bits of the hash are zeros.
        let rest = (hash << self.bits) | (1 << (self.bits - 1));
        let rank = rest.leading_zeros() as u8 + 1;
        self.ranks[register] = self.ranks[register].max(rank);
    }

    fn merge(mut self, other: Self) -> Self {
        self.ranks.iter_mut().zip(other.ranks).for_each(|(rank, other)| *rank = other.max(*rank));
        self
    }

    /// Estimates how many different hashes were added; unbiased for few as well as for many.
    fn estimate(&self) -> f64 {
        let (count, longest) = (self.ranks.len() as f64, 64 - self.bits as usize);
        let mut of_rank = vec![0.0; longest + 2];
        self.ranks.iter().for_each(|rank| of_rank[usize::from(*rank)] += 1.0);
        let mut sum = count * tau(1.0 - of_rank[longest + 1] / count);
        for number in of_rank[1..=longest].iter().rev() {
            sum = 0.5 * (sum + number);
        }
        sum += count * sigma(of_rank[0] / count);
        count * count / (2.0 * std::f64::consts::LN_2 * sum)
    }
}

/// x + the sum over k from 1 of x^(2^k) 2^(k-1): corrects for registers that are still zero.
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut sum, mut before, mut weight) = (x, f64::NAN, 1.0);
    while sum != before {
        before = sum;
        x *= x;
        sum += x * weight;
        weight += weight;
    }
    sum
}

/// A third of 1 - x - the sum over k from 1 of (1 - x^(2^-k))^2 2^-k: corrects for registers that
/// are full.
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut sum, mut before, mut weight) = (1.0 - x, f64::NAN, 1.0);
    while sum != before {
        before = sum;
        x = x.sqrt();
        weight *= 0.5;
        sum -= (1.0 - x).powi(2) * weight;
    }
    sum / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_within_a_few_standard_deviations_from_nothing_to_many() {
        for relative_sd in [0.3, 0.05, 0.01] {
            let mut registers = Registers::new(relative_sd);
            assert_eq!(registers.estimate(), 0.0);
            for number in 1..=200_000_u64 {
                registers.add(stable_hash(&number));
                if number.is_power_of_two() || number % 50_000 == 0 {
                    let error = (registers.estimate() / number as f64 - 1.0).abs();
                    assert!(error < 4.0 * relative_sd, "{error} for {number} at {relative_sd}");
                }
            }
        }
    }

    #[test]
    fn a_hash_of_zeros_has_the_longest_rank() {
        let mut registers = Registers::new(0.3);
        registers.add(0);
        assert_eq!(u32::from(registers.ranks[0]), 64 - registers.bits + 1);
        registers.ranks.fill(60);
        assert!(registers.estimate() > 1e18);
    }
}
