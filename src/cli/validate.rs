//! `superstep validate`: a result against an expected one.

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, value_parser};
use superstep::validation::{Comparable, Comparison, Rule, compare, read_rows};
use superstep::{Error, Result};

use super::destination::Destination;
use super::progress::Progress;

pub(super) fn command() -> Command {
    let rules = ["exact", "equivalence", "epsilon"];
    let file = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .value_name(name)
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help(help)
    };
    Command::new("validate")
        .about("Compares a result with an expected one, as LDBC Graphalytics does")
        .after_help(
            "Rules: exact (bfs, cdlp), equivalence of labels (wcc), and epsilon, within 1e-4 of the \
             expected value (pr, lcc, sssp)\n\nExamples:\n  \
             superstep validate bfs depths.tsv example-directed-BFS\n  \
             superstep validate equivalence communities.tsv others.tsv",
        )
        .arg(
            Arg::new("KERNEL")
                .value_name("KERNEL")
                .required(true)
                .value_parser(PossibleValuesParser::new(Rule::kernels().chain(rules)))
                .help("What was computed, or the rule itself"),
        )
        .arg(file("RESULT", "The rows found, id and value a line, plain or gzip"))
        .arg(file("EXPECTED", "The rows expected, in any order"))
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let kernel = matches.get_one::<String>("KERNEL").map(String::as_str).unwrap_or_default();
    let rule = Rule::of_kernel(kernel).map_or_else(|| kernel.parse(), Ok)?;
    let file = |name| matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let paths = [file("RESULT"), file("EXPECTED")];
    let progress = Progress::new(false);
    progress.read("reading", paths.iter().map(PathBuf::as_path));
    let comparison = match rule {
        Rule::Epsilon => compared::<f64>(rule, &paths, "a number", &progress),
        Rule::Exact | Rule::Equivalence => {
            let whole = "a whole number from 0 to 18446744073709551615";
            compared::<u64>(rule, &paths, whole, &progress)
        }
    };
    progress.clear();
    told(&comparison?)
}

/// Reads the rows found and those expected, and compares them.
fn compared<T: Comparable + FromStr>(
    rule: Rule,
    paths: &[PathBuf; 2],
    what: &str,
    progress: &Progress,
) -> Result<Comparison> {
    let [found, expected] = paths;
    let (found, expected) = (read_rows::<T>(found, what)?, read_rows::<T>(expected, what)?);
    progress.wait("comparing");
    Ok(compare(rule, found, expected))
}

/// Prints a match; anything else fails.
fn told(comparison: &Comparison) -> Result<()> {
    if !comparison.is_match() {
        return Err(Error::user(comparison));
    }
    let mut out = Destination::open(None)?;
    out.put(format!("{comparison}\n").as_bytes())?;
    out.finish()
}
