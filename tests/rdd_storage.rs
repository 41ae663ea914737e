//! What is kept, where, for how long, and what is computed again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use superstep::prelude::*;
use superstep::{ErrorKind, Result};

/// An RDD of `0..100` in four partitions, and how many rows were computed for it so far.
fn counted(ctx: &Context) -> (Rdd<u64>, Arc<AtomicUsize>) {
    let computed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&computed);
    let rows = ctx.parallelize(0..100_u64, 4).map(move |n| {
        count.fetch_add(1, Ordering::Relaxed);
        n
    });
    (rows, computed)
}

#[test]
fn every_level_gives_the_same_rows_and_computes_them_once() -> Result<()> {
    let ctx = Context::local(2)?;
    for (name, level) in StorageLevel::ALL {
        let (rows, computed) = counted(&ctx);
        let rows = rows.persist(*level)?;
        for _ in 0..2 {
            assert_eq!(rows.collect()?, (0..100).collect::<Vec<_>>(), "{name}");
        }
        let (times, blocks) = if level.is_persistent() { (1, 4) } else { (2, 0) };
        assert_eq!(computed.load(Ordering::Relaxed), times * 100, "{name}");
        assert_eq!(ctx.block_count(), blocks, "{name}");
    }
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn rows_with_text_options_and_nested_lists_survive_disk() -> Result<()> {
    let ctx = Context::local(2)?;
    let rows = vec![
        ("".to_owned(), None, vec![]),
        ("ä\n".repeat(1000), Some(f64::INFINITY), vec![vec![1_u8], vec![]]),
    ];
    let kept = ctx.parallelize(rows.clone(), 3).persist(StorageLevel::DISK_ONLY)?;
    kept.count()?;
    assert_eq!(kept.collect()?, rows);
    Ok(())
}

#[test]
fn an_action_keeps_only_the_partitions_it_needed() -> Result<()> {
    let ctx = Context::local(2)?;
    let (rows, computed) = counted(&ctx);
    let rows = rows.cache()?;
    assert_eq!(rows.take(3)?, [0, 1, 2]);
    assert_eq!((ctx.block_count(), computed.load(Ordering::Relaxed)), (1, 25));
    assert_eq!(rows.count()?, 100);
    assert_eq!((ctx.block_count(), computed.load(Ordering::Relaxed)), (4, 100));
    Ok(())
}

#[test]
fn what_is_unpersisted_is_freed_and_computed_again() -> Result<()> {
    let ctx = Context::local(2)?;
    for level in [StorageLevel::MEMORY_ONLY, StorageLevel::DISK_ONLY] {
        let (rows, computed) = counted(&ctx);
        let rows = rows.persist(level)?;
        let above = rows.map(|n| n + 1);
        assert_eq!(above.count()?, 100);
        rows.unpersist();
        assert_eq!((ctx.block_count(), rows.storage_level()), (0, StorageLevel::NONE));
        assert_eq!(above.collect()?, (1..101).collect::<Vec<_>>());
        assert_eq!((ctx.block_count(), computed.load(Ordering::Relaxed)), (0, 200));
    }
    Ok(())
}

#[test]
fn another_level_is_an_error_until_the_first_is_given_up() -> Result<()> {
    let ctx = Context::local(1)?;
    let rows = ctx.parallelize(0..4, 2).cache()?;
    assert_eq!(rows.cache()?.storage_level(), StorageLevel::MEMORY_ONLY);
    let error = rows.persist(StorageLevel::DISK_ONLY).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LevelAssigned { .. }));
    let text = error.to_string();
    assert!(text.contains("MEMORY_ONLY") && text.contains("DISK_ONLY"), "{text}");
    assert_eq!(rows.storage_level(), StorageLevel::MEMORY_ONLY);
    rows.unpersist();
    assert_eq!(rows.persist(StorageLevel::DISK_ONLY)?.collect()?, [0, 1, 2, 3]);
    Ok(())
}

#[test]
fn blocks_live_as_long_as_any_rdd_that_reads_them() -> Result<()> {
    let ctx = Context::local(2)?;
    let kept = ctx.parallelize(0..8, 4).cache()?;
    let above = kept.map(|n| n + 1);
    above.count()?;
    drop(kept);
    assert_eq!(ctx.block_count(), 4);
    drop(above);
    assert_eq!(ctx.block_count(), 0);
    let pairs = ctx.parallelize((0..8).map(|n| (n, n)), 3).group_by_key(5);
    pairs.count()?;
    // What each map task has for the reducers.
    assert_eq!(ctx.block_count(), 3);
    drop(pairs);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn a_local_checkpoint_keeps_rows_without_what_made_them() -> Result<()> {
    let ctx = Context::local(2)?;
    let (rows, computed) = counted(&ctx);
    for level in [StorageLevel::MEMORY_ONLY, StorageLevel::MEMORY_ONLY_SER, StorageLevel::DISK_ONLY]
    {
        computed.store(0, Ordering::Relaxed);
        let pairs = rows.map(|n| (n % 7, n)).partition_by(3);
        let kept = pairs.local_checkpoint(level)?;
        drop(pairs);
        assert_eq!(ctx.block_count(), 3, "the shuffle is freed");
        assert_eq!(kept.partitioner().as_deref(), Some("hash(3)"));
        assert_eq!(kept.count()?, 100);
        assert_eq!(computed.load(Ordering::Relaxed), 100);
        kept.unpersist();
        let error = kept.count().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Lost(_)), "{error}");
    }
    assert!(rows.local_checkpoint(StorageLevel::NONE).is_err());
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn one_partition_needed_twice_in_a_stage_reads_the_same() -> Result<()> {
    let ctx = Context::local(4)?;
    for level in [StorageLevel::MEMORY_ONLY, StorageLevel::DISK_ONLY] {
        for _ in 0..20 {
            let kept = ctx.parallelize(0..1000, 4).persist(level)?;
            let twice = kept.union(&kept).union(&kept);
            assert_eq!(twice.count()?, 3000);
            assert_eq!(ctx.block_count(), 4);
        }
    }
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn blocks_can_be_freed_while_they_are_read() -> Result<()> {
    let ctx = Context::local(2)?;
    let kept = ctx.parallelize(0..2000_u64, 8).persist(StorageLevel::DISK_ONLY)?;
    let sum = kept.map(|n| n + 1);
    std::thread::scope(|scope| -> Result<()> {
        let reader = scope.spawn(|| (0..50).try_for_each(|_| sum.count().map(|_| ())));
        while !reader.is_finished() {
            kept.unpersist();
            drop(kept.persist(StorageLevel::DISK_ONLY)?);
        }
        reader.join().unwrap_or_else(|_| Err(superstep::Error::user("the reader panicked")))
    })?;
    drop((kept, sum));
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}
