//! What a superstep leaves behind for the next one, a block a partition.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::graph::Bits;

use super::outbox::Outbox;

/// A partition after a superstep.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Generation<S, M, A> {
    /// The state of each vertex; shared with the generation before when nothing ran.
    pub(super) states: Arc<Vec<S>>,
    /// The vertices that voted to halt.
    pub(super) halted: Arc<Bits>,
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
}
