//! `superstep generate`: graphs made from a seed.
//!
//! The registry's entries are the subcommands of `generate`, and their parameters its options, so
//! a new generator needs nothing here.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Command};
use superstep::graph::generate::{FAMILIES, Family, write_edge_list};
use superstep::io::format_of_name;
use superstep::{Error, Result};

use super::compression::Compression;
use super::engine::threads_argument;
use super::output::Output;
use super::parameters::{chosen, parameter_argument};
use super::progress::Progress;
use super::run::{output_argument, quiet_argument};

const EXAMPLES: &str = "\
Examples:
  superstep generate kronecker --scale 16 --edge-factor 16 --seed 1 -o g.txt
  superstep generate grid --rows 1000 --columns 1000 | gzip > g.txt.gz";

pub(super) fn command() -> Command {
    Command::new("generate")
        .about("Generates a graph as an edge list")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("GRAPH")
        .subcommand_help_heading("Graphs")
        .subcommands(FAMILIES.iter().map(|family| family_command(family)))
}

/// Describes the subcommand of a family.
fn family_command(family: &Family) -> Command {
    let name = family.name();
    let needed = family.parameters().iter().filter(|one| needs_value(one));
    let needed = needed.map(|one| format!(" --{} {}", one.name, example(one.name)));
    let needed: String = needed.collect();
    let alias = (name == "kronecker").then_some("rmat");
    Command::new(name)
        .visible_aliases(alias)
        .about(family.summary())
        .after_help(format!("Examples:\n  superstep generate {name}{needed} -o g.txt"))
        .next_help_heading("Graph")
        .args(
            family
                .parameters()
                .iter()
                .map(|one| parameter_argument(one).required(needs_value(one))),
        )
        .next_help_heading("Output")
        .arg(threads_argument())
        .arg(output_argument())
        .arg(quiet_argument())
}

/// True for a parameter that has to be set.
fn needs_value(parameter: &superstep::algorithms::Parameter) -> bool {
    parameter.default.is_empty() && !parameter.value.is_empty()
}

/// A value that makes an example.
fn example(parameter: &str) -> &'static str {
    match parameter {
        "scale" => "16",
        "attach" => "4",
        "probability" => "0.001",
        "rows" | "columns" => "100",
        _ => "10000",
    }
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let found = matches.subcommand().and_then(|(name, matches)| {
        Some((FAMILIES.iter().find(|family| family.name() == name)?, matches))
    });
    let Some((family, matches)) = found else {
        return Err(Error::argument("there is no such graph"));
    };
    let graph = family.make(&chosen(family.parameters(), matches).1)?;
    let threads = matches.get_one("threads").copied().unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool =
        pool.map_err(|error| Error::argument(format!("cannot start the threads: {error}")))?;
    let file = matches.get_one::<PathBuf>("output").map(PathBuf::as_path);
    let mut out = Output::open(file, file.and_then(list_compression).transpose()?)?;

    let progress = Progress::new(matches.get_flag("quiet") || out.is_terminal());
    progress.count("generating edges", graph.expected_edges());
    let mut counted = Counted { out: &mut out, progress: &progress };
    let written = pool.install(|| write_edge_list(&*graph, &mut counted));
    progress.clear();
    written.map_err(|error| out.failed(error))?;
    out.finish()
}

/// Returns how a list of edges is compressed in a file of a name, or why the name is of none.
fn list_compression(path: &Path) -> Option<Result<Compression>> {
    let other = format_of_name(path).filter(|format| format.name() != "edge-list");
    if let Some(format) = other {
        let (path, name) = (path.display(), format.name());
        return Some(Err(Error::argument(format!(
            "{path}: a graph is generated as an edge list, which `superstep convert` makes a graph of the format {name}"
        ))));
    }
    Compression::of_name(path).map(Ok)
}

/// Counts the lines that are written, one for each edge.
struct Counted<'a> {
    out: &'a mut Output,
    progress: &'a Progress,
}

impl Write for Counted<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let written = self.out.write(text)?;
        let lines = text.iter().take(written).filter(|byte| **byte == b'\n').count();
        self.progress.step(lines as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
