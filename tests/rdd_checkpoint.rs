//! Object files and checkpoints: the same rows from files, whole or not at all.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use superstep::prelude::*;
use superstep::{Error, ErrorKind, Result};
use tempfile::TempDir;

/// A directory for a test, and a path in it where nothing is yet.
fn target() -> Result<(TempDir, PathBuf)> {
    let directory = tempfile::tempdir().map_err(Error::user)?;
    let path = directory.path().join("stored");
    Ok((directory, path))
}

/// The names in a directory.
fn entries(directory: &Path) -> Result<Vec<String>> {
    let io = |error| Error::io(directory, "read", error);
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        names.push(entry.map_err(io)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn is_unreadable(error: &Error, path: &Path) -> bool {
    matches!(error.kind(), ErrorKind::Unreadable { path: own, .. } if own.ends_with(path))
}

/// Rows that are counted as they are computed, in four partitions.
fn counted(ctx: &Context) -> (Rdd<(u64, String)>, Arc<AtomicUsize>) {
    let computed = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&computed);
    let rows = ctx.parallelize(0..1000_u64, 4).map(move |n| {
        count.fetch_add(1, Ordering::Relaxed);
        (n % 10, format!("row {n}"))
    });
    (rows, computed)
}

#[test]
fn object_files_give_back_the_same_rows_in_the_same_order_and_partitions() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (rows, _) = counted(&ctx);
    rows.save_as_object_file(&path)?;
    let names = ["_SUCCESS", "part-00000", "part-00001", "part-00002", "part-00003"];
    assert_eq!(entries(&path)?, names);
    let read = Context::local(1)?.object_file::<(u64, String)>(&path)?;
    assert_eq!(read.collect()?, rows.collect()?);
    assert_eq!((read.partition_count(), read.partitioner()), (4, None));
    let sizes = |rdd: &Rdd<(u64, String)>| {
        rdd.map_partitions(|rows| std::iter::once(rows.count() as u64)).collect()
    };
    assert_eq!(sizes(&read)?, sizes(&rows)?);
    Ok(())
}

#[test]
fn partitions_of_many_batches_without_rows_and_without_bytes_survive_files() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let many = ctx.parallelize(0..300_000_u64, 2);
    many.save_as_object_file(path.with_extension("many"))?;
    assert_eq!(ctx.object_file::<u64>(path.with_extension("many"))?.collect()?, many.collect()?);

    let few = ctx.parallelize(vec!["x".repeat(2 << 20), String::new()], 5);
    few.save_as_object_file(path.with_extension("few"))?;
    assert_eq!(ctx.object_file::<String>(path.with_extension("few"))?.collect()?, few.collect()?);

    let units = ctx.parallelize(vec![(); 1000], 3);
    units.save_as_object_file(path.with_extension("units"))?;
    assert_eq!(ctx.object_file::<()>(path.with_extension("units"))?.count()?, 1000);
    Ok(())
}

#[test]
fn a_failing_task_leaves_nothing_and_an_existing_directory_is_left_alone() -> Result<()> {
    let (directory, path) = target()?;
    let ctx = Context::local(2)?;
    let failing = ctx.parallelize(0..1000, 4).map(|n| {
        assert!(n != 999, "the last row");
        n
    });
    assert!(failing.save_as_object_file(&path).is_err());
    assert!(failing.checkpoint(&path).is_err());
    let lazy = failing.checkpoint_lazily(&path);
    assert_eq!(lazy.first()?, 0);
    assert!(lazy.count().is_err());
    drop(lazy);
    assert!(entries(directory.path())?.is_empty());

    fs::create_dir(&path).unwrap();
    let rows = ctx.parallelize(0..10, 2);
    for error in [rows.save_as_object_file(&path), rows.checkpoint(&path).map(drop)] {
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
        assert!(error.to_string().contains("stored"), "{error}");
    }
    assert_eq!(entries(directory.path())?, ["stored"]);
    assert!(rows.save_as_object_file(directory.path().join("missing").join("rows")).is_err());
    Ok(())
}

#[test]
fn a_task_that_fails_once_leaves_no_trace_in_the_files() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let first = AtomicBool::new(true);
    let rows = ctx.parallelize(0..200_000, 2).map(move |n| {
        assert!(n != 150_000 || !first.swap(false, Ordering::Relaxed), "once");
        n
    });
    rows.save_as_object_file(&path)?;
    assert_eq!(entries(&path)?, ["_SUCCESS", "part-00000", "part-00001"]);
    assert_eq!(ctx.object_file::<i32>(&path)?.collect()?, (0..200_000).collect::<Vec<_>>());
    Ok(())
}

#[cfg(unix)]
#[test]
fn files_have_the_modes_that_other_new_files_have() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let (directory, path) = target()?;
    let ctx = Context::local(1)?;
    ctx.parallelize(0..10, 1).save_as_object_file(&path)?;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (file, folder) = (directory.path().join("file"), directory.path().join("folder"));
    fs::write(&file, "").unwrap();
    fs::create_dir(&folder).unwrap();
    assert_eq!(mode(&path), mode(&folder));
    assert_eq!(mode(&path.join("part-00000")), mode(&file));
    assert_eq!(mode(&path.join("_SUCCESS")), mode(&file));
    Ok(())
}

#[test]
fn what_is_no_object_file_of_these_rows_is_refused_with_its_path() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let error = ctx.object_file::<u64>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    ctx.parallelize(0..10_u64, 2).save_as_object_file(&path)?;

    let error = ctx.object_file::<(u64, u64)>(&path).unwrap_err();
    assert!(is_unreadable(&error, Path::new("stored")), "{error}");
    assert!(error.to_string().contains("rows of another type"), "{error}");

    let text = path.with_extension("text");
    ctx.parallelize(0..10, 2).save_as_text_file(&text)?;
    let error = ctx.object_file::<u64>(&text).unwrap_err();
    assert!(is_unreadable(&error, Path::new("_SUCCESS")), "{error}");

    let manifest = path.join("_SUCCESS");
    let mut newer = fs::read(&manifest).unwrap();
    newer[4] = 2;
    fs::write(&manifest, &newer).unwrap();
    let error = ctx.object_file::<u64>(&path).unwrap_err();
    assert!(is_unreadable(&error, Path::new("_SUCCESS")), "{error}");
    assert!(error.to_string().contains("format version 2"), "{error}");
    newer[4] = 1;
    fs::write(&manifest, [newer.clone(), vec![0]].concat()).unwrap();
    assert!(is_unreadable(&ctx.object_file::<u64>(&path).unwrap_err(), Path::new("_SUCCESS")));
    fs::write(&manifest, newer).unwrap();

    fs::remove_file(path.join("part-00001")).unwrap();
    let error = ctx.object_file::<u64>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { path, .. } if path.ends_with("part-00001")));
    Ok(())
}

#[test]
fn files_that_changed_places_are_found_out() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    ctx.parallelize(0..10_u64, 2).save_as_object_file(&path)?;
    let (one, two) = (path.join("part-00000"), path.join("part-00001"));
    fs::rename(&one, path.join("other")).unwrap();
    fs::rename(&two, &one).unwrap();
    fs::rename(path.join("other"), &two).unwrap();
    assert!(ctx.object_file::<u64>(&path).and_then(|rows| rows.collect()).is_err());
    Ok(())
}

#[test]
fn a_checkpoint_has_the_same_rows_and_partitioner_and_no_lineage() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (rows, computed) = counted(&ctx);
    let placed = rows.partition_by(3);
    let expected = placed.collect()?;
    let before = computed.load(Ordering::Relaxed);
    let stored = placed.checkpoint(&path)?;
    assert_eq!(stored.collect()?, expected);
    assert_eq!(stored.collect()?, expected);
    assert_eq!(computed.load(Ordering::Relaxed), before, "the shuffle's outputs were there");
    assert_eq!(stored.partitioner(), placed.partitioner());
    let text = stored.explain();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("checkpoint") && text.contains(path.to_str().unwrap()), "{text}");
    // Co-partitioned: a join draws no shuffle on the left.
    let shuffles = |text: String| text.matches("+-").count();
    assert_eq!(shuffles(stored.reduce_by_key(|a, _| a, 3).explain()), 0);

    let later = Context::local(1)?.object_file::<(u64, String)>(&path)?;
    assert_eq!((later.collect()?, later.partitioner()), (expected, placed.partitioner()));
    assert_eq!(shuffles(later.reduce_by_key(|a, _| a, 3).explain()), 0);
    assert_eq!(later.lookup(&7)?.len(), 100);
    Ok(())
}

#[test]
fn a_finished_checkpoint_is_not_written_over() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let rows = ctx.parallelize(0..10, 2);
    assert_eq!(rows.checkpoint(&path)?.count()?, 10);
    let lazily = rows.checkpoint_lazily(&path);
    for error in [rows.checkpoint(&path).map(drop), lazily.count().map(drop)] {
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
        assert!(error.to_string().contains("holds stored rows already"), "{error}");
    }
    assert_eq!(ctx.object_file::<i32>(&path)?.count()?, 10);
    Ok(())
}

/// A checkpoint of one file of about `bytes` that hardly compress.
fn noise(ctx: &Context, path: &Path, bytes: u64) -> Result<(Rdd<u64>, PathBuf)> {
    let random = |n: u64| (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(27) ^ n << 40;
    let stored = ctx.parallelize((0..bytes / 8).map(random), 1).checkpoint(path)?;
    Ok((stored, path.join("part-00000")))
}

#[test]
fn every_damaged_byte_of_a_checkpoint_is_found_and_its_file_named() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (stored, file) = noise(&ctx, &path, 64 << 10)?;
    let whole = fs::read(&file).unwrap();
    assert!(whole.len() >= 64 << 10, "{} bytes", whole.len());
    let expected = stored.collect()?;
    let mut open = fs::OpenOptions::new().write(true).open(&file).unwrap();
    let mut put = |place: usize, byte: u8| {
        open.seek(SeekFrom::Start(place as u64)).and_then(|_| open.write_all(&[byte])).unwrap();
    };
    for (place, byte) in whole.iter().enumerate() {
        put(place, byte ^ 1 << (place % 8));
        let error = stored.count().unwrap_err();
        assert!(is_unreadable(&error, Path::new("part-00000")), "byte {place}: {error}");
        put(place, *byte);
    }
    assert_eq!(stored.collect()?, expected);
    Ok(())
}

#[test]
fn every_cut_and_every_added_byte_of_a_checkpoint_is_found() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (stored, file) = noise(&ctx, &path, 16 << 10)?;
    let whole = fs::read(&file).unwrap();
    let open = fs::OpenOptions::new().write(true).open(&file).unwrap();
    for length in (0..whole.len()).rev() {
        open.set_len(length as u64).unwrap();
        let error = stored.count().unwrap_err();
        assert!(is_unreadable(&error, Path::new("part-00000")), "{length} bytes: {error}");
    }
    fs::write(&file, [whole.clone(), whole].concat()).unwrap();
    assert!(stored.count().is_err());
    let manifest = path.join("_SUCCESS");
    let whole = fs::read(&manifest).unwrap();
    for length in 0..whole.len() {
        fs::write(&manifest, &whole[..length]).unwrap();
        let error = ctx.object_file::<u64>(&path).unwrap_err();
        assert!(is_unreadable(&error, Path::new("_SUCCESS")), "{length} bytes: {error}");
    }
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        fs::write(&manifest, damaged).unwrap();
        let error = ctx.object_file::<u64>(&path).unwrap_err();
        assert!(is_unreadable(&error, Path::new("_SUCCESS")), "byte {place}: {error}");
    }
    Ok(())
}

#[test]
fn a_lazy_checkpoint_computes_each_partition_once_and_then_forgets_its_lineage() -> Result<()> {
    let (directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (rows, computed) = counted(&ctx);
    let lazily = rows.checkpoint_lazily(&path);
    assert_eq!(computed.load(Ordering::Relaxed), 0);
    assert!(entries(directory.path())?.is_empty(), "nothing is written before an action");
    assert!(lazily.explain().contains("(0 of 4 written)"), "{}", lazily.explain());

    assert_eq!(lazily.take(3)?.len(), 3);
    assert_eq!(computed.load(Ordering::Relaxed), 250);
    assert!(!path.exists());
    assert!(lazily.explain().contains("(1 of 4 written)"), "{}", lazily.explain());
    assert_eq!(lazily.explain().lines().count(), 3);
    assert_eq!(lazily.take(3)?.len(), 3);
    assert_eq!(computed.load(Ordering::Relaxed), 250, "read back from its file");

    let collected = lazily.collect()?;
    assert_eq!(computed.load(Ordering::Relaxed), 1000);
    assert_eq!(entries(directory.path())?, ["stored"], "and no temporary file");
    assert_eq!(entries(&path)?.len(), 5);
    assert_eq!(lazily.explain().lines().count(), 1, "{}", lazily.explain());
    assert_eq!(lazily.collect()?, collected);
    assert_eq!(computed.load(Ordering::Relaxed), 1000);
    assert_eq!(ctx.object_file::<(u64, String)>(&path)?.collect()?, collected);
    assert_eq!(rows.collect()?, collected);
    Ok(())
}

#[test]
fn a_lazy_checkpoint_lets_go_of_what_its_parents_kept() -> Result<()> {
    let (_directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (rows, _) = counted(&ctx);
    let lazily = rows.partition_by(3).cache()?.checkpoint_lazily(&path);
    let partitioner = lazily.partitioner();
    drop(rows);
    lazily.count()?;
    assert_eq!(ctx.block_count(), 0, "the shuffle and the cached parent are gone");
    assert!(partitioner.is_some());
    assert_eq!(lazily.partitioner(), partitioner);
    assert_eq!(ctx.object_file::<(u64, String)>(&path)?.partitioner(), partitioner);
    Ok(())
}

#[test]
fn a_lazy_checkpoint_may_be_read_from_several_jobs_at_once() -> Result<()> {
    for round in 0..20 {
        let (_directory, path) = target()?;
        let ctx = Context::local(4)?;
        let (rows, _) = counted(&ctx);
        let expected = rows.collect()?;
        let lazily = rows.checkpoint_lazily(&path);
        std::thread::scope(|scope| {
            let jobs: Vec<_> = (0..3).map(|_| scope.spawn(|| lazily.collect())).collect();
            for job in jobs {
                assert_eq!(job.join().unwrap().unwrap(), expected, "round {round}");
            }
        });
        // Twice in one job, too.
        assert_eq!(lazily.union(&lazily).count()?, 2000);
        assert_eq!(entries(&path)?.len(), 5);
    }
    Ok(())
}

#[test]
fn a_lazy_checkpoint_whose_directory_cannot_appear_fails_and_can_be_tried_again() -> Result<()> {
    let (directory, path) = target()?;
    let ctx = Context::local(2)?;
    let (rows, _) = counted(&ctx);
    let lazily = rows.checkpoint_lazily(&path);
    assert_eq!(lazily.first()?.0, 0);
    // Something comes to stand where the directory is to appear.
    fs::write(&path, "in the way").unwrap();
    let error = lazily.count().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Io { .. }), "{error}");
    fs::remove_file(&path).unwrap();
    assert_eq!(lazily.count()?, 1000);
    assert_eq!(entries(directory.path())?, ["stored"]);
    Ok(())
}

#[test]
fn iterating_over_checkpoints_keeps_the_lineage_flat() -> Result<()> {
    let (directory, _) = target()?;
    let ctx = Context::local(2)?;
    let mut rows = ctx.parallelize((0..100_u64).map(|n| (n % 10, n)), 4);
    for round in 0..10 {
        let next = rows.map(|(key, value)| (key, value + 1)).reduce_by_key(u64::max, 3);
        rows = next.checkpoint(directory.path().join(round.to_string()))?;
    }
    assert_eq!(rows.explain().lines().count(), 1);
    let mut values: Vec<_> = rows.collect()?.into_iter().map(|(_, value)| value).collect();
    values.sort_unstable();
    assert_eq!(values, (100..110).collect::<Vec<_>>());
    Ok(())
}
