//! Rows sent to numbered buckets: the map side of a shuffle.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::footprint;
use crate::storage::{Block, DiskWriter, Extent, Reservation, Store};

/// Rows of a bucket are gathered in chunks that double up to this size, so that nothing is copied
/// when a bucket grows.
const LARGEST_CHUNK_BYTES: usize = 64 << 10;
const SMALLEST_CHUNK_ROWS: usize = 8;
/// Below this, spilling would free less than it costs.
const LEAST_SPILL_BYTES: usize = 256 << 10;

/// Gathers rows by bucket, in the order in which they come, and spills all buckets when the rows no
/// longer fit.
pub(crate) struct Buckets<T> {
    buckets: Vec<Bucket<T>>,
    held: Reservation,
    /// What the rows in memory take: their chunks, and their heap as far as it was counted.
    bytes: usize,
    /// Heap bytes that the reservation does not know of yet.
    uncounted: usize,
    file: Option<DiskWriter>,
}

struct Bucket<T> {
    /// What was spilled, in order.
    spilled: Vec<Extent>,
    full: Vec<Vec<T>>,
    open: Vec<T>,
}

impl<T: Data> Buckets<T> {
    pub(crate) fn new(store: &Arc<Store>, count: usize) -> Self {
        let bucket = || Bucket { spilled: Vec::new(), full: Vec::new(), open: Vec::new() };
        Self {
            buckets: std::iter::repeat_with(bucket).take(count).collect(),
            held: store.reservation(),
            bytes: 0,
            uncounted: 0,
            file: None,
        }
    }

    /// Adds a row to a bucket.
    #[inline]
    pub(crate) fn push(&mut self, bucket: usize, row: T) -> Result<()> {
        self.uncounted += footprint::heap_of(&row);
        let open = &mut self.buckets[bucket].open;
        if open.len() == open.capacity() || self.uncounted > LARGEST_CHUNK_BYTES {
            self.extend(bucket)?;
        }
        self.buckets[bucket].open.push(row);
        Ok(())
    }

    /// Makes room for a row in a bucket: a new chunk, if the memory is there for it; otherwise
    /// everything is spilled first.
    #[cold]
    fn extend(&mut self, bucket: usize) -> Result<()> {
        let row_bytes = size_of::<T>().max(1);
        let most = (LARGEST_CHUNK_BYTES / row_bytes).max(SMALLEST_CHUNK_ROWS);
        let Bucket { open, full, .. } = &mut self.buckets[bucket];
        let is_full = open.len() == open.capacity();
        let rows = (2 * open.capacity()).clamp(SMALLEST_CHUNK_ROWS, most);
        let chunk = if is_full { rows * row_bytes } else { 0 };
        let wanted = self.bytes + self.uncounted + chunk;
        if is_full && !open.is_empty() {
            full.push(std::mem::take(open));
        }
        if self.held.hold(wanted) {
            self.bytes = wanted;
        } else if wanted < LEAST_SPILL_BYTES {
            self.held.insist(wanted);
            self.bytes = wanted;
        } else {
            self.spill()?;
            self.bytes = rows * row_bytes;
            self.held.insist(self.bytes);
        }
        self.uncounted = 0;
        let open = &mut self.buckets[bucket].open;
        if open.capacity() == open.len() {
            *open = Vec::with_capacity(rows);
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.held.store().spill_file()?,
        };
        for bucket in &mut self.buckets {
            let open = std::mem::take(&mut bucket.open);
            for chunk in bucket.full.drain(..).chain([open]) {
                if !chunk.is_empty() {
                    bucket.spilled.extend(Block::from_rows(chunk).spill(&mut file)?);
                }
            }
        }
        self.file = Some(file);
        Ok(())
    }

    /// Returns what each bucket has, by bucket, without those that have nothing.
    pub(crate) fn finish(self) -> Result<Vec<(usize, Block)>> {
        let store = self.held.store();
        let file = self.file.map(|file| store.finish_spill(file)).transpose()?;
        let mut filled = Vec::new();
        for (number, bucket) in self.buckets.into_iter().enumerate() {
            let mut parts = Vec::new();
            if let Some(file) = file.as_ref().filter(|_| !bucket.spilled.is_empty()) {
                parts.push(Block::on_disk(Arc::clone(file), bucket.spilled));
            }
            let chunks = bucket.full.into_iter().chain([bucket.open]);
            parts.extend(chunks.filter(|chunk| !chunk.is_empty()).map(Block::from_rows));
            if !parts.is_empty() {
                filled.push((number, Block::from_parts(parts)));
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::small_store;
    use super::*;

    #[test]
    fn rows_keep_their_order_in_their_bucket_whether_they_fit_or_not() -> Result<()> {
        for rows in [0_u64, 1, 100, 1_000_000] {
            let store = small_store();
            let mut buckets = Buckets::new(&store, 7);
            for row in 0..rows {
                buckets.push((row % 5) as usize, row)?;
            }
            let filled = buckets.finish()?;
            assert_eq!(store.spilled().1 > 0, rows == 1_000_000);
            let numbers: Vec<_> = filled.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, (0..5.min(rows as usize)).collect::<Vec<_>>());
            for (number, block) in &filled {
                let expected = (0..rows).filter(|row| (row % 5) as usize == *number);
                assert!(block.plain_iter::<u64>().eq(expected));
            }
            drop(filled);
            assert_eq!((store.used().0, store.spilled().0), (0, 0));
        }
        Ok(())
    }

    #[test]
    fn a_bucket_that_is_damaged_on_purpose_cannot_be_read_whether_it_was_spilled_or_not()
    -> Result<()> {
        for rows in [1_u64, 100, 1_000_000] {
            let mut buckets = Buckets::new(&small_store(), 2);
            for row in 0..rows {
                buckets.push((row % 2) as usize, row)?;
            }
            for (_, block) in buckets.finish()? {
                assert!(block.damaged()?.rows::<u64>().is_err(), "{rows}");
            }
        }
        Ok(())
    }

    #[test]
    fn memory_beyond_the_rows_themselves_counts() -> Result<()> {
        let store = small_store();
        let mut buckets = Buckets::new(&store, 2);
        for row in 0..100 {
            buckets.push(row % 2, "x".repeat(100_000))?;
        }
        assert!(store.used().1 < 2 << 20);
        let filled = buckets.finish()?;
        assert!(filled.iter().all(|(_, block)| block.plain_iter::<String>().count() == 50));
        Ok(())
    }

    #[test]
    fn rows_without_size_are_only_counted() -> Result<()> {
        let mut buckets = Buckets::new(&small_store(), 1);
        for _ in 0..1_000 {
            buckets.push(0, ())?;
        }
        assert_eq!(buckets.finish()?[0].1.rows::<()>()?.len(), 1_000);
        Ok(())
    }
}
