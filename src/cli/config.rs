//! Settings that hold until an option says otherwise, from the environment and from a file; and
//! `superstep config`, which tells what holds and why.
//!
//! A setting is an option that many subcommands have. What an option says goes before what
//! `SUPERSTEP_<NAME>` says in the environment, that before what the file says, and that before the
//! default. The values of environment and file become the options' defaults, after they were
//! checked as the option itself would be.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use superstep::{Error, ErrorKind, Result};
use toml::de::{DeTable, DeValue};

use super::destination::Destination;
use super::engine::{self, threads_argument};
use super::run::quiet_argument;

/// The variable that names the file.
const FILE_VARIABLE: &str = "SUPERSTEP_CONFIG";

const ABOUT_FILES: &str = "\
The file is the one that SUPERSTEP_CONFIG names, else superstep/config.toml in the folder for
configuration ($XDG_CONFIG_HOME or ~/.config). It has a line for each setting, such as
  threads = 4
  memory = \"2GiB\"
In the environment the same settings are SUPERSTEP_THREADS and SUPERSTEP_MEMORY. Options go first,
then the environment, then the file: --quiet=false and --speculation=false undo what either says.

Examples:
  superstep config
  SUPERSTEP_MEMORY=1GiB superstep config --threads 2";

pub(super) fn command() -> Command {
    Command::new("config")
        .about("Lists the settings: what holds, and what says so")
        .after_help(ABOUT_FILES)
        .args(settings())
}

/// The options that can be set once for all.
fn settings() -> Vec<Arg> {
    let mut settings = vec![threads_argument()];
    // Faults are not something to be had everywhere.
    settings.extend(engine::arguments().into_iter().filter(|arg| arg.get_id() != "chaos"));
    settings.push(quiet_argument());
    settings
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    let given = Settings::read()?;
    let mut text = String::new();
    for setting in settings() {
        let name = setting.get_id().as_str();
        let (value, source) = match matches.value_source(name) {
            Some(ValueSource::CommandLine) => {
                (shown(matches, &setting), format!("option --{name}"))
            }
            _ => match given.values.get(name) {
                Some(value) => (value.text.clone(), value.source.to_string()),
                None => (default_of(&setting), "default".to_owned()),
            },
        };
        text.push_str(&format!("{name}\t{value}\t{source}\n"));
    }
    let mut out = Destination::open(None)?;
    out.put(text.as_bytes())?;
    out.finish()
}

/// The text of an option that was given.
fn shown(matches: &ArgMatches, setting: &Arg) -> String {
    let name = setting.get_id().as_str();
    if is_flag(setting) {
        return matches.get_flag(name).to_string();
    }
    let raw = matches.get_raw(name).and_then(|mut values| values.next());
    raw.map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What the help says the default is.
fn default_of(setting: &Arg) -> String {
    if is_flag(setting) {
        return false.to_string();
    }
    let help = setting.get_help().map(ToString::to_string).unwrap_or_default();
    let default = help.split_once("[default: ").and_then(|(_, end)| end.strip_suffix(']'));
    default.unwrap_or("none").to_owned()
}

fn is_flag(setting: &Arg) -> bool {
    setting.get_default_values() == ["false"]
}

/// What environment and file say.
#[derive(Debug, Default)]
pub(super) struct Settings {
    values: BTreeMap<String, Value>,
}

/// A value and what says so.
#[derive(Debug)]
struct Value {
    text: String,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Environment(String),
    File { path: PathBuf, line: usize },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::File { path, line } => write!(f, "file {}:{line}", path.display()),
        }
    }
}

impl Settings {
    /// Reads the environment and the file.
    pub(super) fn read() -> Result<Self> {
        let mut read = match file()? {
            Some((path, text)) => of_file(&path, &text)?,
            None => Self::default(),
        };
        for setting in settings() {
            let name = setting.get_id().to_string();
            let variable = variable(&name);
            let Some(text) = env::var_os(&variable) else { continue };
            let text = text.to_string_lossy().into_owned();
            if let Err(reason) = check(&setting, &text) {
                return Err(Error::argument(format!(
                    "{variable}: found {text:?}, expected {reason}"
                )));
            }
            read.values.insert(name, Value { text, source: Source::Environment(variable) });
        }
        Ok(read)
    }

    /// True when nothing is set.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Makes what is set the default of all options of these names.
    pub(super) fn apply(&self, command: Command) -> Command {
        command
            .mut_args(|argument| match self.values.get(argument.get_id().as_str()) {
                Some(value) => argument.default_value(value.text.clone()),
                None => argument,
            })
            .mut_subcommands(|inner| self.apply(inner))
    }
}

/// The variable of a setting.
fn variable(name: &str) -> String {
    format!("SUPERSTEP_{}", name.to_uppercase().replace('-', "_"))
}

/// Returns the file's path and text, if there is one.
fn file() -> Result<Option<(PathBuf, String)>> {
    let failed = |path: &Path, error| Error::io(path, "read", error);
    if let Some(path) = env::var_os(FILE_VARIABLE).map(PathBuf::from) {
        // Without a name there is to be no file.
        if path.as_os_str().is_empty() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        return Ok(Some((path, text)));
    }
    let folder = |variable| env::var_os(variable).filter(|folder| !folder.is_empty());
    let folder = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA"))
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(folder("HOME")?).join(".config")));
    let Some(path) = folder.map(|folder| folder.join("superstep").join("config.toml")) else {
        return Ok(None);
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&path, error)),
    }
}

/// Takes the settings of a file.
fn of_file(path: &Path, text: &str) -> Result<Settings> {
    let wrong = |span: Range<usize>, found: String, expected: String| -> Error {
        let (line, column) = place(text, span.start);
        let path = path.display().to_string();
        ErrorKind::Input { path, line, column, found, expected }.into()
    };
    let table = DeTable::parse(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        wrong(span, error.message().to_owned(), "TOML".to_owned())
    })?;
    let known = settings();
    let mut read = Settings::default();
    for (key, value) in table.get_ref() {
        let name = key.get_ref().as_ref();
        let Some(setting) = known.iter().find(|setting| setting.get_id() == name) else {
            let names: Vec<_> = known.iter().map(|setting| setting.get_id().as_str()).collect();
            let expected = format!("a setting: {}", names.join(", "));
            return Err(wrong(key.span(), format!("{name:?}"), expected));
        };
        let given = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(said) => said.to_string(),
            other => {
                let found = format!("a value of type {}", other.type_str());
                return Err(wrong(value.span(), found, format!("the value of --{name}")));
            }
        };
        if let Err(reason) = check(setting, &given) {
            return Err(wrong(value.span(), format!("{given:?}"), reason));
        }
        let (line, _) = place(text, key.span().start);
        let source = Source::File { path: path.to_owned(), line: line as usize };
        read.values.insert(name.to_owned(), Value { text: given, source });
    }
    Ok(read)
}

/// Checks a value as the option would; else returns what is wrong.
fn check(setting: &Arg, value: &str) -> Result<(), String> {
    let name = setting.get_id();
    if is_flag(setting) {
        return match value {
            "true" | "false" => Ok(()),
            _ => Err(format!("a value of --{name}: true or false")),
        };
    }
    let command = Command::new("check").no_binary_name(true).arg(setting.clone());
    match command.try_get_matches_from([format!("--{name}={value}")]) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = error.to_string();
            // The first line ends with what is wrong; the next may tell what can be chosen.
            let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
            let choices = rest.lines().map(str::trim).find(|line| line.starts_with('['));
            let reason = first.rsplit_once("': ").map(|(_, reason)| reason).or(choices);
            let reason = reason.unwrap_or(first);
            let reason = reason.strip_prefix("expected ").unwrap_or(reason);
            Err(format!("a value of --{name}: {reason}"))
        }
    }
}

/// The line and the column of a byte, from 1.
pub(super) fn place(text: &str, at: usize) -> (u64, u64) {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    (line as u64 + 1, (before.len() - start) as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_settings_with_their_lines() {
        let text = "# usual\nthreads = 2\nmemory = \"1GiB\"\nquiet = true\n";
        let read = of_file(Path::new("c.toml"), text).unwrap();
        let shown: Vec<_> = read
            .values
            .iter()
            .map(|(name, value)| format!("{name} {} {}", value.text, value.source))
            .collect();
        assert_eq!(
            shown,
            ["memory 1GiB file c.toml:3", "quiet true file c.toml:4", "threads 2 file c.toml:2"]
        );
    }

    #[test]
    fn what_is_wrong_in_a_file_is_told_with_its_place() {
        for (text, expected) in [
            (
                "threads = 2\nthread = 3\n",
                "c.toml:2:1: found \"thread\", expected a setting: threads, memory",
            ),
            (
                "threads = \"many\"\n",
                "c.toml:1:11: found \"many\", expected a value of --threads: a whole number from 0 to 1024",
            ),
            (
                "memory = [1]\n",
                "c.toml:1:10: found a value of type array, expected the value of --memory",
            ),
            ("quiet = 1\n", "c.toml:1:9: found \"1\", expected a value of --quiet: true or false"),
            ("threads\n", "c.toml:1:8: found "),
        ] {
            let message = of_file(Path::new("c.toml"), text).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
