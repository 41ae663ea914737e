//! `histogram`: how many numbers fall into each of several buckets.

use crate::error::{Error, Result};
use crate::rdd::{Number, Rdd};

/// The bounds of a histogram's buckets, one more than buckets, and the count of each bucket.
pub type Histogram = (Vec<f64>, Vec<u64>);

impl<T: Number> Rdd<T> {
    /// Counts the rows in `buckets` buckets of equal width between the smallest and the largest
    /// row, and returns the buckets' bounds and counts. A bucket holds its lower bound and not its
    /// upper one; only the last holds both. When all rows are equal there is one bucket.
    ///
    /// Two jobs over the rows: one for the extremes, one to count.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let (bounds, counts) = ctx.parallelize(0..=50, 4).histogram(2)?;
    /// assert_eq!((bounds, counts), (vec![0.0, 25.0, 50.0], vec![25, 26]));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Empty`](crate::ErrorKind::Empty) when there are no rows,
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when `buckets` is 0 or a row is infinite
    /// or NaN; otherwise when computing a partition fails.
    pub fn histogram(&self, buckets: usize) -> Result<Histogram> {
        if buckets == 0 {
            return Err(Error::argument("a histogram needs at least one bucket"));
        }
        let stats = self.stats_of("histogram")?;
        let (min, max) = (stats.min(), stats.max());
        // A sum of finite numbers may overflow; the mean of numbers with a NaN is always one.
        if !min.is_finite() || !max.is_finite() || stats.mean().is_nan() {
            let what = "a histogram needs bounds for rows that are infinite or NaN";
            return Err(Error::argument(what));
        }
        let bounds = even_bounds(min, max, buckets);
        let counts = self.counts_between(&bounds)?;
        Ok((bounds, counts))
    }

    /// Counts the rows in the buckets between `bounds`, which must ascend: a count for each two
    /// neighbours. A bucket holds its lower bound and not its upper one; only the last holds both.
    /// Rows outside all buckets, and NaN, are not counted.
    ///
    /// One job. Each row is placed by binary search.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let ages = ctx.parallelize([3, 17, 18, 64, 65, 130], 2);
    /// assert_eq!(ages.histogram_with_bounds(&[0.0, 18.0, 65.0])?, [2, 3]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when there are fewer than two bounds or
    /// they do not ascend; otherwise when computing a partition fails.
    pub fn histogram_with_bounds(&self, bounds: &[f64]) -> Result<Vec<u64>> {
        if bounds.len() < 2 || !bounds.is_sorted_by(|left, right| left < right) {
            let what = "a histogram needs at least two bounds, each larger than the one before";
            return Err(Error::argument(what));
        }
        self.counts_between(bounds)
    }

    fn counts_between(&self, bounds: &[f64]) -> Result<Vec<u64>> {
        let buckets = bounds.len() - 1;
        let parts = self.run(|rows| {
            let mut counts = vec![0_u64; buckets];
            for row in rows {
                if let Some(bucket) = bucket(bounds, row.to_f64()) {
                    counts[bucket] += 1;
                }
            }
            Ok(counts)
        })?;
        let mut sums = vec![0; buckets];
        for counts in parts {
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        Ok(sums)
    }
}

/// Bounds of `buckets` buckets of equal width, or of one without width.
fn even_bounds(min: f64, max: f64, buckets: usize) -> Vec<f64> {
    if min == max {
        return vec![min, max];
    }
    let (range, parts) = (max - min, buckets as f64);
    let inner = (1..buckets).map(|bound| {
        let share = bound as f64 / parts;
        // The difference of two large numbers of different sign may overflow.
        let bound = if range.is_finite() {
            min + bound as f64 * (range / parts)
        } else {
            min * (1.0 - share) + max * share
        };
        bound.clamp(min, max)
    });
    std::iter::once(min).chain(inner).chain([max]).collect()
}

/// The bucket of a number: the last whose lower bound is not above it.
fn bucket(bounds: &[f64], number: f64) -> Option<usize> {
    let (first, last) = (bounds.first()?, bounds.last()?);
    if !(*first..=*last).contains(&number) {
        return None;
    }
    let above = bounds.partition_point(|bound| *bound <= number);
    // The upper bound of the last bucket belongs to it.
    Some(above.min(bounds.len() - 1) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_in_range_has_the_bucket_whose_bounds_hold_it() {
        let bounds = [-1.0, 0.0, 0.5, 4.0];
        let places = [-1.5, -1.0, -0.0, 0.49, 0.5, 3.9, 4.0, 4.1, f64::NAN];
        let found: Vec<_> = places.iter().map(|number| bucket(&bounds, *number)).collect();
        let some = [Some(0), Some(1), Some(1), Some(2), Some(2), Some(2)];
        assert_eq!(found[1..7], some);
        assert_eq!((found[0], found[7], found[8]), (None, None, None));
        assert_eq!(bucket(&[3.0, 3.0], 3.0), Some(0));
    }

    #[test]
    fn even_bounds_begin_and_end_with_the_extremes_even_of_the_widest_range() {
        for (min, max) in [(0.0, 1.0), (-0.1, 0.2), (f64::MIN, f64::MAX)] {
            let bounds = even_bounds(min, max, 7);
            assert_eq!((bounds.len(), bounds[0], bounds[7]), (8, min, max));
            assert!(bounds.is_sorted_by(|left, right| left < right), "{bounds:?}");
        }
    }
}
