//! One attempt at one partition, and the way errors leave it.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::storage::Block;

use super::{Runtime, ShuffleCore};

/// What a computation may ask about the task it runs in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) runtime: Arc<Runtime>,
}

impl Task {
    /// Returns what the map tasks of a shuffle have for one reduce partition, in map order.
    pub(crate) fn fetch(&self, shuffle: &ShuffleCore, reduce: usize) -> Result<Vec<Block>> {
        let indexes = (0..shuffle.maps).map(|map| map * shuffle.reducers + reduce);
        self.runtime.store.get_all(shuffle.owner(), indexes).ok_or_else(|| {
            ErrorKind::Lost(format!("an output of shuffle {} for partition {reduce}", shuffle.id))
                .into()
        })
    }
}

/// An error on its way from the middle of a row stream to the task's boundary.
struct Raised(Error);

/// Leaves the current task with an error, from where no `Result` can be returned.
///
/// It unwinds without the panic hook, so nothing is printed; [`attempt`] turns it back into an
/// `Err`.
pub(crate) fn raise(error: Error) -> ! {
    resume_unwind(Box::new(Raised(error)))
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
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => Err(match payload.downcast::<Raised>() {
            Ok(raised) => raised.0,
            Err(payload) => {
                let message = panic_message(&*payload);
                let place = PANICKED_AT.take().map_or_else(String::new, |place| place + ": ");
                Error::user(place + &message)
            }
        }),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
}
