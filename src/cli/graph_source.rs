//! The graph that a subcommand works on: the arguments that say which, and how to read it.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use superstep::graph::{Duplicates, Graph, GraphBuilder, SelfLoops};
use superstep::io::{Column, FORMATS, ReadOptions, find_format, open_graph, vertex_list};
use superstep::rdd::Context;
use superstep::{Error, Result};

use super::input::Input;

/// Every pair of partitions may have edges, so a graph's cost grows with the square.
const MAX_PARTITIONS: u64 = 1 << 10;

/// The positional argument for files that make up one graph.
pub(super) fn input_argument() -> Arg {
    Arg::new("input")
        .value_name("INPUT")
        .required(true)
        .num_args(1..)
        .value_parser(value_parser!(PathBuf))
        .help("A graph: files of any format, plain or compressed, folders of such files, or - for stdin")
}

fn flag(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

/// What is to be made of the edges.
pub(super) fn arguments() -> [Arg; 6] {
    [
        flag("directed").help("Take edges as going one way [default: as the file says, else this]"),
        flag("undirected").conflicts_with("directed").help("Take edges as going both ways"),
        Arg::new("vertices")
            .long("vertices")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("The ids of all vertices, one a line, so that those without edges are part of the graph [default: those that edges name]"),
        flag("drop-self-loops").help("Leave out edges from a vertex to itself"),
        flag("drop-duplicates").help("Of several edges with the same ends keep one"),
        Arg::new("partitions")
            .long("partitions")
            .value_name("COUNT")
            .value_parser(value_parser!(u64).range(1..=MAX_PARTITIONS))
            .help("Parts of the graph [default: by its size]"),
    ]
}

/// How files are to be read.
pub(super) fn format_arguments() -> Vec<Arg> {
    let formats =
        FORMATS.iter().map(|format| PossibleValue::new(format.name()).help(format.summary()));
    let column = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("COLUMN")
            .value_parser(ValueParser::new(<Column as std::str::FromStr>::from_str))
            .help(help)
    };
    vec![
        Arg::new("format")
            .long("format")
            .value_name("NAME")
            .hide_possible_values(true)
            .value_parser(PossibleValuesParser::new(formats))
            .help("The input's format [default: by its content and name]"),
        column("source-column", "The source's column by its number or its name in the header [default: 1]"),
        column("target-column", "The target's column [default: 2]"),
        column("weight-column", "The weight's column [default: 3]"),
        Arg::new("delimiter")
            .long("delimiter")
            .value_name("BYTE")
            .value_parser(ValueParser::new(delimiter))
            .help("What stands between columns: one byte, or tab, space, comma [default: as the first lines have it]"),
        Arg::new("header-line")
            .long("header-line")
            .value_name("yes|no")
            .value_parser(["yes", "no"])
            .help("Whether a list begins with the names of its columns [default: if it looks so]"),
        flag("names").help("Vertices have names for ids, of any characters"),
    ]
}

fn delimiter(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        ("space", _) => Ok(b' '),
        ("comma", _) => Ok(b','),
        (_, [byte]) => Ok(*byte),
        _ => Err("not one byte".to_owned()),
    }
}

/// Returns how files are to be read, as the arguments say.
pub(super) fn read_options(matches: &ArgMatches, weighted: bool) -> ReadOptions {
    let column = |name| matches.get_one::<Column>(name).cloned();
    ReadOptions {
        format: matches.get_one::<String>("format").and_then(|name| find_format(name)),
        weighted,
        directed: match (matches.get_flag("directed"), matches.get_flag("undirected")) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        source_column: column("source-column"),
        target_column: column("target-column"),
        weight_column: column("weight-column"),
        delimiter: matches.get_one("delimiter").copied(),
        header: matches.get_one::<String>("header-line").map(|said| said == "yes"),
        names: matches.get_flag("names"),
        bad_lines: None,
    }
}

/// Returns how a graph is to be built, as the arguments say.
fn builder(matches: &ArgMatches) -> GraphBuilder {
    let builder = Graph::builder()
        .self_loops(if matches.get_flag("drop-self-loops") {
            SelfLoops::Drop
        } else {
            SelfLoops::Keep
        })
        .duplicates(if matches.get_flag("drop-duplicates") {
            Duplicates::Drop
        } else {
            Duplicates::Keep
        });
    match matches.get_one::<u64>("partitions") {
        Some(count) => builder.partitions(*count as usize),
        None => builder,
    }
}

/// A graph as it was asked for.
pub(super) enum Loaded {
    Plain(Graph),
    Weighted(Graph<(), f64>),
}

impl Loaded {
    /// Reads and builds the graph that the arguments describe.
    pub(super) fn open(
        context: &Context,
        inputs: &[Input],
        matches: &ArgMatches,
        weighted: bool,
    ) -> Result<Self> {
        let paths: Vec<&Path> = inputs.iter().map(Input::path).collect();
        let mut input = open_graph(context, &paths, &read_options(matches, weighted))?;
        if let Some(file) = matches.get_one::<PathBuf>("vertices") {
            if input.names.is_some() {
                return Err(Error::argument("--vertices lists numbers, but vertices have names"));
            }
            input.vertices = Some(vertex_list(context, file)?);
        }
        Ok(if weighted {
            Self::Weighted(input.weighted_graph(builder(matches))?)
        } else {
            Self::Plain(input.plain_graph(builder(matches))?)
        })
    }

    /// What a report says about it.
    pub(super) fn counts(&self) -> Counts {
        fn of<E: superstep::Data>(graph: &Graph<(), E>, weighted: bool) -> Counts {
            Counts {
                partitions: graph.partition_count(),
                vertices: graph.vertex_count(),
                edges: graph.edge_count(),
                dropped_edges: graph.dropped_edges(),
                directed: !graph.is_undirected(),
                weighted,
            }
        }
        match self {
            Self::Plain(graph) => of(graph, false),
            Self::Weighted(graph) => of(graph, true),
        }
    }
}

/// What a report says about a graph.
pub(super) struct Counts {
    pub(super) partitions: usize,
    pub(super) vertices: u64,
    /// Directed edges: of an undirected graph, two for each edge.
    pub(super) edges: u64,
    pub(super) dropped_edges: u64,
    pub(super) directed: bool,
    pub(super) weighted: bool,
}
