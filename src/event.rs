//! What the engine tells about its work, and who listens.
//!
//! The engine never prints. It reports [`Event`]s to the [`Listener`]s of its context, from the
//! thread where they happen and in the order in which they happen there; progress bars and reports
//! are listeners.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Something that happened in a context.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A stage is about to run its tasks.
    StageStarted {
        /// The stage's number within its context.
        stage: usize,
        /// What the stage computes, as `name #id`.
        rdd: String,
        /// How many tasks it has.
        tasks: usize,
    },
    /// A task attempt failed and will be tried again.
    TaskRetried {
        /// The stage's number within its context.
        stage: usize,
        /// The partition the task computes.
        partition: usize,
        /// The attempt that failed, from 1.
        attempt: usize,
        /// Why.
        message: String,
    },
    /// A second attempt at a task that takes long was started beside the first.
    TaskSpeculated {
        /// The stage's number within its context.
        stage: usize,
        /// The partition the task computes.
        partition: usize,
    },
    /// A task is done.
    TaskEnded {
        /// The stage's number within its context.
        stage: usize,
        /// The partition the task computed.
        partition: usize,
    },
    /// A stage is over: all its tasks are done, or one has failed for good.
    StageEnded {
        /// The stage's number within its context.
        stage: usize,
        /// Wall-clock time since the stage started.
        duration: Duration,
    },
    /// A graph that is being built has read its edges: input is done, building begins.
    EdgesRead {
        /// How many edges the input has.
        edges: u64,
        /// How many of them lead from a vertex to itself.
        self_loops: u64,
        /// Wall-clock time of reading, which includes parsing and whatever else the edges'
        /// lineage computes.
        duration: Duration,
    },
    /// A superstep is complete on every partition.
    SuperstepEnded {
        /// The superstep, from 0.
        index: usize,
        /// Vertices that ran.
        active: u64,
        /// Messages sent, before combining.
        messages: u64,
        /// Wall-clock time of the superstep.
        duration: Duration,
    },
}

/// Receives the events of a context.
pub trait Listener: Send + Sync {
    /// Called for every event; it should return quickly, as the engine waits for it.
    fn on_event(&self, event: &Event);
}

impl<F: Fn(&Event) + Send + Sync> Listener for F {
    fn on_event(&self, event: &Event) {
        self(event);
    }
}

/// Bytes of input that were read.
static INPUT_BYTES: AtomicU64 = AtomicU64::new(0);

/// Returns how many bytes of input this process has read so far, in all its contexts: of compressed
/// files the compressed ones, and what is read twice counted twice. Reading between two events goes
/// on without one, so progress is told by looking here from time to time. Files of columns, which
/// libraries read, are not part of it.
#[must_use]
pub fn input_bytes_read() -> u64 {
    INPUT_BYTES.load(Ordering::Relaxed)
}

/// Counts bytes of input that were read.
pub(crate) fn count_input_bytes(bytes: usize) {
    INPUT_BYTES.fetch_add(bytes as u64, Ordering::Relaxed);
}
