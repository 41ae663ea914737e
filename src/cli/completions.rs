//! `superstep completions`: what a shell needs to complete commands and options.

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::{Shell, generate};
use superstep::Result;

use super::destination::Destination;

pub(super) fn command() -> Command {
    Command::new("completions")
        .about("Writes a script with which a shell completes commands and options")
        .after_help(
            "Examples:\n  \
             superstep completions bash > ~/.local/share/bash-completion/completions/superstep\n  \
             superstep completions zsh > ~/.zfunc/_superstep\n  \
             superstep completions fish > ~/.config/fish/completions/superstep.fish",
        )
        .arg(
            Arg::new("SHELL")
                .value_name("SHELL")
                .required(true)
                .value_parser(value_parser!(Shell))
                .help("The shell"),
        )
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let mut script = Vec::new();
    if let Some(shell) = matches.get_one::<Shell>("SHELL") {
        generate(*shell, &mut super::public_command(), "superstep", &mut script);
    }
    let mut out = Destination::open(None)?;
    out.put(&script)?;
    out.finish()
}
