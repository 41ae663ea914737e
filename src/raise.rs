//! Leaving a task with an error from where no `Result` can be returned: the middle of a row stream.
//!
//! Rows are plain iterators, so that users write plain iterators. What goes wrong between two rows
//! (a closure's error, a damaged block, a cancelled job) unwinds to the task's boundary, which
//! turns it back into an `Err`. The panic hook is not called, so nothing is printed.

use std::any::Any;
use std::panic::resume_unwind;

use crate::error::Error;

/// An error on its way to the task's boundary.
struct Raised(Error);

/// Leaves the current task with an error.
pub(crate) fn raise(error: Error) -> ! {
    resume_unwind(Box::new(Raised(error)))
}

/// Returns the error that was raised, or the payload of another panic.
pub(crate) fn raised(payload: Box<dyn Any + Send>) -> Result<Error, Box<dyn Any + Send>> {
    payload.downcast::<Raised>().map(|raised| raised.0)
}
