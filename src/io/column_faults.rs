//! What can be wrong with a file of columns. Rows count from 1 and are told as lines.

use std::any::Any;
use std::fmt::Display;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::raise::raised;

/// A cell that is not what an edge needs.
#[derive(Debug)]
pub(super) struct WrongCell {
    /// The row in its batch.
    pub(super) row: usize,
    /// The column's place in the file, from 0, and its name.
    pub(super) column: (usize, String),
    pub(super) found: String,
    pub(super) expected: &'static str,
}

impl WrongCell {
    /// Gives it its place, in a batch whose first row is a given one of the file.
    pub(super) fn at(self, path: &Path, first_row: u64) -> Error {
        let (place, name) = self.column;
        ErrorKind::Input {
            path: path.display().to_string(),
            line: first_row + self.row as u64 + 1,
            column: place as u64 + 1,
            found: format!("{} in the column {name:?}", self.found),
            expected: self.expected.to_owned(),
        }
        .into()
    }
}

/// Makes an error of a file that is not what it should be, or no further from some row on.
pub(super) fn damaged(path: &Path, row: u64, found: impl Into<String>, expected: &str) -> Error {
    ErrorKind::Input {
        path: path.display().to_string(),
        line: row + 1,
        column: 1,
        found: found.into(),
        expected: expected.to_owned(),
    }
    .into()
}

/// Makes an error of what a library says of a file; `source` is the system's part in it.
pub(super) fn unreadable(
    path: &Path,
    row: u64,
    reason: &dyn Display,
    source: Option<&io::Error>,
    expected: &str,
) -> Error {
    match source {
        Some(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof
                    | io::ErrorKind::InvalidData
                    | io::ErrorKind::InvalidInput
                    | io::ErrorKind::Other
            ) =>
        {
            Error::io(path, "read", io::Error::new(error.kind(), error.to_string()))
        }
        _ => {
            let reason = reason.to_string();
            // In the words of the library that reads Parquet.
            match reason.split_once("Disabled feature at compile time: ") {
                Some((_, codec)) => {
                    let expected = "compression by Snappy, LZ4, gzip or zstd, or none";
                    damaged(path, row, format!("compression by {}", codec.trim()), expected)
                }
                None => damaged(path, row, format!("what cannot be read ({reason})"), expected),
            }
        }
    }
}

/// Reads a file; a library that panics over what is in it has found it damaged. An error that leaves
/// the task on the way, as of a job that is cancelled, stays what it is.
pub(super) fn guarded<T>(
    path: &Path,
    row: u64,
    expected: &str,
    read: impl FnOnce() -> Result<T>,
) -> Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|payload| {
        let panic = match raised(payload) {
            Ok(error) => return Err(error),
            Err(panic) => panic,
        };
        let reason = panic_text(&*panic);
        Err(damaged(path, row, format!("what cannot be read ({reason})"), expected))
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raise::raise;

    #[test]
    fn a_panic_of_a_library_is_damage_and_an_error_on_its_way_out_of_the_task_stays_one() {
        let path = Path::new("g.parquet");
        let read = |read: fn() -> Result<u8>| guarded(path, 4, "a file", read);
        assert_eq!(read(|| Ok(7)).unwrap(), 7);
        let panicked = read(|| panic!("no such page")).unwrap_err().to_string();
        let expected = "g.parquet:5:1: found what cannot be read (no such page), expected a file";
        assert_eq!(panicked, expected);
        let raised = read(|| raise(Error::user("cancelled"))).unwrap_err().to_string();
        assert_eq!(raised, Error::user("cancelled").to_string());
    }
}
