//! Sums and statistics.

use superstep::prelude::{Context, Rdd};
use superstep::{ErrorKind, Result};

use crate::{assert_rows, check_all, cut};

fn close(found: f64, expected: f64) {
    let error = (found - expected).abs();
    // Numbers up to 1000, squared: the rounding of a hundred operations on them.
    assert!(error <= 1e-9 * expected.abs().max(1.0), "{found}, expected {expected}");
}

#[test]
fn statistics_are_those_of_two_passes_over_the_rows() -> Result<(), String> {
    check_all(|ctx, input| {
        let rdd = input.left(ctx)?.values();
        let values: Vec<f64> = input.left.iter().map(|(_, value)| *value as f64).collect();
        let count = values.len() as f64;
        assert_eq!(rdd.sum()?, input.left.iter().map(|(_, value)| value).sum::<i64>());
        let stats = rdd.stats()?;
        assert_eq!(stats.count(), values.len() as u64);
        assert_eq!(stats.min(), values.iter().copied().fold(f64::INFINITY, f64::min));
        assert_eq!(stats.max(), values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        assert_eq!(stats.sum(), values.iter().fold(0.0, |a, b| a + b));
        if values.is_empty() {
            for error in [rdd.mean(), rdd.variance(), rdd.stdev()].map(Result::unwrap_err) {
                assert!(matches!(error.kind(), ErrorKind::Empty { .. }), "{error}");
            }
            assert!(stats.mean().is_nan());
            return Ok(());
        }
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        close(rdd.mean()?, mean);
        close(rdd.variance()?, squares / count);
        close(rdd.stdev()?, (squares / count).sqrt());
        if values.len() > 1 {
            close(stats.sample_variance(), squares / (count - 1.0));
            close(stats.sample_stdev(), (squares / (count - 1.0)).sqrt());
        }
        Ok(())
    })
}

#[test]
fn floats_are_added_from_left_to_right_in_partition_order() -> Result<(), String> {
    let alone = Context::local(1).map_err(|error| error.to_string())?;
    check_all(|ctx, input| {
        let of = |(k, v): (u8, i64)| v as f64 * 0.1 + f64::from(k) * 1e9;
        let numbers: Vec<f64> = input.left.iter().copied().map(of).collect();
        let parts = cut(&numbers, input.partitions[0]);
        let sums = parts.iter().filter_map(|rows| rows.iter().copied().reduce(|a, b| a + b));
        let sum = sums.reduce(|a, b| a + b).unwrap_or(0.0);
        let rdd = input.left(ctx)?.map(of);
        assert_eq!(rdd.sum()?.to_bits(), sum.to_bits());
        // The same bits on one thread.
        let other: Rdd<f64> = input.left(&alone)?.map(of);
        let (a, b) = (rdd.stats()?, other.stats()?);
        assert_eq!(
            (a.mean().to_bits(), a.variance().to_bits()),
            (b.mean().to_bits(), b.variance().to_bits())
        );
        assert_eq!(a.sum().to_bits(), b.sum().to_bits());
        assert_rows(&other, numbers)
    })
}

#[test]
fn a_histogram_counts_every_row_in_the_bucket_that_holds_it() -> Result<(), String> {
    check_all(|ctx, input| {
        let rdd = input.left(ctx)?.values();
        let values: Vec<f64> = input.left.iter().map(|(_, value)| *value as f64).collect();
        let count = |bounds: &[f64]| -> Vec<u64> {
            let last = bounds.len() - 2;
            let holds = |bucket: usize, value: f64| {
                let (low, high) = (bounds[bucket], bounds[bucket + 1]);
                value >= low && (value < high || bucket == last && value == high)
            };
            let all = |bucket| values.iter().filter(|value| holds(bucket, **value)).count() as u64;
            (0..=last).map(all).collect()
        };
        let bounds = [-500.0, -499.5, 0.0, 10.0, 700.0];
        assert_eq!(rdd.histogram_with_bounds(&bounds)?, count(&bounds));
        for buckets in [1, 3, 10] {
            let Ok((bounds, counts)) = rdd.histogram(buckets) else {
                assert!(values.is_empty());
                continue;
            };
            assert_eq!(counts, count(&bounds));
            assert_eq!(counts.iter().sum::<u64>(), values.len() as u64);
            assert!(bounds.len() == buckets + 1 || bounds[0] == bounds[1]);
        }
        Ok(())
    })
}
