//! `superstep estimate`: how much memory a run is going to take, told without building the graph.
//!
//! The input is read as a stream: edges are counted, and vertices estimated by the distinct ids
//! (`HyperLogLog`), which takes the time of reading and hardly any memory. What a run takes follows
//! from both: the graph, the text that is in work while it is read, and what the algorithm keeps for
//! each vertex and edge ([`Memory`]).

use std::path::PathBuf;

use clap::{ArgMatches, Command};
use indicatif::BinaryBytes;
use superstep::algorithms::{ALGORITHMS, Algorithm, Memory, Parameter, find};
use superstep::io::{Edges, GraphInput};
use superstep::rdd::{Context, Rdd};
use superstep::{Error, Result};

use super::graph_source::{Opened, read_options};
use super::input::Input;
use super::output::Output;
use super::parameters::{chosen, example_graph};
use super::progress::Progress;
use super::run::{
    on_graph, output_argument, progress_for, quiet_argument, reads_weights, verbose_argument,
};
use super::{engine, interrupt};

/// What the process has before there is a graph: code, stacks, buffers.
const PROCESS: [u64; 2] = [14 << 20, 64 << 20];
/// What a thread has in work while text is parsed and edges are sorted.
const THREAD: [u64; 2] = [0, 12 << 20];
/// A vertex of the graph: its id, its degrees, its place.
const VERTEX: [u64; 2] = [16, 48];
/// An edge of the graph: its other end; at most also as it is read, sorted and turned around.
const EDGE: [u64; 2] = [4, 24];
/// The weight of an edge, likewise.
const WEIGHT: [u64; 2] = [8, 24];
/// What an algorithm that has little to do keeps for a vertex is at least this part of its most.
const LITTLE: u64 = 20;
/// How far the estimated number of vertices may be off: five times the deviation asked for.
const DEVIATION: f64 = 0.02;

pub(super) fn command() -> Command {
    let examples = "\
Examples:
  superstep estimate pagerank web.txt
  superstep estimate triangles --undirected friends.csv.gz";
    Command::new("estimate")
        .about("Estimates the memory of a run, without building the graph")
        .after_help(examples)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("ALGORITHM")
        .subcommand_help_heading("Algorithms")
        .subcommands(ALGORITHMS.iter().map(|algorithm| algorithm_command(*algorithm)))
}

/// Describes the subcommand of an algorithm.
fn algorithm_command(algorithm: &dyn Algorithm) -> Command {
    let name = algorithm.name();
    let graph = example_graph(algorithm.weights());
    let command = Command::new(name)
        .about(algorithm.summary())
        .after_help(format!("Examples:\n  superstep estimate {name} {graph}"));
    let required = |parameter: &&Parameter| parameter.is_required();
    let required = algorithm.parameters().iter().filter(required);
    // The memory does not depend on what they are.
    required
        .fold(on_graph(command, algorithm), |command, parameter| {
            command.mut_arg(parameter.name, |option| option.required(false))
        })
        .next_help_heading("Output")
        .arg(output_argument())
        .arg(quiet_argument())
        .arg(verbose_argument())
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let found = matches.subcommand();
    let found = found.and_then(|(name, matches)| Some((find(name)?, matches)));
    let Some((algorithm, matches)) = found else {
        return Err(Error::argument("there is no such algorithm"));
    };
    let file = matches.get_one::<PathBuf>("output");
    let mut out = Output::of_name(file.map(PathBuf::as_path))?;
    let progress = progress_for(matches)?;
    progress.wait("opening input");
    let inputs = matches.get_many::<PathBuf>("input").unwrap_or_default();
    let inputs: Vec<Input> = inputs.map(|path| Input::open(path)).collect::<Result<_>>()?;
    let weighted = reads_weights(algorithm, matches);
    let counted = engine::within_timeout(matches, || count(matches, &inputs, weighted, &progress));
    progress.clear();
    let size =
        counted.map_err(|error| inputs.iter().fold(error, |error, input| input.rename(error)))?;

    let arguments = chosen(algorithm.parameters(), matches).1;
    let [least, most] = range(&size, algorithm.memory(&arguments));
    let shown = |bytes: u64| match out.is_terminal() {
        true => BinaryBytes(bytes).to_string(),
        false => bytes.to_string(),
    };
    let text = format!(
        "vertices\t{}\nedges\t{}\nminimum\t{}\nmaximum\t{}\n",
        size.vertices,
        size.edges,
        shown(least),
        shown(most)
    );
    out.put(text.as_bytes())?;
    out.finish()
}

/// What the memory of a run follows from.
struct Size {
    /// About so many.
    vertices: u64,
    /// Directed edges: of an undirected graph, two for each edge.
    edges: u64,
    weighted: bool,
    threads: usize,
}

/// Counts what is in the input.
fn count(
    matches: &ArgMatches,
    inputs: &[Input],
    weighted: bool,
    progress: &Progress,
) -> Result<Size> {
    let context = engine::configure(Context::builder(), matches, progress)?.build()?;
    let _noted = interrupt::note_context(&context);
    progress.read("counting", inputs.iter().map(Input::path));
    let options = read_options(matches, weighted);
    let input = Opened::open(&context, inputs, matches, &options)?.input;
    let ends = ends(&input);
    let lines = ends.count()?;
    let vertices = match &input.vertices {
        Some(vertices) => vertices.count()?,
        None => {
            ends.flat_map(|(source, target)| [source, target]).count_approx_distinct(DEVIATION)?
        }
    };
    let edges = if input.is_undirected() { 2 * lines } else { lines };
    Ok(Size { vertices, edges, weighted, threads: context.threads() })
}

/// The edges without their weights.
fn ends(input: &GraphInput) -> Rdd<(u64, u64)> {
    match &input.edges {
        Edges::Plain(edges) => edges.map(|edge| (edge.source, edge.target)),
        Edges::Weighted(edges) => edges.map(|edge| (edge.source, edge.target)),
    }
}

/// The least and the most bytes that the process is going to have at once.
fn range(size: &Size, memory: Memory) -> [u64; 2] {
    let off = 5.0 * DEVIATION;
    let vertices = [1.0 - off, 1.0 + off].map(|part| (size.vertices as f64 * part) as u64);
    // For edges it may be as little as nothing where hardly any vertex is active.
    let own = [[memory.vertex / LITTLE, memory.vertex], [0, memory.edge]];
    [0, 1].map(|end| {
        let weight = if size.weighted { WEIGHT[end] } else { 0 };
        let threads = THREAD[end].saturating_mul(size.threads as u64);
        let vertices = (VERTEX[end] + own[0][end]).saturating_mul(vertices[end]);
        let edges = (EDGE[end] + weight + own[1][end]).saturating_mul(size.edges);
        PROCESS[end].saturating_add(threads).saturating_add(vertices).saturating_add(edges)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_grows_with_the_graph_and_the_algorithm() {
        let size = |vertices, edges, weighted| Size { vertices, edges, weighted, threads: 2 };
        let light = Memory { vertex: 8, edge: 0 };
        let [least, most] = range(&size(0, 0, false), light);
        assert_eq!((least, most), (14 << 20, 88 << 20));
        let [_, small] = range(&size(1000, 9000, false), light);
        let [_, weighted] = range(&size(1000, 9000, true), light);
        let [_, heavy] = range(&size(1000, 9000, false), Memory { vertex: 8, edge: 100 });
        assert!(most < small && small < weighted && weighted < heavy);
        assert_eq!(heavy - small, 900_000);
        let [least, most] = range(&size(u64::MAX, u64::MAX, true), light);
        assert!(least <= most);
    }
}
