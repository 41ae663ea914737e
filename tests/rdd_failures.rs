//! Failing user code: what is tried again, what the error says, what stays behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use superstep::event::Event;
use superstep::prelude::*;
use superstep::{Error, ErrorKind, Result};

/// Checks an error for what a failed task must tell.
fn assert_task_error(error: &Error, expected_rdd: &str, expected_partition: usize, why: &str) {
    let ErrorKind::Task { rdd, partition, attempt, cause, .. } = error.kind() else {
        unreachable!("not a task error: {error}");
    };
    assert!(rdd.starts_with(expected_rdd), "{rdd}");
    assert_eq!((*partition, *attempt), (expected_partition, 4));
    assert!(cause.to_string().contains(why), "{cause}");
    let text = error.to_string();
    for part in ["partition", "stage", rdd, "attempt 4", why] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn a_panic_fails_the_job_after_four_attempts_and_the_context_goes_on() -> Result<()> {
    let ctx = Context::local(2)?;
    let calls = Arc::new(AtomicUsize::new(0));
    let called = Arc::clone(&calls);
    let numbers = ctx.parallelize(0..8, 4);
    let failing = numbers.map(move |n| {
        if n == 5 {
            called.fetch_add(1, Ordering::Relaxed);
            panic!("five is too much");
        }
        n
    });
    assert_task_error(&failing.collect().unwrap_err(), "map #", 2, "five is too much");
    assert_eq!(calls.load(Ordering::Relaxed), 4);
    assert_eq!(failing.take(2)?, [0, 1], "other partitions are not harmed");
    assert_eq!(numbers.count()?, 8);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn an_error_fails_the_job_like_a_panic() -> Result<()> {
    let ctx = Context::local(2)?;
    let failing = ctx.parallelize(0..8, 4).try_map(|n| match n {
        7 => Err(Error::user("seven is too much")),
        n => Ok(n),
    });
    assert_task_error(&failing.count().unwrap_err(), "try_map #", 3, "seven is too much");
    Ok(())
}

#[test]
fn a_failure_before_a_shuffle_names_the_rdd_of_the_map_stage() -> Result<()> {
    let ctx = Context::local(2)?;
    let keyed = ctx.parallelize(0..8, 4).map(|n| {
        assert!(n != 2, "two is too much");
        (n, n)
    });
    let grouped = keyed.group_by_key(3).map_values(|values| values.len());
    assert_task_error(&grouped.collect().unwrap_err(), "map #", 1, "two is too much");
    drop(grouped);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn a_failing_combiner_or_action_is_a_task_error_too() -> Result<()> {
    let ctx = Context::local(2)?;
    let pairs = ctx.parallelize([(1, 1), (1, 2)], 1);
    let reduced = pairs.reduce_by_key(|_, _| panic!("no sum"), 2);
    assert_task_error(&reduced.collect().unwrap_err(), "parallelize #", 0, "no sum");
    let error = pairs.foreach(|_| panic!("no effect")).unwrap_err();
    assert_task_error(&error, "parallelize #", 0, "no effect");
    Ok(())
}

#[test]
fn a_task_that_fails_twice_gives_the_clean_result() -> Result<()> {
    let retried = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&retried);
    let listener = move |event: &Event| {
        if let Event::TaskRetried { partition, attempt, message, .. } = event {
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            record.push((*partition, *attempt, message.clone()));
        }
    };
    let ctx = Context::builder().threads(2).listener(listener).build()?;
    let failures = AtomicUsize::new(0);
    let rows = ctx.parallelize(0..100, 4).map(move |n| {
        // In the middle of a partition, after some rows went on.
        assert!(n != 60 || failures.fetch_add(1, Ordering::Relaxed) >= 2, "not yet");
        (n % 10, 1)
    });
    let counts = rows.reduce_by_key(|a, b| a + b, 3).sort_by_key(1)?.collect()?;
    assert_eq!(counts, (0..10).map(|key| (key, 10)).collect::<Vec<_>>());
    let retried = retried.lock().unwrap();
    let message = "panicked: not yet".to_owned();
    assert_eq!(*retried, [(2, 1, message.clone()), (2, 2, message)]);
    Ok(())
}

#[test]
fn a_failed_attempt_keeps_no_block() -> Result<()> {
    let ctx = Context::local(2)?;
    for level in [StorageLevel::MEMORY_ONLY, StorageLevel::DISK_ONLY] {
        let failing = ctx.parallelize(0..8, 1).map(|n| {
            assert!(n < 4, "too much");
            n
        });
        let failing = failing.persist(level)?;
        assert!(failing.count().is_err());
        assert!(failing.local_checkpoint(StorageLevel::MEMORY_ONLY).is_err());
        assert_eq!(ctx.block_count(), 0);
    }
    Ok(())
}

#[test]
fn the_number_of_attempts_can_be_set() -> Result<()> {
    assert!(Context::builder().task_attempts(0).build().is_err());
    let ctx = Context::builder().threads(1).task_attempts(1).build()?;
    let calls = Arc::new(AtomicUsize::new(0));
    let called = Arc::clone(&calls);
    let failing = ctx.parallelize(0..1, 1).try_map(move |n: u8| -> Result<u8> {
        called.fetch_add(1, Ordering::Relaxed);
        Err(Error::user(n))
    });
    assert!(failing.count().is_err());
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn what_cannot_get_better_is_not_tried_again() -> Result<()> {
    let ctx = Context::local(1)?;
    let calls = Arc::new(AtomicUsize::new(0));
    let called = Arc::clone(&calls);
    let failing = ctx.parallelize(0..1, 1).try_map(move |_: u8| -> Result<u8> {
        called.fetch_add(1, Ordering::Relaxed);
        Err(Error::argument("out of range"))
    });
    let error = failing.count().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn a_partitioner_out_of_range_is_an_error() -> Result<()> {
    struct Wrong;
    impl Partitioner<u64> for Wrong {
        fn partition_count(&self) -> usize {
            2
        }
        fn partition(&self, key: &u64) -> usize {
            *key as usize
        }
        fn description(&self) -> String {
            "wrong".to_owned()
        }
    }
    let ctx = Context::local(2)?;
    let wrong: Arc<dyn Partitioner<u64>> = Arc::new(Wrong);
    let placed = ctx.parallelize((0..4_u64).map(|n| (n, n)), 2).partition_by(wrong);
    let error = placed.count().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Task { partition: 1, .. }), "{error}");
    Ok(())
}

#[test]
fn two_contexts_work_side_by_side_and_do_not_mix() -> Result<()> {
    let (one, two) = (Context::local(1)?, Context::local(2)?);
    let left = one.parallelize((0..9).map(|n| (n, 'l')), 3).cache()?;
    let right = two.parallelize((0..9).map(|n| (n, 'r')), 3).cache()?;
    assert_eq!(left.group_by_key(2).count()?, right.group_by_key(2).count()?);
    assert_eq!((one.block_count(), two.block_count()), (3, 3));
    for mixed in [left.join(&right, 2).count(), right.union(&left).count()] {
        let error = mixed.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
    }
    drop(one);
    assert_eq!(left.count()?, 9, "an RDD keeps its context running");
    Ok(())
}

#[test]
fn an_action_inside_a_task_works() -> Result<()> {
    let ctx = Context::local(2)?;
    let inner = ctx.parallelize((0..10).map(|n| (n % 2, n)), 3).reduce_by_key(|a, b| a + b, 2);
    let outer = ctx.parallelize(0..8, 4).try_map(move |n| Ok(inner.lookup(&(n % 2))?[0]));
    assert_eq!(outer.collect()?, [20, 25, 20, 25, 20, 25, 20, 25]);
    Ok(())
}

#[test]
fn text_files_appear_whole_or_not_at_all() -> Result<()> {
    let ctx = Context::local(2)?;
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("numbers");
    let entries = || std::fs::read_dir(directory.path()).unwrap().count();

    let failing = ctx.parallelize(0..10, 3).map(|n| {
        assert!(n != 9, "nine");
        n
    });
    assert!(failing.save_as_text_file(&target).is_err());
    assert_eq!(entries(), 0, "a failed save leaves nothing");

    let numbers = ctx.parallelize(0..10, 3);
    numbers.save_as_text_file(&target)?;
    let mut names: Vec<_> = std::fs::read_dir(&target)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["_SUCCESS", "part-00000", "part-00001", "part-00002"]);
    let text: String =
        names[1..].iter().map(|name| std::fs::read_to_string(target.join(name)).unwrap()).collect();
    assert_eq!(text, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");

    let error = numbers.save_as_text_file(&target).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    assert!(error.to_string().contains("numbers"), "{error}");
    assert_eq!(entries(), 1, "an existing directory is left alone");

    let nowhere = directory.path().join("missing").join("numbers");
    assert!(numbers.save_as_text_file(nowhere).is_err());
    Ok(())
}
