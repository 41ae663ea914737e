//! What an operation refuses, what it costs, and what it keeps.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use superstep::event::Event;
use superstep::prelude::{Context, Rdd};
use superstep::rdd::Stats;
use superstep::{Error, ErrorKind, Result};

/// The stages that have run, as `name:tasks` in order.
type Stages = Arc<Mutex<Vec<String>>>;

fn watched() -> Result<(Context, Stages)> {
    let stages = Stages::default();
    let heard = Arc::clone(&stages);
    let listener = move |event: &Event| {
        if let Event::StageStarted { rdd, tasks, .. } = event {
            let name = rdd.split(' ').next().unwrap_or_default();
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{name}:{tasks}"));
        }
    };
    Ok((Context::builder().threads(2).listener(listener).build()?, stages))
}

fn taken(stages: &Stages) -> String {
    std::mem::take(&mut *stages.lock().unwrap_or_else(PoisonError::into_inner)).join(" ")
}

#[test]
fn coalesce_moves_nothing_and_cannot_make_more_partitions() -> Result<()> {
    let (ctx, stages) = watched()?;
    let rows = ctx.parallelize(0..100, 10);
    assert_eq!(rows.coalesce(20).partition_count(), 10);
    assert_eq!(rows.coalesce(0).partition_count(), 1);
    assert_eq!(rows.coalesce(3).collect()?, (0..100).collect::<Vec<_>>());
    assert_eq!(taken(&stages), "coalesce:3");
    assert_eq!(rows.repartition(20).count()?, 100);
    assert_eq!(taken(&stages), "repartition:10 values:20");
    // Partitions are computed only as far as they are read.
    let computed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&computed);
    let counted = rows.map(move |n| {
        count.fetch_add(1, Ordering::Relaxed);
        n
    });
    assert_eq!(counted.coalesce(1).take(11)?.len(), 11);
    assert_eq!(computed.load(Ordering::Relaxed), 11);
    Ok(())
}

#[test]
fn zip_needs_equally_many_partitions_and_equally_long_ones() -> Result<()> {
    let ctx = Context::local(2)?;
    let rows = ctx.parallelize(0..10, 3);
    let error = rows.zip(&ctx.parallelize(0..10, 2)).unwrap_err();
    let expected = "zip: 3 partitions on the left, 2 on the right";
    assert_eq!(error.to_string(), expected);
    // Equally many rows, and yet not in each partition.
    let uneven = ctx.union(&[ctx.parallelize(0..3, 1), ctx.parallelize(3..10, 2)]);
    let uneven = ctx.union(&[uneven.coalesce(1), rows.filter(|_| false).coalesce(2)]);
    let error = rows.zip(&uneven)?.collect().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnequalLengths { .. }), "{error}");
    assert_eq!(error.to_string(), "zip: partition 0 has 3 rows on the left, 10 on the right");
    let error = uneven.zip(&rows)?.count().unwrap_err();
    assert_eq!(error.to_string(), "zip: partition 0 has 10 rows on the left, 3 on the right");
    // What is not read to its end is not compared.
    assert_eq!(rows.zip(&uneven)?.take(2)?, [(0, 0), (1, 1)]);
    Ok(())
}

#[test]
fn indexes_cost_a_job_only_where_there_are_several_partitions() -> Result<()> {
    let (ctx, stages) = watched()?;
    let one = ctx.parallelize(0..10, 1).zip_with_index()?;
    assert_eq!(taken(&stages), "");
    assert_eq!(one.count()?, 10);
    let several = ctx.parallelize(0..10, 4);
    taken(&stages);
    let indexed = several.zip_with_index()?;
    assert_eq!(taken(&stages), "parallelize:3");
    assert_eq!(indexed.map(|(_, index)| index).collect()?, (0..10).collect::<Vec<_>>());
    assert_eq!(several.zip_with_unique_id().count()?, 10);
    assert_eq!(taken(&stages), "map:4 zip_with_unique_id:4");
    Ok(())
}

#[test]
fn rows_that_are_placed_already_do_not_move_again() -> Result<()> {
    let (ctx, stages) = watched()?;
    let placed = ctx.parallelize((0..9).map(|n| (n % 4, n)), 2).partition_by(3);
    placed.count()?;
    taken(&stages);
    assert_eq!(placed.fold_by_key(0, |a, b| a + b, 3).count()?, 4);
    assert_eq!(placed.aggregate_by_key(0, |a, b| a + b, |a, b| a + b, 3).count()?, 4);
    assert_eq!(placed.subtract_by_key(&placed.filter(|(key, _)| *key > 0), 3).count()?, 3);
    assert_eq!(placed.cogroup3(&placed, &placed, 3).count()?, 4);
    assert_eq!(placed.repartition_and_sort_within_partitions(3).count()?, 9);
    assert_eq!(placed.count_by_key()?.len(), 4);
    let ran = taken(&stages);
    assert!(
        ran.split(' ').all(|stage| stage.ends_with(":3")) && ran.split(' ').count() == 6,
        "{ran}"
    );
    Ok(())
}

#[test]
fn the_partitioner_is_kept_where_keys_stay_and_only_there() -> Result<()> {
    let ctx = Context::local(1)?;
    let placed = ctx.parallelize((0..9).map(|n| (n, n)), 2).partition_by(3);
    let kept = [
        placed.sample(true, 0.5, 1)?.partitioner(),
        placed.sample_by_key(false, [(1, 0.5)], 1)?.partitioner(),
        placed.random_split(&[1.0, 1.0], 1)?[1].partitioner(),
        placed.fold_by_key(0, |a, b| a + b, 3).partitioner(),
        placed.aggregate_by_key(0, |a, b| a + b, |a, b| a + b, 3).partitioner(),
        placed.subtract_by_key(&placed, 3).partitioner(),
        placed.cogroup3(&placed, &placed, 3).partitioner(),
        placed.repartition_and_sort_within_partitions(3).partitioner(),
    ];
    assert!(kept.iter().all(|partitioner| partitioner.as_deref() == Some("hash(3)")), "{kept:?}");
    let dropped = [
        placed.glom().partitioner(),
        placed.keys().partitioner(),
        placed.values().partitioner(),
        placed.zip(&placed)?.partitioner(),
        placed.zip_with_index()?.partitioner(),
        placed.zip_with_unique_id().partitioner(),
        placed.map_partitions_with_index(|_, rows| rows).partitioner(),
        placed.coalesce(2).partitioner(),
        placed.repartition(3).partitioner(),
        placed.cartesian(&placed).partitioner(),
        placed.subtract(&placed, 3).partitioner(),
        placed.intersection(&placed, 3).partitioner(),
        placed.keys().pipe(["cat"])?.partitioner(),
        ctx.union(&[placed.clone(), placed]).partitioner(),
    ];
    assert!(dropped.iter().all(Option::is_none), "{dropped:?}");
    Ok(())
}

#[test]
fn arguments_out_of_range_are_refused_before_anything_runs() -> Result<()> {
    let (ctx, stages) = watched()?;
    let rows: Rdd<(i32, f64)> = ctx.parallelize([(1, 2.0)], 1);
    let numbers = rows.values();
    let errors: Vec<Option<Error>> = vec![
        rows.sample(false, 1.1, 0).err(),
        rows.sample(false, f64::NAN, 0).err(),
        rows.sample(true, -0.1, 0).err(),
        rows.sample(true, f64::INFINITY, 0).err(),
        rows.sample_by_key(false, [(1, 2.0)], 0).err(),
        rows.random_split(&[], 0).err(),
        rows.random_split(&[0.0, 0.0], 0).err(),
        rows.random_split(&[2.0, -1.0], 0).err(),
        rows.random_split(&[1.0, f64::NAN], 0).err(),
        rows.tree_aggregate(0, |n, _| n, |n, _| n, 0).err(),
        numbers.histogram(0).err(),
        numbers.histogram_with_bounds(&[1.0]).err(),
        numbers.histogram_with_bounds(&[1.0, 1.0]).err(),
        numbers.histogram_with_bounds(&[0.0, f64::NAN]).err(),
        numbers.map(|_| 1).count_approx_distinct(0.0).err(),
        numbers.map(|_| 1).count_approx_distinct(f64::NAN).err(),
    ];
    for (place, error) in errors.into_iter().enumerate() {
        let refused = error.is_some_and(|error| matches!(error.kind(), ErrorKind::Argument(_)));
        assert!(refused, "number {place}");
    }
    assert_eq!(taken(&stages), "");
    Ok(())
}

#[test]
fn actions_that_need_a_row_say_so() -> Result<()> {
    let ctx = Context::local(1)?;
    let none = ctx.parallelize([1.0; 0], 2);
    let errors = [
        none.mean().err(),
        none.variance().err(),
        none.stdev().err(),
        none.histogram(3).err(),
        none.min_by(f64::total_cmp).err().map(drop).and(none.mean().err()),
        none.map(|_| 1).min().err().map(drop).and(none.mean().err()),
        none.map(|_| 1).max().err().map(drop).and(none.mean().err()),
    ];
    for error in errors {
        assert!(error.is_some_and(|error| matches!(error.kind(), ErrorKind::Empty { .. })));
    }
    assert_eq!((none.sum()?.to_bits(), none.stats()?), (0, Stats::default()));
    assert_eq!(none.take_sample(true, 5, 1)?, [0.0; 0]);
    assert!(none.is_empty()? && none.top_by(3, f64::total_cmp)?.is_empty());
    Ok(())
}

#[test]
fn a_histogram_takes_equal_rows_and_refuses_infinite_ones() -> Result<()> {
    let ctx = Context::local(1)?;
    assert_eq!(ctx.parallelize([7, 7, 7], 2).histogram(5)?, (vec![7.0, 7.0], vec![3]));
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = ctx.parallelize([1.0, odd, 2.0], 2).histogram(2).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
    }
    let counts = ctx.parallelize([1.0, f64::NAN, 2.0], 2).histogram_with_bounds(&[0.0, 5.0])?;
    assert_eq!(counts, [2]);
    Ok(())
}

#[test]
fn a_panic_in_a_merge_is_an_error() -> Result<()> {
    let ctx = Context::builder().threads(2).task_attempts(1).build()?;
    let rows = ctx.parallelize((0..64).map(|n| (0_u8, n)), 64);
    fn fail<T>(_: T, _: T) -> T {
        panic!("no merging")
    }
    let errors = [
        rows.reduce_by_key_locally(fail).err(),
        rows.values().tree_aggregate(0, |a, b| a + b, fail, 2).err(),
        rows.take_ordered_by(2, |_, _| panic!("no merging")).err(),
        rows.min_by(|_, _| panic!("no merging")).err(),
        rows.fold_by_key(0, fail, 2).count().err(),
        rows.values().map(|_| i64::MAX).sum().map_or_else(Some, |_| None),
    ];
    for (place, error) in errors.into_iter().enumerate() {
        let message = error.map(|error| error.to_string()).unwrap_or_default();
        let told = message.contains("no merging") || message.contains("overflow");
        assert!(told, "number {place}: {message}");
    }
    Ok(())
}

#[test]
fn a_broadcast_value_is_shared_and_freed_with_its_last_handle() -> Result<()> {
    let ctx = Context::local(2)?;
    let table = ctx.broadcast(vec![10, 20, 30]);
    let inside = table.clone();
    let rows = ctx.parallelize(0..3_usize, 3).map(move |n| inside[n]);
    assert_eq!(rows.collect()?, *table);
    let last = table.clone();
    assert!(!table.destroy());
    assert_eq!(rows.sum()?, 60);
    drop(rows);
    assert!(last.destroy());
    Ok(())
}
