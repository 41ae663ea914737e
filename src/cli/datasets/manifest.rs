//! The manifest of public graphs: a TOML file with a table for each.

use std::fs;
use std::path::Path;

use superstep::{Error, ErrorKind, Result};
use toml::de::{DeTable, DeValue};

/// The manifest that the command brings along.
const OWN: &str = include_str!("manifest.toml");

/// A public graph.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dataset {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) url: String,
    pub(super) licence: String,
    /// Options with which the graph is read as it is meant.
    pub(super) run: String,
    pub(super) vertices: Option<u64>,
    pub(super) edges: Option<u64>,
    /// The size of the file that is downloaded.
    pub(super) bytes: Option<u64>,
    /// Its size as rounded by the publisher, where that is all there is.
    pub(super) size: String,
    /// In lower case.
    pub(super) sha256: Option<String>,
    /// Members to extract; none when the file is the graph.
    pub(super) files: Vec<String>,
    /// Where other files are that belong to the graph.
    pub(super) beside: Vec<String>,
}

/// Reads a manifest, or the one that the command brings along.
pub(super) fn read(path: Option<&Path>) -> Result<Vec<Dataset>> {
    match path {
        None => parse("manifest.toml", OWN),
        Some(path) => {
            let text = fs::read_to_string(path);
            let text = text.map_err(|error| Error::io(path, "read", error))?;
            parse(&path.display().to_string(), &text)
        }
    }
}

fn parse(path: &str, text: &str) -> Result<Vec<Dataset>> {
    let wrong = |at: usize, found: String, expected: &str| -> Error {
        let (line, column) = crate::cli::config::place(text, at);
        let (path, expected) = (path.to_owned(), expected.to_owned());
        ErrorKind::Input { path, line, column, found, expected }.into()
    };
    let tables = DeTable::parse(text).map_err(|error| {
        let at = error.span().unwrap_or_default().start;
        wrong(at, error.message().to_owned(), "TOML")
    })?;
    let mut sets = Vec::new();
    for (name, table) in tables.get_ref() {
        let name_text = name.get_ref().as_ref();
        if !is_plain(name_text) {
            let found = format!("{name_text:?}");
            return Err(wrong(name.span().start, found, "a name that can be a file's"));
        }
        let DeValue::Table(fields) = table.get_ref() else {
            let found = format!("{name_text} = …");
            return Err(wrong(table.span().start, found, "a table for each graph"));
        };
        let mut set = Dataset { name: name_text.to_owned(), ..Dataset::default() };
        for (key, value) in fields {
            let (key_text, at) = (key.get_ref().as_ref(), value.span().start);
            let text = value.get_ref().as_str().map(ToOwned::to_owned);
            let number =
                value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
            let found = || format!("{key_text} that is not right");
            let text = || text.clone().ok_or_else(|| wrong(at, found(), "text"));
            let number = || number.ok_or_else(|| wrong(at, found(), "a whole number"));
            match key_text {
                "about" => set.about = text()?,
                "url" => set.url = text()?,
                "licence" => set.licence = text()?,
                "run" => set.run = text()?,
                "vertices" => set.vertices = Some(number()?),
                "edges" => set.edges = Some(number()?),
                "bytes" => set.bytes = Some(number()?),
                "size" => set.size = text()?,
                "sha256" => {
                    let digest = text()?.to_lowercase();
                    if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(wrong(at, format!("{digest:?}"), "64 hexadecimal digits"));
                    }
                    set.sha256 = Some(digest);
                }
                "beside" => {
                    let urls = value.get_ref().as_array().into_iter().flat_map(|all| all.iter());
                    for url in urls {
                        let text = url.get_ref().as_str().map(ToOwned::to_owned);
                        let wrong = || wrong(url.span().start, found(), "URLs");
                        set.beside.push(text.ok_or_else(wrong)?);
                    }
                }
                "files" => {
                    let members = value.get_ref().as_array().into_iter().flat_map(|all| all.iter());
                    for member in members {
                        let name = member.get_ref().as_str().unwrap_or_default();
                        if !name.split('/').all(is_plain) {
                            let expected = "the name of a member within the archive";
                            return Err(wrong(member.span().start, format!("{name:?}"), expected));
                        }
                        set.files.push(name.to_owned());
                    }
                }
                _ => {
                    let known = "about, url, beside, licence, run, vertices, edges, bytes, size, \
                                 sha256 or files";
                    return Err(wrong(key.span().start, format!("{key_text:?}"), known));
                }
            }
        }
        if set.url.is_empty() {
            return Err(wrong(name.span().start, format!("{name_text:?} without a url"), "a url"));
        }
        sets.push(set);
    }
    Ok(sets)
}

/// True for what can be the name of a file and nothing else.
fn is_plain(name: &str) -> bool {
    let is_good = |c: char| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(is_good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_manifest_is_well_formed() {
        let sets = read(None).unwrap();
        assert!(sets.len() > 20);
        for set in sets {
            // Publishers that offer nothing else.
            let plain = ["http://data.law.di.unimi.it/", "http://konect.cc/"];
            for url in set.beside.iter().chain([&set.url]) {
                let is_plain = plain.iter().any(|publisher| url.starts_with(publisher));
                assert!(url.starts_with("https://") || is_plain, "{set:?}");
            }
            assert!(!set.about.is_empty() && !set.licence.is_empty(), "{set:?}");
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for text in [
            "[\"../x\"]\nurl = \"u\"\n",
            "[x]\nurl = \"u\"\nfiles = [\"../../etc/passwd\"]\n",
            "[x]\nurl = \"u\"\nfiles = [\"/etc/passwd\"]\n",
            "[x]\nurl = \"u\"\nfiles = [7]\n",
            "[x]\nurl = \"u\"\nsha256 = \"12\"\n",
            "[x]\nurl = \"u\"\nsize = 3\n",
            "[x]\nurl = \"u\"\nlength = 3\n",
            "[x]\nurl = \"u\"\nbeside = [3]\n",
            "[x]\nabout = \"u\"\n",
            "x = 1\n",
        ] {
            let error = parse("m.toml", text).unwrap_err();
            assert!(error.to_string().starts_with("m.toml:"), "{error}");
        }
    }
}
