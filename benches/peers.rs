//! Side by side with the `graph` crate on the same file: `cargo bench --bench peers`.
//!
//! Each system runs in a process of its own, so that peak memory is its own; the processes take
//! turns, one run each, so that a busy machine slows both alike. Options after `--`:
//! `--scale N` (repeatable, default 18), `--threads N` (repeatable, default 1 and 2), `--rounds N`
//! (default 5), `--symmetric` (every edge in both directions, without duplicates and loops, as the
//! GAP suite builds its graphs). One line of JSON a comparison: medians, and ours over theirs.
//!
//! `graph` computes PageRank in `f32` without spreading the mass of sinks; superstep computes it in
//! `f64`, here in the same variant. Its components are Afforest, a special kernel; ours are the
//! vertex program of the library.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use superstep::algorithms::connected_components;
use superstep::algorithms::page_rank::{Variant, page_rank};
use superstep::graph::generate::Kronecker;
use superstep::io::edge_list;
use superstep::prelude::*;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ITERATIONS: usize = 20;
const SYSTEMS: [&str; 2] = ["superstep", "graph"];
/// What is timed after loading, in this order within a round.
const KERNELS: [&str; 2] = ["pagerank", "components"];
/// How often loading is timed, each time in a fresh process.
const LOADS: usize = 3;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let all = |name: &str| -> Vec<&String> {
        arguments.windows(2).filter(|pair| pair[0] == name).map(|pair| &pair[1]).collect()
    };
    let numbers = |name: &str, default: &[usize]| -> Outcome<Vec<usize>> {
        let given = all(name).iter().map(|text| text.parse()).collect::<Result<Vec<_>, _>>()?;
        Ok(if given.is_empty() { default.to_vec() } else { given })
    };
    let threads = numbers("--threads", &[1, 2])?;
    if let ([system], [file]) = (&all("--serve")[..], &all("--file")[..]) {
        let file = Path::new(file);
        return match system.as_str() {
            "superstep" => serve_superstep(file, threads[0]),
            _ => serve_graph(file, threads[0]),
        };
    }
    let rounds = numbers("--rounds", &[5])?[0];
    let symmetric = arguments.iter().any(|argument| argument == "--symmetric");
    for scale in numbers("--scale", &[18])? {
        let (file, edges) = edge_file(u32::try_from(scale)?, symmetric)?;
        let name = format!("kron{scale}{}", if symmetric { " symmetric" } else { "" });
        for threads in &threads {
            compare(&file, &name, edges, *threads, rounds)?;
        }
    }
    Ok(())
}

/// Writes the graph once, as `source target` lines, and returns its number of lines.
fn edge_file(scale: u32, symmetric: bool) -> Outcome<(PathBuf, usize)> {
    let kronecker = Kronecker::new(scale)?.seed(1);
    let blocks = (0..kronecker.block_count()).flat_map(|block| kronecker.block(block));
    let mut edges: Vec<(u64, u64)> = blocks.collect();
    if symmetric {
        edges.retain(|(source, target)| source != target);
        for index in 0..edges.len() {
            let (source, target) = edges[index];
            edges.push((target, source));
        }
        edges.sort_unstable();
        edges.dedup();
    }
    let folder = std::env::temp_dir().join("superstep-peers");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("kron{scale}{}.el", if symmetric { "-symmetric" } else { "" }));
    let mut file = BufWriter::new(File::create(&path)?);
    for (source, target) in &edges {
        writeln!(file, "{source} {target}")?;
    }
    file.flush()?;
    Ok((path, edges.len()))
}

/// A system in its own process, answering each request with one number on a line.
struct Served {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Served {
    fn start(system: &str, file: &Path, threads: usize) -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", system, "--threads", &threads.to_string(), "--file"])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no stdin")?;
        let output = BufReader::new(child.stdout.take().ok_or("no stdout")?);
        Ok(Self { child, input, output })
    }

    fn ask(&mut self, request: &str) -> Outcome<f64> {
        writeln!(self.input, "{request}")?;
        self.answer()
    }

    fn answer(&mut self) -> Outcome<f64> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().parse()?)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn compare(file: &Path, name: &str, edges: usize, threads: usize, rounds: usize) -> Outcome<()> {
    let mut loads = [Vec::new(), Vec::new()];
    let mut load_peaks = [0.0; 2];
    let mut served = Vec::new();
    for round in 1..=LOADS {
        for (index, system) in SYSTEMS.iter().enumerate() {
            let mut process = Served::start(system, file, threads)?;
            loads[index].push(process.answer()?);
            load_peaks[index] = process.ask("peak")? / edges as f64;
            if round == LOADS {
                served.push(process);
            }
        }
    }
    let mut times = [[Vec::new(), Vec::new()], [Vec::new(), Vec::new()]];
    for _ in 0..rounds {
        for (kernel, name) in KERNELS.iter().enumerate() {
            for (index, process) in served.iter_mut().enumerate() {
                times[kernel][index].push(process.ask(name)?);
            }
        }
    }
    let print = |what: &str, unit: &str, figures: [f64; 2]| {
        let [ours, theirs] = figures;
        let line = serde_json::json!({
            "graph": name, "edges": edges, "threads": threads, "what": what, "unit": unit,
            "superstep": ours, "graph_crate": theirs, "ratio": ours / theirs,
        });
        writeln!(std::io::stdout(), "{line}")
    };
    let [pagerank, components] = times.map(|systems| systems.map(median));
    let per_edge = 1e9 / (edges * ITERATIONS) as f64;
    print("load", "s", loads.map(median))?;
    print("load peak memory", "bytes/edge", load_peaks)?;
    print("pagerank", "ns/edge/iteration", pagerank.map(|seconds| seconds * per_edge))?;
    print("components", "s", components)?;
    let mut peaks = [0.0; 2];
    for (index, process) in served.iter_mut().enumerate() {
        peaks[index] = process.ask("peak")? / edges as f64;
    }
    print("peak memory", "bytes/edge", peaks)?;
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Answers requests until the input ends, first with the time that loading took.
fn serve(loaded: f64, mut run: impl FnMut(&str) -> Outcome<()>) -> Outcome<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{loaded}")?;
    for request in std::io::stdin().lines() {
        let request = request?;
        if request == "peak" {
            writeln!(output, "{}", peak_bytes()?)?;
            continue;
        }
        let start = Instant::now();
        run(&request)?;
        writeln!(output, "{}", start.elapsed().as_secs_f64())?;
    }
    Ok(())
}

fn serve_superstep(file: &Path, threads: usize) -> Outcome<()> {
    let start = Instant::now();
    let ctx = Context::local(threads)?;
    let graph = Graph::from_edges(&edge_list(&ctx, file)?)?;
    let loaded = start.elapsed().as_secs_f64();
    serve(loaded, |kernel| {
        if kernel == "pagerank" {
            drop(page_rank(&graph).variant(Variant::Gap).iterations(ITERATIONS).run()?);
        } else {
            drop(connected_components(&graph)?);
        }
        Ok(())
    })
}

fn serve_graph(file: &Path, threads: usize) -> Outcome<()> {
    use graph::prelude::{
        CsrLayout, DirectedCsrGraph, EdgeListInput, GraphBuilder, PageRankConfig, WccConfig,
    };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let start = Instant::now();
    let graph: DirectedCsrGraph<u32> = GraphBuilder::new()
        .csr_layout(CsrLayout::Sorted)
        .file_format(EdgeListInput::default())
        .path(file)
        .build()?;
    let loaded = start.elapsed().as_secs_f64();
    serve(loaded, |kernel| {
        if kernel == "pagerank" {
            let config = PageRankConfig::new(ITERATIONS, 0.0, 0.85);
            drop(graph::page_rank::page_rank(&graph, config));
        } else {
            drop(graph::wcc::wcc_afforest(&graph, WccConfig::default()));
        }
        Ok(())
    })
}

/// The process's peak resident memory.
fn peak_bytes() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024.0)
}
