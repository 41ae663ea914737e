//! The steps of a superstep: combine, compute, take apart, count.

use std::fmt;
use std::sync::Arc;

use crate::data::{Data, Key};
use crate::error::{ErrorKind, Result};
use crate::exec::guard;
use crate::exec::raise;
use crate::rdd::{Groups, Partitioner, Rdd};

use super::model::{Aggregator, Combiner, Message, Vertex};
use super::outcome::SuperstepStats;

/// A generation: what each vertex computed, its state and its outbox.
pub(super) type Computed<K, V, M> = (K, (V, Vec<M>));

/// Combines the messages for each target, placed like the vertices.
pub(super) fn combine<K: Key, M: Data, C: Combiner<M>>(
    messages: &Rdd<(K, M)>,
    combiner: &Arc<C>,
    placement: &Arc<dyn Partitioner<K>>,
) -> Rdd<(K, C::Combined)> {
    let [first, each, last] = [(); 3].map(|()| Arc::clone(combiner));
    messages.combine_by_key(
        move |message| first.create(message),
        move |combined, message| each.merge_message(combined, message),
        move |left, right| last.merge_combined(left, right),
        Arc::clone(placement),
    )
}

/// Computes every vertex that exists. Messages for others end here; a second vertex with the same
/// id is an error.
pub(super) fn compute_groups<K, V, M, C, A, F>(
    grouped: &Rdd<(K, Groups<V, C>)>,
    compute: &Arc<F>,
    aggregate: Option<A>,
    superstep: usize,
) -> Rdd<Computed<K, V, M>>
where
    K: Key + fmt::Debug,
    V: Data,
    M: Data,
    C: Data,
    A: Send + Sync + 'static,
    F: Fn(V, Option<C>, Option<&A>, usize) -> (V, Vec<M>) + Send + Sync + 'static,
{
    let (compute, aggregate) = (Arc::clone(compute), Arc::new(aggregate));
    let placement = grouped.partitioning().cloned();
    grouped.narrow("bagel", placement, move |_, groups| {
        let (compute, aggregate) = (Arc::clone(&compute), Arc::clone(&aggregate));
        let compute_group = move |(id, (mut vertices, mut combined)): (K, Groups<V, C>)| {
            let vertex = vertices.pop()?;
            if !vertices.is_empty() {
                let id = format!("{id:?}");
                raise(ErrorKind::DuplicateVertex { id }.into());
            }
            let computed = compute(vertex, combined.pop(), (*aggregate).as_ref(), superstep);
            Some((id, computed))
        };
        Ok(Box::new(groups.filter_map(compute_group)))
    })
}

/// The next vertices.
pub(super) fn states<K: Key, V: Data, M: Data>(kept: &Rdd<Computed<K, V, M>>) -> Rdd<(K, V)> {
    let placement = kept.partitioning().cloned();
    kept.flat_map_ref("vertices", placement, |(id, (state, _))| Some((id.clone(), state.clone())))
}

/// The next messages, under their targets.
pub(super) fn outboxes<K: Key, V: Data, M: Data + Message<K>>(
    kept: &Rdd<Computed<K, V, M>>,
) -> Rdd<(K, M)> {
    kept.flat_map_ref("messages", None, |(_, (_, outbox))| {
        let sent = outbox.iter().map(|message| (message.target_id(), message.clone()));
        sent.collect::<Vec<_>>()
    })
}

/// The aggregate of the vertices that a run starts from.
pub(super) fn initial_aggregate<K: Key, V: Data, A: Aggregator<V>>(
    vertices: &Rdd<(K, V)>,
    aggregator: Option<&A>,
) -> Result<Option<A::Aggregate>> {
    let Some(aggregator) = aggregator else {
        return Ok(None);
    };
    let merge = |left, right| aggregator.merge(left, right);
    let parts = vertices.run(|rows| {
        let parts = rows.map(|(_, vertex)| aggregator.create(&vertex));
        Ok(parts.reduce(merge))
    })?;
    guard("the aggregator", || parts.into_iter().flatten().reduce(merge))
}

/// What a generation comes to: counts, and the aggregate for the next superstep.
pub(super) struct Totals<A> {
    pub(super) stats: SuperstepStats,
    pub(super) aggregate: Option<A>,
}

impl<A> Totals<A> {
    /// Counts the rows that one partition keeps.
    pub(super) fn of_partition<K, V: Vertex, M>(
        rows: &[Computed<K, V, M>],
        aggregator: Option<&impl Aggregator<V, Aggregate = A>>,
    ) -> Self {
        let states = || rows.iter().map(|(_, (state, _))| state);
        let stats = SuperstepStats {
            vertices: rows.len() as u64,
            active: states().filter(|state| state.is_active()).count() as u64,
            messages: rows.iter().map(|(_, (_, outbox))| outbox.len() as u64).sum(),
            ..SuperstepStats::default()
        };
        let aggregate = aggregator.and_then(|aggregator| {
            let parts = states().map(|state| aggregator.create(state));
            parts.reduce(|left, right| aggregator.merge(left, right))
        });
        Self { stats, aggregate }
    }

    /// Adds up partitions, in order.
    pub(super) fn of_all<V>(
        parts: Vec<Self>,
        aggregator: Option<&impl Aggregator<V, Aggregate = A>>,
    ) -> Result<Self> {
        let mut stats = SuperstepStats::default();
        let mut aggregates = Vec::new();
        for part in parts {
            stats.vertices += part.stats.vertices;
            stats.active += part.stats.active;
            stats.messages += part.stats.messages;
            aggregates.extend(part.aggregate);
        }
        let merge = |aggregator| {
            let aggregates = aggregates.into_iter();
            aggregates.reduce(|left, right| Aggregator::<V>::merge(aggregator, left, right))
        };
        let aggregate = guard("the aggregator", || aggregator.and_then(merge))?;
        Ok(Self { stats, aggregate })
    }
}
