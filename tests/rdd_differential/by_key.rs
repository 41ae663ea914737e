//! Operations that bring the rows of a key together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use superstep::Result;
use superstep::prelude::Rdd;
use superstep::rdd::HashPartitioner;

use crate::{Pair, assert_rows, assert_same_rows, check_all, groups};

#[test]
fn operations_by_key() -> Result<(), String> {
    check_all(|ctx, input| {
        let (rdd, to) = (input.left(ctx)?, input.partitions[2]);
        let groups = groups(&input.left);
        let placed = rdd.partition_by(to);
        assert_eq!(placed.partition_count(), to);
        assert_same_rows(&placed, input.left.iter().copied())?;

        assert_same_rows(&rdd.group_by_key(to), groups.clone())?;
        assert_same_rows(&placed.group_by_key(to), groups.clone())?;
        let sums: Vec<_> = groups.iter().map(|(k, v)| (*k, v.iter().sum::<i64>())).collect();
        assert_same_rows(&rdd.reduce_by_key(|a, b| a + b, to), sums.clone())?;
        assert_same_rows(&placed.reduce_by_key(|a, b| a + b, to), sums)?;

        let text = |values: &Vec<i64>| values.iter().map(|v| format!("{v};")).collect::<String>();
        let texts: Vec<_> = groups.iter().map(|(k, v)| (*k, text(v))).collect();
        let combine = |rdd: &Rdd<Pair>| {
            rdd.combine_by_key(
                |v| format!("{v};"),
                |text, v| format!("{text}{v};"),
                |left, right| left + &right,
                HashPartitioner::new(to),
            )
        };
        // In row order, though the merge is not commutative.
        assert_same_rows(&combine(&rdd), texts.clone())?;
        assert_same_rows(&combine(&placed), texts)?;

        let mut by_key = input.left.clone();
        by_key.sort_by_key(|(key, _)| *key);
        assert_rows(&rdd.sort_by_key(to)?, by_key)?;
        let once: BTreeSet<_> = input.left.iter().copied().collect();
        assert_same_rows(&rdd.distinct(to), once)
    })
}

#[test]
fn values_are_folded_by_key() -> Result<(), String> {
    check_all(|ctx, input| {
        let (rdd, to) = (input.left(ctx)?, input.partitions[2]);
        let groups = groups(&input.left);
        let sums: Vec<_> = groups.iter().map(|(k, v)| (*k, v.iter().sum::<i64>())).collect();
        let text = |values: &Vec<i64>| values.iter().map(|v| format!("{v};")).collect::<String>();
        let texts: Vec<_> = groups.iter().map(|(k, v)| (*k, text(v))).collect();
        for rdd in [rdd.clone(), rdd.partition_by(to)] {
            let folded = rdd.fold_by_key(0, |a, b| a + b, to);
            assert_eq!(folded.partitioner(), Some(format!("hash({to})")));
            assert_same_rows(&folded, sums.clone())?;
            let add = |text: String, v| format!("{text}{v};");
            let aggregated = rdd.aggregate_by_key(String::new(), add, |a, b| a + &b, to);
            assert_same_rows(&aggregated, texts.clone())?;
        }
        let mut by_rest = BTreeMap::<i64, Vec<_>>::new();
        for row in &input.left {
            by_rest.entry(row.1 % 5).or_default().push(*row);
        }
        assert_same_rows(&rdd.group_by(|(_, v)| v % 5, to), by_rest)
    })
}

#[test]
fn rows_are_sorted_and_equal_keys_keep_their_order() -> Result<(), String> {
    check_all(|ctx, input| {
        let (rdd, to) = (input.left(ctx)?, input.partitions[2]);
        let mut rows = input.left.clone();
        rows.sort_by_key(|(k, v)| (v % 7, k % 3));
        let sorted = rdd.sort_by(|(k, v)| (v % 7, k % 3), to)?;
        assert!(sorted.partition_count() <= to);
        assert_rows(&sorted, rows)?;
        let mut rows = input.left.clone();
        rows.sort_by_key(|(k, _)| Reverse(*k));
        assert_rows(&rdd.sort_by(|(k, _)| Reverse(*k), to)?, rows)?;

        let placed = rdd.repartition_and_sort_within_partitions(to);
        assert_eq!(placed.partitioner(), Some(format!("hash({to})")));
        let parts = placed.glom().collect()?;
        let homes = rdd.partition_by(to).glom().collect()?;
        for (part, mut home) in parts.into_iter().zip(homes) {
            home.sort_by_key(|(k, _)| *k);
            assert_eq!(part, home);
        }
        Ok(())
    })
}
