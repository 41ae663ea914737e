//! Reading text, beside the least that reading it takes: `cargo bench --bench loading`.
//!
//! Options after `--`: `--scale N` (a Kronecker graph, default 20), `--threads N` (default 2) and
//! `--rounds N` (default 5). The graph's edge list is read three ways in turn: by a bare loop that
//! reads pieces of the file side by side and adds up the numbers, as edges that a graph is going to
//! be built from, and as the graph, built; compressed with gzip, by the decompressor alone and as edges.
//! One line of JSON a figure, with medians; peak memory is that of a process that loads the file once
//! (`--once FILE`), over what the graph then holds.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use rayon::prelude::*;
use superstep::event::Event;
use superstep::graph::generate::Kronecker;
use superstep::io::edge_list;
use superstep::prelude::*;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// How much of a file is read at once.
const PIECE: usize = 1 << 20;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| arguments.windows(2).find(|pair| pair[0] == name).map(|pair| &pair[1]);
    let number = |name: &str, default: usize| given(name).map_or(Ok(default), |text| text.parse());
    let threads = number("--threads", 2)?;
    if let Some(file) = given("--once") {
        return once(Path::new(file), threads);
    }
    let scale = number("--scale", 20)?;
    let rounds = number("--rounds", 5)?;
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let folder = std::env::temp_dir().join("superstep-loading");
    std::fs::create_dir_all(&folder)?;
    let plain = folder.join(format!("kron{scale}.el"));
    Kronecker::new(u32::try_from(scale)?)?
        .seed(1)
        .write_edge_list(&mut BufWriter::new(File::create(&plain)?))?;
    let packed = folder.join(format!("kron{scale}.el.gz"));
    let mut encoder = GzEncoder::new(BufWriter::new(File::create(&packed)?), Compression::fast());
    std::io::copy(&mut File::open(&plain)?, &mut encoder)?;
    encoder.finish()?.flush()?;

    let mut times: [Vec<f64>; 5] = Default::default();
    for _ in 0..rounds {
        times[0].push(timed(|| sum_of(&plain))?);
        let (read, built) = load(&plain, threads)?;
        times[1].push(read);
        times[2].push(built);
        times[3].push(timed(|| inflated(&packed))?);
        times[4].push(load(&packed, threads)?.0);
    }
    let [bare, read, built, inflating, read_packed] = times.map(median);
    let bytes = plain.metadata()?.len() as f64;
    let print = |what: &str, seconds: f64, over: f64| {
        let line = serde_json::json!({
            "graph": format!("kron{scale}"), "bytes": bytes, "threads": threads, "what": what,
            "s": seconds, "gb_per_s": bytes / seconds / 1e9, "ratio": seconds / over,
        });
        writeln!(std::io::stdout(), "{line}")
    };
    print("a bare loop", bare, bare)?;
    print("edges", read, bare)?;
    print("graph", built, bare)?;
    print("gzip, decompressed and no more", inflating, inflating)?;
    print("gzip, edges", read_packed, inflating)?;
    let mut child = Command::new(std::env::current_exe()?);
    // As the command has the allocator.
    child.env("MALLOC_MMAP_THRESHOLD_", "131072").env("MALLOC_TRIM_THRESHOLD_", "4194304");
    child.args(["--threads", &threads.to_string(), "--once"]).arg(&plain);
    std::io::stdout().write_all(&child.output()?.stdout)?;
    Ok(())
}

/// Loads a graph and prints its memory.
fn once(file: &Path, threads: usize) -> Outcome<()> {
    let ctx = Context::local(threads)?;
    let graph = Graph::from_edges(&edge_list(&ctx, file)?)?;
    let held = ctx.memory_use().used as f64;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let peak = peak.trim_end_matches(" kB").trim().parse::<f64>()? * 1024.0;
    let line = serde_json::json!({
        "what": "peak memory of the process over the graph's", "edges": graph.edge_count(),
        "peak": peak, "graph": held, "ratio": peak / held,
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// The seconds until the edges were read, and until the graph stood.
fn load(file: &Path, threads: usize) -> Outcome<(f64, f64)> {
    let read = Arc::new(Mutex::new(0.0));
    let told = Arc::clone(&read);
    let ctx = Context::builder().threads(threads).listener(move |event: &Event| {
        if let (Event::EdgesRead { duration, .. }, Ok(mut told)) = (event, told.lock()) {
            *told = duration.as_secs_f64();
        }
    });
    let ctx = ctx.build()?;
    let start = Instant::now();
    let graph = Graph::from_edges(&edge_list(&ctx, file)?)?;
    let built = start.elapsed().as_secs_f64();
    drop(graph);
    let read = *read.lock().map_err(|error| error.to_string())?;
    Ok((read, built))
}

/// Adds up all numbers of a file, piece by piece.
fn sum_of(file: &Path) -> Outcome<u64> {
    let length = file.metadata()?.len();
    let starts: Vec<u64> = (0..length).step_by(PIECE).collect();
    let sums = starts.par_iter().map_init(Vec::new, |buffer, start| -> std::io::Result<u64> {
        let mut file = File::open(file)?;
        file.seek(SeekFrom::Start(*start))?;
        buffer.clear();
        file.take(PIECE as u64).read_to_end(buffer)?;
        let (mut sum, mut number) = (0_u64, 0_u64);
        for byte in &*buffer {
            if byte.is_ascii_digit() {
                number = number * 10 + u64::from(byte - b'0');
            } else {
                sum = sum.wrapping_add(number);
                number = 0;
            }
        }
        Ok(sum.wrapping_add(number))
    });
    Ok(sums.try_reduce(|| 0, |a, b| Ok(a.wrapping_add(b)))?)
}

fn inflated(file: &PathBuf) -> Outcome<u64> {
    let mut decoder = MultiGzDecoder::new(File::open(file)?);
    Ok(std::io::copy(&mut decoder, &mut std::io::sink())?)
}

fn timed(run: impl FnOnce() -> Outcome<u64>) -> Outcome<f64> {
    let start = Instant::now();
    std::hint::black_box(run()?);
    Ok(start.elapsed().as_secs_f64())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
