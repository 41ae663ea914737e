//! Statistics of numbers, merged without losing digits.
//!
//! One value at a time is added by Welford's update, two summaries are joined by Chan's formula:
//! the variance of numbers that differ little from a large mean stays right, where the textbook
//! difference of squares cancels to nothing. Rows are added in order and partitions are joined in
//! order, so the digits are the same for any number of threads.
//! Source: Chan, Golub, LeVeque, Updating formulae and a pairwise algorithm for computing sample
//! variances (1979).

use serde::{Deserialize, Serialize};

use crate::data::Data;

mod sealed {
    /// Keeps [`Number`](super::Number) to this crate's list.
    pub trait Sealed {}
}

/// A number that statistics are made of: the floats and integers of the language, each as the
/// nearest `f64` (exact up to 2^53).
pub trait Number: Data + Copy + sealed::Sealed {
    /// Returns the number as the nearest `f64`.
    fn to_f64(self) -> f64;
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(
            impl sealed::Sealed for $number {}

            impl Number for $number {
                fn to_f64(self) -> f64 {
                    self as f64
                }
            }
        )*
    };
}

numbers!(f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

/// Count, mean, variance, sum and extremes of numbers.
///
/// Rows of an RDD can hold it: with [`aggregate_by_key`](super::Rdd::aggregate_by_key) it gives the
/// statistics of every key. A NaN makes mean, variance and sum NaN and is no minimum or maximum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    count: u64,
    mean: f64,
    /// The sum of the squares of the distances from the mean.
    squares: f64,
    sum: f64,
    min: f64,
    max: f64,
}

impl Default for Stats {
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { count: 0, mean: 0.0, squares: 0.0, sum: 0.0, min, max }
    }
}

impl Stats {
    /// Returns the statistics with one more number.
    #[must_use]
    pub fn with<T: Number>(self, number: T) -> Self {
        let number = number.to_f64();
        let count = self.count + 1;
        let distance = number - self.mean;
        let mean = self.mean + distance / count as f64;
        Self {
            count,
            mean,
            squares: self.squares + distance * (number - mean),
            sum: self.sum + number,
            min: self.min.min(number),
            max: self.max.max(number),
        }
    }

    /// Returns the statistics of the numbers of both.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if self.count == 0 {
            return other;
        }
        if other.count == 0 {
            return self;
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let distance = other.mean - self.mean;
        Self {
            count,
            mean: self.mean + distance * share,
            squares: self.squares
                + other.squares
                + distance * distance * (self.count as f64 * share),
            sum: self.sum + other.sum,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; NaN without numbers.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { self.mean }
    }

    /// The sum: each partition's from left to right, and then theirs.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The variance of a population: the mean square distance from the mean; NaN without numbers.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.squares_over(0)
    }

    /// The variance estimated from a sample (divided by `count - 1`); NaN for fewer than two.
    #[must_use]
    pub fn sample_variance(&self) -> f64 {
        self.squares_over(1)
    }

    /// The standard deviation of a population: the root of [`variance`](Self::variance).
    #[must_use]
    pub fn stdev(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The standard deviation estimated from a sample: the root of
    /// [`sample_variance`](Self::sample_variance).
    #[must_use]
    pub fn sample_stdev(&self) -> f64 {
        self.sample_variance().sqrt()
    }

    /// The smallest number; infinity without numbers.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.min
    }

    /// The largest number; minus infinity without numbers.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.max
    }

    fn squares_over(&self, less: u64) -> f64 {
        if self.count <= less { f64::NAN } else { self.squares / (self.count - less) as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(numbers: &[f64]) -> Stats {
        numbers.iter().fold(Stats::default(), |stats, number| stats.with(*number))
    }

    #[test]
    fn a_small_variance_around_a_large_mean_is_not_cancelled() {
        let numbers: Vec<_> = (0..1000).map(|n| 1e9 + f64::from(n % 3)).collect();
        let whole = stats(&numbers);
        let halves = stats(&numbers[..300]).merge(stats(&numbers[300..]));
        // 334 times 0, 333 times 1 and 333 times 2.
        let exact = (333.0 + 4.0 * 333.0) / 1000.0 - 0.999_f64.powi(2);
        for found in [whole, halves] {
            assert!((found.variance() - exact).abs() < 1e-6, "{found:?}");
            assert_eq!((found.count(), found.min(), found.max()), (1000, 1e9, 1e9 + 2.0));
        }
    }

    #[test]
    fn without_enough_numbers_there_is_no_mean_and_no_variance() {
        let none = Stats::default();
        assert!(none.mean().is_nan() && none.variance().is_nan() && none.stdev().is_nan());
        assert_eq!((none.sum(), none.min(), none.max()), (0.0, f64::INFINITY, f64::NEG_INFINITY));
        let one = none.with(7_u64);
        assert_eq!((one.mean(), one.variance()), (7.0, 0.0));
        assert!(one.sample_variance().is_nan());
        assert_eq!(none.merge(one), one);
        assert_eq!(one.merge(none), one);
    }
}
