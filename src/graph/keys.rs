//! Edges as small keys on their way to their block.
//!
//! An edge of one target partition and one *group* of sources is a key: the low bits of the source
//! above the target's place in its partition. Groups are as wide as makes a key of 32 bits, half of
//! what two ids take, so that sending and sorting move half as much. Where that would make too many
//! groups keys have 64 bits and there is one group.
//!
//! The ends of an edge are *numbers*: dense ids, or the ids themselves where they have few gaps.
//! Their order is the same, so partitions are runs of either, and keys of ids sort as edges do. It
//! saves looking up both ends of every edge among all vertices: after sorting sources repeat, and
//! the targets of a partition have their dense ids close together.

use std::sync::Arc;

use crate::error::ErrorKind;
use crate::raise::raise;

use super::VertexId;
use super::chunk::Piece;
use super::dictionary::Dictionary;
use super::edge_block::pack;
use super::layout::Layout;

/// The most pairs of a partition and a group: each takes a cache line while edges are dealt to them.
const MOST_BUCKETS: usize = 1 << 15;
/// Groups have at most 2^15 sources, so that sorting one rarely leaves the second-level cache.
const MOST_SOURCE_BITS: u32 = 15;
/// Numbers are cut into at least so many blocks, each with the partition where it begins: enough
/// that few have a border inside, in half of the nearest cache.
const LEAST_BLOCKS: usize = 4096;
/// Stands in [`Keying::locals`] for a number that no vertex has.
const NO_VERTEX: u32 = u32::MAX;

/// Which key and which bucket an edge has: a function of the layout and the ids alone.
#[derive(Debug)]
pub(super) struct Keying {
    pub(super) layout: Layout,
    /// Groups of sources.
    pub(super) groups: usize,
    /// True for keys of 32 bits.
    pub(super) narrow: bool,
    target_bits: u32,
    source_bits: u32,
    /// True where numbers are ids.
    by_id: bool,
    /// Their dense ids, where those are others.
    ids: Option<Arc<Dictionary>>,
    /// The first number of each partition, and the number after all.
    bounds: Vec<u64>,
    /// The partition of the first number of each block.
    homes: Vec<u32>,
    block_bits: u32,
}

impl Keying {
    /// The keys of edges between the ids of a dictionary.
    pub(super) fn of_ids(layout: Layout, dictionary: &Arc<Dictionary>) -> Self {
        let by_id = || Self::new(layout, Some(Arc::clone(dictionary)));
        let by_id = dictionary.is_close().then(by_id).filter(|keying| keying.narrow);
        by_id.unwrap_or_else(|| Self::of_dense_ids(layout))
    }

    /// The keys of edges between dense ids.
    pub(super) fn of_dense_ids(layout: Layout) -> Self {
        Self::new(layout, None)
    }

    fn new(layout: Layout, ids: Option<Arc<Dictionary>>) -> Self {
        let bits = |count: u64| u64::BITS - count.saturating_sub(1).leading_zeros();
        let number = |dense: usize| match &ids {
            Some(ids) => ids.id(dense as u32),
            None => (dense < layout.vertex_count()).then_some(dense as u64),
        };
        let last = layout.vertex_count().checked_sub(1).and_then(number);
        let end = last.map_or(0, |last| last + 1);
        let mut bounds = vec![0];
        let starts = (1..layout.partition_count()).map(|partition| layout.range(partition).start);
        bounds.extend(starts.map(|start| number(start).unwrap_or(end)));
        bounds.push(end);

        let widest = bounds.windows(2).map(|pair| pair[1] - pair[0]).max();
        let target_bits = bits(widest.unwrap_or(1));
        let all_bits = bits(end);
        let source_bits = u32::BITS.saturating_sub(target_bits).min(MOST_SOURCE_BITS);
        let groups = end.div_ceil(1 << source_bits).max(1) as usize;
        let narrow = groups.saturating_mul(layout.partition_count()) <= MOST_BUCKETS;
        let (groups, source_bits) =
            if narrow { (groups, source_bits.min(all_bits)) } else { (1, all_bits) };

        let by_id = ids.is_some();
        let ids = ids.filter(|ids| !ids.is_same());
        let blocks = LEAST_BLOCKS.max(4 * layout.partition_count());
        let block_bits = bits(end).saturating_sub(blocks.ilog2());
        let home = |block: u64| {
            let after = bounds[1..].partition_point(|bound| *bound <= block << block_bits);
            after.min(layout.partition_count() - 1) as u32
        };
        let homes = (0..end.div_ceil(1 << block_bits)).map(home).collect();
        Self {
            layout,
            groups,
            narrow,
            target_bits,
            source_bits,
            by_id,
            ids,
            bounds,
            homes,
            block_bits,
        }
    }

    /// Buckets in all: the groups of each partition, partition by partition.
    pub(super) fn buckets(&self) -> usize {
        self.groups * self.layout.partition_count()
    }

    /// The bits that a key uses.
    pub(super) fn bits(&self) -> u32 {
        self.source_bits + self.target_bits
    }

    /// Puts the edges of a piece into `edges`, between numbers and [`pack`]ed; no id in it is larger
    /// than `largest`.
    pub(super) fn number(
        &self,
        piece: &Piece,
        largest: VertexId,
        dictionary: &Dictionary,
        edges: &mut Vec<u64>,
    ) {
        edges.clear();
        edges.reserve(piece.edge_count());
        let end = self.bounds[self.bounds.len() - 1];
        let by_id = self.by_id;
        if let Piece::Narrow(ids) = piece
            && by_id
            && largest < end
        {
            ids.for_each(|edge| edges.push(edge));
            return;
        }
        let number = |id| {
            let number = if by_id { (id < end).then_some(id as u32) } else { dictionary.dense(id) };
            number.unwrap_or_else(|| unknown(id))
        };
        piece.for_each_edge(|source, target| edges.push(pack(number(source), number(target))));
    }

    /// What places edges.
    pub(super) fn placing(&self) -> Placing<'_> {
        Placing {
            bounds: &self.bounds,
            homes: &self.homes,
            block_bits: self.block_bits,
            groups: self.groups,
            source_bits: self.source_bits,
            target_bits: self.target_bits,
        }
    }

    /// The places of a partition's vertices in it, by number from its first; nothing where that is
    /// the place already.
    pub(super) fn locals(&self, partition: usize) -> Vec<u32> {
        let Some(ids) = &self.ids else { return Vec::new() };
        let first = self.bounds[partition];
        let mut locals = vec![NO_VERTEX; (self.bounds[partition + 1] - first) as usize];
        for (local, id) in (0..).zip(ids.ids(self.layout.range(partition))) {
            locals[(id - first) as usize] = local;
        }
        locals
    }

    /// How many sources a group may have.
    pub(super) fn group_size(&self) -> usize {
        1 << self.source_bits
    }

    /// The dense id of a source: the one with the given low bits in a group.
    #[inline(always)]
    pub(super) fn source(&self, group: usize, low: usize) -> u32 {
        self.dense((group as u64) << self.source_bits | low as u64)
    }

    /// What takes keys of a partition apart, with its [`locals`](Self::locals).
    pub(super) fn taking<'a>(&self, partition: usize, locals: &'a [u32]) -> Taking<'a> {
        Taking { locals, first: self.bounds[partition], target_bits: self.target_bits }
    }

    /// The edges behind the sorted keys of a bucket, [`pack`]ed as blocks want them, with the
    /// partition's [`locals`](Self::locals).
    #[inline]
    pub(super) fn edges(
        &self,
        (partition, locals): (usize, &[u32]),
        group: usize,
        keys: impl Iterator<Item = u64>,
    ) -> impl Iterator<Item = u64> {
        let taking = self.taking(partition, locals);
        let (mut last, mut dense) = (usize::MAX, 0);
        keys.map(move |key| {
            let source = taking.source(key);
            if source != last {
                (last, dense) = (source, self.source(group, source));
            }
            pack(dense, taking.target(key))
        })
    }

    #[inline(always)]
    fn dense(&self, number: u64) -> u32 {
        match &self.ids {
            Some(ids) => ids.dense(number).unwrap_or_else(|| unknown(number)),
            None => number as u32,
        }
    }
}

/// What of a [`Keying`] says where edges go: a copy, whose parts a loop over edges keeps at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placing<'a> {
    bounds: &'a [u64],
    homes: &'a [u32],
    block_bits: u32,
    groups: usize,
    source_bits: u32,
    target_bits: u32,
}

impl Placing<'_> {
    /// The bucket and the key of an edge between two numbers.
    #[inline(always)]
    pub(super) fn place(self, source: u32, target: u32) -> (usize, u64) {
        let (source, target) = (u64::from(source), u64::from(target));
        let mut partition = self.homes[(target >> self.block_bits) as usize] as usize;
        while target >= self.bounds[partition + 1] {
            partition += 1;
        }
        let low = source & ((1 << self.source_bits) - 1);
        let bucket = partition * self.groups + (source >> self.source_bits) as usize;
        (bucket, low << self.target_bits | (target - self.bounds[partition]))
    }
}

/// Takes keys apart that lead into one partition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking<'a> {
    locals: &'a [u32],
    /// The partition's first number.
    first: u64,
    target_bits: u32,
}

impl Taking<'_> {
    /// The low bits of the source.
    #[inline(always)]
    pub(super) fn source(self, key: u64) -> usize {
        (key >> self.target_bits) as usize
    }

    /// The place of the target in its partition.
    #[inline(always)]
    pub(super) fn target(self, key: u64) -> u32 {
        let target = key & ((1 << self.target_bits) - 1);
        if self.locals.is_empty() {
            return target as u32;
        }
        match self.locals.get(target as usize) {
            Some(local) if *local != NO_VERTEX => *local,
            _ => unknown(self.first + target),
        }
    }
}

/// Raises that an edge names an id that was not there when ids were collected: the input changed.
#[cold]
fn unknown(id: VertexId) -> ! {
    raise(ErrorKind::UnknownVertex { what: "an edge", id: id.to_string() }.into())
}

#[cfg(test)]
mod tests {
    use super::super::compact::CompactEdges;
    use super::super::dictionary::IdBitmap;
    use super::super::edge_block::unpack;
    use super::*;

    #[test]
    fn an_edge_comes_back_from_its_bucket_and_key() {
        let layouts =
            [(1, 1), (5, 5), (1000, 3), (1 << 20, 32), (1 << 25, 128), (1 << 31, 1 << 13)];
        for (vertices, partitions) in layouts {
            let keying = Keying::of_dense_ids(Layout::new(vertices, Some(partitions)));
            assert_eq!(keying.narrow, vertices < 1 << 25);
            let last = vertices as u32 - 1;
            for (source, target) in [(0, 0), (last, 0), (0, last), (last / 2, last), (last, last)] {
                comes_back(&keying, (source, target), (source, target));
            }
        }
    }

    #[test]
    fn an_edge_between_ids_with_gaps_comes_back_between_dense_ids() {
        let ids: Vec<u64> = (0..5_000).filter(|id| id % 7 > 2 && id % 1250 > 220).collect();
        let bitmap = IdBitmap::for_ids(5_000, 5_000).unwrap();
        ids.iter().for_each(|id| bitmap.insert(*id));
        let dictionary = Arc::new(Dictionary::from_bitmap(bitmap).unwrap());
        for partitions in [1, 2, 7, 1000, ids.len(), ids.len() + 5] {
            let layout = Layout::new(ids.len(), Some(partitions));
            let keying = Keying::of_ids(layout, &dictionary);
            assert!(keying.ids.is_some());
            for (dense, id) in (0..).zip(&ids) {
                let other = ids.len() as u32 - 1 - dense;
                let ends = [*id, ids[other as usize]];
                let narrow = [pack(ends[0] as u32, ends[1] as u32)];
                let narrow = Piece::Narrow(CompactEdges::of(&narrow, true));
                for piece in [Piece::Wide(ends.to_vec()), narrow] {
                    let mut numbered = vec![0; 3];
                    keying.number(&piece, ends[0].max(ends[1]), &dictionary, &mut numbered);
                    assert_eq!(numbered.len(), 1);
                    comes_back(&keying, unpack(numbered[0]), (dense, other));
                }
            }
        }
    }

    fn comes_back(keying: &Keying, numbers: (u32, u32), edge: (u32, u32)) {
        assert!(keying.bits() <= if keying.narrow { 32 } else { 64 });
        let (bucket, key) = keying.placing().place(numbers.0, numbers.1);
        assert!(bucket < keying.buckets() && key >> keying.bits() == 0);
        let (partition, group) = (bucket / keying.groups, bucket % keying.groups);
        let (home, local) = keying.layout.place(edge.1);
        assert_eq!(home, partition);
        let edges: Vec<_> = keying
            .edges((partition, &keying.locals(partition)), group, [key].into_iter())
            .collect();
        assert_eq!(edges, [pack(edge.0, local)]);
    }
}
