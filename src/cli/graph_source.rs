//! The graph that a subcommand works on: the arguments that say which, and how to read it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PossibleValue, PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use superstep::graph::{Duplicates, Graph, GraphBuilder, SelfLoops};
use superstep::io::{
    BadLines, Column, FORMATS, Format, GraphInput, Merge, Names, ReadOptions, detect_format,
    find_format, open_graph, vertex_list,
};
use superstep::rdd::Context;
use superstep::{Error, Result};

use super::input::Input;
use super::output::Output;
use super::say;

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
        flag("drop-duplicates").help("Of several edges with the same ends keep the first"),
        Arg::new("partitions")
            .long("partitions")
            .value_name("COUNT")
            .value_parser(value_parser!(u64).range(1..=MAX_PARTITIONS))
            .help("Parts of the graph [default: by its size]"),
    ]
}

/// What is to be made of edges before they are a graph.
pub(super) fn policy_arguments() -> Vec<Arg> {
    vec![
        flag("reverse").help("Turn every edge around"),
        Arg::new("merge-duplicates")
            .long("merge-duplicates")
            .value_name("RULE")
            .value_parser(["sum", "min", "max"])
            .conflicts_with("drop-duplicates")
            .help("Of several edges with the same ends make one, of the sum, the least or the largest of their weights"),
        flag("drop-unknown").help("Leave out edges that name a vertex which the list of vertices does not have, instead of failing"),
        Arg::new("on-error")
            .long("on-error")
            .value_name("fail|skip|collect=FILE")
            .value_parser(ValueParser::new(on_error))
            .help("What to do about lines of lists that are wrong: fail at the first [default], leave them out, or also write them to a file"),
    ]
}

/// What becomes of lines that are wrong.
#[derive(Debug, Clone)]
enum OnError {
    Fail,
    Skip,
    Collect(PathBuf),
}

fn on_error(text: &str) -> Result<OnError, String> {
    match (text, text.strip_prefix("collect=")) {
        ("fail", _) => Ok(OnError::Fail),
        ("skip", _) => Ok(OnError::Skip),
        (_, Some(file)) if !file.is_empty() => Ok(OnError::Collect(PathBuf::from(file))),
        _ => Err("not fail, skip or collect=FILE".to_owned()),
    }
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
    .into_iter()
    .chain(policy_arguments())
    .collect()
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
        weights_optional: false,
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
        bad_lines: match matches.get_one::<OnError>("on-error") {
            None | Some(OnError::Fail) => None,
            Some(OnError::Skip | OnError::Collect(_)) => Some(BadLines::default()),
        },
    }
}

/// Returns the file for lines that are left out, if they are collected.
pub(super) fn collected(matches: &ArgMatches) -> Option<&Path> {
    match matches.try_get_one::<OnError>("on-error") {
        Ok(Some(OnError::Collect(file))) => Some(file),
        _ => None,
    }
}

/// True when vertices have names, or may turn out to have some.
pub(super) fn may_have_names(inputs: &[Input], matches: &ArgMatches) -> bool {
    let paths: Vec<&Path> = inputs.iter().map(Input::path).collect();
    let format = read_options(matches, false).format.map_or_else(|| detect_format(&paths), Ok);
    // What cannot be read is told when the graph is opened.
    matches.get_flag("names") || format.is_ok_and(Format::knows_names)
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
    partitions(matches, builder)
}

/// Sets the number of partitions, where the arguments say.
pub(super) fn partitions(matches: &ArgMatches, builder: GraphBuilder) -> GraphBuilder {
    match matches.get_one::<u64>("partitions") {
        Some(count) => builder.partitions(*count as usize),
        None => builder,
    }
}

/// How many of the errors in lines that were left out are shown.
const SHOWN_ERRORS: usize = 10;

/// Edges as they were asked for, before they are a graph.
pub(super) struct Opened {
    pub(super) input: GraphInput,
    bad_lines: Option<BadLines>,
    /// Where to write lines that are wrong.
    collect: Option<PathBuf>,
    notes: Vec<String>,
    /// How many edges each policy has changed, by its name in reports.
    policies: Policies,
}

/// How many edges or lines were left out or merged, by the names that reports have for it.
pub(super) type Policies = BTreeMap<&'static str, u64>;

impl Opened {
    /// Opens files and does to their edges what the arguments say.
    pub(super) fn open(
        context: &Context,
        inputs: &[Input],
        matches: &ArgMatches,
        options: &ReadOptions,
    ) -> Result<Self> {
        let paths: Vec<&Path> = inputs.iter().map(Input::path).collect();
        let mut input = open_graph(context, &paths, options)?;
        if let Ok(Some(file)) = matches.try_get_one::<PathBuf>("vertices") {
            if input.names.is_some() {
                return Err(Error::argument("--vertices lists numbers, but vertices have names"));
            }
            input = input.with_vertices(vertex_list(context, file)?);
        }
        let collect = collected(matches).map(Path::to_owned);
        let bad_lines = options.bad_lines.clone();
        let mut opened =
            Self { input, bad_lines, collect, notes: Vec::new(), policies: Policies::new() };
        if matches.get_flag("drop-unknown") {
            opened.change(
                "unknown_vertices_dropped",
                "edges with unknown vertices left out",
                GraphInput::without_unknown_vertices,
            )?;
        }
        if matches.get_flag("reverse") {
            opened.input = opened.input.reversed();
        }
        let rule = matches.get_one::<String>("merge-duplicates").map(String::as_str);
        let merge = match rule {
            Some("sum") => Some(Merge::Sum),
            Some("min") => Some(Merge::Min),
            Some(_) => Some(Merge::Max),
            None => None,
        };
        if let Some(merge) = merge {
            opened
                .change("edges_merged", "edges merged with others", |input| input.merged(merge))?;
        }
        Ok(opened)
    }

    /// Does something to the edges, and notes to how many.
    pub(super) fn change(
        &mut self,
        policy: &'static str,
        what: &str,
        change: impl FnOnce(GraphInput) -> Result<(GraphInput, u64)>,
    ) -> Result<()> {
        let (input, count) = change(self.input.clone())?;
        self.input = input;
        self.notes.push(format!("{count} {what}\n"));
        self.policies.insert(policy, count);
        Ok(())
    }

    /// What the policies that were asked for did, once the edges have been read.
    fn policies(&self) -> Policies {
        let skipped = self.bad_lines.as_ref().map(|lines| ("lines_skipped", lines.count()));
        self.policies.clone().into_iter().chain(skipped).collect()
    }

    /// Tells what was done to the edges, once they have been read, and writes lines that were left
    /// out where they are collected.
    pub(super) fn tell(&self, matches: &ArgMatches) -> Result<()> {
        let count = self.bad_lines.as_ref().map_or(0, BadLines::count);
        if let (Some(file), Some(bad_lines)) = (&self.collect, &self.bad_lines) {
            let mut out = Output::of_name(Some(file))?;
            bad_lines.write(&mut out).map_err(|error| out.failed(error))?;
            out.finish()?;
        }
        if matches.get_flag("quiet") {
            return Ok(());
        }
        self.notes.iter().for_each(|note| say(note));
        if let (1.., Some(bad_lines)) = (count, &self.bad_lines) {
            let mut text = format!("{count} lines left out:\n");
            for error in bad_lines.errors(SHOWN_ERRORS) {
                text.push_str(&format!("  {error}\n"));
            }
            if count > SHOWN_ERRORS as u64 {
                text.push_str(&format!("  and {} more\n", count - SHOWN_ERRORS as u64));
            }
            say(&text);
        }
        Ok(())
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
        Self::open_named(context, inputs, matches, weighted).map(|named| named.graph)
    }

    /// As [`open`](Self::open), with what else is known of it.
    pub(super) fn open_named(
        context: &Context,
        inputs: &[Input],
        matches: &ArgMatches,
        weighted: bool,
    ) -> Result<NamedGraph> {
        let opened = Opened::open(context, inputs, matches, &read_options(matches, weighted))?;
        let input = &opened.input;
        let graph = if weighted {
            Self::Weighted(input.weighted_graph(builder(matches))?)
        } else {
            Self::Plain(input.plain_graph(builder(matches))?)
        };
        opened.tell(matches)?;
        let policies = opened.policies();
        Ok(NamedGraph { graph, names: opened.input.names, policies })
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

/// A graph, and what was known of it before it was built.
pub(super) struct NamedGraph {
    pub(super) graph: Loaded,
    /// The vertices' names, where they have names for ids.
    pub(super) names: Option<Arc<Names>>,
    /// What was done to its edges.
    pub(super) policies: Policies,
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
