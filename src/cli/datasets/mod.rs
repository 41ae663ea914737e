//! `superstep datasets`: public graphs, listed and downloaded.

mod download;
mod extract;
mod manifest;
mod part;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, value_parser};
use superstep::{Error, Result};

use super::destination::Destination;
use super::progress::Progress;
use super::run::quiet_argument;
use super::say;
use manifest::Dataset;

pub(super) fn command() -> Command {
    let manifest = || {
        Arg::new("manifest")
            .long("manifest")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("A TOML file with a table for each graph [default: the one that comes along]")
    };
    Command::new("datasets")
        .about("Lists public graphs and downloads them")
        .after_help("Examples:\n  superstep datasets list\n  superstep datasets get wiki-Vote")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("list")
                .about("Lists the graphs: name, vertices, edges, size of the file where its publisher states it, licence, what it is, where it is")
                .after_help("Examples:\n  superstep datasets list")
                .arg(manifest()),
        )
        .subcommand(
            Command::new("get")
                .about(
                    "Downloads a graph, goes on where an earlier download ended, and verifies it",
                )
                .after_help("Examples:\n  superstep datasets get wiki-Vote --dir graphs")
                .arg(
                    Arg::new("NAME")
                        .value_name("NAME")
                        .required(true)
                        .help("The graph's name, as listed"),
                )
                .arg(
                    Arg::new("dir")
                        .long("dir")
                        .value_name("DIR")
                        .value_parser(value_parser!(PathBuf))
                        .help("The folder to put it in, made if need be [default: datasets]"),
                )
                .arg(manifest())
                .arg(quiet_argument()),
        )
}

pub(super) fn main(matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("list", matches)) => list(matches),
        Some(("get", matches)) => get(matches),
        _ => Ok(()),
    }
}

fn sets(matches: &ArgMatches) -> Result<Vec<Dataset>> {
    manifest::read(matches.get_one::<PathBuf>("manifest").map(PathBuf::as_path))
}

fn list(matches: &ArgMatches) -> Result<()> {
    let mut text = String::from("#name\tvertices\tedges\tsize\tlicence\tabout\turl\n");
    for set in sets(matches)? {
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let (vertices, edges) = (count(set.vertices), count(set.edges));
        let size = set.bytes.map_or(set.size, |bytes| format!("{bytes} B"));
        let Dataset { name, licence, about, url, .. } = set;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}\t{vertices}\t{edges}\t{size}\t{licence}\t{about}\t{url}");
    }
    let mut out = Destination::open(None)?;
    out.put(text.as_bytes())?;
    out.finish()
}

fn get(matches: &ArgMatches) -> Result<()> {
    let name = matches.get_one::<String>("NAME").map(String::as_str).unwrap_or_default();
    let sets = sets(matches)?;
    let Some(set) = sets.iter().find(|set| set.name == name) else {
        let names: Vec<_> = sets.iter().map(|set| set.name.as_str()).collect();
        let meant = similar(name, &names);
        let meant = meant.map(|meant| format!("did you mean {meant}? There are "));
        let meant = meant.unwrap_or_else(|| "there are ".to_owned());
        return Err(Error::argument(format!("no graph {name:?}; {meant}{}", names.join(", "))));
    };
    let folder = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_else(|| "datasets".into());
    fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, "create", error))?;

    let quiet = matches.get_flag("quiet");
    let progress = Progress::new(quiet);
    let got = put(set, &folder, &progress);
    progress.clear();
    let files = got?;
    let mut out = Destination::open(None)?;
    for file in files {
        out.put(format!("{}\n", file.display()).as_bytes())?;
    }
    out.finish()?;
    if !quiet {
        let licence = if set.licence.is_empty() { "none stated" } else { &set.licence };
        let about = if set.about.is_empty() { &set.name } else { &set.about };
        say(&format!("{about}; licence: {licence}\n"));
        if !set.run.is_empty() {
            say(&format!("read it with {}\n", set.run));
        }
    }
    Ok(())
}

/// The name that was probably meant, which clap knows to find.
fn similar(name: &str, names: &[&str]) -> Option<String> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let parser = PossibleValuesParser::new(names.clone());
    let command = Command::new("get").no_binary_name(true);
    let command = command.arg(Arg::new("NAME").value_parser(parser));
    let message = command.try_get_matches_from([name]).err()?.to_string();
    let tip = message.lines().find_map(|line| line.trim().strip_prefix("tip: "))?;
    names.into_iter().find(|name| tip.contains(&format!("'{name}'")))
}

/// Downloads a graph to a folder and returns its files.
fn put(set: &Dataset, folder: &Path, progress: &Progress) -> Result<Vec<PathBuf>> {
    let name = file_name(set, &set.url);
    let mut wanted: Vec<PathBuf> = if set.files.is_empty() {
        vec![folder.join(&name)]
    } else {
        set.files.iter().map(|member| folder.join(base_name(member))).collect()
    };
    if !wanted.iter().all(|file| file.is_file()) {
        let file = download::download(set, folder, &name, progress)?;
        if !set.files.is_empty() {
            progress.wait("extracting");
            extract::extract(&file, &set.files, folder)?;
            fs::remove_file(&file).map_err(|error| Error::io(&file, "remove", error))?;
        }
    }
    for url in &set.beside {
        let name = file_name(set, url);
        let file = folder.join(&name);
        if !file.is_file() {
            let other = Dataset { url: url.clone(), ..Dataset::default() };
            download::download(&other, folder, &name, progress)?;
        }
        wanted.push(file);
    }
    Ok(wanted)
}

/// The name of a file that is downloaded: the graph's, with the extensions of the URL's.
fn file_name(set: &Dataset, url: &str) -> String {
    let last = url.rsplit('/').next().unwrap_or_default();
    let last = last.split(['?', '#']).next().unwrap_or_default();
    let is_good = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let known = [".tar.gz", ".tar.bz2", ".tar.zst", ".txt.gz", ".tsv.gz", ".csv.gz"];
    let extension = known.into_iter().find(|known| last.ends_with(known));
    let other = || last.rsplit_once('.').map(|(_, end)| format!(".{end}"));
    let extension = extension.map(str::to_owned).or_else(other);
    let extension = extension.filter(|text| text.chars().all(is_good)).unwrap_or_default();
    format!("{}{extension}", set.name)
}

/// The last part of the name of a member.
fn base_name(member: &str) -> &str {
    member.rsplit('/').next().unwrap_or(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_for_the_graph() {
        for (url, expected) in [
            ("https://x/facebook_combined.txt.gz", "ego.txt.gz"),
            ("https://x/a/b.tar.zst?v=1", "ego.tar.zst"),
            ("https://x/b.mtx", "ego.mtx"),
            ("https://x/b.m%2Ft", "ego"),
            ("https://x/", "ego"),
        ] {
            let set = Dataset { name: "ego".into(), ..Dataset::default() };
            assert_eq!(file_name(&set, url), expected);
        }
    }
}
