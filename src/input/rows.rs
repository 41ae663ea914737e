//! The rows of a split as an iterator.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam::channel::{Sender, bounded};

use crate::error::{Error, Result};

use super::splits::Split;

/// Rows that travel from a decompressing thread at once.
const BATCH_ROWS: usize = 1 << 14;
/// Batches that may wait for their reader.
const WAITING_BATCHES: usize = 4;

/// Takes the rows that a parser finds.
pub(crate) struct Batches<T> {
    rows: Vec<T>,
    sender: Option<Sender<Result<Vec<T>>>>,
}

impl<T> Batches<T> {
    /// Takes a row; breaks when nobody reads on.
    #[inline]
    pub(crate) fn push(&mut self, row: T) -> ControlFlow<()> {
        self.rows.push(row);
        match &self.sender {
            Some(sender) if self.rows.len() == BATCH_ROWS => {
                let full = std::mem::replace(&mut self.rows, Vec::with_capacity(BATCH_ROWS));
                match sender.send(Ok(full)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Reads a split with a parser and returns its rows.
///
/// The rows of a plain split, which is small, are read at once. A compressed file may be of any
/// size: it is read by a thread of its own, a few batches ahead, so that memory stays bounded and
/// decompression overlaps with the use of the rows. Its errors end the rows as an `Err`.
pub(crate) fn split_rows<T: Send + 'static>(
    split: Split,
    read: impl FnOnce(&Split, &mut Batches<T>) -> Result<()> + Send + 'static,
) -> Result<Box<dyn Iterator<Item = Result<T>>>> {
    if !split.compressed {
        let mut batches = Batches { rows: Vec::new(), sender: None };
        read(&split, &mut batches)?;
        return Ok(Box::new(batches.rows.into_iter().map(Ok)));
    }
    let (sender, receiver) = bounded(WAITING_BATCHES);
    let path = split.path.clone();
    let thread = thread::Builder::new().name("superstep-input".to_owned());
    let reader = thread.spawn(move || {
        let mut batches = Batches { rows: Vec::new(), sender: Some(sender.clone()) };
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
