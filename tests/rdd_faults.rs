//! Injected faults: results are the same bits, and what keeps failing fails with its place.
//!
//! Ten thousand faults and what faults cost:
//! `cargo test --release --test rdd_faults -- --ignored --nocapture`

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use superstep::chaos::{Chaos, Fault};
use superstep::event::Event;
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

#[allow(dead_code, reason = "only the jobs are used here")]
mod support;

use support::jobs::{JOBS, Job};

/// Runs all jobs clean and then with faults until there were `faults` of them; returns how many of
/// each kind.
fn survive(rows: u64, faults: u64) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    let clean = JOBS.iter().map(|(_, job)| job(&Context::local(2)?, rows));
    let clean: Vec<_> = clean.collect::<Result<_>>()?;
    for seed in 0.. {
        if counts.values().sum::<u64>() >= faults {
            break;
        }
        for (at, (name, job)) in JOBS.iter().enumerate() {
            let rate = [0.02, 0.1, 0.3, 0.6][seed as usize % 4];
            let memory = if seed % 2 == 0 { 1 << 20 } else { 1 << 30 };
            let chaos = Chaos::new(seed).rate(rate);
            let threads = 1 + seed as usize % 4;
            let ctx = Context::builder().threads(threads).memory(memory).chaos(chaos).build()?;
            assert!(job(&ctx, rows)? == clean[at], "{name}, seed {seed}: another result");
            for (fault, count) in ctx.injected_faults_by_kind() {
                *counts.entry(fault.to_string()).or_default() += count;
            }
            ctx.stop()?;
            assert_eq!(ctx.block_count(), 0, "{name}, seed {seed}");
        }
    }
    Ok(counts)
}

/// Runs a job with faults at a rate; returns how long it took and how many attempts it made.
fn measured(job: Job, rows: u64, chaos: Chaos) -> Result<(Duration, u64)> {
    let attempts = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&attempts);
    let listener = move |event: &Event| {
        if matches!(event, Event::TaskEnded { .. } | Event::TaskRetried { .. }) {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    };
    let ctx = Context::builder().threads(2).chaos(chaos).listener(listener).build()?;
    let start = Instant::now();
    job(&ctx, rows)?;
    let took = start.elapsed();
    let faults = ctx.injected_faults_by_kind();
    let twice = faults.iter().filter(|(fault, _)| *fault == Fault::Duplicate);
    let twice: u64 = twice.map(|(_, count)| count).sum();
    Ok((took, attempts.load(Ordering::Relaxed) + twice))
}

fn assert_all_kinds(counts: &BTreeMap<String, u64>) {
    for fault in Fault::ALL {
        assert!(counts.get(&fault.to_string()).is_some_and(|count| *count > 0), "no {fault}");
    }
}

#[test]
fn a_thousand_faults_of_all_kinds_change_no_bit_and_leave_nothing() -> Result<()> {
    let counts = survive(4_000, 1_000)?;
    assert_all_kinds(&counts);
    Ok(())
}

#[test]
#[ignore = "takes minutes; see the top of the file"]
fn ten_thousand_faults_change_no_bit_and_leave_nothing() -> Result<()> {
    let counts = survive(20_000, 10_000)?;
    assert_all_kinds(&counts);
    println!("{} faults: {counts:?}", counts.values().sum::<u64>());
    // What the faults cost, beside what the attempts that they made in vain cost.
    for (name, job) in JOBS {
        let (mut clean, mut faulty) = ((Duration::ZERO, 0), (Duration::ZERO, 0));
        for seed in 0..12 {
            let chaos = Chaos::new(seed).delay(Duration::ZERO);
            for (rate, sums) in [(0.0, &mut clean), (0.1, &mut faulty)] {
                let (took, attempts) = measured(*job, 100_000, chaos.rate(rate))?;
                *sums = (sums.0 + took, sums.1 + attempts);
            }
        }
        let time = faulty.0.as_secs_f64() / clean.0.as_secs_f64();
        let attempts = faulty.1 as f64 / clean.1 as f64;
        println!("{name}: {time:.2} x the time, {attempts:.2} x the attempts");
    }
    Ok(())
}

#[test]
fn a_task_that_keeps_failing_fails_its_job_after_as_many_attempts_as_are_allowed() -> Result<()> {
    for attempts in [1, 4, 7] {
        let ctx = Context::builder().threads(2).task_attempts(attempts).build()?;
        let calls = Arc::new(AtomicUsize::new(0));
        let called = Arc::clone(&calls);
        let failing = ctx.parallelize(0..8, 4).map(move |n| {
            assert!(n != 6 || called.fetch_add(1, Ordering::Relaxed) > 100, "six is too much");
            n
        });
        let error = failing.map(|n| (n, n)).group_by_key(2).count().unwrap_err();
        let ErrorKind::Task { partition: 3, attempt, cause, .. } = error.kind() else {
            unreachable!("{error}");
        };
        assert_eq!((*attempt, calls.load(Ordering::Relaxed)), (attempts, attempts));
        assert!(cause.to_string().contains("six is too much"), "{cause}");
        ctx.stop()?;
    }
    Ok(())
}

#[test]
fn duplicate_and_failing_attempts_write_whole_files() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let mut duplicates = 0;
    for seed in 0..12 {
        let chaos = Chaos::new(seed).rate(0.9);
        let ctx = Context::builder().threads(2).chaos(chaos).build()?;
        let rows = ctx.parallelize(0..20_000_u64, 6).map(|n| n * 3);
        let expected: Vec<_> = (0..20_000).map(|n| n * 3).collect();
        let [text, object, stored, lazy] = ["text", "object", "stored", "lazy"]
            .map(|name| folder.path().join(format!("{name}{seed}")));
        rows.save_as_text_file(&text)?;
        let lines = ctx
            .text_file(&text)?
            .try_map(|line| line.parse::<u64>().map_err(superstep::Error::user));
        assert_eq!(lines.collect()?, expected);
        rows.save_as_object_file(&object)?;
        assert_eq!(ctx.object_file::<u64>(&object)?.collect()?, expected);
        assert_eq!(rows.checkpoint(&stored)?.collect()?, expected);
        assert_eq!(rows.checkpoint_lazily(&lazy).collect()?, expected);
        let faults = ctx.injected_faults_by_kind();
        duplicates += faults.iter().find(|(fault, _)| *fault == Fault::Duplicate).unwrap().1;
    }
    assert!(duplicates > 0);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 12 * 4, "temporaries are left");
    Ok(())
}

#[test]
fn accumulators_count_each_task_once_whatever_happens() -> Result<()> {
    let sum_of = |threads, chaos: Option<Chaos>| -> Result<(u64, f64, u64)> {
        let mut builder = Context::builder().threads(threads);
        if let Some(chaos) = chaos {
            builder = builder.chaos(chaos);
        }
        let ctx = builder.build()?;
        let rows = ctx.accumulator("rows", 0_u64);
        let inverse = ctx.accumulator("inverse", 0.0_f64);
        let mapped = ctx.accumulator("mapped", 0_u64);
        let before = mapped.clone();
        let sums = ctx
            .parallelize(0..5_000_u64, 16)
            .map(move |n| {
                before.add(1);
                (n % 1_000, n)
            })
            .reduce_by_key(|a, b| a + b, 9);
        sums.foreach(|(key, _)| {
            rows.add(1);
            inverse.add(1.0 / (key as f64 + 0.3));
        })?;
        assert_eq!(rows.name(), "rows");
        Ok((rows.value(), inverse.value(), mapped.value()))
    };
    let clean = sum_of(1, None)?;
    assert_eq!((clean.0, clean.2), (1_000, 5_000));
    for seed in 0..20 {
        let chaotic = sum_of(1 + seed as usize % 4, Some(Chaos::new(seed).rate(0.5)))?;
        assert_eq!(chaotic.1.to_bits(), clean.1.to_bits());
        assert_eq!((chaotic.0, chaotic.2), (clean.0, clean.2), "seed {seed}");
    }
    Ok(())
}
