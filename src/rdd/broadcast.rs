//! Values that all tasks share.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A value that the tasks of a context read: a table to look things up in, a model.
///
/// Clones are cheap and all mean the same value, which is there once a process and freed with its
/// last handle; a closure that uses it takes a clone along. In a program of several processes each
/// makes its own from the same input, since every process runs the same program: nothing is sent,
/// so the value needs no serialisation.
///
/// ```
/// # use superstep::prelude::*;
/// let ctx = Context::local(2)?;
/// let names = ctx.broadcast(vec!["zero", "one", "two"]);
/// let inside = names.clone();
/// let words = ctx.parallelize([2_usize, 0], 2).map(move |n| inside[n].to_owned());
/// assert_eq!(words.collect()?, ["two", "zero"]);
/// // The closure of `words` holds it still.
/// assert!(!names.destroy());
/// # Ok::<(), superstep::Error>(())
/// ```
pub struct Broadcast<T> {
    value: Arc<T>,
}

impl<T> Broadcast<T> {
    pub(super) fn new(value: T) -> Self {
        Self { value: Arc::new(value) }
    }

    /// Gives this handle up, and returns true if that freed the value: false while other handles,
    /// such as those in the closures of RDDs, keep it. They stay valid; the last frees it.
    #[must_use = "the value may still be held"]
    pub fn destroy(self) -> bool {
        Arc::into_inner(self.value).is_some()
    }
}

impl<T> Deref for Broadcast<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Broadcast<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value) }
    }
}

impl<T: fmt::Debug> fmt::Debug for Broadcast<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Broadcast").field(&self.value).finish()
    }
}
