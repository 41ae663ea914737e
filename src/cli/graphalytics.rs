//! `superstep graphalytics`: the kernels of the LDBC Graphalytics benchmark on one of its graphs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use clap::{Arg, ArgMatches, Command, value_parser};
use superstep::algorithms::{Algorithm, Arguments, Table, Values, find};
use superstep::event::Event;
use superstep::graph::Graph;
use superstep::io::GraphalyticsGraph;
use superstep::rdd::Context;
use superstep::validation::{Comparison, Rule, compare, read_rows};
use superstep::{Error, Result};

use super::destination::Destination;
use super::engine::threads_argument;
use super::interrupt;
use super::parameters::whole_number;
use super::run::quiet_argument;
use super::say;
use super::sinks::{GraphalyticsSink, Target};

/// The kernels by their names in the benchmark and in the registry.
const KERNELS: [(&str, &str); 6] = [
    ("bfs", "bfs"),
    ("pr", "pagerank"),
    ("wcc", "connected-components"),
    ("cdlp", "label-propagation"),
    ("lcc", "clustering-coefficient"),
    ("sssp", "sssp"),
];

/// Parameters: kernel, property of the graph, option of the algorithm.
const PARAMETERS: [(&str, &str, &str); 5] = [
    ("bfs", "bfs.source-vertex", "source"),
    ("pr", "pr.damping-factor", "damping"),
    ("pr", "pr.num-iterations", "iterations"),
    ("cdlp", "cdlp.max-iterations", "iterations"),
    ("sssp", "sssp.source-vertex", "source"),
];

pub(super) fn command() -> Command {
    Command::new("graphalytics")
        .about("Runs the kernels of LDBC Graphalytics with the parameters of a graph's properties")
        .after_help(
            "Prints a row for each kernel: seconds of loading, processing and both together, edges a \
             second (eps), vertices and edges a second (evps), and whether the result is that of the \
             reference output beside the properties. Of an undirected graph each edge counts once.\n\n\
             Examples:\n  superstep graphalytics example-directed.properties\n  \
             superstep graphalytics graph.properties --kernels bfs,pr --threads 2 -o results/",
        )
        .arg(
            Arg::new("PROPERTIES")
                .value_name("PROPERTIES")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The graph's .properties file; the files it names are beside it"),
        )
        .arg(
            Arg::new("kernels")
                .long("kernels")
                .value_name("NAMES")
                .value_delimiter(',')
                .value_parser(KERNELS.map(|(kernel, _)| kernel))
                .help("Which kernels, with commas between them [default: those that the file lists]"),
        )
        .arg(
            Arg::new("partitions")
                .long("partitions")
                .value_name("COUNT")
                .allow_negative_numbers(true)
                .value_parser(whole_number::<u64>(1, 1 << 10))
                .help("Parts of the graph [default: by its size]"),
        )
        .arg(threads_argument())
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Write the results to files named as reference outputs in a folder"),
        )
        .arg(quiet_argument())
}

/// The graph, with weights where a kernel needs them.
struct Loaded {
    plain: Graph,
    weighted: Option<Graph<(), f64>>,
    input_edges: u64,
    duration: Duration,
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let path = matches.get_one::<PathBuf>("PROPERTIES").cloned().unwrap_or_default();
    let described = GraphalyticsGraph::open(path)?;
    let quiet = matches.get_flag("quiet");
    let chosen = kernels(&described, matches, quiet);
    let folder = matches.get_one::<PathBuf>("output").map(PathBuf::as_path);
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, "create", error))?;
    }

    let read = Arc::new(OnceLock::new());
    let told = Arc::clone(&read);
    let context = Context::builder()
        .threads(matches.get_one("threads").copied().unwrap_or_default())
        .listener(move |event: &Event| {
            if let Event::EdgesRead { edges, .. } = event {
                // A graph reads its edges once.
                let _ = told.set(*edges);
            }
        })
        .build()?;
    let _noted = interrupt::note_context(&context);
    let mut builder = Graph::builder();
    if let Some(count) = matches.get_one::<u64>("partitions") {
        builder = builder.partitions(*count as usize);
    }
    let start = Instant::now();
    let weighted = chosen.iter().any(|(kernel, _)| *kernel == "sssp");
    let (plain, weighted) = if weighted {
        let weighted = described.load_weighted(&context, builder)?;
        (weighted.structure()?, Some(weighted))
    } else {
        (described.load(&context, builder)?, None)
    };
    let input_edges = read.get().copied().unwrap_or_default();
    let loaded = Loaded { plain, weighted, input_edges, duration: start.elapsed() };
    if !quiet {
        let (name, vertices) = (described.name(), loaded.plain.vertex_count());
        let load = loaded.duration.as_secs_f64();
        say(&format!("{name}: {vertices} vertices, {input_edges} edges, loaded in {load:.3} s\n"));
    }

    let mut out = Destination::open(None)?;
    out.put(b"#kernel\tload_s\tprocessing_s\tmakespan_s\teps\tevps\tresult\n")?;
    let mut wrong = Vec::new();
    for (kernel, algorithm) in chosen {
        let row = run(kernel, algorithm, &described, &loaded, folder)?;
        out.put(row.text.as_bytes())?;
        if let Some(comparison) = row.wrong {
            wrong.push(format!("{kernel}: {comparison}"));
        }
    }
    out.finish()?;
    if wrong.is_empty() { Ok(()) } else { Err(Error::user(wrong.join("\n"))) }
}

/// The kernels that were asked for, or else those of the file that there are.
fn kernels(
    described: &GraphalyticsGraph,
    matches: &ArgMatches,
    quiet: bool,
) -> Vec<(&'static str, &'static dyn Algorithm)> {
    let asked: Option<Vec<&str>> =
        matches.get_many::<String>("kernels").map(|names| names.map(String::as_str).collect());
    let names = asked.unwrap_or_else(|| described.algorithms());
    let known = |name: &&str| {
        let (kernel, algorithm) = KERNELS.iter().find(|(kernel, _)| kernel == name)?;
        Some((*kernel, find(algorithm)?))
    };
    for name in names.iter().filter(|name| known(name).is_none()) {
        if !quiet {
            say(&format!("warning: there is no kernel {name}\n"));
        }
    }
    names.iter().filter_map(known).collect()
}

/// A kernel's line, and what is wrong with its result.
struct Row {
    text: String,
    wrong: Option<Comparison>,
}

fn run(
    kernel: &str,
    algorithm: &dyn Algorithm,
    described: &GraphalyticsGraph,
    loaded: &Loaded,
    folder: Option<&Path>,
) -> Result<Row> {
    let mut arguments = Arguments::default();
    for (of, property, option) in PARAMETERS.iter().filter(|(of, _, _)| *of == kernel) {
        // Each of them has to be there: the default of this library need not be the benchmark's.
        arguments.set(*option, described.parameter::<String>(property)?);
        debug_assert_eq!(*of, kernel);
    }
    let start = Instant::now();
    let table = match (&loaded.weighted, kernel) {
        (Some(weighted), "sssp") => algorithm.run_weighted(weighted, &arguments)?,
        _ => algorithm.run(&loaded.plain, &arguments)?,
    };
    let processing = start.elapsed();
    if let Some(folder) = folder {
        let name = described.reference(kernel);
        let path = folder.join(name.file_name().unwrap_or_default());
        Target::of(&GraphalyticsSink, Some(&path), None)?.write(&table, false, None)?;
    }
    let reference = described.reference(kernel);
    let comparison =
        reference.is_file().then(|| against(kernel, &table, &reference)).transpose()?;
    let verdict = match &comparison {
        None => "no reference",
        Some(comparison) if comparison.is_match() => "match",
        Some(_) => "wrong",
    };
    let (load, seconds) = (loaded.duration.as_secs_f64(), processing.as_secs_f64());
    let edges = loaded.input_edges as f64;
    let all = edges + loaded.plain.vertex_count() as f64;
    let text = format!(
        "{kernel}\t{load:.6}\t{seconds:.6}\t{:.6}\t{:.1}\t{:.1}\t{verdict}\n",
        load + seconds,
        edges / seconds,
        all / seconds,
    );
    Ok(Row { text, wrong: comparison.filter(|comparison| !comparison.is_match()) })
}

/// Compares a result with a reference output by the rule of the kernel.
fn against(kernel: &str, table: &Table, reference: &Path) -> Result<Comparison> {
    let rule = Rule::of_kernel(kernel).unwrap_or(Rule::Exact);
    match &table.values {
        Values::Float(rows) => {
            Ok(compare(rule, rows.collect()?, read_rows(reference, "a number")?))
        }
        Values::Integer(rows) | Values::Id(rows) => {
            Ok(compare(rule, rows.collect()?, read_rows(reference, "a whole number")?))
        }
        _ => Err(Error::user(format!("{kernel} has no value for each vertex"))),
    }
}
