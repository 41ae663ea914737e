//! `superstep algorithms`: what can be run.

use std::fmt::Write;

use clap::{ArgMatches, Command};
use superstep::Result;
use superstep::algorithms::ALGORITHMS;

use super::destination::Destination;

pub(super) fn command() -> Command {
    Command::new("algorithms")
        .about("Lists the algorithms with their parameters")
        .after_help("Examples:\n  superstep algorithms\n  superstep run pagerank --help")
}

pub(super) fn main(_matches: &ArgMatches) -> Result<()> {
    let mut out = Destination::open(None)?;
    out.put(list().as_bytes())?;
    out.finish()
}

fn list() -> String {
    let mut text = String::new();
    for (index, algorithm) in ALGORITHMS.iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{gap}{}\n    {}\n", algorithm.name(), algorithm.summary());
        for parameter in algorithm.parameters() {
            let _ = writeln!(
                text,
                "{}",
                format!("    --{} {}", parameter.name, parameter.value).trim_end()
            );
            let _ = writeln!(text, "        {}", parameter.help);
            if !parameter.default.is_empty() {
                let _ = writeln!(text, "        default: {}", parameter.default);
            }
            if !parameter.choices.is_empty() {
                let _ = writeln!(text, "        choices: {}", parameter.choices.join(", "));
            }
        }
    }
    text
}
