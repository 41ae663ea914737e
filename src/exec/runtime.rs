//! The engine of one context: pool, store, exchange, listeners and counters.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::exchange::{Exchange, LocalExchange};
use crate::storage::Store;

/// Stack of a worker thread. Lineages of thousands of narrow operations between two shuffles nest
/// as many calls; the pages are only committed when they are touched.
const WORKER_STACK_BYTES: usize = 256 << 20;

/// What a context is built with.
pub(crate) struct Configuration {
    /// Worker threads; results do not depend on it.
    pub(crate) threads: usize,
    /// Attempts at a task before its job fails.
    pub(crate) task_attempts: usize,
    /// Who hears of events.
    pub(crate) listeners: Vec<Arc<dyn Listener>>,
}

/// Everything the nodes of one context share.
pub(crate) struct Runtime {
    pub(crate) pool: rayon::ThreadPool,
    pub(crate) store: Store,
    pub(crate) exchange: Box<dyn Exchange>,
    pub(crate) task_attempts: usize,
    listeners: Vec<Arc<dyn Listener>>,
    rdds: AtomicUsize,
    shuffles: AtomicUsize,
    stages: AtomicUsize,
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
        Ok(Arc::new(Self {
            pool,
            store: Store::default(),
            exchange: Box::new(LocalExchange),
            task_attempts: configuration.task_attempts,
            listeners: configuration.listeners,
            rdds: AtomicUsize::new(0),
            shuffles: AtomicUsize::new(0),
            stages: AtomicUsize::new(0),
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

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("threads", &self.pool.current_num_threads())
            .field("blocks", &self.store.block_count())
            .finish_non_exhaustive()
    }
}
