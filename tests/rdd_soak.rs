//! Many jobs in one context, of all kinds and some of them cancelled: nothing is left of any.
//!
//! A thousand jobs, with the memory that the process has after them, with an allocator that gives
//! back what is freed (left alone, glibc keeps more and more of it for a while):
//! `MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072 \
//!  cargo test --test rdd_soak -- --ignored --nocapture`

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use superstep::event::Event;
use superstep::prelude::*;
use superstep::rdd::CancelToken;
use superstep::{ErrorKind, Result};

#[allow(dead_code, reason = "only the jobs are used here")]
mod support;

use support::jobs::JOBS;

/// How many jobs go by before memory is compared: until then the allocator learns what is needed.
const WARM_UP: usize = 200;

/// How many files the process has open and how many threads it runs, where Linux
/// tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    files: usize,
    threads: usize,
}

fn held() -> Option<Held> {
    let count = |path| std::fs::read_dir(path).ok().map(Iterator::count);
    Some(Held { files: count("/proc/self/fd")?, threads: count("/proc/self/task")? })
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn entries_in(path: &Path) -> usize {
    std::fs::read_dir(path).map_or(0, Iterator::count)
}

/// Runs `jobs` jobs of about `rows` rows, each tenth of them cancelled after a few tasks. Returns
/// the bytes that the process had after the warm-up and at the end.
fn soak(jobs: usize, rows: u64) -> Result<(Option<u64>, Option<u64>)> {
    let spill = tempfile::tempdir().unwrap();
    let budget = 1 << 20;
    let countdown = Arc::new(AtomicI64::new(i64::MAX));
    let token: Arc<std::sync::Mutex<CancelToken>> = Arc::default();
    let (counted, current) = (Arc::clone(&countdown), Arc::clone(&token));
    let listener = move |event: &Event| {
        if matches!(event, Event::TaskEnded { .. }) && counted.fetch_sub(1, Ordering::Relaxed) == 1
        {
            current.lock().unwrap().cancel("soaked enough");
        }
    };
    let builder = Context::builder().threads(2).memory(budget).listener(listener);
    let ctx = builder.spill_directory(spill.path()).build()?;
    let expected: Vec<_> = JOBS.iter().map(|(_, job)| job(&ctx, rows)).collect::<Result<_>>()?;
    let before = held();
    let (mut cancelled, mut warm) = (0, None);
    for number in 0..jobs {
        let (name, job) = JOBS[number % JOBS.len()];
        if number % 10 == 9 {
            // After one to nine tasks.
            countdown.store(1 + (number / 10 % 9) as i64, Ordering::Relaxed);
        }
        *token.lock().unwrap() = CancelToken::new();
        let under = token.lock().unwrap().clone();
        match under.run(|| job(&ctx, rows)) {
            Ok(result) => assert!(result == expected[number % JOBS.len()], "{number}: {name}"),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Cancelled { .. }), "{name}: {error}");
                cancelled += 1;
            }
        }
        countdown.store(i64::MAX, Ordering::Relaxed);
        let used = ctx.memory_use();
        let left = (used.used, used.files, ctx.block_count());
        assert_eq!(left, (0, 0, 0), "after job {number}, {name}");
        assert_eq!(ctx.spill_path().map_or(0, |path| entries_in(&path)), 0, "{number}: {name}");
        assert_eq!(held(), before, "after job {number}, {name}");
        if number + 1 == WARM_UP.min(jobs / 2) {
            warm = resident_bytes();
        }
        if jobs >= 10 && (number + 1) % (jobs / 10) == 0 {
            let mebibytes = resident_bytes().unwrap_or_default() as f64 / (1 << 20) as f64;
            eprintln!("{} jobs, {cancelled} cancelled: {mebibytes:.1} MiB", number + 1);
        }
    }
    assert!(ctx.memory_use().spilled_bytes > 0);
    assert!(cancelled * 12 >= jobs, "{cancelled} of {jobs} were cancelled");
    ctx.stop()?;
    let end = resident_bytes();
    drop(ctx);
    assert_eq!(entries_in(spill.path()), 0);
    Ok((warm, end))
}

#[test]
fn a_hundred_jobs_leave_no_block_file_temporary_or_thread() -> Result<()> {
    soak(100, 30_000).map(drop)
}

#[test]
#[ignore = "takes minutes; see the top of the file"]
fn a_thousand_jobs_leave_nothing_and_memory_stays_flat() -> Result<()> {
    let (warm, end) = soak(1_000, 100_000)?;
    if let (Some(warm), Some(end)) = (warm, end) {
        println!("{warm} bytes after {WARM_UP} jobs, {end} after 1,000");
        assert!(end as f64 <= warm as f64 * 1.05, "memory grew from {warm} to {end} bytes");
    }
    Ok(())
}
