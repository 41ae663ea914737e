//! The map side of the shuffle of a graph's edges: [`cut`] deals them to buckets, a run for each
//! partition.

use std::sync::Arc;

use super::edge_block::unpack;
use super::keys::Keying;
use super::radix::Key;
use super::runs::{EdgeRun, Keys};

/// Which edges of a chunk are sent, besides the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending {
    /// Each edge in both directions, self-loops once.
    pub(super) both_ways: bool,
    pub(super) self_loops: bool,
}

/// Edges between [numbers](Keying), with a value each.
pub(super) trait NumberedEdges<E> {
    /// The values by place.
    fn values(&self) -> &[E];

    /// Calls `visit` with some edges at a time, [`pack`](super::edge_block::pack)ed, and the places
    /// of their values.
    fn for_each_batch(&self, visit: impl FnMut(&[u64], Places<'_>));
}

/// Where the values of some edges stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Places<'a> {
    /// One after another from here on.
    From(usize),
    Listed(&'a [usize]),
}

/// Cuts edges into runs, by the partition that they enter; several runs of a partition are in the
/// edges' order.
pub(super) fn cut<E: Clone>(
    edges: &impl NumberedEdges<E>,
    keying: &Keying,
    sending: Sending,
) -> Vec<(usize, Arc<EdgeRun<E>>)> {
    if keying.narrow {
        Dealer::new(edges.values(), keying, Keys::Narrow).deal(edges, sending)
    } else {
        Dealer::new(edges.values(), keying, Keys::Wide).deal(edges, sending)
    }
}

/// Edges dealt at once, unless there are many buckets: enough that each partition's are a piece of
/// memory that goes back to the system when the partition has been read.
const DEALT_EDGES: usize = 1 << 21;

/// Deals edges to buckets, some at a time, with the same vectors again and again.
struct Dealer<'a, E, K, C> {
    keying: &'a Keying,
    values: &'a [E],
    column: C,
    limit: usize,
    /// Buckets and keys of the edges in their order.
    placed: Vec<(u32, K)>,
    /// The places of their values, if they have any.
    places: Vec<usize>,
    /// How many edges each bucket gets.
    counts: Vec<usize>,
    /// The keys, and the places of the values, by bucket.
    dealt: Vec<K>,
    dealt_places: Vec<usize>,
    runs: Vec<(usize, Arc<EdgeRun<E>>)>,
}

impl<'a, E: Clone, K: Key, C: Fn(Vec<K>) -> Keys> Dealer<'a, E, K, C> {
    const VALUED: bool = size_of::<E>() > 0;

    fn new(values: &'a [E], keying: &'a Keying, column: C) -> Self {
        Self {
            keying,
            values,
            column,
            limit: DEALT_EDGES.max(keying.buckets() * 32),
            placed: Vec::new(),
            places: Vec::new(),
            counts: vec![0; keying.buckets()],
            dealt: Vec::new(),
            dealt_places: Vec::new(),
            runs: Vec::new(),
        }
    }

    fn deal(
        mut self,
        edges: &impl NumberedEdges<E>,
        sending: Sending,
    ) -> Vec<(usize, Arc<EdgeRun<E>>)> {
        let each = if sending.both_ways { 2 } else { 1 };
        self.placed.reserve_exact(self.limit.min(each * self.values.len()));
        edges.for_each_batch(|mut edges, mut places| {
            // Whatever is sent of an edge goes into the same runs.
            while !edges.is_empty() {
                let room = (self.limit - self.placed.len()) / each;
                let (first, rest) = edges.split_at(room.min(edges.len()));
                self.put(first, places, sending);
                if rest.is_empty() {
                    break;
                }
                self.flush();
                edges = rest;
                places = match places {
                    Places::From(start) => Places::From(start + first.len()),
                    Places::Listed(all) => Places::Listed(&all[first.len()..]),
                };
            }
        });
        self.flush();
        self.runs
    }

    /// Notes the buckets and keys of edges; the caller has seen to it that there is room.
    #[inline(never)]
    fn put(&mut self, edges: &[u64], places: Places<'_>, sending: Sending) {
        let Self { keying, counts, placed, .. } = self;
        let placing = keying.placing();
        let mut place = |source, target| {
            let (bucket, key) = placing.place(source, target);
            counts[bucket] += 1;
            (bucket as u32, K::new(key))
        };
        if sending.self_loops && !sending.both_ways {
            placed.extend(edges.iter().map(|edge| {
                let (source, target) = unpack(*edge);
                place(source, target)
            }));
            if Self::VALUED {
                match places {
                    Places::From(start) => self.places.extend(start..start + edges.len()),
                    Places::Listed(all) => self.places.extend_from_slice(&all[..edges.len()]),
                }
            }
            return;
        }
        for (index, edge) in edges.iter().enumerate() {
            let (source, target) = unpack(*edge);
            if source == target && !sending.self_loops {
                continue;
            }
            let copies = if sending.both_ways && source != target { 2 } else { 1 };
            placed.push(place(source, target));
            if copies == 2 {
                placed.push(place(target, source));
            }
            if Self::VALUED {
                let at = match places {
                    Places::From(start) => start + index,
                    Places::Listed(all) => all[index],
                };
                self.places.extend(std::iter::repeat_n(at, copies));
            }
        }
    }

    /// Makes runs of the edges so far.
    #[inline(never)]
    fn flush(&mut self) {
        let mut total = 0;
        for count in &mut self.counts {
            total += std::mem::replace(count, total);
        }
        let next = &mut self.counts;
        self.dealt.resize(total, K::default());
        if Self::VALUED {
            self.dealt_places.resize(total, 0);
        }
        for (index, (bucket, key)) in self.placed.iter().enumerate() {
            let place = &mut next[*bucket as usize];
            self.dealt[*place] = *key;
            if Self::VALUED {
                self.dealt_places[*place] = self.places[index];
            }
            *place += 1;
        }
        self.placed.clear();
        self.places.clear();
        // Now `next` tells where each bucket ends.
        let mut start = 0;
        for (partition, bucket_ends) in next.chunks(self.keying.groups).enumerate() {
            let end = bucket_ends.last().map_or(start, |end| *end);
            if start == end {
                continue;
            }
            let (mut groups, mut ends, mut before) = (Vec::new(), Vec::new(), start);
            for (group, bucket_end) in bucket_ends.iter().enumerate() {
                if *bucket_end > before {
                    groups.push(group as u32);
                    ends.push((*bucket_end - start) as u64);
                    before = *bucket_end;
                }
            }
            let values = match self.values.first() {
                Some(value) if !Self::VALUED => vec![value.clone(); end - start],
                _ => {
                    let places = self.dealt_places[start..end].iter();
                    places.map(|place| self.values[*place].clone()).collect()
                }
            };
            let keys = (self.column)(self.dealt[start..end].to_vec());
            self.runs.push((partition, Arc::new(EdgeRun { groups, ends, keys, values })));
            start = end;
        }
        next.fill(0);
    }
}
