//! The engine of one context: pool, store, exchange, listeners and counters.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::chaos::{Chaos, Injector};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::exchange::{Exchange, LocalExchange};
use crate::storage::{StorageLevel, Store};

use super::cancel::CancelToken;
use super::slots::{Scheduling, Slots};

/// Stack of a worker thread. Lineages of thousands of narrow operations between two shuffles nest
/// as many calls; the pages are only committed when they are touched.
const WORKER_STACK_BYTES: usize = 256 << 20;

/// When a second attempt at a task that takes long is started beside the first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speculation {
    /// The part of a stage's tasks that must be done before: from 0 to 1, by default 0.75.
    pub quantile: f64,
    /// How many times as long as the median of those a task must have run: by default 1.5.
    pub multiplier: f64,
}

impl Default for Speculation {
    fn default() -> Self {
        Self { quantile: 0.75, multiplier: 1.5 }
    }
}

/// What a context is built with.
pub(crate) struct Configuration {
    /// Worker threads; results do not depend on it.
    pub(crate) threads: usize,
    /// Attempts at a task before its job fails.
    pub(crate) task_attempts: usize,
    /// Who hears of events.
    pub(crate) listeners: Vec<Arc<dyn Listener>>,
    /// Bytes of blocks and operators together.
    pub(crate) memory: usize,
    /// Where the disk tier makes its directory.
    pub(crate) disk: Option<PathBuf>,
    /// How graphs and the states of their vertices are kept unless they say otherwise.
    pub(crate) storage_level: StorageLevel,
    /// Faults to inject.
    pub(crate) chaos: Option<Chaos>,
    /// Second attempts at slow tasks.
    pub(crate) speculation: Option<Speculation>,
    /// How jobs that run at the same time share the threads.
    pub(crate) scheduling: Scheduling,
}

/// Everything the nodes of one context share.
pub(crate) struct Runtime {
    pub(crate) pool: rayon::ThreadPool,
    pub(crate) store: Arc<Store>,
    pub(crate) exchange: Box<dyn Exchange>,
    pub(crate) task_attempts: usize,
    pub(crate) storage_level: StorageLevel,
    pub(crate) injector: Option<Arc<Injector>>,
    pub(super) speculation: Option<Speculation>,
    pub(super) slots: Slots,
    /// The tokens of the jobs at work, by job.
    jobs: Mutex<BTreeMap<u64, CancelToken>>,
    listeners: Vec<Arc<dyn Listener>>,
    rdds: AtomicUsize,
    shuffles: AtomicUsize,
    stages: AtomicUsize,
    started_jobs: AtomicU64,
    shared_values: AtomicU64,
}

impl Runtime {
    /// Starts the pool.
    pub(crate) fn start(configuration: Configuration) -> Result<Arc<Self>> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(configuration.threads)
            .thread_name(|index| format!("superstep-{index}"))
            .stack_size(WORKER_STACK_BYTES)
            .build()
            .map_err(|error| Error::argument(format!("cannot start the thread pool: {error}")))?;
        let threads = pool.current_num_threads();
        Ok(Arc::new(Self {
            pool,
            store: Arc::new(Store::new(configuration.memory, threads, configuration.disk)),
            exchange: Box::new(LocalExchange),
            task_attempts: configuration.task_attempts,
            storage_level: configuration.storage_level,
            injector: configuration.chaos.map(|chaos| Arc::new(Injector::new(chaos))),
            speculation: configuration.speculation,
            slots: Slots::new(threads, configuration.scheduling),
            jobs: Mutex::default(),
            listeners: configuration.listeners,
            rdds: AtomicUsize::new(0),
            shuffles: AtomicUsize::new(0),
            stages: AtomicUsize::new(0),
            started_jobs: AtomicU64::new(0),
            shared_values: AtomicU64::new(0),
        }))
    }

    pub(crate) fn next_rdd(&self) -> usize {
        self.rdds.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn next_shuffle(&self) -> usize {
        self.shuffles.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn next_stage(&self) -> usize {
        self.stages.fetch_add(1, Ordering::Relaxed)
    }

    /// The number of a new value that tasks add to.
    pub(crate) fn next_shared_value(&self) -> u64 {
        self.shared_values.fetch_add(1, Ordering::Relaxed)
    }

    /// Numbers a job and gives it a token that ends with those of its thread.
    pub(super) fn start_job(self: &Arc<Self>) -> Job {
        let id = self.started_jobs.fetch_add(1, Ordering::Relaxed);
        let token = CancelToken::under(CancelToken::current());
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id, token.clone());
        Job { id, token, runtime: Arc::clone(self) }
    }

    /// How many jobs are at work.
    pub(crate) fn job_count(&self) -> usize {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Ends all jobs that are at work.
    pub(crate) fn cancel_jobs(&self, reason: &str) {
        for token in self.jobs.lock().unwrap_or_else(PoisonError::into_inner).values() {
            token.cancel(reason);
        }
    }

    /// Tells the listeners; the event is only made when there are any.
    pub(crate) fn tell(&self, event: impl FnOnce() -> Event) {
        if !self.listeners.is_empty() {
            let event = event();
            for listener in &self.listeners {
                listener.on_event(&event);
            }
        }
    }
}

/// A job at work.
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) token: CancelToken,
    runtime: Arc<Runtime>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.runtime.jobs.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("threads", &self.pool.current_num_threads())
            .field("blocks", &self.store.entry_count())
            .finish_non_exhaustive()
    }
}
