//! Parsers take any bytes: good files of every format, changed at random, are read or refused.
//!
//! No change makes a parser panic, run on and on, or take memory without bounds. A few cases of each
//! format run with all tests; with `SUPERSTEP_FUZZ_SECONDS=60` in the environment each format has a
//! minute:
//!
//! ```sh
//! SUPERSTEP_FUZZ_SECONDS=60 cargo test --release --features full --test formats fuzzed -- --nocapture
//! ```
//!
//! A case follows from its number alone. One that fails is left in a folder, which is named.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use superstep::graph::{Edge, Graph};
use superstep::io::{BadLines, Column, FORMATS, Format, ReadOptions, open_graph};
use superstep::rdd::Context;
use superstep::{Error, ErrorKind, Result};

#[cfg(feature = "parquet")]
use super::columns;
use super::malformed::GOOD;
use super::{networks, webgraph};

/// Cases of each format where no time is given.
const CASES: u64 = 150;
/// How long one case may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether a case has ended.
const NAP: Duration = Duration::from_millis(50);
/// What the process may have in memory.
const MOST_BYTES: u64 = 2 << 30;
/// Of so many vertices a graph is built.
const MOST_VERTICES: usize = 20_000;

/// Files by name, of which the first is the one to open.
type Sample = Vec<(String, Vec<u8>)>;

fn one(name: &str, bytes: impl AsRef<[u8]>) -> Sample {
    vec![(name.to_owned(), bytes.as_ref().to_vec())]
}

/// Good files of a format.
fn samples(format: &dyn Format) -> Vec<Sample> {
    let lines = GOOD.iter().filter(|(name, ..)| *name == format.name());
    let mut samples: Vec<Sample> = lines.map(|(_, _, text)| one("graph", text)).collect();
    match format.name() {
        "edge-list" => {
            let text = "source,target,weight\n\"a b\",c,1.5\nc,\"d \"\"e\"\"\",-2\n,a,inf\n";
            samples.push(one("graph.csv", text));
            let list = (0..200).map(|n| format!("{n} {}\n", n * n)).collect::<String>();
            let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(list.as_bytes()).unwrap();
            samples.push(one("graph.gz", gzip.finish().unwrap()));
            let mut bzip2 = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            bzip2.write_all(list.as_bytes()).unwrap();
            samples.push(one("graph.bz2", bzip2.finish().unwrap()));
            samples.push(one("graph.zst", compress_to_vec(list.as_bytes(), CompressionLevel::Fastest)));
        }
        "gml" => {
            samples.push(one("g.gml", "Creator \"x\"\ngraph [\n directed 1\n node [ id 1 label \"a\" ]\n node [ id 2 ]\n edge [ source 1 target 2 weight 0.5 ]\n edge [ source 2 target 2 graphics [ x 1 ] ]\n]\n"));
        }
        "graphml" => {
            samples.push(one("g.graphml", "<?xml version=\"1.0\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n<key id=\"w\" for=\"edge\" attr.name=\"weight\" attr.type=\"double\"><default>1</default></key>\n<graph edgedefault=\"undirected\">\n<node id=\"n0\"/><node id=\"n&amp;1\"><data key=\"l\">a</data></node>\n<!-- c --><edge source=\"n0\" target=\"n&amp;1\"><data key=\"w\">2.5</data></edge>\n</graph></graphml>\n"));
        }
        "graphalytics" => samples.push(vec![
            (
                "g.properties".to_owned(),
                b"# c\ngraph.g.vertex-file = g.v\ngraph.g.edge-file = g.e\ngraph.g.directed = true\ngraph.g.edge-properties.names = weight\ngraph.g.algorithms = bfs, sssp\n".to_vec(),
            ),
            ("g.v".to_owned(), b"1\n2\n3\n18446744073709551615\n".to_vec()),
            ("g.e".to_owned(), b"1 2 0.5\n2 3 1e1\n3 1 0\n".to_vec()),
        ]),
        "webgraph" => samples.extend(webgraph::samples()),
        "ssg" => samples.extend([false, true].map(saved)),
        "gap" => samples.extend(networks::samples().map(|(name, bytes)| one(name, bytes))),
        #[cfg(feature = "parquet")]
        "parquet" | "arrow" => {
            let files = columns::samples().into_iter().filter(|(of, ..)| *of == format.name());
            samples.extend(files.map(|(_, name, bytes)| one(name, bytes)));
        }
        _ => {}
    }
    assert!(!samples.is_empty(), "there is no good file of the format {}", format.name());
    samples
}

/// A graph as superstep saves it.
fn saved(weighted: bool) -> Sample {
    let ctx = super::context();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.ssg");
    let edges = ctx.parallelize((0..60_u64).map(|n| Edge::new(n % 7, n % 11, n as f64)), 2);
    let graph = Graph::builder().partitions(2).edges(&edges).unwrap();
    if weighted { graph.save(&path) } else { graph.structure().unwrap().save(&path) }.unwrap();
    one("g.ssg", fs::read(&path).unwrap())
}

/// What parsers look for, and numbers at the ends of their ranges.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999",
    "1e400",
    "-inf",
    "NaN",
    "0x10",
    "1.5",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\"",
    "'",
    ",",
    ";",
    "#",
    "%",
    "%%",
    "[",
    "]",
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&#0;",
    "&x;",
    "<![CDATA[",
    "<!--",
    "=",
    "|",
    "graph [",
    "node",
    "edge",
    "source",
    "p sp ",
    "e ",
    "a ",
    "bip",
    "sym",
    "weighted",
    "pattern",
    "array",
    "symmetric",
    "skew-symmetric",
    "011",
    "\u{feff}",
    "é",
    "true",
    "nodes=",
    "arcs=",
    "windowsize=0",
    "minintervallength=1",
    "zetak=63",
    "compressionflags=RESIDUALS_NIBBLE",
];

/// Changes bytes in a few ways.
fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut impl Rng) {
    for _ in 0..1 << random.random_range(0..4) {
        let length = bytes.len();
        let at = random.random_range(0..=length);
        let end = (at + random.random_range(0..=16)).min(length);
        match random.random_range(0..9) {
            0 if at < length => bytes[at] ^= 1 << random.random_range(0..8),
            1 if at < length => bytes[at] = random.random(),
            2 => bytes.insert(at, random.random()),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.truncate(at),
            5 | 6 => {
                let word = WORDS.choose(random).copied().unwrap_or_default();
                let replaced = if random.random() { at..end } else { at..at };
                drop(bytes.splice(replaced, word.bytes()));
            }
            7 => {
                let times = random.random_range(1..20);
                let part = bytes[at..end].repeat(times);
                drop(bytes.splice(at..at, part));
            }
            _ => {
                let from = random.random_range(0..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
}

fn options(format: &'static dyn Format, random: &mut impl Rng) -> ReadOptions {
    let mut one_of = |times: u32| random.random_ratio(1, times);
    let mut options = ReadOptions {
        // Else it is told by the content.
        format: (!one_of(8)).then_some(format),
        weighted: one_of(2),
        directed: one_of(4).then_some(one_of(2)),
        header: one_of(8).then_some(one_of(2)),
        delimiter: one_of(8).then_some(if one_of(2) { b',' } else { b' ' }),
        ..ReadOptions::default()
    };
    if one_of(8) {
        options.weight_column = Some(Column::Number(1));
    }
    if one_of(8) {
        options.source_column = Some(Column::Name("source".to_owned()));
    }
    options.names = format.can_have_names() && one_of(3);
    options.bad_lines = (format.can_skip_lines() && one_of(3)).then(BadLines::default);
    options
}

/// Writes the files of a case to a folder, and returns how they are to be read.
fn write_case(
    format: &'static dyn Format,
    samples: &[Sample],
    case: u64,
    folder: &Path,
) -> (String, ReadOptions) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(case);
    let mut files = samples.choose(&mut random).unwrap().clone();
    let other = samples.choose(&mut random).unwrap();
    let changed = random.random_range(0..files.len());
    change(&mut files[changed].1, &other[0].1, &mut random);
    for (name, bytes) in &files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    (files[0].0.clone(), options(format, &mut random))
}

/// Reads all that a file says, and builds the graph if it is not large.
fn read(ctx: &Context, path: &Path, options: &ReadOptions) -> Result<()> {
    let input = open_graph(ctx, &[path], options)?;
    let count = match &input.edges {
        superstep::io::Edges::Plain(edges) => edges.count()?,
        superstep::io::Edges::Weighted(edges) => edges.count()?,
    };
    let vertices = match &input.vertices {
        Some(vertices) => vertices.take(MOST_VERTICES + 1)?.len(),
        None => 0,
    };
    if vertices > MOST_VERTICES {
        return Ok(());
    }
    let graph = input.weighted_graph(Graph::builder())?;
    let found = graph.edge_count() + graph.dropped_edges();
    // Edges that go both ways are there twice, loops once.
    assert!((count..=2 * count).contains(&found), "{count} edges became {found}");
    Ok(())
}

fn is_refused_well(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Input { .. }
            | ErrorKind::BinaryInput { .. }
            | ErrorKind::Argument(_)
            | ErrorKind::Io { .. }
            | ErrorKind::Unreadable { .. }
            | ErrorKind::UnknownVertex { .. }
            | ErrorKind::DuplicateVertex { .. }
    )
}

/// What the process has in memory, where the system tells.
fn resident_bytes() -> u64 {
    const PAGE: u64 = 4 << 10;
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * PAGE
}

/// Reads changed files of a format until the time or the cases are over, and returns how many were
/// read and how many refused.
fn fuzz(format: &'static dyn Format, time: Option<Duration>) -> (u64, u64) {
    let samples = samples(format);
    let (begin, ctx) = (Instant::now(), Context::local(1).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (mut good, mut refused) = (0, 0);
    // The case that runs, and whether all are done.
    let (current, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let failed = thread::scope(|scope| {
        scope.spawn(|| {
            // Naps are counted rather than time, which goes on while the process is stopped.
            let (mut last, mut naps) = (0, 0_u32);
            while !done.load(Ordering::Acquire) {
                thread::sleep(NAP);
                let case = current.load(Ordering::Acquire);
                naps = if case == last { naps + 1 } else { 0 };
                last = case;
                if naps * NAP > PATIENCE {
                    // A thread that runs on and on can only be left with the process.
                    println!("{}: case {case} does not end", format.name());
                    std::process::exit(1);
                }
            }
        });
        let _done = Done(&done);
        for case in 0.. {
            if time.map_or(case >= CASES, |time| begin.elapsed() >= time) {
                break;
            }
            current.store(case, Ordering::Release);
            let (name, options) = write_case(format, &samples, case, folder.path());
            let found = read(&ctx, &folder.path().join(&name), &options);
            let fault = match &found {
                Ok(()) => None,
                Err(error) if is_refused_well(error) => None,
                Err(error) => Some(error.to_string()),
            };
            let much = (resident_bytes() > MOST_BYTES).then(|| "takes much memory".to_owned());
            if let Some(fault) = fault.or(much) {
                let kept = std::env::temp_dir();
                let kept = kept.join(format!("superstep-{}-{case}", format.name()));
                let _ = fs::create_dir(&kept);
                write_case(format, &samples, case, &kept);
                println!("{}, case {case}: {options:?}: {fault}", format.name());
                return Some(kept);
            }
            if found.is_ok() {
                good += 1;
            } else {
                refused += 1;
            }
        }
        None
    });
    assert_eq!(failed, None, "a case of the format {} failed; its files are there", format.name());
    (good, refused)
}

/// Tells a watching thread that there is nothing more to watch.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn changed_files_of_every_format_are_read_or_refused() {
    let seconds = std::env::var("SUPERSTEP_FUZZ_SECONDS").ok();
    let time = seconds.map(|text| Duration::from_secs(text.parse().expect("a number of seconds")));
    #[cfg(feature = "parquet")]
    columns::hush_libraries();
    // Formats side by side, as many as there are processors.
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(format) = FORMATS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (good, refused) = fuzz(*format, time);
                    println!("{}: {good} read, {refused} refused", format.name());
                    assert!(good + refused > 0 && refused > 0, "{}", format.name());
                }
            });
        }
    });
}
