//! `superstep generate`: graphs made from a seed.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};
use superstep::graph::generate::{DEFAULT_EDGE_FACTOR, Kronecker, MAX_SCALE};
use superstep::{Error, Result};

use super::destination::Destination;
use super::progress::Progress;
use super::run::{output_argument, quiet_argument, threads_argument};

const EXAMPLES: &str = "\
Examples:
  superstep generate kronecker --scale 16 --edge-factor 16 --seed 1 -o g.txt
  superstep generate kronecker --scale 20 | gzip > g.txt.gz";

pub(super) fn command() -> Command {
    Command::new("generate")
        .about("Generates a graph as an edge list")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand_value_name("GRAPH")
        .subcommand_help_heading("Graphs")
        .subcommand(kronecker_command())
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("kronecker", matches)) => kronecker(matches),
        _ => Ok(()),
    }
}

fn kronecker_command() -> Command {
    let number = |name: &'static str| Arg::new(name).long(name).value_name("NUMBER");
    Command::new("kronecker")
        .about("A random graph as skewed as social networks (Graph500, R-MAT)")
        .after_help(EXAMPLES)
        .arg(
            number("scale")
                .required(true)
                .value_parser(value_parser!(u32).range(1..=i64::from(MAX_SCALE)))
                .help("The graph has 2^NUMBER vertices"),
        )
        .arg(
            number("edge-factor")
                .value_parser(value_parser!(u32))
                .help(format!("Edges for each vertex [default: {DEFAULT_EDGE_FACTOR}]")),
        )
        .arg(
            number("seed")
                .value_parser(value_parser!(u64))
                .help("Equal seeds give equal graphs, with any number of threads [default: 0]"),
        )
        .arg(threads_argument())
        .arg(output_argument())
        .arg(quiet_argument())
}

fn kronecker(matches: &ArgMatches) -> Result<()> {
    let number = |name| matches.get_one::<u32>(name).copied();
    let graph = Kronecker::new(number("scale").unwrap_or_default())?
        .edge_factor(number("edge-factor").unwrap_or(DEFAULT_EDGE_FACTOR))
        .seed(matches.get_one("seed").copied().unwrap_or_default());
    let threads = matches.get_one("threads").copied().unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool =
        pool.map_err(|error| Error::argument(format!("cannot start the threads: {error}")))?;
    let file = matches.get_one::<PathBuf>("output");
    let mut out = Destination::open(file.map(PathBuf::as_path))?;

    let progress = Progress::new(matches.get_flag("quiet") || out.is_terminal());
    progress.count("generating edges", graph.edge_count());
    let mut counted = Counted { out: &mut out, progress: &progress };
    let written = pool.install(|| graph.write_edge_list(&mut counted));
    progress.clear();
    written.map_err(|error| out.failed(error))?;
    out.finish()
}

/// Counts the lines that are written, one for each edge.
struct Counted<'a> {
    out: &'a mut Destination,
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
