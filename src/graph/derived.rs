//! What follows from a graph's edges and is kept for the runs after the first that asked for it:
//! other forms of the edges, and figures of their values.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

use super::Graph;
use super::by_source::BySource;
use super::by_target::ByTarget;
use super::edge_block::EdgeBlock;
use super::hubs::Hubs;

/// What follows from the edges, each made when it is first asked for: of the edges as they are, and
/// of the edges turned around.
pub(super) struct Derived<E: 'static> {
    by_source: OnceLock<Rdd<Arc<BySource<E>>>>,
    by_target: OnceLock<Rdd<Arc<ByTarget<E>>>>,
    /// Edges that runs walked for want of these: in vain, and for messages that merge late.
    walked: [AtomicU64; 2],
    lengths: OnceLock<Lengths>,
}

impl<E> Default for Derived<E> {
    fn default() -> Self {
        Self {
            by_source: OnceLock::new(),
            by_target: OnceLock::new(),
            walked: Default::default(),
            lengths: OnceLock::new(),
        }
    }
}

/// What searches have to know of the edges' values.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Lengths {
    /// Infinite without edges; NaN when one of them is.
    pub(crate) least: f64,
    /// Of those that are finite.
    pub(crate) total: f64,
}

impl Lengths {
    const NONE: Self = Self { least: f64::INFINITY, total: 0.0 };

    fn and(self, other: Self) -> Self {
        let least = match self.least.is_nan() || other.least.is_nan() {
            true => f64::NAN,
            false => self.least.min(other.least),
        };
        Self { least, total: self.total + other.total }
    }
}

impl<V: Data, E: Data> Graph<V, E> {
    /// The edges, or the edges turned around, sorted by source within each partition.
    pub(crate) fn edges_by_source(&self, reversed: bool) -> Result<Rdd<Arc<BySource<E>>>> {
        let layout = self.shape.layout;
        let sort = move |_, block: &EdgeBlock<E>, hubs: &Hubs| BySource::new(block, &layout, hubs);
        self.sorted_edges(reversed, "by_source", |sorted| &sorted.by_source, sort)
    }

    /// The edges, or the edges turned around, sorted by target within each partition.
    pub(crate) fn edges_by_target(&self, reversed: bool) -> Result<Rdd<Arc<ByTarget<E>>>> {
        let layout = self.shape.layout;
        let sort = move |partition, block: &EdgeBlock<E>, hubs: &Hubs| {
            ByTarget::new(block, (&layout, hubs), layout.range(partition).len())
        };
        self.sorted_edges(reversed, "by_target", |sorted| &sorted.by_target, sort)
    }

    /// Whether the edges, or the edges turned around, are sorted by source and by target already.
    pub(crate) fn is_sorted(&self, reversed: bool) -> [bool; 2] {
        let sorted = &self.derived[usize::from(reversed && !self.shape.undirected)];
        [sorted.by_source.get().is_some(), sorted.by_target.get().is_some()]
    }

    /// Counts edges that runs walked because they are not sorted: those that brought nothing, and
    /// those that brought messages which merge late.
    pub(crate) fn edges_walked(&self) -> &[AtomicU64; 2] {
        &self.derived[0].walked
    }

    fn sorted_edges<T: Data>(
        &self,
        reversed: bool,
        name: &'static str,
        place: impl Fn(&Derived<E>) -> &OnceLock<Rdd<Arc<T>>>,
        sort: impl Fn(usize, &EdgeBlock<E>, &Hubs) -> T + Send + Sync + Copy + 'static,
    ) -> Result<Rdd<Arc<T>>> {
        let reversed = reversed && !self.shape.undirected;
        let place = place(&self.derived[usize::from(reversed)]);
        if let Some(sorted) = place.get() {
            return Ok(sorted.clone());
        }
        let (edges, hubs) = self.edges_and_hubs(reversed)?;
        let sorted = edges.narrow(name, edges.partitioning().cloned(), move |partition, blocks| {
            let hubs = Arc::clone(&hubs);
            Ok(Box::new(blocks.map(move |block| Arc::new(sort(partition, &block, &hubs)))))
        });
        let sorted = sorted.persist(self.shape.storage_level)?;
        Ok(place.get_or_init(|| sorted).clone())
    }
}

impl<V: Data, E: Data + Copy + Into<f64>> Graph<V, E> {
    /// The edges' values as lengths.
    pub(crate) fn lengths(&self) -> Result<Lengths> {
        if let Some(lengths) = self.derived[0].lengths.get() {
            return Ok(*lengths);
        }
        let blocks = self.edges.flat_map_ref("lengths", None, |block: &Arc<EdgeBlock<E>>| {
            let lengths = block.values.iter().map(|length| {
                let least: f64 = (*length).into();
                Lengths { least, total: if least.is_finite() { least } else { 0.0 } }
            });
            [lengths.fold(Lengths::NONE, Lengths::and)]
        });
        let lengths = blocks.fold(Lengths::NONE, Lengths::and)?;
        Ok(*self.derived[0].lengths.get_or_init(|| lengths))
    }
}
