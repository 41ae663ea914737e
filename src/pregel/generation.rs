//! What a superstep leaves behind for the next one, a block a partition.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::graph::Bits;

use super::held::Held;
use super::outbox::Outbox;
use super::states::States;

/// A partition after a superstep.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Generation<S, M, A> {
    /// The state of each vertex; what did not change is shared with the generation before.
    pub(super) states: Arc<States<S>>,
    /// The vertices that voted to halt.
    pub(super) halted: Arc<Bits>,
    /// The vertices that accept no more messages.
    pub(super) settled: Arc<Bits>,
    /// Messages that wait for their bucket.
    pub(super) held: Arc<Held<M>>,
    /// What the vertices sent.
    pub(super) outbox: Arc<Outbox<M>>,
    pub(super) summary: Summary<A>,
}

/// What the driver learns of a partition's superstep.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Summary<A> {
    pub(super) aggregate: A,
    /// Vertices that computed.
    pub(super) computed: u64,
    /// Vertices that have not voted to halt.
    pub(super) awake: u64,
    /// Messages sent, before combining.
    pub(super) messages: u64,
    /// Messages to ids that the graph does not have, which are lost.
    pub(super) dropped: u64,
    /// Edges into vertices that settled in this superstep.
    pub(super) settled_edges: u64,
    /// The lowest bucket of messages that wait.
    pub(super) next_bucket: Option<u64>,
}
