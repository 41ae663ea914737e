//! A memory budget: what does not fit is spilled, evicted or recomputed, and no result depends on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use superstep::prelude::*;
use superstep::{Error, Result};

#[allow(dead_code, reason = "only the jobs are used here")]
mod support;

use support::jobs::JOBS;

fn bounded(bytes: usize, threads: usize) -> Result<Context> {
    Context::builder().threads(threads).memory(bytes).build()
}

#[test]
fn every_operation_gives_the_same_bits_in_a_fraction_of_the_memory() -> Result<()> {
    for (name, job) in JOBS {
        let rows = 250_000;
        let roomy = Context::local(2)?;
        let expected = job(&roomy, rows)?;
        // Only what is to be on disk is there.
        assert!(roomy.memory_use().spilled_bytes == 0 || *name == "persisted", "{name}");
        for (bytes, threads) in [(1 << 20, 2), (3 << 20, 1)] {
            let ctx = bounded(bytes, threads)?;
            assert!(job(&ctx, rows)? == expected, "{name} with {bytes} bytes");
            // A cartesian product goes through row by row and holds nothing that could be spilled,
            // and graphs of these sizes fit the larger budget.
            assert!(
                ctx.memory_use().spilled_bytes > 0 || bytes > 1 << 20 || *name == "cartesian",
                "{name} with {bytes} bytes: {:?}",
                ctx.memory_use()
            );
            ctx.stop()?;
            assert_eq!(ctx.block_count(), 0);
        }
    }
    Ok(())
}

/// Rows of 40 KB a partition, and how often each was computed.
fn counted(ctx: &Context) -> (Rdd<u64>, Arc<AtomicUsize>) {
    let computed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&computed);
    let rows = ctx.parallelize(0..20_u64, 20).flat_map(move |part| {
        count.fetch_add(1, Ordering::Relaxed);
        (0..5_000).map(move |n| part * 5_000 + n)
    });
    (rows, computed)
}

#[test]
fn each_level_keeps_what_it_promises_when_memory_is_short() -> Result<()> {
    for (name, level) in StorageLevel::ALL {
        // Half of the rows fit.
        let ctx = bounded(400_000, 1)?;
        let (rows, computed) = counted(&ctx);
        let rows = rows.persist(*level)?;
        assert_eq!(rows.count()?, 100_000);
        let used = ctx.memory_use();
        assert!(used.used <= 400_000, "{name}: {used:?}");
        assert_eq!(rows.sum()?, (0..100_000).sum::<u64>());
        let again = computed.load(Ordering::Relaxed) - 20;
        if level.uses_disk() {
            assert_eq!(again, 0, "{name}");
            assert!(used.files > 0, "{name}");
        } else if level.is_persistent() {
            assert!((5..=15).contains(&again), "{name} computed {again} partitions again");
            assert_eq!(used.files, 0, "{name}");
        } else {
            assert_eq!((again, ctx.block_count()), (20, 0), "{name}");
        }
        if !level.uses_memory() {
            assert_eq!(used.used, 0, "{name}");
        }
        rows.unpersist();
        let used = ctx.memory_use();
        assert_eq!((used.used, used.files, ctx.block_count()), (0, 0, 0), "{name}");
    }
    Ok(())
}

#[test]
fn what_is_kept_goes_with_its_last_handle_and_after_failures() -> Result<()> {
    let ctx = bounded(1 << 20, 2)?;
    let rows = counted(&ctx).0.persist(StorageLevel::MEMORY_AND_DISK)?;
    let groups = rows.map(|n| (n % 1_000, n)).group_by_key(3);
    assert_eq!(groups.count()?, 1_000);
    let failing =
        groups.try_map(|(key, _)| if key == 7 { Err(Error::user("seven")) } else { Ok(key) });
    assert!(failing.sort_by(|key| *key, 2).is_err());
    // In memory, or on disk where the sort needed the memory.
    assert!(ctx.block_count() > 0);
    drop((failing, groups, rows));
    let used = ctx.memory_use();
    assert_eq!((used.used, used.files, ctx.block_count()), (0, 0, 0));
    Ok(())
}

#[test]
fn rows_of_any_size_and_skew_are_grouped_and_joined() -> Result<()> {
    let jobs: [fn(&Context) -> Result<String>; 4] = [
        // One giant group.
        |ctx| {
            Ok(format!(
                "{:?}",
                ctx.parallelize(0..200_000_u64, 5).key_by(|_| 0_u8).group_by_key(2).collect()?
            ))
        },
        // Rows that own memory.
        |ctx| {
            let rows = ctx.parallelize(0..600_u64, 5).map(|n| (n % 7, vec![n as u32; 2_000]));
            Ok(format!("{:?}", rows.group_by_key(3).map_values(|group| group.len()).collect()?))
        },
        // Rows without size.
        |ctx| Ok(format!("{}", ctx.parallelize(0..100_000, 3).map(|_| ()).repartition(4).count()?)),
        // Long keys.
        |ctx| {
            let rows = ctx.parallelize(0..3_000_u64, 4).map(|n| (format!("{:01000}", n % 900), n));
            Ok(format!("{:?}", rows.reduce_by_key(|a, b| a + b, 2).collect()?))
        },
    ];
    for job in jobs {
        let expected = job(&Context::local(2)?)?;
        let ctx = bounded(1 << 20, 2)?;
        assert!(job(&ctx)? == expected);
        ctx.stop()?;
    }
    Ok(())
}

#[test]
fn a_disk_that_fails_is_an_error_with_its_path_and_leaves_nothing() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    let ctx = Context::builder().threads(2).memory(1 << 20).spill_directory(&gone).build()?;
    let (rows, _) = counted(&ctx);
    let error = rows.persist(StorageLevel::DISK_ONLY)?.count().unwrap_err();
    assert!(error.to_string().contains("gone: cannot create a directory in"), "{error}");
    assert_eq!((ctx.memory_use().used, ctx.block_count()), (0, 0));
    // Spills are errors, too, and what needs no disk goes on.
    let pairs = ctx.parallelize(0..400_000_u64, 4).map(|n| (n, n));
    assert!(pairs.group_by_key(2).count().is_err());
    assert_eq!(pairs.count()?, 400_000);
    ctx.stop()
}

#[test]
fn a_thousand_map_tasks_for_a_thousand_reducers_hold_only_what_there_is() -> Result<()> {
    let ctx = Context::local(2)?;
    let pairs = ctx.parallelize((0..1_000_u64).map(|n| (n, n)), 1_000).partition_by(1_000);
    assert_eq!(pairs.count()?, 1_000);
    assert!(ctx.memory_use().peak < 4 << 20, "{:?}", ctx.memory_use());
    Ok(())
}

#[test]
fn blocks_may_be_evicted_while_others_give_them_up() -> Result<()> {
    let ctx = bounded(300_000, 2)?;
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..15 {
                    let (rows, _) = counted(&ctx);
                    let rows = rows.persist(StorageLevel::MEMORY_AND_DISK).unwrap();
                    assert_eq!(rows.count().unwrap(), 100_000);
                    rows.unpersist();
                    assert_eq!(rows.count().unwrap(), 100_000);
                }
            });
        }
    });
    ctx.stop()
}
