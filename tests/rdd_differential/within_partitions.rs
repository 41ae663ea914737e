//! Operations on partitions where they are.

use superstep::Result;
use superstep::prelude::StorageLevel;

use crate::{assert_rows, check_all, check_some, cut};

#[test]
fn operations_within_partitions() -> Result<(), String> {
    check_all(|ctx, input| {
        let (rdd, rows) = (input.left(ctx)?, || input.left.iter().copied());
        assert_rows(
            &rdd.map(|(k, v)| v * 3 - i64::from(k)),
            rows().map(|(k, v)| v * 3 - i64::from(k)),
        )?;
        assert_rows(&rdd.try_map(|(_, v)| Ok(v)), rows().map(|(_, v)| v))?;
        assert_rows(
            &rdd.filter(|(k, v)| (v + i64::from(*k)) % 3 == 0),
            rows().filter(|(k, v)| (v + i64::from(*k)) % 3 == 0),
        )?;
        assert_rows(
            &rdd.flat_map(|(k, v)| 0..v.min(i64::from(k % 4))),
            rows().flat_map(|(k, v)| 0..v.min(i64::from(k % 4))),
        )?;
        assert_rows(&rdd.map_values(|v| -v), rows().map(|(k, v)| (k, -v)))?;
        assert_rows(
            &rdd.flat_map_values(|v| 0..v % 3),
            rows().flat_map(|(k, v)| (0..v % 3).map(move |w| (k, w))),
        )?;
        assert_rows(&rdd.key_by(|(_, v)| v % 5), rows().map(|(k, v)| (v % 5, (k, v))))?;
        assert_rows(&rdd.local_checkpoint(StorageLevel::MEMORY_ONLY_SER)?, rows())?;

        let lengths = rdd.map_partitions(|rows| [rows.count()]);
        assert_eq!(lengths.count()?, input.partitions[0] as u64);
        assert_eq!(lengths.collect()?.iter().sum::<usize>(), input.left.len());

        let other = input.right(ctx)?;
        assert_rows(&rdd.union(&other), rows().chain(input.right.iter().copied()))?;
        assert_rows(&rdd.union(&rdd), rows().chain(rows()))?;

        let twin = ctx.parallelize(input.left.clone(), input.partitions[0]).map(|(_, v)| v);
        let zipped = rdd.zip_partitions(&twin, Iterator::zip)?;
        assert_rows(&zipped, rows().map(|(k, v)| ((k, v), v)))
    })
}

#[test]
fn rows_are_numbered_and_paired_by_their_place() -> Result<(), String> {
    check_all(|ctx, input| {
        let (rdd, rows) = (input.left(ctx)?, || input.left.iter().copied());
        assert_rows(&rdd.keys(), rows().map(|(k, _)| k))?;
        assert_rows(&rdd.values(), rows().map(|(_, v)| v))?;
        assert_rows(&rdd.zip(&rdd.values())?, rows().map(|(k, v)| ((k, v), v)))?;
        assert_rows(&rdd.zip_with_index()?, rows().zip(0..))?;

        let parts = input.left_parts();
        let count = parts.len() as u64;
        let numbered = parts
            .iter()
            .zip(0_u64..)
            .flat_map(|(rows, p)| rows.iter().zip(0_u64..).map(move |(r, k)| (*r, k * count + p)));
        assert_rows(&rdd.zip_with_unique_id(), numbered)?;
        assert_rows(&rdd.glom(), parts.iter().map(|rows| rows.to_vec()))?;
        let first = rdd.map_partitions_with_index(|p, mut rows| rows.next().map(|row| (p, row)));
        let firsts = parts.iter().enumerate().filter_map(|(p, rows)| Some((p, *rows.first()?)));
        assert_rows(&first, firsts)
    })
}

#[test]
fn rows_are_moved_between_numbers_of_partitions() -> Result<(), String> {
    check_all(|ctx, input| {
        let (rdd, to) = (input.left(ctx)?, input.partitions[2]);
        let fewer = rdd.coalesce(to);
        assert_eq!(fewer.partition_count(), to.min(input.partitions[0]));
        assert_rows(&fewer, input.left.iter().copied())?;
        let parts = input.left_parts();
        let runs = cut(&parts, fewer.partition_count());
        assert_rows(&fewer.glom(), runs.iter().map(|run| run.concat()))?;

        let mut dealt = vec![Vec::new(); to];
        for (p, rows) in parts.iter().enumerate() {
            rows.iter().enumerate().for_each(|(k, row)| dealt[(p + k) % to].push(*row));
        }
        let lengths = dealt.iter().map(Vec::len);
        let spread = lengths.clone().max().unwrap_or(0) - lengths.min().unwrap_or(0);
        assert!(spread <= parts.len(), "uneven by {spread}");
        assert_rows(&rdd.repartition(to).glom(), dealt)?;

        let all = [rdd.clone(), input.right(ctx)?, rdd.coalesce(1)];
        let rows = [&input.left[..], &input.right, &input.left].concat();
        assert_rows(&ctx.union(&all), rows)
    })
}

#[test]
fn every_row_meets_every_other() -> Result<(), String> {
    check_some(64, |ctx, input| {
        let (left, right) = (input.left(ctx)?, input.right(ctx)?.values());
        let values: Vec<i64> = input.right.iter().map(|(_, value)| *value).collect();
        let mut pairs = Vec::new();
        for rows in input.left_parts() {
            for others in cut(&values, input.partitions[1]) {
                pairs.extend(rows.iter().flat_map(|row| others.iter().map(|other| (*row, *other))));
            }
        }
        let product = left.cartesian(&right);
        assert_eq!(product.partition_count(), input.partitions[0] * input.partitions[1]);
        assert_eq!(product.collect()?, pairs);
        Ok(())
    })
}
