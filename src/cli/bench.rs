//! `superstep bench`: an algorithm several times on a graph that is loaded once, with the time of
//! each run.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Arg, ArgMatches, Command};
use superstep::algorithms::{ALGORITHMS, Algorithm, Table, Values, find};
use superstep::rdd::Context;
use superstep::{Error, Result};

use super::engine;
use super::graph_source::Loaded;
use super::input::Input;
use super::output::Output;
use super::parameters::{chosen, example, example_graph, whole_number};
use super::progress::Progress;
use super::report::counted;
use super::run::{
    on_graph, output_argument, progress_for, quiet_argument, reads_weights, verbose_argument,
};
use super::{interrupt, parameters, say};

pub(super) fn command() -> Command {
    let examples = "\
Examples:
  superstep bench pagerank --iterations 20 kron20.txt
  superstep bench connected-components --undirected --repeats 9 web.txt -o times.tsv";
    Command::new("bench")
        .about("Times an algorithm on a graph that is loaded once")
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
    let count = |name: &'static str, least: u64| {
        let option = Arg::new(name).long(name).value_name("COUNT").allow_negative_numbers(true);
        option.value_parser(whole_number::<usize>(least, 10_000))
    };
    let (needed, graph) = (example(algorithm.parameters()), example_graph(algorithm.weights()));
    let command = Command::new(name)
        .about(algorithm.summary())
        .after_help(format!("Examples:\n  superstep bench {name}{needed} {graph} --repeats 9"));
    on_graph(command, algorithm)
        .next_help_heading("Output")
        .arg(count("repeats", 1).help("Runs that are timed [default: 5]"))
        .arg(count("warm-up", 0).help("Runs before them that are not [default: 1]"))
        .arg(output_argument())
        .arg(quiet_argument())
        .arg(verbose_argument())
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let chosen = matches.subcommand();
    let chosen = chosen.and_then(|(name, matches)| Some((find(name)?, matches)));
    let Some((algorithm, matches)) = chosen else {
        return Err(Error::argument("there is no such algorithm"));
    };
    algorithm.check(&parameters::chosen(algorithm.parameters(), matches).1)?;
    let file = matches.get_one::<PathBuf>("output");
    let mut out = Output::of_name(file.map(PathBuf::as_path))?;
    let quiet = matches.get_flag("quiet");
    let progress = progress_for(matches)?;
    progress.wait("opening input");
    let inputs = matches.get_many::<PathBuf>("input").unwrap_or_default();
    let inputs: Vec<Input> = inputs.map(|path| Input::open(path)).collect::<Result<_>>()?;
    let timed = engine::within_timeout(matches, || time(algorithm, matches, &inputs, &progress));
    progress.clear();
    let (runs, edges) =
        timed.map_err(|error| inputs.iter().fold(error, |error, input| input.rename(error)))?;

    out.put(b"#run\tseconds\tsupersteps\n")?;
    for (index, run) in runs.iter().enumerate() {
        out.put(format!("{}\t{:.6}\t{}\n", index + 1, run.seconds, run.supersteps).as_bytes())?;
    }
    out.finish()?;
    if !quiet {
        say(&summary(&runs, edges));
    }
    Ok(())
}

/// A run that was timed.
struct Timed {
    seconds: f64,
    supersteps: usize,
}

/// Loads the graph, runs, and returns the times with the graph's number of edges.
fn time(
    algorithm: &dyn Algorithm,
    matches: &ArgMatches,
    inputs: &[Input],
    progress: &Progress,
) -> Result<(Vec<Timed>, u64)> {
    let (_, arguments) = chosen(algorithm.parameters(), matches);
    let count = |name, default| matches.get_one(name).copied().unwrap_or(default);
    let (warm_up, repeats): (usize, usize) = (count("warm-up", 1), count("repeats", 5));
    let context = engine::configure(Context::builder(), matches, progress)?.build()?;
    let _noted = interrupt::note_context(&context);
    progress.read("loading", inputs.iter().map(Input::path));
    let graph = Loaded::open(&context, inputs, matches, reads_weights(algorithm, matches))?;

    let mut timed = Vec::with_capacity(repeats);
    for run in 0..warm_up + repeats {
        interrupt::check()?;
        progress.wait(if run < warm_up { "warming up" } else { "running" });
        let start = Instant::now();
        let table = match &graph {
            Loaded::Plain(graph) => algorithm.run(graph, &arguments),
            Loaded::Weighted(graph) => algorithm.run_weighted(graph, &arguments),
        }?;
        compute(&table)?;
        let seconds = start.elapsed().as_secs_f64();
        if run >= warm_up {
            timed.push(Timed { seconds, supersteps: table.supersteps.len() });
        }
    }
    Ok((timed, graph.counts().edges))
}

/// Computes all rows of a result, which may have been put off.
fn compute(table: &Table) -> Result<u64> {
    Ok(match &table.values {
        Values::Float(rows) => rows.count()?,
        Values::Integer(rows) | Values::Id(rows) => rows.count()?,
        Values::Rows(rows, ..) => rows.count()?,
        _ => 0,
    })
}

/// The spread of the times, and what the median is for each edge.
fn summary(runs: &[Timed], edges: u64) -> String {
    let mut seconds: Vec<f64> = runs.iter().map(|run| run.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (seconds.first(), seconds.last()) else {
        return String::new();
    };
    let (low, high) = (seconds[(seconds.len() - 1) / 2], seconds[seconds.len() / 2]);
    let median = f64::midpoint(low, high);
    let mut text = format!("median {median:.6} s, from {least:.6} to {most:.6} s");
    if edges > 0 {
        let nanoseconds = median * 1e9 / edges as f64;
        text.push_str(&format!(
            ", {nanoseconds:.2} ns for each of {}",
            counted(edges, "edge", "edges")
        ));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_in_the_middle() {
        let runs = |seconds: &[f64]| -> Vec<Timed> {
            seconds.iter().map(|seconds| Timed { seconds: *seconds, supersteps: 1 }).collect()
        };
        let text = summary(&runs(&[4.0, 1.0, 2.0, 3.0]), 1_000_000_000);
        let expected = "median 2.500000 s, from 1.000000 to 4.000000 s, \
                        2.50 ns for each of 1,000,000,000 edges\n";
        assert_eq!(text, expected);
        assert_eq!(summary(&runs(&[2.0]), 0), "median 2.000000 s, from 2.000000 to 2.000000 s\n");
    }
}
