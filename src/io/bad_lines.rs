//! Lines that are wrong and are left out.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::input::{Chunk, Split, input_error, long_line, read_split, read_split_without_long};

/// How many lines of one split may be wrong.
const MOST: usize = 1 << 20;

/// How much is kept of a line that is too long.
const KEPT_BYTES: usize = 4 << 10;

/// Takes note of lines that do not follow their format, so that the others can be read.
///
/// Handles are cheap to clone and share their notes. A line is noted once however often it is read.
///
/// ```
/// # use superstep::prelude::*;
/// use superstep::io::{BadLines, ReadOptions, open_graph};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("graph.txt");
/// std::fs::write(&path, "1 2\n2 x\n2 3\n").unwrap();
/// let ctx = Context::local(2)?;
/// let bad = BadLines::default();
/// let options = ReadOptions { bad_lines: Some(bad.clone()), ..ReadOptions::default() };
/// let graph = open_graph(&ctx, &[path], &options)?.plain_graph(Graph::builder())?;
/// assert_eq!((graph.edge_count(), bad.count()), (2, 1));
/// assert!(bad.errors(10)[0].to_string().contains("graph.txt:2:3: found \"x\""));
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct BadLines(Arc<Mutex<Noted>>);

/// The bad lines of each split, which are replaced when the split is read again.
type Noted = BTreeMap<(PathBuf, u64), (Split, Vec<BadLine>)>;

#[derive(Debug)]
struct BadLine {
    offset: u64,
    column: u64,
    found: String,
    expected: String,
    text: Vec<u8>,
}

impl BadLines {
    /// Returns how many lines were left out.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.noted().values().map(|(_, lines)| lines.len() as u64).sum()
    }

    /// Returns what is wrong with the first `most` of them, in the order of files and lines.
    #[must_use]
    pub fn errors(&self, most: usize) -> Vec<Error> {
        let noted = self.noted();
        let lines = noted.values().flat_map(|(split, lines)| lines.iter().map(move |l| (split, l)));
        let errors = lines.take(most).map(|(split, line)| {
            let (found, expected) = (line.found.clone(), line.expected.clone());
            input_error(split, line.offset, line.column, found, expected)
        });
        errors.collect()
    }

    /// Writes the lines as they stand in their files, each with an end; of lines over the limit of
    /// 1 MiB, their first 4 KiB.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for (_, lines) in self.noted().values() {
            for line in lines {
                out.write_all(&line.text)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Forgets what an earlier reading of a split noted.
    pub(super) fn begin(&self, split: &Split) {
        self.noted().remove(&(split.path.clone(), split.start));
    }

    /// Notes a line of a split that is too long.
    pub(super) fn note_long(&self, split: &Split, offset: u64, text: &[u8]) -> Result<()> {
        let kept = text.get(..KEPT_BYTES).unwrap_or(text);
        self.note(split, (offset, 1), long_line(text.len() as u64), kept)
    }

    /// Notes a line of a split.
    pub(super) fn note(
        &self,
        split: &Split,
        (offset, column): (u64, u64),
        (found, expected): (String, String),
        text: &[u8],
    ) -> Result<()> {
        let mut noted = self.noted();
        let key = (split.path.clone(), split.start);
        let (_, lines) = noted.entry(key).or_insert_with(|| (split.clone(), Vec::new()));
        if lines.len() == MOST {
            let path = split.path.display();
            return Err(Error::user(format!("{path}: more than {MOST} lines are wrong")));
        }
        lines.push(BadLine { offset, column, found, expected, text: text.to_vec() });
        Ok(())
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the lines that a split owns. Where a note is taken of bad lines, those that are too long
/// are left out.
pub(super) fn read_most(
    split: &Split,
    bad_lines: Option<&BadLines>,
    each: impl FnMut(Chunk<'_>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    let Some(bad_lines) = bad_lines else { return read_split(split, each) };
    bad_lines.begin(split);
    let note = &mut |offset, text: &[u8]| bad_lines.note_long(split, offset, text);
    read_split_without_long(split, note, each)
}
