//! The command line: arguments in, results on standard output, all else on standard error.
//!
//! One file a subcommand, each with a `command` that describes it and a `main` that runs it; they
//! are listed in [`SUBCOMMANDS`]. Only data goes to standard output, so that it can be piped;
//! a reader that stops early is no failure. Exit codes: 0 done, 1 the job failed, 2 wrong usage,
//! 3 bad input data, 4 input, output or spilling failed, 5 out of time (a resource limit),
//! 129 hung up, 130 interrupted by Ctrl-C, 143 terminated.

mod algorithms;
mod allocator;
mod bench;
mod completions;
mod compression;
mod config;
mod convert;
#[cfg(feature = "datasets")]
mod datasets;
mod degree_plot;
mod destination;
mod engine;
mod estimate;
mod failure;
mod folder;
mod generate;
mod graph_source;
mod graphalytics;
mod hint;
mod info;
mod input;
mod interrupt;
mod man;
mod names;
mod output;
mod outputs;
mod parameters;
mod progress;
mod reference;
mod report;
mod rows;
mod run;
mod sinks;
mod validate;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use superstep::{Error, Result};

/// A subcommand: its description and what it does.
type Subcommand = (fn() -> Command, fn(&ArgMatches) -> Result<()>);

const SUBCOMMANDS: &[Subcommand] = &[
    (run::command, run::main),
    (algorithms::command, algorithms::main),
    (info::command, info::main),
    (estimate::command, estimate::main),
    (bench::command, bench::main),
    (generate::command, generate::main),
    (convert::command, convert::main),
    (validate::command, validate::main),
    (graphalytics::command, graphalytics::main),
    #[cfg(feature = "datasets")]
    (datasets::command, datasets::main),
    (config::command, config::main),
    (completions::command, completions::main),
    (man::command, man::main),
    (reference::command, reference::main),
];

const EXAMPLES: &str = "\
Examples:
  superstep run pagerank web.txt -o ranks.tsv
  superstep run connected-components --undirected graph.txt.gz --top 10
  superstep generate kronecker --scale 20 -o kron.txt";

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 the job failed, 2 wrong usage, 3 bad input data, 4 input, output or spilling
failed, 5 a resource limit (out of time), 129 hung up, 130 interrupted by Ctrl-C, 143 terminated";

/// Runs the command that the arguments ask for.
pub(crate) fn main() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version go to standard output; if nobody reads them, that is fine.
            if let Err(unread) = error.print()
                && !error.use_stderr()
                && unread.kind() != io::ErrorKind::BrokenPipe
            {
                return failed(&Error::io("<stdout>", "write", unread));
            }
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    let matches = match with_settings(matches) {
        Ok(matches) => matches,
        Err(error) => return failed(&error),
    };
    allocator::settle(&matches);
    #[cfg(feature = "parquet")]
    hush_column_libraries();
    let done = interrupt::listen().and_then(|()| {
        let Some((name, matches)) = matches.subcommand() else { return Ok(()) };
        let chosen = SUBCOMMANDS.iter().find(|(describe, _)| describe().get_name() == name);
        if let Some(timeout) = engine::timeout(matches) {
            interrupt::leave_after(timeout);
        }
        chosen.map_or(Ok(()), |(_, run)| interrupt::token().run(|| run(matches)))
    });
    match interrupt::told_apart(done) {
        Err(error) if !failure::is_closed_pipe(&error) => failed(&error),
        _ => ExitCode::SUCCESS,
    }
}

/// Arrow and Parquet panic over some damaged files. That is told as damage, and once is enough.
#[cfg(feature = "parquet")]
fn hush_column_libraries() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", std::panic::Location::file);
        if !["/arrow-", "/parquet-"].iter().any(|library| file.contains(library)) {
            tell(panic);
        }
    }));
}

/// Says what went wrong.
fn failed(error: &Error) -> ExitCode {
    progress::clear_drawn();
    say(&format!("error: {}\n", failure::explain(error)));
    if let Some(hint) = hint::hint(error) {
        say(&format!("hint: {hint}\n"));
    }
    ExitCode::from(failure::exit_code(error))
}

/// Reads the arguments once more, if there are settings to stand in for some. Help and mistakes in
/// the arguments come first, so that a wrong setting is not in their way.
fn with_settings(matches: ArgMatches) -> Result<ArgMatches> {
    // Nothing in them can be set; `config` reads the settings itself, to tell which hold.
    let apart = ["algorithms", "completions", "config", "man", "reference", "validate"];
    if matches.subcommand_name().is_some_and(|name| apart.contains(&name)) {
        return Ok(matches);
    }
    let settings = config::Settings::read()?;
    if settings.is_empty() {
        return Ok(matches);
    }
    let again = settings.apply(command()).try_get_matches();
    again.map_err(|error| Error::argument(error.to_string()))
}

fn bare_command() -> Command {
    Command::new("superstep")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Runs graph algorithms in supersteps")
        .after_help(EXAMPLES)
        .after_long_help(format!("{EXAMPLES}\n\n{EXIT_CODES}"))
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// The command with all subcommands.
fn command() -> Command {
    bare_command().subcommands(SUBCOMMANDS.iter().map(|(describe, _)| describe()))
}

/// The command with the subcommands that are for everybody.
fn public_command() -> Command {
    let all = SUBCOMMANDS.iter().map(|(describe, _)| describe());
    bare_command().subcommands(all.filter(|subcommand| !subcommand.is_hide_set()))
}

/// Tells the person at the terminal something.
fn say(text: &str) {
    // Without standard error there is nobody to tell.
    let _unheard = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_arguments_are_consistent() {
        super::command().debug_assert();
    }
}
