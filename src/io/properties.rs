//! Files of `key = value` lines, as Java's programs write their properties.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// Returns the keys and values of a properties file with the numbers of their lines.
pub(super) fn entries(text: &str) -> Vec<(u64, &str, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.starts_with(['#', '!']));
    let entry = |(number, line): (u64, &str)| {
        let (key, value) = line.split_once(['=', ':'])?;
        Some((number, key.trim_end(), value.trim_start()))
    };
    lines.filter_map(entry).collect()
}

/// What is wrong in a line of a properties file.
pub(super) fn wrong_entry(path: &Path, line: u64, found: &str, expected: &str) -> Error {
    let path = path.display().to_string();
    let (found, expected) = (found.to_owned(), expected.to_owned());
    ErrorKind::Input { path, line, column: 1, found, expected }.into()
}
