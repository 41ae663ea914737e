//! `superstep run`: an algorithm on a graph.
//!
//! The registry's entries are the subcommands of `run`, and their parameters its options, so a
//! new algorithm needs nothing here.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use superstep::algorithms::{ALGORITHMS, Algorithm, Cell, Weights, find};
use superstep::event::Event;
use superstep::rdd::Context;
use superstep::validation::{can_verify, verify, verify_weighted};
use superstep::{Error, Result};

use super::engine::{self, threads_argument};
use super::failure::is_closed_pipe;
use super::graph_source::{self, Loaded, NamedGraph};
use super::input::Input;
use super::interrupt;
use super::names::{check_ids, named, named_error, numbered};
use super::output::Output;
use super::outputs::check_outputs;
use super::parameters::{chosen, example, example_graph, parameter_argument, switch, whole_number};
use super::progress::Progress;
use super::report::{Report, Superstep, ended, peak_rss_bytes};
use super::sinks::{SINKS, Target, shown};
use super::{parameters, say};

pub(super) fn command() -> Command {
    let examples = "\
Examples:
  superstep run pagerank web.txt -o ranks.tsv
  superstep run pagerank --undirected --damping 0.9 --top 10 friends.csv
  zcat graph.gz | superstep run connected-components - | head";
    Command::new("run")
        .about("Runs an algorithm on a graph")
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
    let (needed, graph) = (example(algorithm.parameters()), example_graph(algorithm.weights()));
    let more = match algorithm.weights() {
        Weights::Ignored => "",
        Weights::Optional => " --weighted",
        Weights::Needed => " --unit-weights",
    };
    let examples = format!(
        "Examples:\n  superstep run {name}{needed} {graph}\n  \
         superstep run {name}{needed}{more} {other} -o result.tsv --report run.json",
        other = if more == " --weighted" { "weighted.txt" } else { "graph.txt.gz" }
    );
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let command = Command::new(name).visible_aliases(aliases(name));
    on_graph(command.about(algorithm.summary()).after_help(examples), algorithm)
        .next_help_heading("Output")
        .arg(result_argument())
        .arg(output_format_argument())
        .arg(
            Arg::new("top")
                .long("top")
                .value_name("COUNT")
                .allow_negative_numbers(true)
                .value_parser(whole_number::<u64>(1, u64::MAX))
                .help("Only the vertices with the largest values, largest first, and last those that no path reaches"),
        )
        .args(verify_argument(algorithm))
        .arg(flag("header").help("Begin with a line of the columns' names"))
        .arg(
            Arg::new("report")
                .long("report")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Write figures of the run to a JSON file")
                .long_help(
                    "Write figures of the run to a JSON file: seconds of loading (reading and \
                     parsing the input), building (from there until the graph stands), processing \
                     (the algorithm, reversed edges included where it needs them) and writing; \
                     vertices, edges (of an undirected graph in both directions), peak memory, and \
                     each superstep",
                ),
        )
        .arg(quiet_argument())
        .arg(verbose_argument())
}

/// What LDBC Graphalytics calls an algorithm.
fn aliases(name: &str) -> Option<&'static str> {
    match name {
        "pagerank" => Some("pr"),
        "connected-components" => Some("wcc"),
        "label-propagation" => Some("cdlp"),
        "clustering-coefficient" => Some("lcc"),
        _ => None,
    }
}

/// Adds what says on which graph an algorithm runs, with which parameters, and how.
pub(super) fn on_graph(command: Command, algorithm: &dyn Algorithm) -> Command {
    command
        .arg(graph_source::input_argument())
        .next_help_heading("Algorithm")
        .args(algorithm.parameters().iter().map(parameter_argument))
        .next_help_heading("Graph")
        .args(graph_source::arguments())
        .args(weights_argument(algorithm.weights()))
        .arg(threads_argument())
        .next_help_heading("Format")
        .args(graph_source::format_arguments())
        .next_help_heading("Memory and faults")
        .args(engine::arguments())
}

/// `--verify`, of an algorithm whose results can be.
fn verify_argument(algorithm: &dyn Algorithm) -> Option<Arg> {
    let verify = Arg::new("verify").long("verify").action(ArgAction::SetTrue);
    can_verify(algorithm.name()).then(|| {
        verify.help("Check the result's properties on one thread before it is written, with a copy of the graph in memory")
    })
}

/// What says whether weights are read, of an algorithm that can use them.
fn weights_argument(weights: Weights) -> Option<Arg> {
    let (name, help) = match weights {
        Weights::Ignored => return None,
        Weights::Optional => {
            ("weighted", "Take the third column as the weights of edges [default: each is 1]")
        }
        Weights::Needed => {
            ("unit-weights", "Take each edge's weight as 1 [default: the third column]")
        }
    };
    Some(Arg::new(name).long(name).action(ArgAction::SetTrue).help(help))
}

/// `-o`
pub(super) fn output_argument() -> Arg {
    Arg::new("output")
        .short('o')
        .long("output")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Write to a file, which appears when it is whole [default: stdout]")
}

/// `-o`, of results.
fn result_argument() -> Arg {
    output_argument()
        .help("Write to a file, or for a name that ends with / to a directory of one file a partition, which appears when it is whole [default: stdout]")
}

/// `--output-format`
fn output_format_argument() -> Arg {
    let forms = SINKS.iter().map(|sink| PossibleValue::new(sink.name()).help(sink.summary()));
    Arg::new("output-format")
        .long("output-format")
        .value_name("NAME")
        .value_parser(PossibleValuesParser::new(forms))
        .help("The form of the result [default: by the extension of --output, which may end with .gz, .zst or .bz2, else tsv]")
}

/// `-q`
pub(super) fn quiet_argument() -> Arg {
    switch("quiet").short('q').long("quiet").help("No progress and no summary on stderr")
}

/// `-v`
pub(super) fn verbose_argument() -> Arg {
    Arg::new("verbose")
        .short('v')
        .long("verbose")
        .action(ArgAction::SetTrue)
        .help("A line on stderr for each stage and superstep")
}

/// Starts the progress that `-q` and `-v` ask for.
pub(super) fn progress_for(matches: &ArgMatches) -> Result<Progress> {
    let [quiet, verbose] = ["quiet", "verbose"].map(|name| matches.get_flag(name));
    // A setting gives way to what is asked for now.
    if quiet && verbose && matches.value_source("quiet") == Some(ValueSource::CommandLine) {
        return Err(Error::argument("--quiet cannot be used with --verbose"));
    }
    Ok(Progress::new(quiet).verbose(verbose))
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let chosen = matches.subcommand();
    let chosen = chosen.and_then(|(name, matches)| Some((find(name)?, matches)));
    let Some((algorithm, matches)) = chosen else {
        return Err(Error::argument("there is no such algorithm"));
    };
    let file = |name| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let quiet = matches.get_flag("quiet");
    check_outputs(matches)?;
    let arguments = parameters::chosen(algorithm.parameters(), matches).1;
    algorithm.check(&arguments)?;
    // Opened first: a mistake here should not cost the whole run.
    let form = matches.get_one::<String>("output-format").map(String::as_str);
    let out = Target::open(file("output"), form)?;
    if let Some(shape) = algorithm.shape(&arguments) {
        out.check(&shape, matches.contains_id("top"))?;
    }
    let report_out = file("report").map(|path| Output::of_name(Some(path))).transpose()?;

    let progress = progress_for(matches)?;
    progress.wait("opening input");
    let inputs = matches.get_many::<PathBuf>("input").unwrap_or_default();
    let inputs: Vec<Input> = inputs.map(|path| Input::open(path)).collect::<Result<_>>()?;
    if !graph_source::may_have_names(&inputs, matches) {
        check_ids(algorithm, matches)?;
    }
    let run = || execute(algorithm, matches, &inputs, &progress, out);
    let ran = engine::within_timeout(matches, run);
    progress.clear();
    let (report, written) =
        ran.map_err(|error| inputs.iter().fold(error, |error, input| input.rename(error)))?;

    if let Some(mut report_out) = report_out {
        let json = serde_json::to_string_pretty(&report);
        let json = json.map_err(|error| Error::user(format!("the report: {error}")))?;
        report_out.put(format!("{json}\n").as_bytes())?;
        report_out.finish()?;
    }
    written?;
    if !quiet {
        say(&report.to_string());
        if report.vertices == 0 {
            say(&format!("warning: {} has no edges\n", report.input));
        }
    }
    Ok(())
}

/// Loads, runs and writes. How the writing went stands beside the report, which is whole even when
/// nobody read all of the output.
fn execute(
    algorithm: &'static dyn Algorithm,
    matches: &ArgMatches,
    inputs: &[Input],
    progress: &Progress,
    out: Target,
) -> Result<(Report, Result<()>)> {
    let (parameters, given) = chosen(algorithm.parameters(), matches);
    let count = |name| matches.get_one::<u64>(name).map(|count| *count as usize);

    let read = Arc::new(OnceLock::new());
    let told = Arc::clone(&read);
    let retries = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&retries);
    let context = Context::builder()
        .listener(move |event: &Event| {
            if let Event::TaskRetried { .. } = event {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        })
        .listener(move |event: &Event| {
            if let Event::EdgesRead { edges, self_loops, duration } = event {
                // A graph reads its edges once.
                let _ = told.set((*edges, *self_loops, *duration));
            }
        });
    let level = engine::storage_level(matches)?;
    let context = engine::configure(context, matches, progress)?;
    let context = context.build()?;
    let _noted = interrupt::note_context(&context);

    let start = Instant::now();
    progress.read("loading", inputs.iter().map(Input::path));
    let weighted = reads_weights(algorithm, matches);
    let NamedGraph { graph, names, mut policies } =
        Loaded::open_named(&context, inputs, matches, weighted)?;
    let arguments = match &names {
        Some(names) => numbered(algorithm, &given, names)?,
        None => {
            check_ids(algorithm, matches)?;
            given.clone()
        }
    };
    let built = start.elapsed();
    let (input_edges, self_loops, loading) = read.get().copied().unwrap_or_default();

    progress.wait("superstep 0");
    let start = Instant::now();
    let ran = match &graph {
        Loaded::Plain(graph) => algorithm.run(graph, &arguments),
        Loaded::Weighted(graph) => algorithm.run_weighted(graph, &arguments),
    };
    let table = ran.map_err(|error| match &names {
        Some(names) => named_error(error, names),
        None => error,
    })?;
    let processing = start.elapsed();
    let verifies = can_verify(algorithm.name()) && matches.get_flag("verify");
    let verifying = verifies.then(|| {
        progress.wait("verifying");
        let start = Instant::now();
        let verified = match &graph {
            Loaded::Plain(graph) => verify(algorithm.name(), graph, &arguments, &table),
            Loaded::Weighted(graph) => verify_weighted(algorithm.name(), graph, &arguments, &table),
        };
        verified.map(|()| start.elapsed())
    });
    let verifying = verifying.transpose()?;

    if out.is_terminal() {
        progress.clear();
    } else {
        progress.wait("writing");
    }
    let start = Instant::now();
    let table = match &names {
        Some(names) => named(&table, names),
        None => table,
    };
    let written = out.write(&table, matches.get_flag("header"), count("top"));
    let writing = start.elapsed();
    let written = match written {
        Err(error) if !is_closed_pipe(&error) => return Err(error),
        written => written,
    };
    let graph = graph.counts();
    let mut dropped = graph.dropped_edges;
    if matches.get_flag("drop-self-loops") {
        policies.insert("self_loops_dropped", self_loops);
        dropped = dropped.saturating_sub(self_loops);
    }
    if matches.get_flag("drop-duplicates") {
        policies.insert("duplicates_dropped", dropped);
    }
    let memory = context.memory_use();
    let faults = context.injected_faults_by_kind();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        algorithm: algorithm.name(),
        input: inputs.iter().map(Input::name).collect::<Vec<_>>().join(" "),
        parameters,
        threads: context.threads(),
        partitions: graph.partitions,
        directed: graph.directed,
        weighted: graph.weighted,
        vertices: graph.vertices,
        edges: graph.edges,
        dropped_edges: graph.dropped_edges,
        input_edges,
        policies,
        load_seconds: loading.as_secs_f64(),
        build_seconds: built.saturating_sub(loading).as_secs_f64(),
        processing_seconds: processing.as_secs_f64(),
        write_seconds: writing.as_secs_f64(),
        verify_seconds: verifying.map(|duration| duration.as_secs_f64()),
        storage_level: level.to_string(),
        memory_budget_bytes: memory.budget,
        memory_peak_bytes: memory.peak,
        spilled_bytes: memory.spilled_bytes,
        task_retries: retries.load(Ordering::Relaxed),
        injected_faults: faults
            .into_iter()
            .map(|(fault, count)| (fault.to_string(), count))
            .collect(),
        peak_rss_bytes: peak_rss_bytes(),
        figures: table.figures.iter().map(|(name, cell)| (name.clone(), figure(cell))).collect(),
        ended: ended(table.stop_reason, table.supersteps.len(), algorithm.parameters(), &given)?,
        stop_reason: table.stop_reason,
        supersteps: table
            .supersteps
            .iter()
            .map(|step| Superstep {
                index: step.index,
                active: step.active,
                messages: step.messages,
                path: step.path.map(|path| path.to_string()),
                reason: step.reason,
                seconds: step.duration.as_secs_f64(),
            })
            .collect(),
    };
    Ok((report, written))
}

/// True when the third column is to be read.
pub(super) fn reads_weights(algorithm: &dyn Algorithm, matches: &ArgMatches) -> bool {
    match algorithm.weights() {
        Weights::Ignored => false,
        Weights::Optional => matches.get_flag("weighted"),
        Weights::Needed => !matches.get_flag("unit-weights"),
    }
}

/// A figure of a result as JSON; what JSON has no number for becomes text.
fn figure(cell: &Cell) -> serde_json::Value {
    match cell {
        Cell::Missing => serde_json::Value::Null,
        Cell::Integer(value) => (*value).into(),
        Cell::Float(value) if value.is_finite() => (*value).into(),
        other => shown(other).into(),
    }
}
