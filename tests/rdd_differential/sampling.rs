//! Operations that choose at random.

use std::collections::BTreeMap;

use superstep::Result;
use superstep::prelude::Context;

use crate::{assert_rows, check_all, sorted};

/// True when `part` is `whole` without some of its rows; with `again`, rows may also repeat.
fn is_within<T: PartialEq>(part: &[T], whole: &[T], again: bool) -> bool {
    let mut at = 0;
    part.iter().all(|row| {
        let Some(found) = whole[at..].iter().position(|other| other == row) else { return false };
        at += found + usize::from(!again);
        true
    })
}

#[test]
fn a_sample_is_a_part_of_the_rows_that_depends_on_the_seed_alone() -> Result<(), String> {
    let alone = Context::local(1).map_err(|error| error.to_string())?;
    check_all(|ctx, input| {
        let (rdd, seed) = (input.left(ctx)?.zip_with_index()?, input.seed);
        let rows = rdd.collect()?;
        let other = input.left(&alone)?.zip_with_index()?;
        for (again, fraction) in [(false, 0.3), (true, 0.3), (true, 2.5)] {
            let sample = rdd.sample(again, fraction, seed)?;
            let chosen = sample.collect()?;
            assert!(is_within(&chosen, &rows, again), "{chosen:?}");
            assert_rows(&sample, chosen.clone())?;
            assert_rows(&other.sample(again, fraction, seed)?, chosen)?;
        }
        assert_rows(&rdd.sample(false, 1.0, seed)?, rows.clone())?;
        assert_rows(&rdd.sample(false, 0.0, seed)?, [])?;
        assert_rows(&rdd.sample(true, 0.0, seed)?, [])?;

        let placed = input.left(ctx)?.partition_by(input.partitions[2]);
        let sample = placed.sample_by_key(false, [(0, 1.0), (1, 0.5), (2, 0.0)], seed)?;
        assert_eq!(sample.partitioner(), placed.partitioner());
        assert_eq!(placed.sample(true, 0.5, seed)?.partitioner(), placed.partitioner());
        assert_eq!(sample.lookup(&0)?, placed.lookup(&0)?);
        assert!(is_within(&sample.lookup(&1)?, &placed.lookup(&1)?, false));
        assert!(sample.filter(|(key, _)| *key > 1).is_empty()?);
        Ok(())
    })
}

#[test]
fn a_split_deals_every_row_to_exactly_one_part() -> Result<(), String> {
    check_all(|ctx, input| {
        let rdd = input.left(ctx)?.zip_with_index()?;
        let parts = rdd.random_split(&[0.2, 0.0, 3.0, 1.0, 0.0], input.seed)?;
        let rows = rdd.collect()?;
        let mut all = Vec::new();
        for part in &parts {
            let part = part.collect()?;
            assert!(is_within(&part, &rows, false));
            all.extend(part);
        }
        assert!(parts[1].is_empty()? && parts[4].is_empty()?);
        assert_eq!(sorted(all), sorted(rows));
        Ok(())
    })
}

#[test]
fn a_sample_of_fixed_size_has_that_size_and_depends_on_the_seed_alone() -> Result<(), String> {
    let alone = Context::local(1).map_err(|error| error.to_string())?;
    check_all(|ctx, input| {
        let (rdd, seed) = (input.left(ctx)?.zip_with_index()?, input.seed);
        let rows = rdd.collect()?;
        let other = input.left(&alone)?.zip_with_index()?;
        for count in [0, 1, 7, 1000] {
            let chosen = rdd.take_sample(false, count, seed)?;
            assert_eq!(chosen.len(), count.min(rows.len()));
            assert_eq!(other.take_sample(false, count, seed)?, chosen);
            let mut once = sorted(chosen);
            once.dedup();
            assert_eq!(once.len(), count.min(rows.len()));
            assert!(once.iter().all(|row| rows.contains(row)));

            let drawn = rdd.take_sample(true, count, seed)?;
            assert_eq!(drawn.len(), if rows.is_empty() { 0 } else { count });
            assert_eq!(other.take_sample(true, count, seed)?, drawn);
            assert!(drawn.iter().all(|row| rows.contains(row)));
        }
        Ok(())
    })
}

#[test]
fn every_row_has_the_same_chance() -> Result<()> {
    let ctx = Context::local(2)?;
    // Partitions of very different length.
    let rdd = ctx.union(&[ctx.parallelize(0..90, 1), ctx.parallelize(90..100, 5)]);
    let mut times = BTreeMap::<(&str, i32), u32>::new();
    for seed in 0..2000 {
        for row in rdd.take_sample(false, 10, seed)? {
            *times.entry(("chosen", row)).or_default() += 1;
        }
        for row in rdd.take_sample(true, 10, seed)? {
            *times.entry(("drawn", row)).or_default() += 1;
        }
        for row in rdd.sample(false, 0.1, seed)?.collect()? {
            *times.entry(("sampled", row)).or_default() += 1;
        }
        for row in rdd.random_split(&[1.0, 8.0, 1.0], seed)?[2].collect()? {
            *times.entry(("split", row)).or_default() += 1;
        }
    }
    assert_eq!(times.len(), 400);
    // 200 on average with a standard deviation of 14; fixed seeds, so this does not flicker.
    for (row, times) in times {
        assert!((130..270).contains(&times), "{row:?} came {times} times");
    }
    Ok(())
}
