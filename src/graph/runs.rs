//! What a graph's edges are while they are shuffled, and its reduce side.
//!
//! The map side [deals](super::deal) the edges of a chunk to [buckets](Keying), a run for each
//! partition; the reduce side gathers each group of sources from all runs and sorts it. Both are
//! counting passes over a few megabytes at a time.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::build::Duplicates;
use super::keys::Keying;
use super::radix::{Key, sort_keys};

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

/// Keys in the width that the [`Keying`] asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Keys {
    Narrow(#[serde(with = "crate::codec::packed")] Vec<u32>),
    Wide(#[serde(with = "crate::codec::packed")] Vec<u64>),
}

/// What is still to be read of a run.
struct Cursor<'a, E> {
    run: &'a EdgeRun<E>,
    group: usize,
    start: usize,
}

impl<E> Cursor<'_, E> {
    /// The places of a group's edges; groups are asked for in order.
    fn take(&mut self, group: usize) -> Range<usize> {
        let start = self.start;
        if self.run.groups.get(self.group).is_some_and(|next| *next as usize == group) {
            self.start = self.run.ends[self.group] as usize;
            self.group += 1;
        }
        start..self.start
    }
}

/// Sorts the edges of all runs of a partition, between dense ids, [packed](super::edge_block::pack), with their
/// values; equal edges stay in input order.
pub(super) fn sorted<E: Clone>(
    runs: &[Arc<EdgeRun<E>>],
    partition: usize,
    keying: &Keying,
    duplicates: Duplicates,
) -> (Vec<u64>, Vec<E>) {
    let mut cursors: Vec<_> =
        runs.iter().map(|run| Cursor { run: &**run, group: 0, start: 0 }).collect();
    let length = runs.iter().map(|run| run.values.len()).sum();
    let locals = keying.locals(partition);
    let mut edges = Vec::with_capacity(length);
    let mut values = Vec::new();
    if size_of::<E>() == 0 {
        // Without values equal edges cannot be told apart.
        let (mut narrow, mut wide) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        for group in 0..keying.groups {
            for cursor in &mut cursors {
                let range = cursor.take(group);
                match &cursor.run.keys {
                    Keys::Narrow(keys) => narrow.0.extend_from_slice(&keys[range]),
                    Keys::Wide(keys) => wide.0.extend_from_slice(&keys[range]),
                }
            }
            append_sorted(&mut narrow, (partition, &locals), group, keying, duplicates, &mut edges);
            append_sorted(&mut wide, (partition, &locals), group, keying, duplicates, &mut edges);
        }
        if let Some(value) = runs.first().and_then(|run| run.values.first()) {
            values = vec![value.clone(); edges.len()];
        }
        return (edges, values);
    }
    values.reserve_exact(length);
    let mut rows: Vec<(u64, &E)> = Vec::new();
    for group in 0..keying.groups {
        rows.clear();
        for cursor in &mut cursors {
            let range = cursor.take(group);
            let group_values = cursor.run.values[range.clone()].iter();
            match &cursor.run.keys {
                Keys::Narrow(keys) => {
                    rows.extend(keys[range].iter().map(|key| key.get()).zip(group_values));
                }
                Keys::Wide(keys) => rows.extend(keys[range].iter().copied().zip(group_values)),
            }
        }
        rows.sort_by_key(|(key, _)| *key);
        if duplicates == Duplicates::Drop {
            rows.dedup_by_key(|(key, _)| *key);
        }
        edges.extend(keying.edges((partition, &locals), group, rows.iter().map(|(key, _)| *key)));
        values.extend(rows.iter().map(|(_, value)| (*value).clone()));
    }
    (edges, values)
}

/// Sorts the keys of a group and appends their edges, and empties the keys.
fn append_sorted<K: Key>(
    (keys, spare): &mut (Vec<K>, Vec<K>),
    partition: (usize, &[u32]),
    group: usize,
    keying: &Keying,
    duplicates: Duplicates,
    edges: &mut Vec<u64>,
) {
    sort_keys(keys, spare, 0, keying.bits());
    if duplicates == Duplicates::Drop {
        keys.dedup();
    }
    edges.extend(keying.edges(partition, group, keys.iter().map(|key| key.get())));
    keys.clear();
}
