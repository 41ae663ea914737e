//! Vertex ids to dense ids and back: `0..n` in the order of the ids.
//!
//! Because the order is kept, the smallest dense id of a set names its smallest id, and results
//! in dense order are in id order. Two representations: a bitmap with ranks where ids are packed
//! closely enough (about 1.5 bits an id of the range), a hash table where they are sparse (ids may
//! be any `u64`, so nothing is ever sized by the largest one alone).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

use super::VertexId;

/// The bitmap is used while the id range is at most this many times the number of ids given, so
/// that it takes at most a few bytes for each.
const RANGE_PER_ID: u64 = 16;
/// Ranges up to this length (a bitmap of 128 KiB) always use the bitmap.
const SHORT_RANGE: u64 = 1 << 20;

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

/// The mapping of one graph.
#[derive(Debug)]
pub(crate) enum Dictionary {
    /// Bit `i` of `words` tells whether id `i` exists; `before[w]` counts the ids below word `w`.
    Ranked { words: Vec<u64>, before: Vec<u32> },
    /// Ids spread too thinly for a bitmap: in order, and by hash.
    Table { ids: Arc<Vec<VertexId>>, dense: HashMap<VertexId, u32, foldhash::fast::RandomState> },
}

fn too_many(count: usize) -> Error {
    Error::argument(format!("a graph has at most 2^32 - 1 vertices, and this one has {count}"))
}

impl Dictionary {
    /// Makes the mapping of a bitmap's ids, and returns the ids in order.
    pub(super) fn from_bitmap(bitmap: IdBitmap) -> Result<(Self, Arc<Vec<VertexId>>)> {
        let words: Vec<u64> = bitmap.0.into_iter().map(AtomicU64::into_inner).collect();
        let count: usize = words.iter().map(|word| word.count_ones() as usize).sum();
        if count >= u32::MAX as usize {
            return Err(too_many(count));
        }
        let mut before = Vec::with_capacity(words.len());
        let mut ids = Vec::with_capacity(count);
        for (index, word) in words.iter().enumerate() {
            before.push(ids.len() as u32);
            let mut left = *word;
            while left != 0 {
                ids.push(index as u64 * 64 + u64::from(left.trailing_zeros()));
                left &= left - 1;
            }
        }
        Ok((Self::Ranked { words, before }, Arc::new(ids)))
    }

    /// Makes the mapping of ids that are sorted and different.
    pub(super) fn from_sorted(ids: Arc<Vec<VertexId>>) -> Result<Self> {
        if ids.len() >= u32::MAX as usize {
            return Err(too_many(ids.len()));
        }
        let dense = ids.iter().zip(0..).map(|(id, dense)| (*id, dense)).collect();
        Ok(Self::Table { ids, dense })
    }

    /// Returns the dense id, or `None` for an id that the graph does not have.
    #[inline]
    pub(crate) fn dense(&self, id: VertexId) -> Option<u32> {
        match self {
            Self::Ranked { words, before } => {
                let word = *words.get(usize::try_from(id / 64).ok()?)?;
                let bit = 1_u64 << (id % 64);
                let rank = (word & (bit - 1)).count_ones();
                (word & bit != 0).then(|| before[(id / 64) as usize] + rank)
            }
            Self::Table { dense, .. } => dense.get(&id).copied(),
        }
    }

    /// Returns the id behind a dense id: a search among the ranks, or a look at the table.
    pub(crate) fn id(&self, dense: u32) -> Option<VertexId> {
        match self {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_number_ids_in_order_and_refuse_unknown_ones() {
        let ids = [0, 3, 63, 64, 65, 127, 128, 1000];
        let bitmap = IdBitmap::for_ids(1000, 16).unwrap();
        ids.iter().rev().for_each(|id| bitmap.insert(*id));
        let (ranked, sorted) = Dictionary::from_bitmap(bitmap).unwrap();
        assert_eq!(*sorted, ids);
        let table = Dictionary::from_sorted(Arc::new(ids.to_vec())).unwrap();
        for dictionary in [ranked, table] {
            for (dense, id) in (0..).zip(ids) {
                assert_eq!(dictionary.dense(id), Some(dense));
                assert_eq!(dictionary.id(dense), Some(id));
            }
            for id in [1, 62, 66, 999, 1001, u64::MAX] {
                assert_eq!(dictionary.dense(id), None);
            }
            assert_eq!(dictionary.id(ids.len() as u32), None);
            assert_eq!(dictionary.id(u32::MAX), None);
        }
    }

    #[test]
    fn sparse_ids_never_size_a_bitmap() {
        assert!(IdBitmap::for_ids(u64::MAX, 1 << 20).is_none());
        assert!(IdBitmap::for_ids(1 << 40, 100).is_none());
    }
}
