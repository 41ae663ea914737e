//! Rows of results as files have them: `id value` lines.

use std::path::Path;
use std::str::FromStr;

use crate::error::{ErrorKind, Result};
use crate::graph::VertexId;
use crate::input::read_utf8;

/// Reads `id value` lines, plain or gzip, in their order. Blanks, tabs or a comma are between the
/// two; further columns, blank lines and lines that begin with `#` are skipped.
///
/// # Errors
/// [`ErrorKind::Io`] when the file cannot be read, and [`ErrorKind::Input`] with the place of a
/// field that is not what `expected` says, or [`ErrorKind::BinaryInput`] of a file that is no text.
pub fn read_rows<T: FromStr>(path: impl AsRef<Path>, expected: &str) -> Result<Vec<(VertexId, T)>> {
    let path = path.as_ref();
    let text = read_utf8(path)?.map_err(|error| ErrorKind::BinaryInput {
        path: path.display().to_string(),
        byte: error.valid_up_to() as u64,
        part: "rows of a result".to_owned(),
        found: "bytes that are not UTF-8".to_owned(),
        expected: "lines of text".to_owned(),
    })?;
    let mut rows = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim_end_matches('\r');
        if content.trim_start().starts_with('#') || content.trim().is_empty() {
            continue;
        }
        let mut fields = fields(content);
        let wrong = |(at, found): (usize, &str), expected: &str| ErrorKind::Input {
            path: path.display().to_string(),
            line,
            column: at as u64 + 1,
            found: if found.is_empty() { "end of line".to_owned() } else { format!("{found:?}") },
            expected: expected.to_owned(),
        };
        let end = (content.len(), "");
        let id = fields.next().unwrap_or(end);
        let value = fields.next().unwrap_or(end);
        let id = id.1.parse().map_err(|_| wrong(id, "a vertex id"))?;
        rows.push((id, value.1.parse().map_err(|_| wrong(value, expected))?));
    }
    Ok(rows)
}

/// The fields of a line with their places in bytes.
fn fields(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let separators = [' ', '\t', ','];
    let base = line.as_ptr() as usize;
    let fields = line.split(separators).filter(|field| !field.is_empty());
    fields.map(move |field| (field.as_ptr() as usize - base, field))
}
