//! Files of `key = value` lines, as Java's programs write their properties.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// Returns the keys and values of a properties file with the numbers of their lines.
pub(super) fn entries(text: &str) -> Vec<(u64, &str, &str)> {
    let mut entries = Vec::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if !line.starts_with(['#', '!'])
            && let Some((key, value)) = line.split_once(['=', ':'])
        {
            entries.push((number, key.trim_end(), value.trim_start()));
        }
    }
    entries
}

/// What is wrong in a line of a properties file.
pub(super) fn wrong_entry(path: &Path, line: u64, found: &str, expected: &str) -> Error {
    let path = path.display().to_string();
    let (found, expected) = (found.to_owned(), expected.to_owned());
    ErrorKind::Input { path, line, column: 1, found, expected }.into()
}
