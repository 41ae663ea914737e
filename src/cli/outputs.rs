//! The files that a command writes: each another one, and none of those it reads.

use std::fs;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use superstep::{Error, Result};

use super::destination::{STDOUT, folder_of};
use super::graph_source::collected;

/// The options that name a file to write.
const OPTIONS: [&str; 3] = ["output", "report", "plot"];

/// Where something is written.
#[derive(PartialEq)]
enum Place {
    Stdout,
    File(PathBuf),
    /// What can be written by several.
    Device,
}

/// Checks that what a command writes beside its result goes to other files than the result, and does
/// not replace an input. A result may replace what it was made of, since it appears when it is whole.
///
/// # Errors
/// [`ErrorKind::Argument`](superstep::ErrorKind::Argument), with both names.
pub(super) fn check_outputs(matches: &ArgMatches) -> Result<()> {
    let file = |name| matches.try_get_one::<PathBuf>(name).ok().flatten();
    let inputs: Vec<_> = match matches.try_get_many::<PathBuf>("input") {
        Ok(Some(inputs)) => inputs.map(|path| place(path)).collect(),
        _ => Vec::new(),
    };
    let named = OPTIONS.iter().filter_map(|name| Some((*name, file(name)?.as_path())));
    let mut outputs: Vec<_> =
        named.chain(collected(matches).map(|path| ("on-error", path))).collect();
    if !outputs.iter().any(|(name, _)| *name == "output") {
        outputs.insert(0, ("output", Path::new(STDOUT)));
    }
    let places: Vec<_> = outputs.iter().map(|(name, path)| (*name, place(path))).collect();
    for (index, (name, own)) in places.iter().enumerate() {
        if *own == Place::Device {
            continue;
        }
        if let Some((other, _)) = places.iter().take(index).find(|(_, place)| place == own) {
            return Err(Error::argument(format!("--{name} and --{other} name the same file")));
        }
        if *name != "output" && *own != Place::Stdout && inputs.contains(own) {
            return Err(Error::argument(format!("--{name} would replace an input")));
        }
    }
    Ok(())
}

fn place(path: &Path) -> Place {
    if path == Path::new(STDOUT) {
        return Place::Stdout;
    }
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => Place::Device,
        Ok(_) => Place::File(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())),
        // It is made in its folder.
        Err(_) => {
            let folder = fs::canonicalize(folder_of(path));
            let name = path.file_name().unwrap_or_default();
            Place::File(folder.map_or_else(|_| path.to_owned(), |folder| folder.join(name)))
        }
    }
}
