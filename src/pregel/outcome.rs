//! What a run leaves.

use std::time::Duration;

use crate::data::Data;
use crate::graph::VertexId;
use crate::rdd::Rdd;
use crate::stop::StopReason;

use super::plan::Path;

/// The result of a run: the final states, and how they were reached.
#[derive(Debug, Clone)]
#[must_use]
pub struct Outcome<S: 'static, A> {
    pub(super) states: Rdd<(VertexId, S)>,
    pub(super) stop_reason: StopReason,
    pub(super) supersteps: Vec<SuperstepStats>,
    pub(super) aggregate: A,
}

/// One superstep in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SuperstepStats {
    /// The superstep's number, from 0.
    pub index: usize,
    /// Vertices that computed.
    pub active: u64,
    /// Messages they sent, before combining.
    pub messages: u64,
    /// Messages among them to ids that the graph does not have.
    pub dropped: u64,
    /// The way messages along edges came in; `None` when there were none.
    pub path: Option<Path>,
    /// Why that way, in words.
    pub reason: &'static str,
    /// Wall-clock time.
    pub duration: Duration,
}

impl<S: Data, A> Outcome<S, A> {
    /// Returns the final state of every vertex, in id order.
    pub fn states(&self) -> Rdd<(VertexId, S)> {
        self.states.clone()
    }

    /// Returns the same outcome with other states, computed from these when they are read.
    pub fn map_states<T: Data>(self, f: impl Fn(S) -> T + Send + Sync + 'static) -> Outcome<T, A> {
        Outcome {
            states: self.states.map_values(f),
            stop_reason: self.stop_reason,
            supersteps: self.supersteps,
            aggregate: self.aggregate,
        }
    }
}

impl<S, A> Outcome<S, A> {
    /// Returns why the run ended.
    #[must_use]
    pub fn stop_reason(&self) -> StopReason {
        self.stop_reason
    }

    /// Returns the supersteps that ran, in order.
    #[must_use]
    pub fn supersteps(&self) -> &[SuperstepStats] {
        &self.supersteps
    }

    /// Returns the aggregate of the last superstep.
    #[must_use]
    pub fn aggregate(&self) -> &A {
        &self.aggregate
    }
}
