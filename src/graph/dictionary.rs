//! Vertex ids to dense ids and back: `0..n` in the order of the ids.
//!
//! Because the order is kept, the smallest dense id of a set names its smallest id, and results
//! in dense order are in id order. Four representations: none where the ids are `0..n` already; ranks
//! of a byte where there are few gaps; a bitmap with ranks where ids are packed closely enough (about
//! 1.5 bits an id of the range); a hash table where they are sparse (ids may be any `u64`, so nothing
//! is ever sized by the largest one alone).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::error::{Error, Result};

use super::VertexId;

/// The bitmap is used while the id range is at most this many times the number of ids given, so
/// that it takes at most a few bytes for each.
const RANGE_PER_ID: u64 = 16;
/// Ranges up to this length (a bitmap of 128 KiB) always use the bitmap.
const SHORT_RANGE: u64 = 1 << 20;

/// While the id range is at most this many times the number of vertices, ranks take a byte for each
/// id instead of a bit, which saves counting bits at every lookup.
const RANGE_PER_VERTEX: usize = 4;
/// The number of ids that share a count of those below: with a byte each, two cache lines.
const RUN: usize = 128;
/// The rank of an id that does not exist.
const GAP: u8 = u8::MAX;

/// Ids of the vertices seen so far; adding is idempotent and may happen from many threads.
#[derive(Debug)]
pub(super) struct IdBitmap(Vec<AtomicU64>);

impl IdBitmap {
    /// Makes an empty bitmap when it is the right choice for ids up to `largest`, of which `count`
    /// are going to be added, repetitions included.
    pub(super) fn for_ids(largest: VertexId, count: u64) -> Option<Self> {
        let fits = largest < SHORT_RANGE || largest / RANGE_PER_ID < count;
        fits.then(|| {
            let mut words = Vec::new();
            words.resize_with((largest / 64) as usize + 1, AtomicU64::default);
            Self(words)
        })
    }

    /// Adds an id.
    #[inline]
    pub(super) fn insert(&self, id: VertexId) {
        let word = &self.0[(id / 64) as usize];
        let bit = 1 << (id % 64);
        // Most ids are there already; reading first keeps the cache line shared.
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }
}

/// Tables of ids spread too thinly for a bitmap: as many as keep several threads busy making them.
const TABLES: usize = 64;

/// The dense ids of those ids that share a table.
type DenseIds = HashMap<VertexId, u32, foldhash::fast::FixedState>;

/// The table of an id, by bits of a hash that the table itself does not look at.
#[inline(always)]
fn table_of(id: VertexId) -> usize {
    (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - TABLES.ilog2())) as usize
}

/// The mapping of one graph.
#[derive(Debug)]
pub(crate) enum Dictionary {
    /// The ids are `0..count`.
    Same { count: u32 },
    /// Ids with few gaps: how many ids of its run of 128 are below each, or [`GAP`], and how many
    /// ids are below each run.
    Close { ranks: Vec<u8>, before: Vec<u32> },
    /// Bit `i` of `words` tells whether id `i` exists; `before[w]` counts the ids below word `w`.
    Ranked { words: Vec<u64>, before: Vec<u32> },
    /// Ids spread too thinly for a bitmap: in order, and by hash.
    Table { ids: Vec<VertexId>, dense: Box<[DenseIds]> },
}

fn too_many(count: usize) -> Error {
    Error::argument(format!("a graph has at most 2^32 - 1 vertices, and this one has {count}"))
}

impl Dictionary {
    /// Makes the mapping of a bitmap's ids.
    pub(super) fn from_bitmap(bitmap: IdBitmap) -> Result<Self> {
        let words: Vec<u64> = bitmap.0.into_iter().map(AtomicU64::into_inner).collect();
        let count: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        if count >= u32::MAX as usize {
            return Err(too_many(count));
        }
        let ends = words
            .iter()
            .rposition(|word| *word != 0)
            .map_or(0, |last| last * 64 + (u64::BITS - words[last].leading_zeros()) as usize);
        if ends == count {
            return Ok(Self::Same { count: count as u32 });
        }
        if ends / RANGE_PER_VERTEX <= count {
            return Ok(Self::close(&words, ends));
        }
        let mut below = 0;
        let before = words.iter().map(|word| {
            let before = below;
            below += word.count_ones();
            before
        });
        let before = before.collect();
        Ok(Self::Ranked { words, before })
    }

    fn close(words: &[u64], ends: usize) -> Self {
        let mut ranks = Vec::with_capacity(ends);
        let mut before = Vec::with_capacity(ends.div_ceil(RUN));
        let mut below = 0;
        for (index, run) in words.chunks(RUN / 64).enumerate() {
            before.push(below);
            let mut rank = 0;
            for id in 0..RUN.min(ends.saturating_sub(index * RUN)) {
                let exists = run[id / 64] >> (id % 64) & 1 == 1;
                ranks.push(if exists { rank } else { GAP });
                rank += u8::from(exists);
            }
            below += u32::from(rank);
        }
        Self::Close { ranks, before }
    }

    /// Makes the mapping of ids that are sorted and different; the tables side by side on the threads
    /// of the pool that calls.
    pub(super) fn from_sorted(ids: Vec<VertexId>) -> Result<Self> {
        if ids.len() >= u32::MAX as usize {
            return Err(too_many(ids.len()));
        }
        let mut dealt = vec![Vec::new(); TABLES];
        dealt.iter_mut().for_each(|dealt| dealt.reserve(ids.len() / TABLES * 9 / 8));
        ids.iter().zip(0..).for_each(|(id, dense)| dealt[table_of(*id)].push((*id, dense)));
        let dense = dealt.into_par_iter().map(|dealt| dealt.into_iter().collect::<DenseIds>());
        let dense = dense.collect::<Vec<_>>().into_boxed_slice();
        Ok(Self::Table { ids, dense })
    }

    /// Makes the mapping of ids that are sorted and different, in the form that suits them.
    pub(crate) fn from_ids(ids: Vec<VertexId>) -> Result<Self> {
        let largest = ids.last().copied().unwrap_or_default();
        match IdBitmap::for_ids(largest, 2 * ids.len() as u64) {
            Some(bitmap) => {
                ids.iter().for_each(|id| bitmap.insert(*id));
                Self::from_bitmap(bitmap)
            }
            None => Self::from_sorted(ids),
        }
    }

    /// True when every id is its own dense id.
    pub(super) fn is_same(&self) -> bool {
        matches!(self, Self::Same { .. })
    }

    /// True when ids are looked up in little time and space where neighbours are: they have few
    /// gaps, and fit 32 bits.
    pub(super) fn is_close(&self) -> bool {
        match self {
            Self::Same { .. } => true,
            Self::Close { ranks, .. } => u32::try_from(ranks.len()).is_ok(),
            Self::Ranked { .. } | Self::Table { .. } => false,
        }
    }

    /// How many vertices there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Same { count } => *count as usize,
            // Nothing follows the last id.
            Self::Close { ranks, before } => match (ranks.last(), before.last()) {
                (Some(rank), Some(before)) => *before as usize + usize::from(*rank) + 1,
                _ => 0,
            },
            Self::Ranked { words, before } => match (words.last(), before.last()) {
                (Some(word), Some(before)) => *before as usize + word.count_ones() as usize,
                _ => 0,
            },
            Self::Table { ids, .. } => ids.len(),
        }
    }

    /// Returns the dense id, or `None` for an id that the graph does not have.
    #[inline(always)]
    pub(crate) fn dense(&self, id: VertexId) -> Option<u32> {
        match self {
            Self::Same { count } => (id < u64::from(*count)).then_some(id as u32),
            Self::Close { ranks, before } => {
                let id = usize::try_from(id).ok()?;
                let rank = *ranks.get(id)?;
                (rank != GAP).then(|| before[id / RUN] + u32::from(rank))
            }
            Self::Ranked { words, before } => {
                let word = *words.get(usize::try_from(id / 64).ok()?)?;
                let bit = 1_u64 << (id % 64);
                let rank = (word & (bit - 1)).count_ones();
                (word & bit != 0).then(|| before[(id / 64) as usize] + rank)
            }
            Self::Table { dense, .. } => dense[table_of(id)].get(&id).copied(),
        }
    }

    /// Returns the id behind a dense id: a search among the ranks, or a look at the table.
    pub(crate) fn id(&self, dense: u32) -> Option<VertexId> {
        match self {
            Self::Same { count } => (dense < *count).then_some(VertexId::from(dense)),
            Self::Close { ranks, before } => {
                let run = before.partition_point(|below| *below <= dense).checked_sub(1)?;
                let rank = u8::try_from(dense - before[run]).ok().filter(|rank| *rank != GAP)?;
                let found = ranks[run * RUN..].iter().take(RUN).position(|other| *other == rank)?;
                Some((run * RUN + found) as VertexId)
            }
            Self::Ranked { words, before } => {
                let word = before.partition_point(|below| *below <= dense).checked_sub(1)?;
                let mut left = words[word];
                let skipped = (dense - before[word]).min(u64::BITS);
                (0..skipped).for_each(|_| left &= left.wrapping_sub(1));
                (left != 0).then(|| word as u64 * 64 + u64::from(left.trailing_zeros()))
            }
            Self::Table { ids, .. } => ids.get(dense as usize).copied(),
        }
    }

    /// Returns the ids behind a range of dense ids.
    pub(super) fn ids(&self, range: Range<usize>) -> Vec<VertexId> {
        match self {
            Self::Same { .. } => (range.start as VertexId..range.end as VertexId).collect(),
            Self::Close { ranks, before } => {
                let run = before.partition_point(|below| *below as usize <= range.start);
                let run = run.saturating_sub(1);
                let skipped = range.start - before.get(run).map_or(0, |below| *below as usize);
                let mut ids = Vec::with_capacity(range.len());
                let all =
                    ranks.iter().enumerate().skip(run * RUN).filter(|(_, rank)| **rank != GAP);
                ids.extend(all.skip(skipped).take(range.len()).map(|(id, _)| id as VertexId));
                ids
            }
            Self::Ranked { words, before } => {
                let mut ids = Vec::with_capacity(range.len());
                let word = before.partition_point(|below| *below as usize <= range.start);
                let word = word.saturating_sub(1);
                let mut skipped = range.start - before.get(word).map_or(0, |below| *below as usize);
                for (word, bits) in words.iter().enumerate().skip(word) {
                    let mut left = *bits;
                    while left != 0 && ids.len() < range.len() {
                        if skipped == 0 {
                            ids.push(word as u64 * 64 + u64::from(left.trailing_zeros()));
                        } else {
                            skipped -= 1;
                        }
                        left &= left - 1;
                    }
                    if ids.len() == range.len() {
                        break;
                    }
                }
                ids
            }
            Self::Table { ids, .. } => ids[range].to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_number_ids_in_order_and_refuse_unknown_ones() {
        let sparse = vec![0, 3, 63, 64, 65, 127, 128, 1000];
        let close: Vec<_> = (0..1000).filter(|id| id % 130 < 70 || id % 7 == 0).collect();
        for (ids, is_close) in [(sparse, false), (close, true)] {
            let bitmap = IdBitmap::for_ids(1000, 16).unwrap();
            ids.iter().rev().for_each(|id| bitmap.insert(*id));
            let ranked = Dictionary::from_bitmap(bitmap).unwrap();
            assert_eq!(matches!(ranked, Dictionary::Close { .. }), is_close);
            assert_eq!(matches!(ranked, Dictionary::Ranked { .. }), !is_close);
            let table = Dictionary::from_sorted(ids.clone()).unwrap();
            for dictionary in [ranked, table] {
                for (dense, id) in (0..).zip(&ids) {
                    assert_eq!(dictionary.dense(*id), Some(dense));
                    assert_eq!(dictionary.id(dense), Some(*id));
                }
                let unknown = (0..1010).filter(|id| !ids.contains(id)).chain([u64::MAX]);
                unknown.for_each(|id| assert_eq!(dictionary.dense(id), None));
                assert_eq!(dictionary.id(ids.len() as u32), None);
                assert_eq!(dictionary.id(u32::MAX), None);
                assert_eq!(dictionary.len(), ids.len());
                for start in (0..=ids.len()).step_by(1 + ids.len() / 50) {
                    for end in (start..=ids.len()).step_by(1 + ids.len() / 50) {
                        assert_eq!(dictionary.ids(start..end), ids[start..end]);
                    }
                }
            }
        }
    }

    #[test]
    fn ids_without_gaps_are_their_own_numbers() {
        for count in [0, 1, 63, 64, 65] {
            let bitmap = IdBitmap::for_ids(70, 16).unwrap();
            (0..count).for_each(|id| bitmap.insert(id));
            let dictionary = Dictionary::from_bitmap(bitmap).unwrap();
            assert!(matches!(dictionary, Dictionary::Same { .. }));
            assert_eq!(dictionary.len(), count as usize);
            assert_eq!(dictionary.ids(0..dictionary.len()), (0..count).collect::<Vec<_>>());
            for id in 0..70 {
                assert_eq!(dictionary.dense(id), (id < count).then_some(id as u32));
                assert_eq!(dictionary.id(id as u32), (id < count).then_some(id));
            }
        }
    }

    #[test]
    fn sparse_ids_never_size_a_bitmap() {
        assert!(IdBitmap::for_ids(u64::MAX, 1 << 20).is_none());
        assert!(IdBitmap::for_ids(1 << 40, 100).is_none());
    }
}
