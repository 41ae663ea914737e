//! Every operation against a twin on plain vectors, over random rows, partitions and levels.
//!
//! Keys are skewed, many partitions stay empty, and the input is persisted at each level in turn.
//! Where an operation promises an order the twin has it too; elsewhere both sides are sorted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use superstep::prelude::{Context, Rdd, StorageLevel};
use superstep::rdd::HashPartitioner;
use superstep::{Data, Result};

type Pair = (u8, i64);

#[derive(Debug, Clone)]
struct Input {
    left: Vec<Pair>,
    right: Vec<Pair>,
    /// Of the left side, of the right side, of what comes out.
    partitions: [usize; 3],
    level: StorageLevel,
}

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    // Most rows have one and the same key.
    let key = prop_oneof![3 => Just(0_u8), 1 => 0..6_u8, 1 => any::<u8>()];
    vec((key, -1000..1000_i64), 0..120)
}

fn inputs() -> impl Strategy<Value = Input> {
    let partitions = || prop::sample::select(vec![1_usize, 2, 7, 64]);
    let levels: Vec<_> = StorageLevel::ALL.iter().map(|(_, level)| *level).collect();
    (pairs(), pairs(), [partitions(), partitions(), partitions()], prop::sample::select(levels))
        .prop_map(|(left, right, partitions, level)| Input { left, right, partitions, level })
}

impl Input {
    fn left(&self, ctx: &Context) -> Result<Rdd<Pair>> {
        ctx.parallelize(self.left.clone(), self.partitions[0]).persist(self.level)
    }

    fn right(&self, ctx: &Context) -> Result<Rdd<Pair>> {
        ctx.parallelize(self.right.clone(), self.partitions[1]).persist(self.level)
    }
}

/// Runs a check over random inputs in one context, which must be empty after each.
fn check_all(check: impl Fn(&Context, &Input) -> Result<()>) -> Result<(), String> {
    let ctx = Context::local(2).map_err(|error| error.to_string())?;
    let checked = TestRunner::default().run(&inputs(), |input| {
        check(&ctx, &input).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(ctx.block_count(), 0);
        Ok(())
    });
    checked.map_err(|error| error.to_string())
}

fn sorted<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort();
    rows
}

/// Checks rows in order, twice: the second action reads what the first one kept.
fn assert_rows<T: Data + PartialEq + std::fmt::Debug>(
    rdd: &Rdd<T>,
    expected: impl IntoIterator<Item = T>,
) -> Result<()> {
    let expected: Vec<_> = expected.into_iter().collect();
    assert_eq!(rdd.collect()?, expected);
    assert_eq!(rdd.collect()?, expected);
    Ok(())
}

/// Checks rows whose order is not promised.
fn assert_same_rows<T: Data + Ord + std::fmt::Debug>(
    rdd: &Rdd<T>,
    expected: impl IntoIterator<Item = T>,
) -> Result<()> {
    let expected = sorted(expected.into_iter().collect());
    assert_eq!(sorted(rdd.collect()?), expected);
    assert_eq!(sorted(rdd.collect()?), expected);
    Ok(())
}

fn groups(rows: &[Pair]) -> BTreeMap<u8, Vec<i64>> {
    let mut groups = BTreeMap::<u8, Vec<i64>>::new();
    for (key, value) in rows {
        groups.entry(*key).or_default().push(*value);
    }
    groups
}

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
fn operations_on_two_sides() -> Result<(), String> {
    check_all(|ctx, input| {
        let (left, right, to) = (input.left(ctx)?, input.right(ctx)?, input.partitions[2]);
        let (l, r) = (groups(&input.left), groups(&input.right));
        let keys: BTreeSet<u8> = l.keys().chain(r.keys()).copied().collect();
        let side = |groups: &BTreeMap<u8, Vec<i64>>, key: &u8| {
            groups.get(key).cloned().unwrap_or_default()
        };
        let cogrouped = keys.iter().map(|key| (*key, (side(&l, key), side(&r, key))));
        assert_same_rows(&left.cogroup(&right, to), cogrouped)?;

        let mut full = Vec::new();
        for key in keys {
            let pad = |values: Vec<i64>| -> Vec<Option<i64>> {
                if values.is_empty() { vec![None] } else { values.into_iter().map(Some).collect() }
            };
            for v in pad(side(&l, &key)) {
                full.extend(pad(side(&r, &key)).into_iter().map(|w| (key, (v, w))));
            }
        }
        assert_same_rows(&left.full_outer_join(&right, to), full.clone())?;
        let inner = full.iter().filter_map(|(k, (v, w))| Some((*k, ((*v)?, (*w)?))));
        assert_same_rows(&left.join(&right, to), inner.clone())?;
        assert_same_rows(&left.partition_by(to).join(&right, to), inner)?;
        let outer = full.iter().filter_map(|(k, (v, w))| Some((*k, ((*v)?, *w))));
        assert_same_rows(&left.left_outer_join(&right, to), outer)?;
        let outer = full.iter().filter_map(|(k, (v, w))| Some((*k, (*v, (*w)?))));
        assert_same_rows(&left.right_outer_join(&right, to), outer)
    })
}

#[test]
fn actions() -> Result<(), String> {
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
