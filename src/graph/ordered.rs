//! The edges into one partition by source: what the grid is laid out from, and the reduce side of
//! the shuffle of edges.
//!
//! A group of sources is gathered from all runs and put in order by counting: how many edges leave
//! each source, then where those of each source begin, then every edge to its place. What belongs
//! to a source, whether it is a hub and its local id, is looked up once in between, and not for each
//! edge. Groups with few edges, and those whose equal edges are to be dropped, are sorted.

use std::sync::Arc;

use super::build::Duplicates;
use super::edge_block::{Local, unpack};
use super::hubs::Hubs;
use super::keys::Keying;
use super::layout::Layout;
use super::radix::{Key, sort_keys};
use super::runs::{Cursor, EdgeRun, Keys};

/// A group is put in order by counting if it has an edge for each so many sources that it could
/// have.
const SOURCES_PER_EDGE: usize = 16;

/// The local ids of an edge's source and target, packed.
pub(super) trait Pair: Copy + Default + 'static {
    /// What holds each.
    type Id: Local;

    fn new(source: u32, target: u32) -> Self;
    fn source(self) -> u32;
    fn target(self) -> u32;
}

macro_rules! pair {
    ($int:ty, $half:ty) => {
        impl Pair for $int {
            type Id = $half;

            #[inline(always)]
            fn new(source: u32, target: u32) -> Self {
                <$int>::from(source as $half) << <$half>::BITS | <$int>::from(target as $half)
            }

            #[inline(always)]
            fn source(self) -> u32 {
                (self >> <$half>::BITS) as u32
            }

            #[inline(always)]
            fn target(self) -> u32 {
                u32::from(self as $half)
            }
        }
    };
}

pair!(u32, u16);
pair!(u64, u32);

/// The edges that leave a hub, side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HubRun {
    pub(super) number: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The edges into one partition by source.
#[derive(Debug)]
pub(super) struct Ordered<'a, P> {
    layout: &'a Layout,
    hubs: &'a Hubs,
    /// The edges of hubs: their targets, a run for each hub.
    pub(super) hub_runs: Vec<HubRun>,
    pub(super) hub_targets: Vec<u32>,
    /// The other edges, cell after cell and in each by source.
    pub(super) pairs: Vec<P>,
    /// The source partitions that have edges, and where those of each end.
    pub(super) cells: Vec<(usize, usize)>,
    /// Where the values of the edges of hubs and of the others stand, if they have any.
    pub(super) hub_places: Vec<u32>,
    pub(super) places: Vec<u32>,
    valued: bool,
}

impl<'a, P: Pair> Ordered<'a, P> {
    fn new(layout: &'a Layout, hubs: &'a Hubs, valued: bool) -> Self {
        Self {
            layout,
            hubs,
            hub_runs: Vec::new(),
            hub_targets: Vec::new(),
            pairs: Vec::new(),
            cells: Vec::new(),
            hub_places: Vec::new(),
            places: Vec::new(),
            valued,
        }
    }

    /// Takes edges that are sorted by source, [packed](super::edge_block::pack), each with its value at the same place.
    pub(super) fn from_sorted(
        edges: &[u64],
        (layout, hubs): (&'a Layout, &'a Hubs),
        valued: bool,
    ) -> Self {
        let mut ordered = Self::new(layout, hubs, valued);
        ordered.append(edges.iter().copied().zip(0..));
        ordered
    }

    /// Gathers the edges from all runs of a partition; those between the same two vertices stay in
    /// the order of the runs. The places of values are counted group by group, and in each run by
    /// run.
    pub(super) fn from_runs<E>(
        runs: &[Arc<EdgeRun<E>>],
        partition: usize,
        keying: &'a Keying,
        hubs: &'a Hubs,
        duplicates: Duplicates,
    ) -> Self {
        let valued = size_of::<E>() > 0;
        let mut ordered = Self::new(&keying.layout, hubs, valued);
        let count = runs.iter().map(|run| run.values.len()).sum();
        ordered.pairs.reserve(if hubs.len() > 0 { count / 2 } else { count });
        let locals = keying.locals(partition);
        let mut group =
            Group { keying, partition, locals: &locals, duplicates, scratch: Scratch::default() };
        let mut cursors: Vec<_> = runs.iter().map(|run| Cursor::new(&**run)).collect();
        let (mut narrow, mut wide, mut gathered) = (Vec::new(), Vec::new(), 0);
        for number in 0..keying.groups {
            for cursor in &mut cursors {
                let range = cursor.take(number);
                match &cursor.run.keys {
                    Keys::Narrow(keys) => narrow.extend_from_slice(&keys[range]),
                    Keys::Wide(keys) => wide.extend_from_slice(&keys[range]),
                }
            }
            let length = narrow.len() + wide.len();
            group.append(number, &mut narrow, gathered, &mut ordered);
            group.append(number, &mut wide, gathered, &mut ordered);
            gathered += length as u32;
        }
        ordered.pairs.shrink_to_fit();
        ordered
    }

    /// How many edges there are.
    pub(super) fn len(&self) -> usize {
        self.hub_targets.len() + self.pairs.len()
    }

    /// Puts edges with the places of their values at the end; sources ascend.
    fn append(&mut self, edges: impl Iterator<Item = (u64, u32)>) {
        // The source before, and its local id unless it is a hub.
        let mut last = None;
        for (edge, place) in edges {
            let (source, target) = unpack(edge);
            let local = match last {
                Some((same, local)) if same == source => local,
                _ => {
                    let local = self.begin(source);
                    last = Some((source, local));
                    local
                }
            };
            if let Some(local) = local {
                self.pairs.push(P::new(local, target));
                if self.valued {
                    self.places.push(place);
                }
                if let Some((_, end)) = self.cells.last_mut() {
                    *end += 1;
                }
            } else {
                self.hub_targets.push(target);
                if self.valued {
                    self.hub_places.push(place);
                }
                if let Some(run) = self.hub_runs.last_mut() {
                    run.end += 1;
                }
            }
        }
    }

    /// Makes room for the edges of a source: a cell, or a run if it is a hub. Returns its local id
    /// in the former case.
    fn begin(&mut self, source: u32) -> Option<u32> {
        if let Some(number) = self.hubs.number(source) {
            let start = self.hub_targets.len();
            self.hub_runs.push(HubRun { number, start, end: start });
            return None;
        }
        let (partition, local) = self.layout.place(source);
        self.cell(partition);
        Some(local)
    }

    /// Begins the cell of a partition, unless it has begun.
    #[inline]
    fn cell(&mut self, partition: usize) {
        let end = match self.cells.last() {
            Some((last, _)) if *last == partition => return,
            Some((_, end)) => *end,
            None => 0,
        };
        self.cells.push((partition, end));
    }
}

/// What groups are put in order with, the same again and again.
struct Group<'a, P> {
    keying: &'a Keying,
    partition: usize,
    locals: &'a [u32],
    duplicates: Duplicates,
    scratch: Scratch<P>,
}

/// What is known of a source of a group.
#[derive(Debug, Clone, Copy, Default)]
struct Source {
    /// How many edges it has, and later the place of the next one.
    next: u32,
    /// Its local id.
    local: u32,
}

/// Vectors of a group's size or for its sources.
#[derive(Default)]
struct Scratch<P> {
    sources: Vec<Source>,
    pairs: Vec<P>,
    places: Vec<u32>,
}

impl<P: Pair> Group<'_, P> {
    /// Puts the edges of a group behind those that are ordered, and empties the keys. Their values
    /// begin at place `first`.
    fn append<K: Key>(
        &mut self,
        group: usize,
        keys: &mut Vec<K>,
        first: u32,
        ordered: &mut Ordered<'_, P>,
    ) {
        let sources = self.keying.group_size();
        if keys.is_empty() {
            return;
        }
        if self.duplicates == Duplicates::Keep && sources <= keys.len() * SOURCES_PER_EDGE {
            self.count(group, keys, first, ordered);
        } else {
            self.sort(group, keys, first, ordered);
        }
        keys.clear();
    }

    fn sort<K: Key>(
        &mut self,
        group: usize,
        keys: &mut Vec<K>,
        first: u32,
        ordered: &mut Ordered<'_, P>,
    ) {
        let Self { keying, partition, locals, .. } = *self;
        let edges = |keys: &mut dyn Iterator<Item = u64>, sink: &mut Vec<u64>| {
            sink.clear();
            sink.extend(keying.edges((partition, locals), group, keys));
        };
        let mut sorted = Vec::with_capacity(keys.len());
        if !ordered.valued {
            // Without values equal edges cannot be told apart.
            sort_keys(keys, &mut Vec::new(), 0, keying.bits());
            if self.duplicates == Duplicates::Drop {
                keys.dedup();
            }
            edges(&mut keys.iter().map(|key| key.get()), &mut sorted);
            return ordered.append(sorted.into_iter().zip(first..));
        }
        let mut rows: Vec<(K, u32)> = keys.iter().copied().zip(first..).collect();
        rows.sort_unstable();
        if self.duplicates == Duplicates::Drop {
            rows.dedup_by_key(|(key, _)| *key);
        }
        edges(&mut rows.iter().map(|(key, _)| key.get()), &mut sorted);
        ordered.append(sorted.into_iter().zip(rows.iter().map(|(_, place)| *place)));
    }

    /// The edges of hubs go to the end of the group and the others to its front, until both are
    /// copied to where they belong.
    fn count<K: Key>(
        &mut self,
        group: usize,
        keys: &[K],
        first: u32,
        ordered: &mut Ordered<'_, P>,
    ) {
        let Self { keying, partition, locals, scratch, .. } = self;
        let taking = keying.taking(*partition, locals);
        let Scratch { sources, pairs, places } = scratch;
        sources.clear();
        sources.resize(keying.group_size(), Source::default());
        for key in keys {
            sources[taking.source(key.get())].next += 1;
        }
        let (mut front, mut back) = (0, keys.len());
        let (before, hubs_before) = (ordered.pairs.len(), ordered.hub_targets.len());
        let first_run = ordered.hub_runs.len();
        for (low, Source { next, local }) in sources.iter_mut().enumerate() {
            let edges = *next as usize;
            if edges == 0 {
                continue;
            }
            let source = keying.source(group, low);
            if let Some(number) = ordered.hubs.number(source) {
                back -= edges;
                ordered.hub_runs.push(HubRun { number, start: back, end: back + edges });
                *next = back as u32;
            } else {
                let (partition, place) = ordered.layout.place(source);
                ordered.cell(partition);
                *local = place;
                *next = front as u32;
                front += edges;
                if let Some((_, end)) = ordered.cells.last_mut() {
                    *end = before + front;
                }
            }
        }
        for run in &mut ordered.hub_runs[first_run..] {
            run.start = run.start - back + hubs_before;
            run.end = run.end - back + hubs_before;
        }
        pairs.resize(keys.len(), P::default());
        let mut put = |key: K| {
            let source = &mut sources[taking.source(key.get())];
            let place = source.next as usize;
            source.next += 1;
            pairs[place] = P::new(source.local, taking.target(key.get()));
            place
        };
        if ordered.valued {
            places.resize(keys.len(), 0);
            for (key, place) in keys.iter().zip(first..) {
                places[put(*key)] = place;
            }
            ordered.places.extend_from_slice(&places[..back]);
            ordered.hub_places.extend_from_slice(&places[back..]);
        } else {
            keys.iter().for_each(|key| {
                put(*key);
            });
        }
        ordered.pairs.extend_from_slice(&pairs[..back]);
        ordered.hub_targets.extend(pairs[back..].iter().map(|pair| pair.target()));
    }
}
