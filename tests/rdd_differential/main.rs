//! Every operation against a twin on plain vectors, over random rows, partitions and levels.
//!
//! Keys are skewed, many partitions stay empty, and the input is persisted at each level in turn.
//! Where an operation promises an order the twin has it too; elsewhere both sides are sorted.

mod actions;
mod by_key;
mod edge_cases;
mod files;
mod numbers;
mod pipes;
mod sampling;
mod two_sides;
mod within_partitions;

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use superstep::prelude::{Context, Rdd, StorageLevel};
use superstep::{Data, Result};

type Pair = (u8, i64);

#[derive(Debug, Clone)]
struct Input {
    left: Vec<Pair>,
    right: Vec<Pair>,
    /// Of the left side, of the right side, of what comes out.
    partitions: [usize; 3],
    level: StorageLevel,
    /// Of what is random in the operation itself.
    seed: u64,
}

fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    // Most rows have one and the same key.
    let key = prop_oneof![3 => Just(0_u8), 1 => 0..6_u8, 1 => any::<u8>()];
    vec((key, -1000..1000_i64), 0..120)
}

fn inputs() -> impl Strategy<Value = Input> {
    let partitions = || prop::sample::select(vec![1_usize, 2, 7, 64]);
    let levels: Vec<_> = StorageLevel::ALL.iter().map(|(_, level)| *level).collect();
    let partitions = [partitions(), partitions(), partitions()];
    (pairs(), pairs(), partitions, prop::sample::select(levels), any::<u64>()).prop_map(
        |(left, right, partitions, level, seed)| Input { left, right, partitions, level, seed },
    )
}

impl Input {
    fn left(&self, ctx: &Context) -> Result<Rdd<Pair>> {
        ctx.parallelize(self.left.clone(), self.partitions[0]).persist(self.level)
    }

    /// The left side's rows by partition, cut where `parallelize` cuts them.
    fn left_parts(&self) -> Vec<&[Pair]> {
        cut(&self.left, self.partitions[0])
    }

    fn right(&self, ctx: &Context) -> Result<Rdd<Pair>> {
        ctx.parallelize(self.right.clone(), self.partitions[1]).persist(self.level)
    }
}

fn cut<T>(rows: &[T], partitions: usize) -> Vec<&[T]> {
    let at = |partition| partition * rows.len() / partitions;
    (0..partitions).map(|partition| &rows[at(partition)..at(partition + 1)]).collect()
}

/// How many inputs a check runs over: enough for every level with every number of partitions.
const INPUTS: u32 = 128;

/// Runs a check over random inputs in one context, which must be empty after each.
fn check_all(check: impl Fn(&Context, &Input) -> Result<()>) -> Result<(), String> {
    check_some(INPUTS, check)
}

/// Like [`check_all`], for costly checks over fewer inputs. A failure prints the smallest input
/// that fails, which makes it again.
fn check_some(cases: u32, check: impl Fn(&Context, &Input) -> Result<()>) -> Result<(), String> {
    let ctx = Context::local(2).map_err(|error| error.to_string())?;
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let checked = runner.run(&inputs(), |input| {
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
