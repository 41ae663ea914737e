//! `superstep man`: the manual page, or one for each subcommand.

use std::fs;
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;
use superstep::{Error, Result};

use super::destination::Destination;

pub(super) fn command() -> Command {
    Command::new("man")
        .about("Writes the manual page, or a folder with one for each subcommand")
        .after_help(
            "Examples:\n  superstep man | man -l -\n  \
             superstep man --output-dir ~/.local/share/man/man1",
        )
        .arg(
            Arg::new("output-dir")
                .long("output-dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Write the pages of all subcommands to a folder, which is made if need be"),
        )
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    // Gives each subcommand its whole name.
    let mut command = super::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = matches.get_one::<PathBuf>("output-dir") else {
        let mut out = Destination::open(None)?;
        out.put(&page(command)?)?;
        return out.finish();
    };
    fs::create_dir_all(folder).map_err(|error| Error::io(folder, "create", error))?;
    let mut left = vec![command];
    while let Some(command) = left.pop() {
        left.extend(command.get_subcommands().cloned());
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let mut out = Destination::open(Some(&folder.join(format!("{name}.1"))))?;
        out.put(&page(command)?)?;
        out.finish()?;
    }
    Ok(())
}

/// Returns the page of a command.
fn page(command: Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let rendered = Man::new(command).render(&mut page);
    rendered.map_err(|error| Error::user(format!("the manual page: {error}")))?;
    Ok(page)
}
