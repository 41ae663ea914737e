//! The description of a run, and the loop.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::data::{Data, Key};
use crate::error::{Error, Result};
use crate::rdd::{IntoPartitioner, Partitioner, Rdd};
use crate::stop::StopReason;
use crate::storage::StorageLevel;

use super::model::{Aggregator, AllMessages, Combiner, Message, NoAggregate, Vertex};
use super::outcome::Outcome;
use super::superstep::{Totals, combine, compute_groups, initial_aggregate, outboxes, states};

/// Where a run ends that nobody limited and that does not end by itself.
pub const DEFAULT_MAX_SUPERSTEPS: usize = 1_000_000;

/// The description of a run: what it starts from, and how it combines, aggregates and keeps.
///
/// Vertex 1 sends a token that travels along a ring of five:
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use superstep::StopReason;
/// use superstep::bagel::{Bagel, Vertex};
/// use superstep::prelude::*;
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Station { next: u64, visited_at: Option<usize> }
///
/// impl Vertex for Station {
///     fn is_active(&self) -> bool { false }
/// }
///
/// let ctx = Context::local(2)?;
/// let ring = ctx.parallelize((1..=5).map(|id| {
///     (id, Station { next: id % 5 + 1, visited_at: None })
/// }), 2);
/// let token = ctx.parallelize([(1, (1, ()))], 1);
/// let outcome = Bagel::new(&ring, &token).run(|mut station, token, _, superstep| {
///     if token.is_none() || station.visited_at.is_some() {
///         return (station, vec![]);
///     }
///     station.visited_at = Some(superstep);
///     let next = station.next;
///     (station, vec![(next, ())])
/// })?;
/// assert_eq!(outcome.stop_reason, StopReason::Converged);
/// assert_eq!(outcome.supersteps(), 6);
/// assert_eq!(outcome.vertices.lookup(&4)?[0].visited_at, Some(3));
/// # Ok::<(), superstep::Error>(())
/// ```
#[must_use = "a run is described here and started by `run`"]
pub struct Bagel<K: 'static, V: 'static, M: 'static, C = AllMessages, A = NoAggregate> {
    vertices: Rdd<(K, V)>,
    messages: Rdd<(K, M)>,
    combiner: C,
    aggregator: Option<A>,
    partitioner: Option<Arc<dyn Partitioner<K>>>,
    storage_level: StorageLevel,
    max_supersteps: usize,
}

impl<K: Key, V: Data, M: Data> Bagel<K, V, M> {
    /// Describes a run over `vertices`, which starts by delivering `messages`. The vertices stay
    /// placed as they are if a partitioner placed them; otherwise they are hashed to as many
    /// partitions as they have.
    pub fn new(vertices: &Rdd<(K, V)>, messages: &Rdd<(K, M)>) -> Self {
        Self {
            vertices: vertices.clone(),
            messages: messages.clone(),
            combiner: AllMessages,
            aggregator: None,
            partitioner: None,
            storage_level: vertices.runtime().storage_level,
            max_supersteps: DEFAULT_MAX_SUPERSTEPS,
        }
    }
}

impl<K: Key, V: Data, M: Data, C, A> Bagel<K, V, M, C, A> {
    /// Sets what makes one value of all messages for a vertex; by default a `Vec` of them.
    pub fn combiner<D: Combiner<M>>(self, combiner: D) -> Bagel<K, V, M, D, A> {
        Bagel {
            vertices: self.vertices,
            messages: self.messages,
            combiner,
            aggregator: self.aggregator,
            partitioner: self.partitioner,
            storage_level: self.storage_level,
            max_supersteps: self.max_supersteps,
        }
    }

    /// Sets what makes one value of all vertices for the next superstep; by default nothing does.
    pub fn aggregator<B: Aggregator<V>>(self, aggregator: B) -> Bagel<K, V, M, C, B> {
        Bagel {
            vertices: self.vertices,
            messages: self.messages,
            combiner: self.combiner,
            aggregator: Some(aggregator),
            partitioner: self.partitioner,
            storage_level: self.storage_level,
            max_supersteps: self.max_supersteps,
        }
    }

    /// Sets where vertices are placed: a number of partitions or a partitioner.
    pub fn partitioner(mut self, partitioner: impl IntoPartitioner<K>) -> Self {
        self.partitioner = Some(partitioner.into_partitioner());
        self
    }

    /// Sets how generations are kept; by default as the
    /// [context](crate::rdd::ContextBuilder::storage_level) says.
    pub fn storage_level(mut self, level: StorageLevel) -> Self {
        self.storage_level = level;
        self
    }

    /// Sets the most supersteps to run: at least 1, by default [`DEFAULT_MAX_SUPERSTEPS`].
    pub fn max_supersteps(mut self, count: usize) -> Self {
        self.max_supersteps = count;
        self
    }
}

impl<K: Key + fmt::Debug, V: Data, M: Data, C: Combiner<M>, A: Aggregator<V>> Bagel<K, V, M, C, A> {
    /// Runs supersteps until the end. `compute` takes a vertex, its combined messages (`None`
    /// without any), the aggregate (`None` without an aggregator or without vertices) and the
    /// superstep, and returns the vertex and the messages it sends.
    ///
    /// # Errors
    /// - [`ErrorKind::DuplicateVertex`] when an id occurs twice among the vertices;
    /// - [`ErrorKind::Argument`] when no superstep is allowed, or the storage level keeps nothing;
    /// - [`ErrorKind::Task`] when `compute`, the combiner or the aggregator panics in every attempt
    ///   at a task.
    ///
    /// [`ErrorKind::DuplicateVertex`]: crate::ErrorKind::DuplicateVertex
    /// [`ErrorKind::Argument`]: crate::ErrorKind::Argument
    /// [`ErrorKind::Task`]: crate::ErrorKind::Task
    pub fn run<F>(self, compute: F) -> Result<Outcome<K, V>>
    where
        V: Vertex,
        M: Message<K>,
        F: Fn(V, Option<C::Combined>, Option<&A::Aggregate>, usize) -> (V, Vec<M>),
        F: Send + Sync + 'static,
    {
        if self.max_supersteps == 0 {
            return Err(Error::argument("max_supersteps must be at least 1"));
        }
        let placement = self.partitioner.or_else(|| self.vertices.placement());
        let placement =
            placement.unwrap_or_else(|| self.vertices.partition_count().into_partitioner());
        let (compute, combiner) = (Arc::new(compute), Arc::new(self.combiner));
        let aggregator = self.aggregator.as_ref();

        let mut vertices = self.vertices.partition_by(Arc::clone(&placement));
        let mut messages = self.messages;
        let mut aggregate = initial_aggregate(&vertices, aggregator)?;
        let mut stats = Vec::new();
        loop {
            let (superstep, start) = (stats.len(), Instant::now());
            let combined = combine(&messages, &combiner, &placement);
            let grouped = vertices.cogroup(&combined, Arc::clone(&placement));
            let computed = compute_groups(&grouped, &compute, aggregate, superstep);
            // When this returns, the new generation is whole. The previous one and the shuffle
            // are freed as the handles on them are replaced or go out of scope.
            let (kept, totals) = computed.local_checkpoint_with(self.storage_level, |rows| {
                Totals::of_partition(rows, aggregator)
            })?;
            vertices = states(&kept);
            messages = outboxes(&kept);

            let totals = Totals::of_all(totals, aggregator)?;
            aggregate = totals.aggregate;
            let ended = totals.stats.taking(start.elapsed());
            stats.push(ended);
            vertices.runtime().tell(|| ended.event(superstep));

            let stop_reason = if ended.active == 0 && ended.messages == 0 {
                StopReason::Converged
            } else if stats.len() == self.max_supersteps {
                StopReason::MaxSupersteps
            } else {
                continue;
            };
            return Ok(Outcome { vertices, stop_reason, stats });
        }
    }
}

impl<K, V, M, C, A> fmt::Debug for Bagel<K, V, M, C, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bagel")
            .field("vertices", &self.vertices)
            .field("messages", &self.messages)
            .field("storage_level", &self.storage_level)
            .field("max_supersteps", &self.max_supersteps)
            .finish_non_exhaustive()
    }
}
