//! One attempt at one partition, and the way errors leave it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::chaos::{self, Fault, Injector};
use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::raise::{raise, raised};
use crate::storage::{Batch, Block};

use super::cancel::CancelToken;
use super::{Rows, Runtime, ShuffleCore};

/// Rows between two looks at whether the task should go on.
const ROWS_BETWEEN_LOOKS: u64 = 256;

/// What a computation may ask about the task it runs in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) runtime: Arc<Runtime>,
    attempt: Arc<Attempt>,
}

/// What makes an attempt end early.
pub(super) struct Attempt {
    token: CancelToken,
    /// Another attempt at the same task was faster.
    overtaken: Arc<AtomicBool>,
    /// A fault in the middle, and the rows until then.
    fault: Option<(Fault, Arc<Injector>)>,
    rows_to_fault: AtomicU64,
}

impl Attempt {
    pub(super) fn new(
        token: &CancelToken,
        overtaken: &Arc<AtomicBool>,
        fault: Option<(Fault, Arc<Injector>)>,
        rows_to_fault: u64,
    ) -> Self {
        Self {
            token: token.clone(),
            overtaken: Arc::clone(overtaken),
            fault,
            rows_to_fault: AtomicU64::new(rows_to_fault),
        }
    }

    /// Fails when the attempt should not go on; otherwise says for how many rows it may.
    pub(super) fn look(&self) -> Result<u64> {
        self.token.check()?;
        if self.overtaken.load(Ordering::Relaxed) {
            let reason = "another attempt at the task was faster".to_owned();
            return Err(ErrorKind::Cancelled { reason }.into());
        }
        let Some((fault, injector)) = &self.fault else { return Ok(ROWS_BETWEEN_LOOKS) };
        match self.rows_to_fault.load(Ordering::Relaxed) {
            u64::MAX => Ok(ROWS_BETWEEN_LOOKS),
            0 => {
                self.rows_to_fault.store(u64::MAX, Ordering::Relaxed);
                injector.count(*fault);
                Err(injected_error(*fault))
            }
            left => {
                let rows = left.min(ROWS_BETWEEN_LOOKS);
                self.rows_to_fault.store(left - rows, Ordering::Relaxed);
                Ok(rows)
            }
        }
    }
}

impl Task {
    pub(super) fn new(runtime: &Arc<Runtime>, attempt: Attempt) -> Self {
        Self { runtime: Arc::clone(runtime), attempt: Arc::new(attempt) }
    }

    /// Looks every few rows whether the task should go on.
    pub(crate) fn watch<I: Iterator>(&self, rows: I) -> impl Iterator<Item = I::Item> + use<I> {
        Watched { rows, attempt: Arc::clone(&self.attempt), left: 0 }
    }

    /// Reads what the map tasks of a shuffle have for one reduce partition, in map order.
    ///
    /// An output that is not there or cannot be read back is an [`ErrorKind::Lost`]: the scheduler
    /// brings it back.
    pub(crate) fn fetch<T: Data>(
        &self,
        shuffle: &Arc<ShuffleCore>,
        reduce: usize,
    ) -> Result<impl Iterator<Item = T> + use<T>> {
        let outputs = self.fetch_blocks(shuffle, reduce)?;
        let (shuffle, task) = (Arc::clone(shuffle), self.clone());
        Ok(outputs.into_iter().flat_map(move |(map, block)| {
            let (shuffle, task) = (Arc::clone(&shuffle), task.clone());
            block.iter(move |batch| task.admit(batch, &shuffle, map))
        }))
    }

    /// Like [`fetch`](Self::fetch), as blocks, with the number of the map task of each.
    pub(crate) fn fetch_blocks(
        &self,
        shuffle: &ShuffleCore,
        reduce: usize,
    ) -> Result<Vec<(usize, Block)>> {
        self.attempt.look()?;
        let (store, owner) = (&self.runtime.store, shuffle.owner());
        if let Some(injector) = &self.runtime.injector {
            for map in 0..shuffle.maps {
                for fault in [Fault::LostOutput, Fault::DamagedOutput] {
                    // Named by what does not depend on which reducer comes first.
                    let home = reduce % shuffle.maps == map;
                    if home && injector.takes(fault, (shuffle.id, map)) {
                        injector.count(fault);
                        match fault {
                            Fault::LostOutput => store.remove_one(owner, map),
                            _ => store.damage(owner, map)?,
                        }
                    }
                }
            }
        }
        store.outputs(owner, shuffle.maps, reduce).map_err(|map| lost_output(shuffle, map))
    }

    /// Lets a batch of a shuffle output through, or says that the output is lost.
    pub(crate) fn admit<T>(
        &self,
        batch: Result<Batch<T>>,
        shuffle: &ShuffleCore,
        map: usize,
    ) -> Result<Batch<T>> {
        self.attempt.look()?;
        batch.map_err(|error| match error.kind() {
            ErrorKind::Codec(_) => {
                self.runtime.store.remove_one(shuffle.owner(), map);
                lost_output(shuffle, map)
            }
            _ => error,
        })
    }

    /// Looks as often as [`watch`](Self::watch) does for so many rows.
    pub(crate) fn look_for(&self, rows: usize) -> Result<()> {
        let mut left = rows as u64;
        while left > 0 {
            left = left.saturating_sub(self.attempt.look()?);
        }
        Ok(())
    }

    /// Fails when the task should not go on.
    pub(crate) fn look(&self) -> Result<()> {
        self.attempt.look().map(drop)
    }
}

fn lost_output(shuffle: &ShuffleCore, map: usize) -> Error {
    ErrorKind::Lost(format!("the output of map task {map} of shuffle {}", shuffle.id)).into()
}

/// Rows with a look now and then at whether the task should go on.
struct Watched<I> {
    rows: I,
    attempt: Arc<Attempt>,
    /// Rows until the next look.
    left: u64,
}

impl<I: Iterator> Iterator for Watched<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        if self.left == 0 {
            self.left = self.attempt.look().unwrap_or_else(|error| raise(error));
        }
        self.left -= 1;
        self.rows.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }
}

/// Boxes the rows of a partition.
pub(crate) fn boxed<T>(rows: impl Iterator<Item = T> + 'static) -> Rows<T> {
    Box::new(rows)
}

thread_local! {
    /// What was being computed when a panic passed a [`PanicContext`] on this thread.
    static PANICKED_AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// While it lives, a panic on this thread is reported with what its closure says: where in a
/// task's work it happened.
pub(crate) struct PanicContext<F: Fn() -> String>(pub(crate) F);

impl<F: Fn() -> String> Drop for PanicContext<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            PANICKED_AT.set(Some((self.0)()));
        }
    }
}

/// Runs user code on the calling thread, outside any task; a panic becomes an error that says in
/// what.
pub(crate) fn guard<R>(what: &str, body: impl FnOnce() -> R) -> Result<R> {
    attempt(|| Ok(body())).map_err(|error| match error.kind() {
        ErrorKind::User(message) => Error::user(format!("{what} {message}")),
        _ => error,
    })
}

/// Runs a task body; a panic or a [raised](raise) error becomes an `Err`.
pub(super) fn attempt<R>(body: impl FnOnce() -> Result<R>) -> Result<R> {
    PANICKED_AT.set(None);
    // What a failed attempt leaves behind is dropped with it: blocks are stored only by attempts
    // that finish them.
    let failed = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(result)) => return Ok(result),
        Ok(Err(error)) => error,
        Err(payload) => match raised(payload) {
            Ok(error) => error,
            Err(payload) => {
                let message = panic_message(&*payload);
                let place = PANICKED_AT.take().map_or_else(String::new, |place| place + ": ");
                Error::user(place + &message)
            }
        },
    };
    Err(failed)
}

/// Panics on purpose, without calling the panic hook.
pub(super) fn injected_panic(fault: Fault) -> ! {
    resume_unwind(Box::new(format!("injected {fault}")))
}

/// What an injected fault in the middle of a task comes to.
fn injected_error(fault: Fault) -> Error {
    match fault {
        Fault::Input => ErrorKind::Storage {
            path: "injected input".into(),
            action: "read",
            source: chaos::injected("input error"),
        }
        .into(),
        _ => Error::user(format!("panicked: injected {fault}")),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
}
