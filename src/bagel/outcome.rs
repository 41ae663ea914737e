//! What a run returns.

use std::fmt;
use std::time::Duration;

use crate::event::Event;
use crate::rdd::Rdd;
use crate::stop::StopReason;

/// The vertices at the end of a run, and how the run went.
#[non_exhaustive]
pub struct Outcome<K: 'static, V: 'static> {
    /// One row a vertex, in its last state, placed by the run's partitioner. The rows are kept at
    /// the run's storage level until the RDD is dropped.
    pub vertices: Rdd<(K, V)>,
    /// Why the run ended.
    pub stop_reason: StopReason,
    /// What each superstep did, in order.
    pub stats: Vec<SuperstepStats>,
}

impl<K, V> Outcome<K, V> {
    /// Returns how many supersteps ran, at least 1.
    #[must_use]
    pub fn supersteps(&self) -> usize {
        self.stats.len()
    }
}

impl<K, V> fmt::Debug for Outcome<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("vertices", &self.vertices)
            .field("stop_reason", &self.stop_reason)
            .field("supersteps", &self.supersteps())
            .finish_non_exhaustive()
    }
}

/// What one superstep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SuperstepStats {
    /// Vertices that computed: all of them.
    pub vertices: u64,
    /// Vertices that were active afterwards.
    pub active: u64,
    /// Messages sent, before combining, those to vertices that do not exist included.
    pub messages: u64,
    /// Wall-clock time.
    pub duration: Duration,
}

impl SuperstepStats {
    /// The same counts with the time they took.
    pub(super) fn taking(self, duration: Duration) -> Self {
        Self { duration, ..self }
    }

    /// The event that reports them.
    pub(super) fn event(self, index: usize) -> Event {
        Event::SuperstepEnded {
            index,
            active: self.vertices,
            messages: self.messages,
            duration: self.duration,
        }
    }
}
