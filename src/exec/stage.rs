//! The tasks of one stage: attempts, threads, and second attempts at what is slow.
//!
//! What a task computes is a function object and its result a box, so that this is compiled once and
//! not for each kind of job: there are many, and they are big.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Sender, after, never, select, unbounded};
use rayon::prelude::*;

use crate::chaos::{self, Fault, Injector};
use crate::error::{Error, ErrorKind, Result};
use crate::event::Event;

use super::node::Node;
use super::runtime::{Job, Runtime, Speculation};
use super::scheduler::is_lost;
use super::slots::Scheduling;
use super::task::{Attempt, Task, attempt, injected_panic};
use super::updates::Updates;

/// How often a stage that waits for its tasks, or for its turn, looks whether some are slow and
/// whether its job should go on.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// The result of a task, whatever its type.
pub(super) type Kept = Box<dyn Any + Send>;

/// What the tasks of a stage do.
pub(super) type Body<'a> = dyn Fn(&Task, usize) -> Result<Kept> + Sync + 'a;

/// Takes a result out of its box.
pub(super) fn unboxed<R: 'static>(kept: Kept) -> Result<R> {
    let result = kept.downcast().map(|result| *result);
    result.map_err(|_| Error::internal("a task has a result of another type"))
}

/// A task that is done.
pub(super) struct Done {
    pub(super) result: Kept,
    /// What it added to shared values.
    pub(super) updates: Updates,
}

/// How a task went; `None` for one that did not start any more, and for an attempt that another one
/// at the same task has overtaken.
type Outcome = Option<Result<Done>>;

/// A stage at work.
struct Stage<'a> {
    runtime: &'a Arc<Runtime>,
    job: &'a Job,
    number: usize,
    label: String,
    partitions: &'a [usize],
    body: &'a Body<'a>,
    /// The place of the first task that failed: later ones need not start any more, and of several
    /// failures the same one is reported however the threads ran.
    failed: AtomicUsize,
}

impl Runtime {
    /// Runs one task for each of `partitions` on the pool, each as often as attempts are allowed.
    /// Returns how each went, in order.
    pub(super) fn run_stage(
        self: &Arc<Self>,
        job: &Job,
        node: &dyn Node,
        partitions: &[usize],
        body: &Body<'_>,
    ) -> Vec<Outcome> {
        let stage = Stage {
            runtime: self,
            job,
            number: self.next_stage(),
            label: node.core().label(),
            partitions,
            body,
            failed: AtomicUsize::new(usize::MAX),
        };
        let number = stage.number;
        let rdd = || stage.label.clone();
        self.tell(|| Event::StageStarted { stage: number, rdd: rdd(), tasks: partitions.len() });
        let start = Instant::now();
        let nested = self.pool.current_thread_index().is_some();
        let shared = self.speculation.is_some() || self.slots.scheduling == Scheduling::Fair;
        let outcomes = if shared && !nested { stage.run_in_slots() } else { stage.run_at_once() };
        self.tell(|| Event::StageEnded { stage: number, duration: start.elapsed() });
        outcomes
    }
}

impl Stage<'_> {
    /// Runs all tasks, in order as threads become free.
    fn run_at_once(&self) -> Vec<Outcome> {
        let run = |place| self.run_unless_failed(place, &Arc::default());
        let places = 0..self.partitions.len();
        self.runtime.pool.install(|| match places.len() {
            // A single task needs no splitting, which matters when steps take microseconds.
            1 => places.map(run).collect(),
            _ => places.into_par_iter().with_max_len(1).map(run).collect(),
        })
    }

    /// Runs all tasks, each when it is the job's turn, and second attempts at slow ones.
    fn run_in_slots(&self) -> Vec<Outcome> {
        let (slots, job) = (&self.runtime.slots, self.job.id);
        let woken = slots.join(job);
        let count = self.partitions.len();
        let mut outcomes: Vec<Outcome> = (0..count).map(|_| None).collect();
        let mut watch = StragglerWatch::new(self.runtime.speculation, count);
        let (report, reports) = unbounded();
        self.runtime.pool.in_place_scope_fifo(|scope| {
            let start = |place: usize, overtaken: &Arc<AtomicBool>| {
                let (overtaken, report) = (Arc::clone(overtaken), report.clone());
                scope.spawn_fifo(move |_| {
                    let started = Instant::now();
                    let outcome = self.run_unless_failed(place, &overtaken);
                    slots.give(job);
                    send(&report, (place, outcome, started.elapsed()));
                });
            };
            let (mut next, mut running) = (0, 0);
            while next < count || running > 0 {
                while next < count && slots.take(job) {
                    start(next, watch.started(next));
                    (next, running) = (next + 1, running + 1);
                }
                if next == count {
                    for place in watch.stragglers() {
                        if slots.take(job) {
                            self.runtime.tell(|| self.speculated(place));
                            start(place, watch.started(place));
                            running += 1;
                        }
                    }
                    slots.sit_out(job);
                }
                let looks = next < count || watch.speculation.is_some();
                let tick = if looks { after(LOOK_INTERVAL) } else { never() };
                select! {
                    recv(reports) -> told => if let Ok((place, outcome, took)) = told {
                        running -= 1;
                        watch.ended(place, took, matches!(outcome, Some(Ok(_))));
                        // At most one attempt at a task has an outcome.
                        if outcome.is_some() {
                            outcomes[place] = outcome;
                        }
                    },
                    recv(woken) -> _ => {}
                    recv(tick) -> _ => {}
                }
                // A job that is cancelled while others have the threads does not wait for them.
                if next < count
                    && let Err(cancelled) = self.job.token.check()
                {
                    outcomes[next] = Some(Err(cancelled));
                    next = count;
                }
            }
        });
        slots.leave(job);
        outcomes
    }

    fn speculated(&self, place: usize) -> Event {
        Event::TaskSpeculated { stage: self.number, partition: self.partitions[place] }
    }

    fn run_unless_failed(&self, place: usize, overtaken: &Arc<AtomicBool>) -> Outcome {
        if place > self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let outcome = self.run_task(self.partitions[place], overtaken);
        // Of several attempts the first that ends counts, well or not: a task that failed as often
        // as it may fails its job, whatever becomes of the others.
        if overtaken.swap(true, Ordering::Relaxed) {
            return None;
        }
        match &outcome {
            Ok(_) => {
                let (stage, partition) = (self.number, self.partitions[place]);
                self.runtime.tell(|| Event::TaskEnded { stage, partition });
            }
            // What was lost is brought back while the other tasks go on.
            Err(error) if is_lost(error) => {}
            Err(_) => {
                self.failed.fetch_min(place, Ordering::Relaxed);
            }
        }
        Some(outcome)
    }

    /// Runs one task, as often as attempts are allowed.
    fn run_task(&self, partition: usize, overtaken: &Arc<AtomicBool>) -> Result<Done> {
        let Self { runtime, number: stage, .. } = *self;
        for number in 1.. {
            let error = match self.attempt(partition, number, overtaken) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            // A lost block is the scheduler's to bring back; a task inside a task has its
            // context already.
            if is_lost(&error) || !error.is_retryable() {
                return Err(error);
            }
            if number >= runtime.task_attempts {
                return Err(match error.kind() {
                    ErrorKind::Task { .. } => error,
                    _ => ErrorKind::Task {
                        rdd: self.label.clone(),
                        stage,
                        partition,
                        attempt: number,
                        cause: error,
                    }
                    .into(),
                });
            }
            runtime.tell(|| Event::TaskRetried {
                stage,
                partition,
                attempt: number,
                message: error.to_string(),
            });
        }
        Err(Error::internal("a task ended without a result"))
    }

    /// Makes one attempt at a task, with the faults that befall it.
    fn attempt(
        &self,
        partition: usize,
        number: usize,
        overtaken: &Arc<AtomicBool>,
    ) -> Result<Done> {
        let Some(injector) = &self.runtime.injector else {
            return self.try_once(partition, Attempt::new(&self.job.token, overtaken, None, 0));
        };
        let last = number >= self.runtime.task_attempts;
        let fault = injector.befalls(self.number, partition, number).filter(|_| !last);
        let inside = matches!(fault, Some(Fault::PanicInside | Fault::Input));
        let inside = fault.filter(|_| inside).map(|fault| (fault, Arc::clone(injector)));
        let rows = injector.row(self.number, partition);
        let new = || Attempt::new(&self.job.token, overtaken, inside.clone(), rows);
        // A thread that waits inside a task may take up another one, whose disk is sound.
        let outer = chaos::arm_disk_fault(false);
        let done = match fault {
            Some(Fault::Duplicate) => {
                injector.count(Fault::Duplicate);
                let (first, second) = rayon::join(
                    || self.try_once(partition, new()),
                    || self.try_once(partition, new()),
                );
                // One of them counts, and the other one is as if it had not been.
                first.or(second)
            }
            Some(fault) => self.try_with(fault, injector, partition, new()),
            None => self.try_once(partition, new()),
        };
        chaos::arm_disk_fault(outer);
        done
    }

    /// Makes an attempt that a fault befalls.
    fn try_with(
        &self,
        fault: Fault,
        injector: &Injector,
        partition: usize,
        new: Attempt,
    ) -> Result<Done> {
        match fault {
            Fault::PanicBefore => {
                injector.count(fault);
                attempt(|| injected_panic(fault))
            }
            Fault::PanicAfter => {
                self.try_once(partition, new)?;
                injector.count(fault);
                attempt(|| injected_panic(fault))
            }
            Fault::Disk => {
                chaos::arm_disk_fault(true);
                let done = self.try_once(partition, new);
                if !chaos::arm_disk_fault(false) {
                    injector.count(fault);
                }
                done
            }
            Fault::Slow => {
                injector.count(fault);
                let end = Instant::now() + injector.delay();
                while Instant::now() < end {
                    new.look()?;
                    std::thread::sleep(Duration::from_micros(200));
                }
                self.try_once(partition, new)
            }
            _ => self.try_once(partition, new),
        }
    }

    fn try_once(&self, partition: usize, new: Attempt) -> Result<Done> {
        let task = Task::new(self.runtime, new);
        // Jobs that the task starts end with this one.
        let run = || self.job.token.enter(|| attempt(|| (self.body)(&task, partition)));
        let (result, updates) = Updates::during(run);
        Ok(Done { result: result?, updates })
    }
}

/// Sends to the thread that runs the stage, which waits for it.
fn send<T>(sender: &Sender<T>, message: T) {
    let _ = sender.send(message);
}

/// Finds the tasks that take much longer than most.
struct StragglerWatch {
    speculation: Option<Speculation>,
    tasks: usize,
    /// What tells the attempts at a running task that another one was faster, how many there are,
    /// and when the first began.
    running: HashMap<usize, (Arc<AtomicBool>, usize, Instant)>,
    /// How long each finished task took, sorted.
    durations: Vec<Duration>,
}

impl StragglerWatch {
    fn new(speculation: Option<Speculation>, tasks: usize) -> Self {
        Self { speculation, tasks, running: HashMap::new(), durations: Vec::new() }
    }

    /// Notes that an attempt at a task begins.
    fn started(&mut self, place: usize) -> &Arc<AtomicBool> {
        let fresh = || (Arc::default(), 0, Instant::now());
        let (overtaken, attempts, _) = self.running.entry(place).or_insert_with(fresh);
        *attempts += 1;
        overtaken
    }

    /// Notes that an attempt has ended.
    fn ended(&mut self, place: usize, took: Duration, succeeded: bool) {
        let Some((_, attempts, _)) = self.running.get_mut(&place) else { return };
        *attempts -= 1;
        if *attempts == 0 {
            self.running.remove(&place);
        }
        if succeeded {
            let at = self.durations.partition_point(|duration| *duration < took);
            self.durations.insert(at, took);
        }
    }

    /// The tasks that a second attempt should be made at.
    fn stragglers(&self) -> Vec<usize> {
        let Some(Speculation { quantile, multiplier }) = self.speculation else {
            return Vec::new();
        };
        let enough = ((quantile * self.tasks as f64).ceil() as usize).max(1);
        if self.durations.len() < enough {
            return Vec::new();
        }
        let median = self.durations[self.durations.len() / 2];
        let patience = median.mul_f64(multiplier).max(LOOK_INTERVAL);
        let slow = self.running.iter().filter(|(_, (overtaken, attempts, start))| {
            *attempts == 1 && !overtaken.load(Ordering::Relaxed) && start.elapsed() > patience
        });
        let mut slow: Vec<_> = slow.map(|(place, _)| *place).collect();
        slow.sort_unstable();
        slow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_a_straggler_when_most_are_done_and_it_takes_much_longer() {
        let mut watch = StragglerWatch::new(Some(Speculation::default()), 4);
        for place in 0..4 {
            watch.started(place);
        }
        for place in 0..2 {
            watch.ended(place, Duration::from_millis(1), true);
        }
        std::thread::sleep(LOOK_INTERVAL);
        assert!(watch.stragglers().is_empty(), "only half of the tasks are done");
        watch.ended(2, Duration::from_millis(1), true);
        assert_eq!(watch.stragglers(), [3]);
        watch.started(3);
        assert!(watch.stragglers().is_empty(), "a second attempt is under way");
        watch.ended(3, Duration::from_millis(9), false);
        assert_eq!(watch.stragglers(), [3], "one attempt is left");
        watch.running[&3].0.store(true, Ordering::Relaxed);
        assert!(watch.stragglers().is_empty(), "another attempt was faster");
    }
}
