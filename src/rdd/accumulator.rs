//! Accumulators: values that tasks add to and the program reads.

use std::fmt;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, PoisonError};

use crate::exec::{Update, hold_back};

use super::Context;

/// A named value that tasks add to.
///
/// What a task adds counts once, however many attempts it takes, and counts when the task's stage
/// is over. The additions of different tasks are merged in the order of their partitions, so sums
/// of floats are the same bits for any number of threads. A transformation that is computed again
/// (by a second action on an RDD that is not persisted, or for a kept partition that was lost)
/// adds again; what it adds on the map side of a shuffle counts once for each shuffle.
///
/// ```
/// # use superstep::prelude::*;
/// let ctx = Context::local(2)?;
/// let blank = ctx.accumulator("blank lines", 0_u64);
/// let seen = blank.clone();
/// let lines = ctx.parallelize(["a", "", "b", ""].map(str::to_owned), 2);
/// lines.foreach(|line| seen.add(u64::from(line.is_empty())))?;
/// assert_eq!(blank.value(), 2);
/// # Ok::<(), superstep::Error>(())
/// ```
pub struct Accumulator<A>(Arc<Shared<A>>);

struct Shared<A> {
    id: u64,
    name: String,
    merge: Box<dyn Fn(&mut A, A) + Send + Sync>,
    value: Mutex<A>,
}

/// What one task adds.
struct Addition<A> {
    shared: Arc<Shared<A>>,
    added: Option<A>,
}

impl<A: Send + 'static> Update for Addition<A> {
    fn commit(self: Box<Self>) {
        if let Some(added) = self.added {
            self.shared.merge(added);
        }
    }
}

impl<A> Shared<A> {
    fn merge(&self, added: A) {
        (self.merge)(&mut self.value.lock().unwrap_or_else(PoisonError::into_inner), added);
    }
}

impl<A: Send + 'static> Accumulator<A> {
    /// Adds to the value: inside a task when the task is done, elsewhere at once.
    pub fn add(&self, value: A) {
        let shared = &self.0;
        let start = || Addition { shared: Arc::clone(shared), added: None };
        let add = |held: &mut Addition<A>, value| match &mut held.added {
            Some(added) => (shared.merge)(added, value),
            none => *none = Some(value),
        };
        if let Err(value) = hold_back(shared.id, start, value, add) {
            shared.merge(value);
        }
    }

    /// Returns the value so far.
    #[must_use]
    pub fn value(&self) -> A
    where
        A: Clone,
    {
        self.0.value.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }
}

impl Context {
    /// Makes an accumulator that adds with `+=`, from `zero` on.
    pub fn accumulator<A>(&self, name: impl Into<String>, zero: A) -> Accumulator<A>
    where
        A: AddAssign + Send + 'static,
    {
        self.accumulator_with(name, zero, |sum, value| *sum += value)
    }

    /// Makes an accumulator that adds with `merge`, from `zero` on. It should be associative; `zero`
    /// is merged once.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let longest = ctx.accumulator_with("longest", 0, |most: &mut usize, n| *most = n.max(*most));
    /// let seen = longest.clone();
    /// ctx.parallelize(["a", "abc", "ab"].map(str::to_owned), 2).foreach(|word| seen.add(word.len()))?;
    /// assert_eq!(longest.value(), 3);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn accumulator_with<A: Send + 'static>(
        &self,
        name: impl Into<String>,
        zero: A,
        merge: impl Fn(&mut A, A) + Send + Sync + 'static,
    ) -> Accumulator<A> {
        Accumulator(Arc::new(Shared {
            id: self.runtime().next_shared_value(),
            name: name.into(),
            merge: Box::new(merge),
            value: Mutex::new(zero),
        }))
    }
}

impl<A> Clone for Accumulator<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: fmt::Debug> fmt::Debug for Accumulator<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0.value.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Accumulator").field("name", &self.0.name).field("value", &*value).finish()
    }
}
