//! Lineages: what keeps a partitioner, what shuffles, which stages run, how long one may be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use superstep::event::Event;
use superstep::prelude::*;
use superstep::{Data, ErrorKind, Result};

/// More generations than a recursive walk or drop would survive on a default stack.
const GENERATIONS: usize = 10_000;

/// The stages that a context ran: what each computes, without the number, and its tasks.
#[derive(Clone, Default)]
struct Stages(Arc<Mutex<Vec<(String, usize)>>>);

impl Stages {
    fn context(&self) -> Result<Context> {
        let stages = self.clone();
        let listener = move |event: &Event| {
            if let Event::StageStarted { rdd, tasks, .. } = event {
                let name = rdd.split(' ').next().unwrap_or_default();
                stages.lock().push((name.to_owned(), *tasks));
            }
        };
        Context::builder().threads(2).listener(listener).build()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, usize)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what ran since the last call, such as `map:3 combine_by_key:2`.
    fn take(&self) -> String {
        let stages = std::mem::take(&mut *self.lock());
        let stages: Vec<_> = stages.iter().map(|(name, tasks)| format!("{name}:{tasks}")).collect();
        stages.join(" ")
    }
}

/// A lineage's drawing with its RDDs numbered from the top.
fn normalized<T: Data>(rdd: &Rdd<T>) -> String {
    let mut numbers = Vec::new();
    let drawing = rdd.explain();
    let lines = drawing.lines().map(|line| {
        let Some((name, rest)) = line.split_once('#') else {
            return line.to_owned();
        };
        let (number, rest) = rest.split_once(':').unwrap_or((rest, ""));
        let known = numbers.iter().position(|known| known == number);
        let place = known.unwrap_or_else(|| {
            numbers.push(number.to_owned());
            numbers.len() - 1
        });
        format!("{name}#{place}:{rest}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn operations_on_values_keep_the_partitioner_and_others_drop_it() -> Result<()> {
    let ctx = Context::local(1)?;
    let placed = ctx.parallelize((0..9).map(|n| (n, n)), 2).partition_by(3);
    let kept = [
        placed.map_values(|n| n + 1).partitioner(),
        placed.flat_map_values(|n| [n, n]).partitioner(),
        placed.filter(|(key, _)| key % 2 == 0).partitioner(),
        placed.group_by_key(3).partitioner(),
        placed.join(&placed, 3).partitioner(),
        placed.local_checkpoint(StorageLevel::MEMORY_ONLY)?.partitioner(),
    ];
    assert!(kept.iter().all(|partitioner| partitioner.as_deref() == Some("hash(3)")), "{kept:?}");
    let dropped = [
        placed.map(|row| row).partitioner(),
        placed.flat_map(|row| [row]).partitioner(),
        placed.key_by(|(key, _)| *key).partitioner(),
        placed.map_partitions(|rows| rows).partitioner(),
        placed.union(&placed).partitioner(),
        placed.zip_partitions(&placed, |rows, _| rows)?.partitioner(),
    ];
    assert!(dropped.iter().all(Option::is_none), "{dropped:?}");
    Ok(())
}

#[test]
fn a_lineage_is_drawn_with_its_shuffles_levels_and_shared_parents() -> Result<()> {
    let ctx = Context::local(1)?;
    let numbers = ctx.parallelize((0..4).map(|n| (n, n)), 2).cache()?;
    numbers.count()?;
    let sums = numbers.map(|(n, m)| (n % 2, m)).reduce_by_key(|a, b| a + b, 3).map_values(|n| -n);
    let joined = sums.join(&numbers, 3);
    assert_eq!(
        normalized(&joined),
        "\
[2] join #0: 3 partitions, hash(3), computes 3
  [2] map_values #1: 3 partitions, hash(3), computes 3
  [2] reduce_by_key #2: 3 partitions, hash(3), computes 3
  +- [0] map #3: 2 partitions, computes 2
     [0] parallelize #4: 2 partitions, MEMORY_ONLY (2 of 2 cached, 32 bytes in memory), nothing to compute
  [2] partition_by #5: 3 partitions, hash(3), computes 3
  +- [1] parallelize #4: 2 partitions, MEMORY_ONLY (2 of 2 cached, 32 bytes in memory) (see above)"
    );
    Ok(())
}

#[test]
fn rows_that_are_placed_already_are_combined_and_joined_where_they_are() -> Result<()> {
    let stages = Stages::default();
    let ctx = stages.context()?;
    let placed = ctx.parallelize((0..9).map(|n| (n % 4, n)), 2).partition_by(3);
    assert_eq!(placed.count()?, 9);
    assert_eq!(stages.take(), "parallelize:2 partition_by:3");
    let sums = placed.reduce_by_key(|a, b| a + b, 3);
    assert_eq!(sums.count()?, 4);
    assert_eq!(stages.take(), "reduce_by_key:3");
    assert_eq!(placed.cogroup(&sums, 3).count()?, 4);
    assert_eq!(stages.take(), "cogroup:3");
    assert_eq!(placed.partition_by(3).count()?, 9);
    assert_eq!(stages.take(), "partition_by:3");
    // Another number of partitions is another partitioner: both sides move.
    assert_eq!(placed.join(&sums, 2).count()?, 9);
    assert_eq!(stages.take(), "partition_by:3 reduce_by_key:3 join:2");
    Ok(())
}

#[test]
fn a_second_action_skips_the_map_stages() -> Result<()> {
    let stages = Stages::default();
    let ctx = stages.context()?;
    let words = ctx.parallelize((0..20).map(|n| (n % 5, 1)), 4).map_values(|n| n);
    let counts = words.reduce_by_key(|a, b| a + b, 2);
    let by_count = counts.map(|(key, count)| (count, key)).group_by_key(3);
    assert_eq!(by_count.count()?, 1);
    assert_eq!(stages.take(), "map_values:4 map:2 group_by_key:3");
    assert_eq!(by_count.collect()?.len(), 1);
    assert_eq!(stages.take(), "group_by_key:3");
    assert_eq!(counts.count()?, 5);
    assert_eq!(stages.take(), "reduce_by_key:2");
    // Freed with what read them, and made again for whoever asks anew.
    drop(by_count);
    assert_eq!(counts.map(|(key, count)| (count, key)).group_by_key(3).count()?, 1);
    assert_eq!(stages.take(), "map:2 group_by_key:3");
    Ok(())
}

#[test]
fn nothing_before_a_persisted_rdd_runs_again() -> Result<()> {
    let stages = Stages::default();
    let ctx = stages.context()?;
    let grouped = ctx.parallelize((0..9).map(|n| (n % 3, n)), 2).group_by_key(3).cache()?;
    let above = grouped.map(|(key, values)| (values.len(), key)).group_by_key(2);
    assert_eq!(grouped.count()?, 3);
    assert_eq!(stages.take(), "parallelize:2 group_by_key:3");
    assert_eq!(above.count()?, 1);
    assert_eq!(stages.take(), "map:3 group_by_key:2");
    Ok(())
}

#[test]
fn a_shuffle_that_two_branches_read_runs_once() -> Result<()> {
    let stages = Stages::default();
    let ctx = stages.context()?;
    let sums = ctx.parallelize((0..9).map(|n| (n % 3, n)), 2).reduce_by_key(|a, b| a + b, 2);
    let odd = sums.filter(|(_, sum)| sum % 2 == 1).map(|row| row).group_by_key(3);
    let even = sums.filter(|(_, sum)| sum % 2 == 0).map(|row| row).group_by_key(3);
    assert_eq!(odd.union(&even).count()?, 3);
    assert_eq!(stages.take(), "parallelize:2 map:2 map:2 union:6");
    Ok(())
}

#[test]
fn cogroup_has_every_key_of_either_side_and_join_the_product_of_common_ones() -> Result<()> {
    let ctx = Context::local(2)?;
    let left = ctx.parallelize([(1, 'a'), (2, 'b'), (1, 'c')], 3);
    let right = ctx.parallelize([(1, 'x'), (3, 'y'), (1, 'z')], 2);
    let mut groups = left.cogroup(&right, 4).collect()?;
    groups.sort();
    assert_eq!(
        groups,
        [(1, (vec!['a', 'c'], vec!['x', 'z'])), (2, (vec!['b'], vec![])), (3, (vec![], vec!['y'])),]
    );
    assert_eq!(
        left.join(&right, 4).collect()?,
        [(1, ('a', 'x')), (1, ('a', 'z')), (1, ('c', 'x')), (1, ('c', 'z'))]
    );
    Ok(())
}

#[test]
fn reduce_and_first_need_a_row_and_fold_does_not() -> Result<()> {
    let ctx = Context::local(2)?;
    let empty = ctx.parallelize(Vec::<u64>::new(), 3);
    for (error, action) in
        [(empty.reduce(|a, _| a).unwrap_err(), "reduce"), (empty.first().unwrap_err(), "first")]
    {
        assert!(matches!(error.kind(), ErrorKind::Empty { action: named } if *named == action));
    }
    assert_eq!(empty.fold(7, u64::max)?, 7);
    assert_eq!((empty.count()?, empty.take(3)?), (0, vec![]));
    Ok(())
}

#[test]
fn take_computes_no_more_partitions_than_it_has_to() -> Result<()> {
    let stages = Stages::default();
    let ctx = stages.context()?;
    let read = Arc::new(AtomicUsize::new(0));
    let reads = Arc::clone(&read);
    let rows = ctx.parallelize(0..1000, 100).map(move |n| {
        reads.fetch_add(1, Ordering::Relaxed);
        n
    });
    assert!(rows.take(0)?.is_empty());
    assert_eq!(stages.take(), "");
    assert_eq!(rows.take(3)?, [0, 1, 2]);
    assert_eq!((stages.take().as_str(), read.load(Ordering::Relaxed)), ("map:1", 3));
    assert_eq!(rows.take(30)?, (0..30).collect::<Vec<_>>());
    assert_eq!(stages.take(), "map:1 map:4");
    assert_eq!(rows.take(5000)?.len(), 1000);
    Ok(())
}

#[test]
fn zipped_partitions_must_be_equally_many() -> Result<()> {
    let ctx = Context::local(1)?;
    let (two, three) = (ctx.parallelize(0..6, 2), ctx.parallelize(0..6, 3));
    let error = two.zip_partitions(&three, |a, _| a).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnequalPartitions { left: 2, right: 3, .. }));
    Ok(())
}

#[test]
fn sorting_keeps_the_order_of_rows_with_equal_keys() -> Result<()> {
    let ctx = Context::local(2)?;
    let rows: Vec<_> = (0..500_u64).map(|n| (n * 7919 % 10, n)).collect();
    let mut expected = rows.clone();
    expected.sort_by_key(|(key, _)| *key);
    for partitions in [1, 2, 7, 64] {
        let sorted = ctx.parallelize(rows.clone(), 5).sort_by_key(partitions)?;
        assert!(sorted.partition_count() <= partitions);
        assert_eq!(sorted.collect()?, expected, "{partitions}");
    }
    Ok(())
}

#[test]
fn sorted_rdds_have_equal_partitioners_if_and_only_if_their_ranges_are_equal() -> Result<()> {
    let ctx = Context::local(2)?;
    // So few keys that ranges fall together: different wishes can end in equally many ranges.
    let keys = [0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    let rows = ctx.parallelize(keys.map(|key| (key, ())), 1);
    let sorted: Vec<_> = (1..12).map(|wanted| rows.sort_by_key(wanted)).collect::<Result<_>>()?;
    let layout = |rdd: &Rdd<(i32, ())>| rdd.map_partitions(|rows| [rows.count()]).collect();
    for (left, right) in sorted.iter().flat_map(|left| sorted.iter().map(move |r| (left, r))) {
        let equal = left.partitioner() == right.partitioner();
        assert_eq!(equal, layout(left)? == layout(right)?);
    }
    Ok(())
}

#[test]
fn ten_thousand_narrow_generations_are_computed_drawn_and_dropped() -> Result<()> {
    let ctx = Context::local(2)?;
    let mut numbers = ctx.parallelize(0..4_u64, 2);
    for _ in 0..GENERATIONS {
        numbers = numbers.map(|n| n + 1);
    }
    assert_eq!(numbers.collect()?, (0..4).map(|n| n + GENERATIONS as u64).collect::<Vec<_>>());
    assert_eq!(numbers.explain().lines().count(), GENERATIONS + 1);
    drop(numbers);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn ten_thousand_persisted_generations_are_computed_and_freed() -> Result<()> {
    let ctx = Context::local(2)?;
    // Each generation from the one before it, which is at hand.
    let mut numbers = ctx.parallelize(0..4_u64, 2);
    for _ in 0..GENERATIONS {
        numbers = numbers.map(|n| n + 1).cache()?;
        numbers.count()?;
    }
    assert_eq!(numbers.first()?, GENERATIONS as u64);
    assert_eq!(ctx.block_count(), 2 * GENERATIONS);
    drop(numbers);
    assert_eq!(ctx.block_count(), 0);
    // All in one go.
    let mut numbers = ctx.parallelize(0..4_u64, 2);
    for _ in 0..GENERATIONS {
        numbers = numbers.map(|n| n + 1).cache()?;
    }
    assert_eq!(numbers.first()?, GENERATIONS as u64);
    drop(numbers);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn a_thousand_shuffles_are_computed_and_dropped() -> Result<()> {
    let ctx = Context::local(2)?;
    let mut pairs = ctx.parallelize((0..4_u64).map(|n| (n, n)), 2);
    for round in 0..1000 {
        pairs = pairs.map(move |(key, n)| (key + round, n)).partition_by(2);
    }
    assert_eq!(pairs.count()?, 4);
    drop(pairs);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn ten_thousand_generations_are_dropped_on_a_small_stack() -> Result<()> {
    let ctx = Context::local(1)?;
    let mut pairs = ctx.parallelize((0..4_u64).map(|n| (n, n)), 1);
    for generation in 0..GENERATIONS {
        pairs = match generation % 4 {
            0 => pairs.map_values(|n| n + 1),
            1 => pairs.union(&pairs),
            2 => pairs.zip_partitions(&pairs, |rows, _| rows)?,
            _ => pairs.group_by_key(1).flat_map_values(|values| values),
        };
        if pairs.partition_count() > 1 {
            pairs = pairs.partition_by(1);
        }
    }
    let small = std::thread::Builder::new().stack_size(64 << 10);
    let dropped = small.spawn(move || drop(pairs)).unwrap().join();
    assert!(dropped.is_ok());
    Ok(())
}
