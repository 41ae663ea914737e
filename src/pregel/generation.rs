//! What a superstep leaves behind for the next one, a block a partition.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::graph::Bits;
use crate::rdd::Rdd;

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

/// Buckets with few messages are joined until they have one for each so many vertices: supersteps
/// cost something whatever happens in them. Before half of the edges carried a message they are not:
/// there are few messages then because few vertices were reached, and what follows from a bucket is
/// much more than what is in it.
const VERTICES_PER_HELD: u64 = 2;
/// The most buckets that are joined.
const MOST_JOINED: usize = 64;

/// The last bucket whose turn it is when that of `next` comes.
pub(super) fn last_due<S: Data, M: Data, A: Data>(
    generation: &Rdd<Generation<S, M, A>>,
    next: u64,
    vertex_count: u64,
) -> Result<u64> {
    let lowest = generation.map(|generation| generation.held.lowest(MOST_JOINED));
    let mut counts = BTreeMap::new();
    for (bucket, count) in lowest.collect()?.into_iter().flatten() {
        *counts.entry(bucket).or_insert(0) += count;
    }
    let mut held = 0;
    let joined = counts.into_iter().take(MOST_JOINED).take_while(|(bucket, count)| {
        held += count;
        *bucket == next || held * VERTICES_PER_HELD <= vertex_count
    });
    Ok(joined.last().map_or(next, |(bucket, _)| bucket))
}
