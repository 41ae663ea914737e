//! What a user says about vertices and messages: four roles, as in Bagel.

use std::convert::Infallible;

use crate::data::Data;

/// The state of a vertex.
pub trait Vertex {
    /// True while the vertex wants the run to go on. An inactive vertex computes like any other;
    /// the run ends when all are inactive and no message is sent.
    fn is_active(&self) -> bool;
}

/// Something sent to a vertex with an id of type `K`. A pair is a message to its first half.
pub trait Message<K> {
    /// Returns the id of the vertex that is to get the message.
    fn target_id(&self) -> K;
}

impl<K: Clone, T> Message<K> for (K, T) {
    fn target_id(&self) -> K {
        self.0.clone()
    }
}

/// Makes one value of all messages for a vertex: on the sending side for each partition, and
/// again on the receiving side in the order of the sending partitions.
pub trait Combiner<M>: Send + Sync + 'static {
    /// What a vertex gets.
    type Combined: Data;

    /// Starts from a first message.
    fn create(&self, message: M) -> Self::Combined;

    /// Adds a message.
    fn merge_message(&self, combined: Self::Combined, message: M) -> Self::Combined;

    /// Joins what two partitions combined.
    fn merge_combined(&self, left: Self::Combined, right: Self::Combined) -> Self::Combined;
}

/// The default combiner: all messages for a vertex in one run, by sending partition and, within
/// it, in the order of sending. O(messages) in all, hubs included.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllMessages;

impl<M: Data> Combiner<M> for AllMessages {
    type Combined = Vec<M>;

    fn create(&self, message: M) -> Vec<M> {
        vec![message]
    }

    fn merge_message(&self, mut combined: Vec<M>, message: M) -> Vec<M> {
        combined.push(message);
        combined
    }

    fn merge_combined(&self, mut left: Vec<M>, mut right: Vec<M>) -> Vec<M> {
        left.append(&mut right);
        left
    }
}

/// Makes one value of all vertices, which every vertex sees in the next superstep.
pub trait Aggregator<V>: Send + Sync {
    /// What vertices see.
    type Aggregate: Send + Sync + 'static;

    /// Returns what one vertex contributes.
    fn create(&self, vertex: &V) -> Self::Aggregate;

    /// Joins two contributions; must be associative. They come in partition and row order.
    fn merge(&self, left: Self::Aggregate, right: Self::Aggregate) -> Self::Aggregate;
}

/// The type of the aggregator where there is none.
#[derive(Debug, Clone, Copy)]
pub enum NoAggregate {}

impl<V> Aggregator<V> for NoAggregate {
    type Aggregate = Infallible;

    fn create(&self, _vertex: &V) -> Infallible {
        match *self {}
    }

    fn merge(&self, left: Infallible, _right: Infallible) -> Infallible {
        left
    }
}
