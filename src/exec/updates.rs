//! What tasks add to shared values, held back until it is certain which attempt counts.
//!
//! An accumulator that is added to inside a task keeps the addition on the task's thread. The
//! scheduler takes what an attempt added, drops it if the attempt failed or came second, and commits
//! the others in the order of their partitions when the stage is over.

use std::any::Any;
use std::cell::RefCell;

/// Additions to one shared value that wait to be committed.
pub(crate) trait Update: Any + Send {
    /// Adds them to the value.
    fn commit(self: Box<Self>);
}

/// What one attempt at a task added, by the number of the shared value.
#[derive(Default)]
pub(crate) struct Updates(Vec<(u64, Box<dyn Update>)>);

thread_local! {
    /// Additions of the task that runs on this thread; `None` outside tasks.
    static PENDING: RefCell<Option<Updates>> = const { RefCell::new(None) };
}

impl Updates {
    /// Runs a task body and returns what it added beside its result.
    pub(super) fn during<R>(body: impl FnOnce() -> R) -> (R, Self) {
        // A thread that waits for a job may take up a task of it: then tasks nest.
        let outer = PENDING.replace(Some(Self::default()));
        let result = body();
        let updates = PENDING.replace(outer).unwrap_or_default();
        (result, updates)
    }

    /// Adds everything to the shared values.
    pub(super) fn commit(self) {
        for (_, update) in self.0 {
            update.commit();
        }
    }
}

/// Adds to what the task on this thread holds back for shared value `id`, starting from `start`;
/// gives `value` back outside tasks.
pub(crate) fn hold_back<U: Update, V>(
    id: u64,
    start: impl FnOnce() -> U,
    value: V,
    add: impl FnOnce(&mut U, V),
) -> Result<(), V> {
    PENDING.with_borrow_mut(|pending| {
        let Some(Updates(updates)) = pending else { return Err(value) };
        let at = match updates.iter().position(|(other, _)| *other == id) {
            Some(at) => at,
            None => {
                updates.push((id, Box::new(start())));
                updates.len() - 1
            }
        };
        let update: &mut dyn Any = &mut *updates[at].1;
        if let Some(update) = update.downcast_mut() {
            add(update, value);
        }
        Ok(())
    })
}
