//! The rows of a split as an iterator, or in batches.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam::channel::bounded;

use crate::error::{Error, Result};

use super::splits::{DEFAULT_SPLIT_BYTES, Split};

/// Rows that travel from a decompressing thread at once.
const BATCH_ROWS: usize = 1 << 14;
/// Batches that may wait for their reader.
const WAITING_BATCHES: usize = 4;

/// Takes the rows that a parser finds.
pub(crate) struct Batches<'a, T> {
    rows: Vec<T>,
    /// How many rows are passed on at once.
    limit: usize,
    /// Empties the vector; breaks when nobody reads on.
    pass_on: &'a mut dyn FnMut(&mut Vec<T>) -> ControlFlow<()>,
}

impl<'a, T> Batches<'a, T> {
    fn new(limit: usize, pass_on: &'a mut dyn FnMut(&mut Vec<T>) -> ControlFlow<()>) -> Self {
        Self { rows: Vec::new(), limit, pass_on }
    }

    /// Takes a row; breaks when nobody reads on.
    #[inline]
    pub(crate) fn push(&mut self, row: T) -> ControlFlow<()> {
        self.rows.push(row);
        if self.rows.len() < self.limit {
            return ControlFlow::Continue(());
        }
        (self.pass_on)(&mut self.rows)
    }
}

/// Reads a split with a parser and passes its rows on, `limit` at once.
pub(crate) fn feed_rows<T>(
    split: &Split,
    limit: usize,
    read: impl FnOnce(&Split, &mut Batches<'_, T>) -> Result<()>,
    take: &mut dyn FnMut(&mut Vec<T>) -> Result<()>,
) -> Result<()> {
    let mut taken = Ok(());
    let mut pass_on = |rows: &mut Vec<T>| {
        taken = take(rows);
        rows.clear();
        if taken.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let mut batches = Batches::new(limit, &mut pass_on);
    read(split, &mut batches)?;
    let mut last = batches.rows;
    taken?;
    if last.is_empty() { Ok(()) } else { take(&mut last) }
}

/// Reads a split with a parser and returns its rows.
///
/// The rows of a plain split, which is small, are read at once. A compressed file, or one that is
/// not cut, may be of any size: it is read by a thread of its own, a few batches ahead, so that memory stays bounded and
/// decompression overlaps with the use of the rows. Its errors end the rows as an `Err`.
pub(crate) fn split_rows<T: Send + 'static>(
    split: Split,
    read: impl FnOnce(&Split, &mut Batches<'_, T>) -> Result<()> + Send + 'static,
) -> Result<Box<dyn Iterator<Item = Result<T>>>> {
    if split.compression.is_none() && split.end - split.start <= DEFAULT_SPLIT_BYTES {
        let mut keep = |_: &mut Vec<T>| ControlFlow::Continue(());
        let mut batches = Batches::new(usize::MAX, &mut keep);
        read(&split, &mut batches)?;
        return Ok(Box::new(batches.rows.into_iter().map(Ok)));
    }
    let (sender, receiver) = bounded(WAITING_BATCHES);
    let path = split.path.clone();
    let thread = thread::Builder::new().name("superstep-input".to_owned());
    let reader = thread.spawn(move || {
        let send = |rows: Vec<T>| match sender.send(Ok(rows)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let mut pass_on =
            |rows: &mut Vec<T>| send(std::mem::replace(rows, Vec::with_capacity(BATCH_ROWS)));
        let mut batches = Batches::new(BATCH_ROWS, &mut pass_on);
        // A parser that panics must end the rows with an error, not as if they were complete.
        let read = catch_unwind(AssertUnwindSafe(|| read(&split, &mut batches)));
        let read = read.unwrap_or_else(|_| Err(Error::internal("a parser panicked")));
        let last = read.map(|()| batches.rows);
        // Nobody may be listening any more; then the rows are not wanted.
        drop(sender.send(last));
    });
    reader.map_err(|error| Error::io(path, "start a thread to read", error))?;
    Ok(Box::new(receiver.into_iter().flat_map(|batch| {
        let (rows, error) = match batch {
            Ok(rows) => (rows, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        rows.into_iter().map(Ok).chain(error)
    })))
}
