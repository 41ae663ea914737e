//! `to_local_iterator`: all rows one after another, in bounded memory.

use std::fmt;
use std::ops::Range;
use std::thread::{self, JoinHandle};
use std::vec;

use crossbeam::channel::{Receiver, bounded};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::exec::CancelToken;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Returns an iterator over all rows in partition order, which computes a few partitions at a
    /// time: as many as there are worker threads, and as many again while the first are read.
    ///
    /// So it holds two such windows, where [`collect`](Self::collect) holds everything. Dropping
    /// the iterator early ends the window at work and leaves the rest uncomputed.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let squares = ctx.parallelize(1..=1000_u64, 10).map(|n| n * n);
    /// let mut sum = 0;
    /// for square in squares.to_local_iterator()? {
    ///     sum += square?;
    /// }
    /// assert_eq!(sum, 333_833_500);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the system refuses a thread. An error in computing a partition is the iterator's last
    /// item.
    pub fn to_local_iterator(&self) -> Result<LocalIterator<T>> {
        let window = self.runtime().pool.current_num_threads().max(1);
        let source = if self.runtime().pool.current_thread_index().is_some() {
            // Inside a task, waiting for other tasks could wait for itself.
            Source::Inline { rdd: self.clone(), next: 0, window }
        } else {
            self.windows_ahead(window)?
        };
        Ok(LocalIterator { source, parts: Vec::new().into_iter(), rows: Vec::new().into_iter() })
    }

    /// Starts a thread that computes windows of partitions, one ahead of the reader.
    fn windows_ahead(&self, window: usize) -> Result<Source<T>> {
        let rdd = self.clone();
        // What ends the jobs of this thread ends those of the other one, too.
        let outer = CancelToken::current().unwrap_or_default();
        let unread = CancelToken::new();
        let token = unread.clone();
        // Without a place to wait in, the thread that is ahead is ahead by one window.
        let (sender, windows) = bounded(0);
        let thread = thread::Builder::new().name("superstep-ahead".to_owned()).spawn(move || {
            let count = rdd.partition_count();
            for start in (0..count).step_by(window) {
                let partitions = start..(start + window).min(count);
                let rows = outer.enter(|| token.run(|| rdd.rows_of(partitions)));
                let failed = rows.is_err();
                if sender.send(rows).is_err() || failed {
                    return;
                }
            }
        });
        let thread = thread.map_err(|error| {
            Error::argument(format!("cannot start a thread to compute rows: {error}"))
        })?;
        Ok(Source::Ahead { windows, thread, unread })
    }

    /// Returns the rows of some partitions, by partition.
    fn rows_of(&self, partitions: Range<usize>) -> Result<Vec<Vec<T>>> {
        let partitions: Vec<_> = partitions.collect();
        self.runtime().run(&self.lineage, &partitions, |_, rows| Ok(rows.collect()))
    }
}

/// Where windows of partitions come from.
enum Source<T: 'static> {
    Ahead {
        windows: Receiver<Result<Vec<Vec<T>>>>,
        thread: JoinHandle<()>,
        /// Ends the window at work, which nobody reads any more.
        unread: CancelToken,
    },
    Inline {
        rdd: Rdd<T>,
        next: usize,
        window: usize,
    },
    /// After the last window or an error.
    Ended,
}

impl<T: Data> Source<T> {
    /// Returns the next window, or `None` after the last.
    fn next_window(&mut self) -> Option<Result<Vec<Vec<T>>>> {
        match self {
            Self::Ended => None,
            Self::Inline { rdd, next, window } => {
                let start = *next;
                let end = (start + *window).min(rdd.partition_count());
                *next = end;
                (start < end).then(|| rdd.rows_of(start..end))
            }
            Self::Ahead { windows, .. } => match windows.recv() {
                Ok(window) => Some(window),
                // The sender is gone: after the last window, or because its thread died.
                Err(_) => match self.end() {
                    Ok(()) => None,
                    Err(_) => Some(Err(Error::user("the thread that computes rows panicked"))),
                },
            },
        }
    }
}

impl<T> Source<T> {
    /// Ends the thread, if there is one, and waits for it: once it has ended, the RDD it held is
    /// free.
    fn end(&mut self) -> thread::Result<()> {
        match std::mem::replace(self, Self::Ended) {
            Self::Ahead { windows, thread, unread } => {
                unread.cancel("the iterator over its rows was dropped");
                drop(windows);
                thread.join()
            }
            Self::Inline { .. } | Self::Ended => Ok(()),
        }
    }
}

/// The rows of an RDD, computed a few partitions ahead; see [`Rdd::to_local_iterator`].
#[must_use = "iterators are lazy"]
pub struct LocalIterator<T: 'static> {
    source: Source<T>,
    parts: vec::IntoIter<Vec<T>>,
    rows: vec::IntoIter<T>,
}

impl<T: Data> Iterator for LocalIterator<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            if let Some(rows) = self.parts.next() {
                self.rows = rows.into_iter();
                continue;
            }
            match self.source.next_window()? {
                Ok(parts) => self.parts = parts.into_iter(),
                Err(error) => {
                    drop(self.source.end());
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<T> Drop for LocalIterator<T> {
    fn drop(&mut self) {
        // A panic of the thread has nobody left to hear of it.
        drop(self.source.end());
    }
}

impl<T> fmt::Debug for LocalIterator<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalIterator").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::event::Event;
    use crate::rdd::Context;
    use crate::{Error, Result};

    #[test]
    fn rows_come_in_order_for_any_number_of_partitions() -> Result<()> {
        let ctx = Context::local(2)?;
        for partitions in [1, 2, 3, 4, 5, 50] {
            let rdd = ctx.parallelize(0..20, partitions);
            let rows: Result<Vec<_>> = rdd.to_local_iterator()?.collect();
            assert_eq!(rows?, (0..20).collect::<Vec<_>>());
        }
        Ok(())
    }

    #[test]
    fn at_most_two_windows_are_computed_ahead() -> Result<()> {
        let ctx = Context::local(2)?;
        let computed = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&computed);
        let rdd = ctx.parallelize(0..100, 100).map(move |n| {
            seen.fetch_add(1, Ordering::Relaxed);
            n
        });
        let mut rows = rdd.to_local_iterator()?;
        assert_eq!(rows.next().transpose()?, Some(0));
        drop(rows);
        let computed = computed.load(Ordering::Relaxed);
        assert!((2..=4).contains(&computed), "{computed}");
        Ok(())
    }

    #[test]
    fn dropping_the_iterator_ends_even_a_window_without_end() -> Result<()> {
        let ctx = Context::local(2)?;
        let rdd = ctx.parallelize(0..4_u64, 4).flat_map(|n| 0..if n < 2 { 3 } else { u64::MAX });
        let mut rows = rdd.to_local_iterator()?;
        assert_eq!(rows.next().transpose()?, Some(0));
        drop(rows);
        ctx.stop()
    }

    #[test]
    fn a_task_can_iterate_over_another_rdd_even_on_one_thread() -> Result<()> {
        let ctx = Context::local(1)?;
        let inner = ctx.parallelize(0..10, 5);
        let sums = ctx.parallelize(0..2, 2).try_map(move |n| {
            let rows: Result<Vec<i32>> = inner.to_local_iterator()?.collect();
            Ok(n + rows?.iter().sum::<i32>())
        });
        assert_eq!(sums.collect()?, [45, 46]);
        Ok(())
    }

    #[test]
    fn a_panic_beside_the_tasks_ends_the_rows_with_an_error() -> Result<()> {
        let listener = |event: &Event| {
            assert!(!matches!(event, Event::StageStarted { stage: 1, .. }), "the listener panics");
        };
        let ctx = Context::builder().threads(1).listener(listener).build()?;
        let mut rows = ctx.parallelize(0..4, 4).to_local_iterator()?;
        assert_eq!(rows.next().transpose()?, Some(0));
        assert!(rows.next().is_some_and(|row| row.is_err()));
        assert!(rows.next().is_none());
        Ok(())
    }

    #[test]
    fn an_error_is_the_last_item() -> Result<()> {
        let ctx = Context::builder().threads(1).task_attempts(1).build()?;
        let check = |n| if n == 3 { Err(Error::user("three")) } else { Ok(n) };
        let rdd = ctx.parallelize(0..6, 6).try_map(check);
        let mut rows = rdd.to_local_iterator()?;
        for expected in 0..3 {
            assert_eq!(rows.next().transpose()?, Some(expected));
        }
        assert!(rows.next().is_some_and(|row| row.is_err()));
        assert!(rows.next().is_none());
        Ok(())
    }
}
