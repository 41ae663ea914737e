//! Actions.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};

use superstep::Result;

use crate::{check_all, groups, sorted};

#[test]
fn rows_are_read_and_merged() -> Result<(), String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    check_all(|ctx, input| {
        let rdd = input.left(ctx)?;
        let values: Vec<i64> = input.left.iter().map(|(_, value)| *value).collect();
        assert_eq!(rdd.count()?, input.left.len() as u64);
        for count in [0, 1, 5, input.left.len(), 1000] {
            let expected: Vec<_> = input.left.iter().copied().take(count).collect();
            assert_eq!(rdd.take(count)?, expected);
        }
        assert_eq!(rdd.first().ok(), input.left.first().copied());
        for key in [0, 1, 255] {
            let expected = groups(&input.left).remove(&key).unwrap_or_default();
            assert_eq!(rdd.lookup(&key)?, expected);
            assert_eq!(rdd.partition_by(input.partitions[2]).lookup(&key)?, expected);
        }
        let numbers = rdd.map(|(_, value)| value);
        assert_eq!(numbers.fold(0, |a, b| a + b)?, values.iter().sum::<i64>());
        assert_eq!(numbers.reduce(i64::max).ok(), values.iter().copied().max());
        let text = |text: String, value: i64| format!("{text}{value};");
        let joined = numbers.aggregate(String::new(), text, |a, b| a + &b)?;
        assert_eq!(joined, values.iter().copied().fold(String::new(), text));
        let sum = AtomicI64::new(0);
        numbers.foreach(|value| {
            sum.fetch_add(value, Ordering::Relaxed);
        })?;
        assert_eq!(sum.into_inner(), values.iter().sum::<i64>());

        let target = directory.path().join("rows");
        numbers.save_as_text_file(&target)?;
        let mut text = String::new();
        for partition in 0..input.partitions[0] {
            let part = target.join(format!("part-{partition:05}"));
            text += &std::fs::read_to_string(&part).map_err(superstep::Error::user)?;
        }
        std::fs::remove_dir_all(&target).map_err(superstep::Error::user)?;
        assert_eq!(text, values.iter().map(|value| format!("{value}\n")).collect::<String>());
        Ok(())
    })
}

#[test]
fn rows_are_counted_and_collected_by_key() -> Result<(), String> {
    check_all(|ctx, input| {
        let rdd = input.left(ctx)?;
        let groups = groups(&input.left);
        let counts: HashMap<_, _> = groups.iter().map(|(k, v)| (*k, v.len() as u64)).collect();
        let placed = rdd.partition_by(input.partitions[2]);
        assert_eq!(rdd.count_by_key()?, counts);
        assert_eq!(placed.count_by_key()?, counts);
        assert_eq!(rdd.keys().count_by_value()?, counts);
        let last: HashMap<_, _> = input.left.iter().copied().collect();
        assert_eq!(rdd.collect_as_map()?, last);
        // In row order, though the merge is not commutative.
        let texts = rdd.map_values(|v| format!("{v};"));
        let merged = texts.reduce_by_key_locally(|a, b| a + &b)?;
        let text = |values: &Vec<i64>| values.iter().map(|v| format!("{v};")).collect::<String>();
        assert_eq!(merged, groups.iter().map(|(k, v)| (*k, text(v))).collect());
        Ok(())
    })
}

#[test]
fn the_smallest_and_largest_rows_are_found() -> Result<(), String> {
    check_all(|ctx, input| {
        let rdd = input.left(ctx)?;
        let ascending = sorted(input.left.clone());
        for count in [0, 1, 5, input.left.len(), 1000] {
            let smallest: Vec<_> = ascending.iter().copied().take(count).collect();
            assert_eq!(rdd.take_ordered(count)?, smallest);
            let largest: Vec<_> = ascending.iter().rev().copied().take(count).collect();
            assert_eq!(rdd.top(count)?, largest);
            // Of equal rows the first come first.
            let mut by_key = input.left.clone();
            by_key.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
            by_key.truncate(count);
            assert_eq!(rdd.top_by(count, |a, b| a.0.cmp(&b.0))?, by_key);
        }
        assert_eq!(rdd.min().ok(), ascending.first().copied());
        assert_eq!(rdd.max().ok(), ascending.last().copied());
        let by_key = |a: &(u8, i64), b: &(u8, i64)| a.0.cmp(&b.0);
        assert_eq!(rdd.min_by(by_key).ok(), input.left.iter().copied().min_by(by_key));
        assert_eq!(rdd.max_by(by_key).ok(), input.left.iter().copied().max_by(by_key));
        Ok(())
    })
}

#[test]
fn partitions_are_merged_in_a_tree_and_visited() -> Result<(), String> {
    check_all(|ctx, input| {
        let values = input.left(ctx)?.values();
        let add = |text: String, value: i64| format!("{text}{value};");
        let whole = input.left.iter().map(|(_, value)| *value).fold(String::new(), add);
        for depth in [1, 2, 3, 20] {
            let merged = values.tree_aggregate(String::new(), add, |a, b| a + &b, depth)?;
            assert_eq!(merged, whole);
        }
        assert_eq!(values.is_empty()?, input.left.is_empty());
        assert!(values.filter(|_| false).is_empty()?);
        let (visits, sum) = (AtomicI64::new(0), AtomicI64::new(0));
        values.foreach_partition(|rows| {
            visits.fetch_add(1, Ordering::Relaxed);
            sum.fetch_add(rows.sum(), Ordering::Relaxed);
        })?;
        assert_eq!(visits.into_inner(), input.partitions[0] as i64);
        assert_eq!(sum.into_inner(), input.left.iter().map(|(_, value)| value).sum::<i64>());
        let iterated: Vec<_> = values.to_local_iterator()?.collect::<Result<_>>()?;
        assert_eq!(iterated, values.collect()?);

        let different = input.left.iter().collect::<BTreeSet<_>>().len() as f64;
        let about = input.left(ctx)?.count_approx_distinct(0.02)? as f64;
        assert!((about - different).abs() <= (0.1 * different).max(1.0), "{about}, {different}");
        Ok(())
    })
}
