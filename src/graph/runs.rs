//! What a graph's edges are while they are shuffled.
//!
//! The map side [deals](super::deal) the edges of a chunk to [buckets](super::keys), a run for each
//! partition; the reduce side gathers each group of sources from all runs and puts it in
//! [order](super::ordered). Both are counting passes over a few megabytes at a time.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Edges from one chunk into one partition, group after group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EdgeRun<E> {
    /// The groups that have edges, ascending.
    #[serde(with = "crate::codec::packed")]
    pub(super) groups: Vec<u32>,
    /// Where each of them ends.
    #[serde(with = "crate::codec::packed")]
    pub(super) ends: Vec<u64>,
    pub(super) keys: Keys,
    /// The edges' values in the same order, of each group in input order.
    pub(super) values: Vec<E>,
}

/// Keys in the width that the [keying](super::keys) asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Keys {
    Narrow(#[serde(with = "crate::codec::packed")] Vec<u32>),
    Wide(#[serde(with = "crate::codec::packed")] Vec<u64>),
}

/// What is still to be read of a run.
pub(super) struct Cursor<'a, E> {
    pub(super) run: &'a EdgeRun<E>,
    group: usize,
    start: usize,
}

impl<'a, E> Cursor<'a, E> {
    pub(super) fn new(run: &'a EdgeRun<E>) -> Self {
        Self { run, group: 0, start: 0 }
    }

    /// The places of a group's edges; groups are asked for in order.
    pub(super) fn take(&mut self, group: usize) -> Range<usize> {
        let start = self.start;
        if self.run.groups.get(self.group).is_some_and(|next| *next as usize == group) {
            self.start = self.run.ends[self.group] as usize;
            self.group += 1;
        }
        start..self.start
    }
}

/// The values of so many edges of all runs, in the order in which groups are gathered.
pub(super) fn gathered_values<E: Clone>(
    runs: &[Arc<EdgeRun<E>>],
    groups: usize,
    edges: usize,
) -> Vec<E> {
    if size_of::<E>() == 0 {
        let value = runs.iter().find_map(|run| run.values.first());
        return value.map_or_else(Vec::new, |value| vec![value.clone(); edges]);
    }
    let mut values = Vec::with_capacity(runs.iter().map(|run| run.values.len()).sum());
    let mut cursors: Vec<_> = runs.iter().map(|run| Cursor::new(&**run)).collect();
    for group in 0..groups {
        for cursor in &mut cursors {
            let range = cursor.take(group);
            values.extend_from_slice(&cursor.run.values[range]);
        }
    }
    values
}
