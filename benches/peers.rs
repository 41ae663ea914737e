//! Side by side with the `graph` crate on the same file: `cargo bench --bench peers`.
//!
//! Each system runs in a process of its own, so that peak memory is its own; the processes take
//! turns, one run each, so that a busy machine slows both alike. Options after `--`:
//! `--scale N` (repeatable, default 18), `--threads N` (repeatable, default 1 and 2), `--rounds N`
//! (default 5), `--symmetric` (every edge in both directions, without duplicates and loops, as the
//! GAP suite builds its graphs), `--weighted` (a length from 1 to 255 on every edge: shortest paths
//! instead of the other kernels), `--triangles` (both sides make the graph undirected and simple:
//! triangles instead of the other kernels). One line of JSON a comparison: medians, and ours over theirs.
//!
//! `graph` computes PageRank in `f32` without spreading the mass of sinks; superstep computes it in
//! `f64`, here in the same variant. Its components are Afforest, a special kernel; ours are the
//! vertex program of the library. It has no breadth-first search: the one beside ours is
//! [`search_like_gap`], a loop in the manner of the GAP suite over the crate's arrays. Shortest paths
//! are its delta-stepping, with the bucket width that suits it (10), and ours with the default.
//! Its count of triangles starts from vertices numbered by degree, which it does beforehand and we
//! in every run. Searches start from the source of the file's first edge.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use rayon::prelude::*;
use superstep::algorithms::page_rank::{Variant, page_rank};
use superstep::algorithms::{bfs, connected_components, shortest_paths, triangles};
use superstep::graph::generate::Kronecker;
use superstep::graph::{Duplicates, SelfLoops};
use superstep::io::{edge_list, weighted_edge_list};
use superstep::prelude::*;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ITERATIONS: usize = 20;
const SYSTEMS: [&str; 2] = ["superstep", "graph"];

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    /// Edges have lengths.
    Weighted,
    /// The graph is undirected and simple.
    Triangles,
}

impl Mode {
    fn of(arguments: &[String]) -> Self {
        let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
        match (has("--weighted"), has("--triangles")) {
            (true, _) => Self::Weighted,
            (_, true) => Self::Triangles,
            _ => Self::Plain,
        }
    }

    /// The option that asks for it.
    fn flag(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Weighted => Some("--weighted"),
            Self::Triangles => Some("--triangles"),
        }
    }

    /// What is timed after loading, in this order within a round.
    fn kernels(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &["pagerank", "components", "bfs"],
            Self::Weighted => &["sssp"],
            Self::Triangles => &["triangles"],
        }
    }
}

/// The bucket width of the other side's shortest paths.
const DELTA: f32 = 10.0;
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
        return match (system.as_str(), Mode::of(&arguments)) {
            ("superstep", Mode::Plain) => serve_superstep(file, threads[0]),
            ("superstep", Mode::Weighted) => serve_superstep_weighted(file, threads[0]),
            ("superstep", Mode::Triangles) => serve_superstep_triangles(file, threads[0]),
            (_, Mode::Plain) => serve_graph(file, threads[0]),
            (_, Mode::Weighted) => serve_graph_weighted(file, threads[0]),
            (_, Mode::Triangles) => serve_graph_triangles(file, threads[0]),
        };
    }
    let rounds = numbers("--rounds", &[5])?[0];
    let symmetric = arguments.iter().any(|argument| argument == "--symmetric");
    let mode = Mode::of(&arguments);
    for scale in numbers("--scale", &[18])? {
        let (file, edges) = edge_file(u32::try_from(scale)?, symmetric, mode == Mode::Weighted)?;
        let name = format!("kron{scale}{}", if symmetric { " symmetric" } else { "" });
        for threads in &threads {
            compare(&file, &name, edges, *threads, rounds, mode)?;
        }
    }
    Ok(())
}

/// Writes the graph once, as `source target` lines with or without a length, and returns its number
/// of lines.
fn edge_file(scale: u32, symmetric: bool, weighted: bool) -> Outcome<(PathBuf, usize)> {
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
    let kind = if symmetric { "-symmetric" } else { "" };
    let path = folder.join(format!("kron{scale}{kind}.{}", if weighted { "wel" } else { "el" }));
    let mut file = BufWriter::new(File::create(&path)?);
    for (source, target) in &edges {
        if weighted {
            writeln!(file, "{source} {target} {}", length(*source, *target))?;
        } else {
            writeln!(file, "{source} {target}")?;
        }
    }
    file.flush()?;
    Ok((path, edges.len()))
}

/// A length from 1 to 255, the same in both directions.
fn length(source: u64, target: u64) -> u64 {
    let (low, high) = (source.min(target), source.max(target));
    let mixed = (low << 32 | high).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 40) % 255 + 1
}

/// A system in its own process, answering each request with one number on a line.
struct Served {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Served {
    fn start(system: &str, file: &Path, threads: usize, mode: Mode) -> Outcome<Self> {
        // Parts of the crate take as many threads as the machine has cores, whatever its pool is
        // told, so both sides are held to so many cores.
        let mut child = Command::new("taskset")
            .args(["--cpu-list", &format!("0-{}", threads - 1)])
            .arg(std::env::current_exe()?)
            .args(["--serve", system, "--threads", &threads.to_string(), "--file"])
            .arg(file)
            .args(mode.flag())
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

fn compare(
    file: &Path,
    name: &str,
    edges: usize,
    threads: usize,
    rounds: usize,
    mode: Mode,
) -> Outcome<()> {
    let kernels = mode.kernels();
    let mut loads = [Vec::new(), Vec::new()];
    let mut load_peaks = [0.0; 2];
    let mut served = Vec::new();
    for round in 1..=LOADS {
        for (index, system) in SYSTEMS.iter().enumerate() {
            let mut process = Served::start(system, file, threads, mode)?;
            loads[index].push(process.answer()?);
            load_peaks[index] = process.ask("peak")? / edges as f64;
            if round == LOADS {
                served.push(process);
            }
        }
    }
    let mut times = vec![[Vec::new(), Vec::new()]; kernels.len()];
    for _ in 0..rounds {
        for (kernel, name) in kernels.iter().enumerate() {
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
    let per_edge = 1e9 / (edges * ITERATIONS) as f64;
    print("load", "s", loads.map(median))?;
    print("load peak memory", "bytes/edge", load_peaks)?;
    for (kernel, systems) in kernels.iter().zip(times) {
        let seconds = systems.map(median);
        match *kernel {
            "pagerank" => print(kernel, "ns/edge/iteration", seconds.map(|s| s * per_edge))?,
            _ => print(kernel, "s", seconds)?,
        }
    }
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
    let source = first_source(file)?;
    serve(loaded, |kernel| {
        match kernel {
            "pagerank" => {
                drop(page_rank(&graph).variant(Variant::Gap).iterations(ITERATIONS).run()?);
            }
            "components" => drop(connected_components(&graph)?),
            _ => drop(bfs(&graph, source).run()?),
        }
        Ok(())
    })
}

fn serve_superstep_weighted(file: &Path, threads: usize) -> Outcome<()> {
    let start = Instant::now();
    let ctx = Context::local(threads)?;
    let lengths = weighted_edge_list(&ctx, file)?;
    let edges = lengths.map(|edge| Edge::new(edge.source, edge.target, edge.value as f32));
    let graph = Graph::from_edges(&edges)?;
    let loaded = start.elapsed().as_secs_f64();
    let source = first_source(file)?;
    serve(loaded, |_| {
        drop(shortest_paths(&graph, source).run()?);
        Ok(())
    })
}

/// The source of the file's first edge.
fn first_source(file: &Path) -> Outcome<u64> {
    let mut line = String::new();
    BufReader::new(File::open(file)?).read_line(&mut line)?;
    Ok(line.split(' ').next().ok_or("an empty file")?.parse()?)
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
    let source = u32::try_from(first_source(file)?)?;
    serve(loaded, |kernel| {
        match kernel {
            "pagerank" => {
                let config = PageRankConfig::new(ITERATIONS, 0.0, 0.85);
                drop(graph::page_rank::page_rank(&graph, config));
            }
            "components" => drop(graph::wcc::wcc_afforest(&graph, WccConfig::default())),
            _ => drop(search_like_gap(&graph, source)),
        }
        Ok(())
    })
}

fn serve_superstep_triangles(file: &Path, threads: usize) -> Outcome<()> {
    let start = Instant::now();
    let ctx = Context::local(threads)?;
    let builder =
        Graph::builder().undirected(true).duplicates(Duplicates::Drop).self_loops(SelfLoops::Drop);
    let graph = builder.edges(&edge_list(&ctx, file)?)?;
    let loaded = start.elapsed().as_secs_f64();
    serve(loaded, |_| {
        eprintln!("superstep: {} triangles", triangles(&graph).count()?);
        Ok(())
    })
}

fn serve_graph_triangles(file: &Path, threads: usize) -> Outcome<()> {
    use graph::prelude::{CsrLayout, EdgeListInput, GraphBuilder, UndirectedCsrGraph};
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let start = Instant::now();
    let mut graph: UndirectedCsrGraph<u32> = GraphBuilder::new()
        .csr_layout(CsrLayout::Deduplicated)
        .file_format(EdgeListInput::default())
        .path(file)
        .build()?;
    graph::triangle_count::relabel_graph(&mut graph);
    let loaded = start.elapsed().as_secs_f64();
    serve(loaded, |_| {
        eprintln!("graph: {} triangles", graph::triangle_count::global_triangle_count(&graph));
        Ok(())
    })
}

fn serve_graph_weighted(file: &Path, threads: usize) -> Outcome<()> {
    use graph::prelude::{
        CsrLayout, DeltaSteppingConfig, DirectedCsrGraph, EdgeListInput, GraphBuilder,
    };
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let start = Instant::now();
    let graph: DirectedCsrGraph<u32, (), f32> = GraphBuilder::new()
        .csr_layout(CsrLayout::Sorted)
        .file_format(EdgeListInput::default())
        .path(file)
        .build()?;
    let loaded = start.elapsed().as_secs_f64();
    let source = usize::try_from(first_source(file)?)?;
    serve(loaded, |_| {
        let config = DeltaSteppingConfig::new(source, DELTA);
        drop(graph::sssp::delta_stepping(&graph, config));
        Ok(())
    })
}

/// A direction-optimising search over the crate's arrays, after `bfs.cc` of the GAP suite: top-down
/// with a queue and compare-and-swap, bottom-up with bitmaps, and the suite's two thresholds.
/// Returns each vertex's parent.
fn search_like_gap(graph: &graph::prelude::DirectedCsrGraph<u32>, source: u32) -> Vec<AtomicU32> {
    use graph::prelude::{DirectedDegrees, DirectedNeighbors, Graph as _};
    const UNREACHED: u32 = u32::MAX;
    let count = graph.node_count() as usize;
    let parents: Vec<_> = (0..count).into_par_iter().map(|_| AtomicU32::new(UNREACHED)).collect();
    parents[source as usize].store(source, Ordering::Relaxed);
    let bitmap =
        || -> Vec<AtomicU64> { (0..count.div_ceil(64)).map(|_| AtomicU64::new(0)).collect() };
    let (mut front, mut next) = (bitmap(), bitmap());
    let mut queue = vec![source];
    let mut unexplored = graph.edge_count() as u64;
    let mut scouted = u64::from(graph.out_degree(source));
    while !queue.is_empty() {
        if scouted > unexplored / 15 {
            front.par_iter().for_each(|word| word.store(0, Ordering::Relaxed));
            for vertex in &queue {
                front[*vertex as usize / 64].fetch_or(1 << (vertex % 64), Ordering::Relaxed);
            }
            let mut awake = queue.len();
            loop {
                let before = awake;
                let words = next.par_iter().enumerate();
                awake = words
                    .map(|(index, next)| {
                        let mut found = 0_u64;
                        let own = parents[index * 64..].iter().take(64).zip(index * 64..);
                        for (parent, vertex) in own {
                            if parent.load(Ordering::Relaxed) != UNREACHED {
                                continue;
                            }
                            for from in graph.in_neighbors(vertex as u32) {
                                let word = front[*from as usize / 64].load(Ordering::Relaxed);
                                if word >> (from % 64) & 1 == 1 {
                                    parent.store(*from, Ordering::Relaxed);
                                    found |= 1 << (vertex % 64);
                                    break;
                                }
                            }
                        }
                        next.store(found, Ordering::Relaxed);
                        found.count_ones() as usize
                    })
                    .sum();
                std::mem::swap(&mut front, &mut next);
                if awake == 0 || awake < before && awake <= count / 18 {
                    break;
                }
            }
            queue = (0..count as u32)
                .into_par_iter()
                .filter(|vertex| {
                    let word = front[*vertex as usize / 64].load(Ordering::Relaxed);
                    word >> (vertex % 64) & 1 == 1
                })
                .collect();
            scouted = 1;
        } else {
            unexplored = unexplored.saturating_sub(scouted);
            let found = queue.par_chunks(64).map(|vertices| {
                let mut found = Vec::new();
                for vertex in vertices {
                    for to in graph.out_neighbors(*vertex) {
                        let parent = &parents[*to as usize];
                        let order = Ordering::Relaxed;
                        if parent.load(order) == UNREACHED
                            && parent.compare_exchange(UNREACHED, *vertex, order, order).is_ok()
                        {
                            found.push(*to);
                        }
                    }
                }
                found
            });
            queue = found.flatten().collect();
            let degrees = queue.par_iter().map(|vertex| u64::from(graph.out_degree(*vertex)));
            scouted = degrees.sum();
        }
    }
    parents
}

/// The process's peak resident memory.
fn peak_bytes() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024.0)
}
