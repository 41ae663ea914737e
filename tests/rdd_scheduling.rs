//! Jobs side by side: second attempts at slow tasks, whose turn it is, and jobs that are ended.
//!
//! Nothing here is timed: what must wait waits for an event, and a minute without it is a failure.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use superstep::event::Event;
use superstep::prelude::*;
use superstep::rdd::{CancelToken, Scheduling, Speculation};
use superstep::{ErrorKind, Result};

/// Longer than anything here takes on the slowest machine.
const MUCH_TOO_LONG: Duration = Duration::from_secs(60);

/// Something that threads wait for until it happens.
#[derive(Clone, Default)]
struct Signal(Arc<(Mutex<bool>, Condvar)>);

impl Signal {
    fn give(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    fn is_given(&self) -> bool {
        *self.0.0.lock().unwrap()
    }

    fn wait(&self, what: &str) {
        let given = self.0.0.lock().unwrap();
        let waited = self.0.1.wait_timeout_while(given, MUCH_TOO_LONG, |given| !*given).unwrap();
        assert!(!waited.1.timed_out(), "{what} did not happen");
    }
}

fn is_cancelled<T>(result: &Result<T>, reason: &str) -> bool {
    let error = result.as_ref().err();
    error.is_some_and(|error| match error.kind() {
        ErrorKind::Cancelled { reason: found } => found.contains(reason),
        _ => false,
    })
}

fn assert_nothing_is_left(ctx: &Context, what: &str) {
    let used = ctx.memory_use();
    assert_eq!((used.used, used.files, ctx.block_count()), (0, 0, 0), "{what}");
}

/// A context with second attempts, how many there were, and a signal for when the task of
/// partition 2 has ended.
fn speculating(threads: usize) -> Result<(Context, Arc<AtomicUsize>, Signal)> {
    let (second, ended) = (Arc::new(AtomicUsize::new(0)), Signal::default());
    let (counted, told) = (Arc::clone(&second), ended.clone());
    let listener = move |event: &Event| match event {
        Event::TaskSpeculated { partition, .. } => {
            assert_eq!(*partition, 2);
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Event::TaskEnded { partition: 2, .. } => told.give(),
        _ => {}
    };
    let builder = Context::builder().threads(threads).speculation(Speculation::default());
    Ok((builder.listener(listener).build()?, second, ended))
}

/// Numbers whose partition 2 takes until the signal comes, in the middle, the first time it is
/// computed; beside them how often that was.
fn with_a_slow_partition(ctx: &Context, until: &Signal) -> (Rdd<u64>, Arc<AtomicUsize>) {
    let attempts = Arc::new(AtomicUsize::new(0));
    let (counted, until) = (Arc::clone(&attempts), until.clone());
    let rows = ctx.parallelize(0..800_u64, 8).map(move |n| {
        if n == 250 && counted.fetch_add(1, Ordering::Relaxed) == 0 {
            until.wait("another attempt");
        }
        n
    });
    (rows, attempts)
}

#[test]
fn a_second_attempt_at_a_slow_task_goes_ahead_and_counts_once() -> Result<()> {
    for threads in [2, 4] {
        let (ctx, second, ended) = speculating(threads)?;
        let rows_seen = ctx.accumulator("rows seen", 0_u64);
        let (rows, attempts) = with_a_slow_partition(&ctx, &ended);
        let seen = rows_seen.clone();
        let rows = rows.map(move |n| {
            seen.add(1);
            n
        });
        assert_eq!(rows.collect()?, (0..800).collect::<Vec<_>>());
        assert_eq!((attempts.load(Ordering::Relaxed), second.load(Ordering::Relaxed)), (2, 1));
        assert_eq!(rows_seen.value(), 800);
    }
    Ok(())
}

#[test]
fn a_second_attempt_at_a_map_task_counts_once() -> Result<()> {
    let (ctx, second, ended) = speculating(2)?;
    let (rows, attempts) = with_a_slow_partition(&ctx, &ended);
    let rows_seen = ctx.accumulator("rows seen", 0_u64);
    let seen = rows_seen.clone();
    let sums = rows
        .map(move |n| {
            seen.add(1);
            (n % 10, n)
        })
        .reduce_by_key(|a, b| a + b, 2);
    let mut found = sums.collect()?;
    found.sort_unstable();
    assert_eq!(found, (0..10).map(|key| (key, 31_600 + 80 * key)).collect::<Vec<_>>());
    assert_eq!((attempts.load(Ordering::Relaxed), second.load(Ordering::Relaxed)), (2, 1));
    assert_eq!(rows_seen.value(), 800);
    drop((rows, sums));
    assert_nothing_is_left(&ctx, "all is done");
    ctx.stop()
}

#[test]
fn of_two_attempts_that_write_a_file_one_does() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("numbers");
    let (ctx, second, ended) = speculating(2)?;
    let (rows, _) = with_a_slow_partition(&ctx, &ended);
    rows.save_as_text_file(&target)?;
    assert_eq!(second.load(Ordering::Relaxed), 1);
    // The marker and a file a partition.
    assert_eq!(std::fs::read_dir(&target).unwrap().count(), 1 + 8);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let expected: Vec<_> = (0..800).map(|n| n.to_string()).collect();
    assert_eq!(ctx.text_file(&target)?.collect()?, expected);
    Ok(())
}

#[test]
fn a_task_that_fails_for_good_fails_its_job_while_another_attempt_is_under_way() -> Result<()> {
    let (ctx, second, _) = speculating(2)?;
    let calls = AtomicUsize::new(0);
    let rows = ctx.parallelize(0..8_u64, 8).flat_map(move |n| -> Box<dyn Iterator<Item = u64>> {
        match (n, calls.fetch_add(usize::from(n == 2), Ordering::Relaxed)) {
            // The first attempt ends when it is told to, and never otherwise.
            (2, 0) => {
                let start = Instant::now();
                Box::new((0..).take_while(move |_| start.elapsed() < MUCH_TOO_LONG))
            }
            (2, call) => panic!("call {call}"),
            _ => Box::new([n].into_iter()),
        }
    });
    let error = rows.count().unwrap_err();
    let ErrorKind::Task { partition: 2, attempt: 4, cause, .. } = error.kind() else {
        unreachable!("{error}");
    };
    assert!(cause.to_string().contains("call 4"), "{cause}");
    assert_eq!(second.load(Ordering::Relaxed), 1);
    ctx.stop()
}

#[test]
fn there_are_no_second_attempts_unless_asked_for() -> Result<()> {
    let second = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&second);
    let listener = move |event: &Event| {
        if let Event::TaskSpeculated { .. } = event {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    };
    let ctx = Context::builder().threads(2).listener(listener).build()?;
    let (others, calls) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let called = Arc::clone(&calls);
    let rows = ctx.parallelize(0..8, 8).map(move |n| {
        called.fetch_add(1, Ordering::Relaxed);
        if n == 2 {
            // Until all the others are done, and much longer than each of them took.
            while others.load(Ordering::Relaxed) < 7 {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(50));
        } else {
            others.fetch_add(1, Ordering::Relaxed);
        }
        n
    });
    assert_eq!(rows.count()?, 8);
    assert_eq!((calls.load(Ordering::Relaxed), second.load(Ordering::Relaxed)), (8, 0));
    Ok(())
}

/// A signal for when a stage of `tasks` tasks starts.
fn on_stage_of(tasks: usize) -> (Signal, impl Fn(&Event) + Send + Sync + 'static) {
    let signal = Signal::default();
    let told = signal.clone();
    let listener = move |event: &Event| {
        if matches!(event, Event::StageStarted { tasks: found, .. } if *found == tasks) {
            told.give();
        }
    };
    (signal, listener)
}

#[test]
fn a_short_job_is_done_while_a_long_one_runs_if_they_share_fairly() -> Result<()> {
    let (submitted, listener) = on_stage_of(3);
    let builder = Context::builder().threads(2).scheduling(Scheduling::Fair);
    let ctx = builder.listener(listener).build()?;
    let (begun, short_done) = (Signal::default(), Signal::default());
    let (begin, done) = (begun.clone(), short_done.clone());
    let long = ctx.parallelize(0..400_u64, 400).map(move |n| {
        begin.give();
        submitted.wait("the start of the short job");
        if n < 398 {
            thread::sleep(Duration::from_millis(1));
        } else {
            // The last ones have both threads and end after the short job only.
            done.wait("the end of the short job");
        }
        n
    });
    thread::scope(|scope| -> Result<()> {
        let long = scope.spawn(|| long.count());
        begun.wait("the start of the long job");
        let short = ctx.parallelize(0..3, 3).map(|n| n + 1).collect();
        short_done.give();
        assert_eq!(short?, [1, 2, 3]);
        assert_eq!(long.join().unwrap()?, 400);
        Ok(())
    })
}

#[test]
fn jobs_run_in_the_order_in_which_they_came_unless_they_share_fairly() -> Result<()> {
    for speculation in [None, Some(Speculation::default())] {
        let (submitted, listener) = on_stage_of(3);
        let mut builder = Context::builder().threads(1).listener(listener);
        if let Some(speculation) = speculation {
            builder = builder.speculation(speculation);
        }
        let ctx = builder.build()?;
        let order = Arc::new(Mutex::new(Vec::new()));
        let begun = Signal::default();
        let (begin, noted) = (begun.clone(), Arc::clone(&order));
        let first = ctx.parallelize(0..40, 40).map(move |n| {
            begin.give();
            submitted.wait("the start of the second job");
            thread::sleep(Duration::from_millis(1));
            noted.lock().unwrap().push(1);
            n
        });
        let noted = Arc::clone(&order);
        let second = ctx.parallelize(0..3, 3).map(move |n| {
            noted.lock().unwrap().push(2);
            n
        });
        thread::scope(|scope| -> Result<()> {
            let first = scope.spawn(|| first.count());
            begun.wait("the start of the first job");
            assert_eq!(second.count()?, 3);
            assert_eq!(first.join().unwrap()?, 40);
            Ok(())
        })?;
        let expected: Vec<_> = [1; 40].into_iter().chain([2; 3]).collect();
        assert_eq!(*order.lock().unwrap(), expected);
    }
    Ok(())
}

#[test]
fn many_threads_run_jobs_in_one_context_and_each_gets_its_own_result() -> Result<()> {
    for scheduling in [Scheduling::Fifo, Scheduling::Fair] {
        let ctx = Context::builder().threads(2).scheduling(scheduling).memory(1 << 20).build()?;
        thread::scope(|scope| {
            for job in 0..6_u64 {
                let ctx = &ctx;
                scope.spawn(move || {
                    for round in 0..5 {
                        let rows = ctx.parallelize(0..3_000_u64, 5).map(move |n| (n % 7, n * job));
                        let sums = rows.reduce_by_key(|a, b| a + b, 3).values().sum().unwrap();
                        assert_eq!(sums, job * 3_000 * 2_999 / 2, "job {job}, round {round}");
                    }
                });
            }
        });
        assert_nothing_is_left(&ctx, "all jobs are done");
        ctx.stop()?;
    }
    Ok(())
}

/// Runs a job that shuffles, keeps rows and writes a file, all with little memory, and cancels it
/// when `at` of the 9,000 rows that it counts were made: 3,000 for the sample that the sort takes,
/// as many for the sort, as many for the file.
fn cancelled_at(ctx: &Context, at: usize, target: &Path) -> Result<()> {
    let (token, made) = (CancelToken::new(), Arc::new(AtomicUsize::new(0)));
    let ending = token.clone();
    let count = move || {
        if made.fetch_add(1, Ordering::Relaxed) == at {
            ending.cancel("enough");
        }
    };
    let again = count.clone();
    token.run(|| {
        let rows = ctx.parallelize(0..8_u64, 8).flat_map(|n| n * 5_000..(n + 1) * 5_000);
        let kept = rows.persist(StorageLevel::MEMORY_AND_DISK_SER)?;
        let groups = kept.map(|n| (n % 3_000, n)).group_by_key(4).map(move |(key, group)| {
            count();
            (key, group.len())
        });
        let lines = groups.sort_by_key(3)?.map(move |(key, length)| {
            again();
            format!("{key} {length}")
        });
        lines.save_as_text_file(target)
    })
}

#[test]
fn a_cancelled_job_leaves_nothing_whenever_that_is_and_its_context_goes_on() -> Result<()> {
    let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for scheduling in [Scheduling::Fifo, Scheduling::Fair] {
        let builder = Context::builder().threads(2).memory(400_000).scheduling(scheduling);
        let ctx = builder.spill_directory(spill.path()).build()?;
        let mut cancelled = 0;
        for at in (0..=9_000).step_by(1_000) {
            let target = folder.path().join(format!("{scheduling:?}{at}"));
            let result = cancelled_at(&ctx, at, &target);
            if is_cancelled(&result, "enough") {
                cancelled += 1;
                assert!(!target.exists());
            } else {
                result?;
                std::fs::remove_dir_all(&target).unwrap();
            }
            assert_nothing_is_left(&ctx, &format!("cancelled at row {at}"));
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
            let files = ctx.spill_path().map(|path| std::fs::read_dir(path).unwrap().count());
            assert_eq!(files.unwrap_or_default(), 0);
            assert_eq!(ctx.parallelize(0..10, 3).sum()?, 45, "the context goes on");
        }
        assert_eq!(cancelled, 9);
        ctx.stop()?;
        drop(ctx);
    }
    assert_eq!(std::fs::read_dir(spill.path()).unwrap().count(), 0);
    Ok(())
}

#[test]
fn a_job_that_takes_too_long_is_ended_with_those_that_come_after_it() -> Result<()> {
    let ctx = Context::local(2)?;
    let endless = ctx.parallelize([0_u64, 1], 2).flat_map(|_| 0_u64..);
    let grouped = endless.map(|n| (n % 5, n)).reduce_by_key(|a, b| a ^ b, 2);
    let token = CancelToken::with_timeout(Duration::from_millis(30));
    assert!(is_cancelled(&token.run(|| grouped.count()), "took longer than 30ms"));
    assert!(token.is_cancelled());
    assert!(is_cancelled(&token.run(|| ctx.parallelize(0..3, 1).count()), "longer"));
    drop(grouped);
    assert_nothing_is_left(&ctx, "the time was over");
    assert_eq!(ctx.parallelize(0..3, 1).count()?, 3);
    // Enough time is no limit, and an outer token holds inside.
    let (outer, inner) = (CancelToken::new(), CancelToken::with_timeout(MUCH_TOO_LONG));
    assert_eq!(outer.run(|| inner.run(|| ctx.parallelize(0..3, 1).count()))?, 3);
    outer.cancel("all of it");
    assert!(is_cancelled(&outer.run(|| inner.run(|| endless.count())), "all of it"));
    Ok(())
}

#[test]
fn a_job_that_waits_for_its_turn_can_be_cancelled() -> Result<()> {
    let (submitted, listener) = on_stage_of(3);
    let builder = Context::builder().threads(1).scheduling(Scheduling::Fair);
    let ctx = builder.listener(listener).build()?;
    let (begun, over) = (Signal::default(), Signal::default());
    let (begin, end) = (begun.clone(), over.clone());
    let long = ctx.parallelize(0..2, 2).map(move |n| {
        begin.give();
        end.wait("the end of the job that waits");
        n
    });
    let ran = Arc::new(AtomicBool::new(false));
    let runs = Arc::clone(&ran);
    let short = ctx.parallelize(0..3, 3).map(move |n| {
        runs.store(true, Ordering::Relaxed);
        n
    });
    let token = CancelToken::new();
    thread::scope(|scope| -> Result<()> {
        let long = scope.spawn(|| long.count());
        begun.wait("the start of the long job");
        let waiting = scope.spawn(|| token.run(|| short.count()));
        submitted.wait("the start of the job that waits");
        token.cancel("not needed any more");
        let result = waiting.join().unwrap();
        assert!(!over.is_given());
        over.give();
        assert!(is_cancelled(&result, "not needed"), "{result:?}");
        assert!(!ran.load(Ordering::Relaxed));
        assert_eq!(long.join().unwrap()?, 2);
        assert_eq!(short.count()?, 3);
        Ok(())
    })
}

#[test]
fn all_jobs_of_a_context_can_be_cancelled_and_a_context_with_jobs_cannot_be_stopped() -> Result<()>
{
    let (ctx, other) = (Context::local(2)?, Context::local(1)?);
    let begun = Signal::default();
    let begin = begun.clone();
    let endless = ctx.parallelize(0..2_u64, 2).flat_map(move |_| {
        begin.give();
        0_u64..
    });
    thread::scope(|scope| -> Result<()> {
        let jobs = [scope.spawn(|| endless.count()), scope.spawn(|| endless.count())];
        begun.wait("the start of a job");
        let error = ctx.stop().unwrap_err();
        assert!(error.to_string().contains("running; cancel them first"), "{error}");
        assert_eq!(other.parallelize(0..3, 1).count()?, 3);
        // The second job may be about to start, and later jobs are not affected.
        for job in jobs {
            while !job.is_finished() {
                ctx.cancel_all_jobs("closing time");
                thread::yield_now();
            }
            assert!(is_cancelled(&job.join().unwrap(), "closing time"));
        }
        assert_eq!(ctx.parallelize(0..3, 1).count()?, 3);
        ctx.stop()
    })
}
