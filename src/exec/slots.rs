//! Which of several jobs may start its next task.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crossbeam::channel::{Receiver, Sender, unbounded};

/// Tasks that may be started beyond those that run, so that no thread waits for the next one.
const AHEAD: usize = 1;

/// How jobs that run at the same time share the threads of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheduling {
    /// Stages run in the order in which they were started: a later job gets what an earlier one
    /// leaves free.
    #[default]
    Fifo,
    /// The job with the fewest running tasks starts the next one, so that a short job does not wait
    /// for a long one.
    Fair,
}

/// The places for running tasks of a context, given out to jobs one by one.
#[derive(Debug)]
pub(super) struct Slots {
    pub(super) scheduling: Scheduling,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// The jobs that have something to run, by number.
    jobs: BTreeMap<u64, Seat>,
}

#[derive(Debug)]
struct Seat {
    running: usize,
    waiting: bool,
    wake: Sender<()>,
}

impl Slots {
    pub(super) fn new(threads: usize, scheduling: Scheduling) -> Self {
        let state = State { free: threads + AHEAD, jobs: BTreeMap::new() };
        Self { scheduling, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a job take part. The receiver gets a word when it is worth asking for a slot again.
    pub(super) fn join(&self, job: u64) -> Receiver<()> {
        let (wake, woken) = unbounded();
        self.state().jobs.insert(job, Seat { running: 0, waiting: false, wake });
        woken
    }

    /// Ends a job's part; it has no slots any more.
    pub(super) fn leave(&self, job: u64) {
        let mut state = self.state();
        state.jobs.remove(&job);
        self.wake_next(&mut state);
    }

    /// Takes a slot for a job if it is its turn; otherwise it is woken when it is. From now on the
    /// job waits for slots, until it [sits out](Self::sit_out).
    pub(super) fn take(&self, job: u64) -> bool {
        let mut state = self.state();
        if let Some(seat) = state.jobs.get_mut(&job) {
            seat.waiting = true;
        }
        if state.free == 0 {
            return false;
        }
        if self.next(&state) != Some(job) {
            // Whose turn it is may not know yet: it was not when the slot became free.
            self.wake_next(&mut state);
            return false;
        }
        state.free -= 1;
        if let Some(seat) = state.jobs.get_mut(&job) {
            seat.running += 1;
        }
        true
    }

    /// Gives a slot back.
    pub(super) fn give(&self, job: u64) {
        let mut state = self.state();
        state.free += 1;
        if let Some(seat) = state.jobs.get_mut(&job) {
            seat.running -= 1;
        }
        self.wake_next(&mut state);
    }

    /// Ends a job's wait for a slot: it has nothing more to start.
    pub(super) fn sit_out(&self, job: u64) {
        let mut state = self.state();
        if let Some(seat) = state.jobs.get_mut(&job)
            && std::mem::take(&mut seat.waiting)
        {
            self.wake_next(&mut state);
        }
    }

    /// The job whose turn it is.
    fn next(&self, state: &State) -> Option<u64> {
        let waiting = state.jobs.iter().filter(|(_, seat)| seat.waiting);
        let next = match self.scheduling {
            Scheduling::Fifo => waiting.min_by_key(|(job, _)| **job),
            Scheduling::Fair => waiting.min_by_key(|(job, seat)| (seat.running, **job)),
        };
        next.map(|(job, _)| *job)
    }

    fn wake_next(&self, state: &mut State) {
        if state.free > 0
            && let Some(seat) = self.next(state).and_then(|job| state.jobs.get(&job))
        {
            // A job that is gone has left.
            let _ = seat.wake.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets job 1 take what it can and job 2 wait, too; then returns who gets the next slots.
    fn order(scheduling: Scheduling) -> Vec<u64> {
        let slots = Slots::new(1, scheduling);
        let _woken = [slots.join(1), slots.join(2)];
        assert!(slots.take(1) && slots.take(1));
        assert!(!slots.take(1) && !slots.take(2));
        let next = || {
            slots.give(1);
            [2, 1].into_iter().find(|job| slots.take(*job)).unwrap()
        };
        std::iter::repeat_with(next).take(2).collect()
    }

    #[test]
    fn the_earliest_job_comes_first_or_the_one_that_has_least() {
        assert_eq!(order(Scheduling::Fifo), [1, 1]);
        // After the first one both have one, or job 1 has none left.
        assert_eq!(order(Scheduling::Fair), [2, 1]);
    }

    #[test]
    fn a_job_that_waits_is_woken_when_it_is_its_turn() {
        let slots = Slots::new(0, Scheduling::Fair);
        let (_first, second) = (slots.join(1), slots.join(2));
        assert!(slots.take(1) && !slots.take(2));
        slots.sit_out(1);
        assert!(second.is_empty());
        slots.give(1);
        assert!(second.try_recv().is_ok() && slots.take(2));
        slots.give(2);
        slots.leave(1);
        slots.leave(2);
    }

    #[test]
    fn a_slot_that_a_job_may_not_take_goes_to_the_one_that_may() {
        let slots = Slots::new(1, Scheduling::Fair);
        let (_first, second, third) = (slots.join(1), slots.join(2), slots.join(3));
        assert!(slots.take(1) && slots.take(1));
        assert!(!slots.take(2) && !slots.take(3));
        slots.sit_out(1);
        // Both times it is job 2 that comes next.
        slots.give(1);
        slots.give(1);
        assert!(!second.is_empty() && third.is_empty());
        assert!(slots.take(2) && !slots.take(2));
        assert!(third.try_recv().is_ok() && slots.take(3));
    }
}
