//! Ctrl-C and SIGTERM at awkward moments.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use rustix::process::{Pid, Signal, kill_process};

use crate::program::{command, err, names_in, shell, success};

const SIGNALS: [(Signal, i32, &str); 2] =
    [(Signal::INT, 130, "interrupted"), (Signal::TERM, 143, "terminated")];

fn start(arguments: &[&OsStr]) -> Child {
    let mut command = command();
    command.args(arguments).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits until something can be seen of a program that runs.
fn wait_until(child: &mut Child, seen: impl Fn() -> bool) {
    let start = Instant::now();
    while !seen() {
        assert!(child.try_wait().unwrap().is_none(), "the program has ended");
        assert!(start.elapsed() < Duration::from_secs(60), "nothing is seen");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal and returns the exit code and what the program said.
fn end(child: Child, signal: Signal) -> (Option<i32>, String) {
    let sent = Instant::now();
    kill_process(Pid::from_child(&child), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    eprintln!("{signal:?}: ended after {:?}", sent.elapsed());
    (output.status.code(), err(&output))
}

fn ends_well(arguments: &[&OsStr], folders: [&Path; 2], moment: &str, wait: impl Fn(&mut Child)) {
    for (signal, code, reason) in SIGNALS {
        let mut child = start(arguments);
        wait(&mut child);
        let (found, message) = end(child, signal);
        assert_eq!(found, Some(code), "{moment}: {message}");
        assert!(message.contains(reason), "{moment}: {message}");
        for folder in folders {
            assert_eq!(names_in(folder), BTreeSet::new(), "{moment}");
        }
    }
}

/// The names of all that a program has spilled now.
fn spilled(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    // A folder may go while it is looked at.
    let inside = entries.filter_map(|entry| fs::read_dir(entry.unwrap().path()).ok());
    inside.flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_run_that_is_signalled_leaves_nothing_whenever_that_is() {
    let (folder, spill) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = folder.path().join("ranks.tsv");
    let folders = [folder.path(), spill.path()];
    let mut line: Vec<&OsStr> = "run pagerank --iterations 100000000 --storage-level DISK_ONLY -q"
        .split_whitespace()
        .map(OsStr::new)
        .collect();
    line.extend([OsStr::new("--spill-dir"), spill.path().as_os_str()]);
    line.extend([OsStr::new("-o"), target.as_os_str()]);

    // The input does not end: standard input stays open.
    let waiting: Vec<_> = line.iter().copied().chain([OsStr::new("-")]).collect();
    ends_well(&waiting, folders, "reading", |child| {
        child.stdin.as_mut().unwrap().write_all(b"1 2\n").unwrap();
        wait_until(child, || !names_in(folder.path()).is_empty());
    });
    // So many different files were seen: while the graph is built, and in its supersteps.
    line.push(OsStr::new("datasets/karate.txt"));
    for files in [1, 3, 30] {
        ends_well(&line, folders, &format!("{files} files"), |child| {
            let seen = std::cell::RefCell::new(BTreeSet::new());
            wait_until(child, || {
                seen.borrow_mut().extend(spilled(spill.path()));
                seen.borrow().len() >= files
            });
        });
    }
    // A directory is begun under another name, too.
    for name in ["ranks/", "ranks.json.gz/"] {
        let target = folder.path().join(name);
        let mut line = line.clone();
        let place = line.iter().position(|word| *word == "-o").unwrap() + 1;
        line[place] = target.as_os_str();
        ends_well(&line, folders, name, |child| {
            wait_until(child, || {
                !names_in(folder.path()).is_empty() && !spilled(spill.path()).is_empty()
            });
        });
    }
    // What was there before stays.
    fs::write(&target, "old").unwrap();
    let mut child = start(&line);
    wait_until(&mut child, || !spilled(spill.path()).is_empty());
    assert_eq!(end(child, Signal::INT).0, Some(130));
    assert_eq!(fs::read_to_string(&target).unwrap(), "old");
    assert_eq!(names_in(folder.path()).len(), 1);
}

#[test]
fn output_that_is_signalled_does_not_appear() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("graph.txt");
    let mut line: Vec<&OsStr> =
        "generate kronecker --scale 26 -q".split_whitespace().map(OsStr::new).collect();
    let endless = line.clone();
    line.extend([OsStr::new("-o"), target.as_os_str()]);
    for least in [1, 1 << 20] {
        ends_well(&line, [folder.path(); 2], &format!("{least} bytes"), |child| {
            wait_until(child, || {
                let entries = fs::read_dir(folder.path()).unwrap();
                entries.flatten().any(|entry| entry.metadata().unwrap().len() >= least)
            });
        });
    }
    // Nobody reads on: the pipe is full.
    for (signal, code, reason) in SIGNALS {
        let mut child = start(&endless);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut String::new()).unwrap();
        let (found, message) = end(child, signal);
        assert_eq!(found, Some(code), "{message}");
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn a_signal_is_the_reason_of_the_write_that_fails_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let graph = folder.path().join("graph.txt");
    success(&shell(&format!("generate kronecker --scale 16 -q -o {}", graph.display())));
    let graph = graph.display();
    for (line, feature) in [
        (format!("convert {graph} - --to ssg -q"), true),
        (format!("convert {graph} - --to matrix-market --renumber -q"), true),
        (format!("convert {graph} - --to parquet -q"), cfg!(feature = "parquet")),
        (format!("convert {graph} - --to arrow -q"), cfg!(feature = "parquet")),
    ] {
        if !feature {
            continue;
        }
        let words: Vec<&OsStr> = line.split(' ').map(OsStr::new).collect();
        for (signal, code, reason) in SIGNALS {
            let mut child = start(&words);
            let mut out = child.stdout.take().unwrap();
            // It writes, and waits for its reader.
            out.read_exact(&mut [0]).unwrap();
            kill_process(Pid::from_child(&child), signal).unwrap();
            thread::sleep(Duration::from_millis(200));
            let rest = thread::spawn(move || out.read_to_end(&mut Vec::new()));
            let output = child.wait_with_output().unwrap();
            rest.join().unwrap().unwrap();
            assert_eq!(output.status.code(), Some(code), "{line}: {}", err(&output));
            assert_eq!(err(&output), format!("error: the job was cancelled: {reason}\n"), "{line}");
        }
    }
}

/// How long a command may take to end, and how long on a machine that is busy with other tests.
const PATIENCE: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(20)];

#[test]
fn conversion_generation_and_runs_can_be_interrupted_at_any_moment() {
    let inputs = tempfile::tempdir().unwrap();
    let input = inputs.path().join("graph.txt");
    success(&shell(&format!("generate kronecker --scale 13 -q -o {}", input.display())));
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let input = input.display();
    for line in [
        format!("convert {input} OUT --to matrix-market --renumber --spill-dir SPILL"),
        format!("convert {input} OUT --to ssg --spill-dir SPILL"),
        "generate kronecker --scale 18 -o OUT".to_owned(),
        format!("run pagerank --iterations 300 {input} -o OUT --spill-dir SPILL"),
        format!("run connected-components --memory 16MiB {input} -o OUT --spill-dir SPILL"),
    ] {
        let (mut interrupted, mut late) = (0, 0);
        // The first run is left alone; then from before the first line of the program, a twelfth of
        // that time later in each round.
        let mut whole = None;
        for round in 0..=12 {
            let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            let target = folders[0].path().join("out");
            let mut command = command();
            command.args(line.split(' ').map(|word| match word {
                "OUT" => target.as_os_str(),
                "SPILL" => folders[1].path().as_os_str(),
                _ => OsStr::new(word),
            }));
            command.arg("-q");
            command.env("TMPDIR", folders[1].path()).stdin(Stdio::null());
            let started = Instant::now();
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let Some(whole) = whole else {
                assert!(child.wait().unwrap().success(), "{line}");
                whole = Some(started.elapsed());
                continue;
            };
            let delay = whole.mul_f64((f64::from(round - 1) + random.random::<f64>()) / 12.0);
            let moment = format!("{line}, seed {seed}, round {round}, after {delay:?}");
            thread::sleep(delay);
            let ended = child.try_wait().unwrap().is_some();
            let sent = Instant::now();
            if !ended {
                kill_process(Pid::from_child(&child), Signal::INT).unwrap();
            }
            let output = child.wait_with_output().unwrap();
            late += u32::from(sent.elapsed() > PATIENCE[0]);
            assert!(sent.elapsed() < PATIENCE[1], "{moment}: {:?}", sent.elapsed());
            let names = names_in(folders[0].path());
            // Before it listens, the signal itself ends it.
            let status = output.status;
            if status.code() == Some(130) || status.signal() == Some(Signal::INT.as_raw()) {
                interrupted += 1;
                assert_eq!(names, BTreeSet::new(), "{moment}");
            } else {
                assert!(status.success(), "{moment}: {status}: {}", err(&output));
                assert_eq!(names, BTreeSet::from(["out".to_owned()]), "{moment}");
            }
            assert_eq!(names_in(folders[1].path()), BTreeSet::new(), "{moment}");
        }
        eprintln!("{line}: {interrupted} of 12 interrupted, {late} late");
        assert!(interrupted > 0 && late <= 2, "{line}: {interrupted} interrupted, {late} late");
    }
}
