//! Rows written to the disk tier one after another, and partitions that may be too large to hold.

use std::sync::Arc;

use crate::codec;
use crate::data::Data;
use crate::error::Result;
use crate::footprint;
use crate::storage::{Block, FRAME_BYTES, Owner, Store};

/// Writes rows to a file of their own, a frame at a time.
pub(super) fn spilled<T: Data>(store: &Arc<Store>, rows: impl Iterator<Item = T>) -> Result<Block> {
    let mut file = store.spill_file()?;
    let mut extents = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for row in rows {
        bytes += size_of::<T>().max(1) + footprint::heap_of(&row);
        batch.push(row);
        if bytes >= FRAME_BYTES {
            extents.push(file.append(&codec::encode_compressed(&batch)?)?);
            batch.clear();
            bytes = 0;
        }
    }
    if !batch.is_empty() {
        extents.push(file.append(&codec::encode_compressed(&batch)?)?);
    }
    Ok(Block::on_disk(store.finish_spill(file)?, extents))
}

/// What became of a partition that was to be kept.
pub(crate) enum Unrolled<T, I> {
    /// All its rows, in memory.
    Whole(Vec<T>),
    /// All its rows, on disk.
    Spilled(Block),
    /// The rows that fit, and those that are still to come.
    TooLarge(Vec<T>, I),
}

/// Collects rows as far as an operator's share of the memory goes, for an entry of `owner` if they
/// are to be kept. What does not fit is written to disk, where the level has it.
pub(crate) fn unroll<T: Data, I: Iterator<Item = T>>(
    store: &Arc<Store>,
    mut rows: I,
    to_disk: bool,
    owner: Option<Owner>,
) -> Result<Unrolled<T, I>> {
    let mut held = store.reservation().sparing(owner);
    let mut kept: Vec<T> = Vec::with_capacity(rows.size_hint().0.min(1 << 10));
    let (mut heap, mut counted) = (0, 0);
    while let Some(row) = rows.next() {
        heap += footprint::heap_of(&row);
        if kept.len() == kept.capacity() || heap - counted > FRAME_BYTES {
            let grown =
                if kept.len() == kept.capacity() { 2 * kept.len() } else { kept.capacity() };
            counted = heap;
            if !held.hold(grown * size_of::<T>() + heap) && !kept.is_empty() {
                kept.push(row);
                if to_disk {
                    return Ok(Unrolled::Spilled(spilled(store, kept.into_iter().chain(rows))?));
                }
                return Ok(Unrolled::TooLarge(kept, rows));
            }
        }
        kept.push(row);
    }
    Ok(Unrolled::Whole(kept))
}

#[cfg(test)]
mod tests {
    use super::super::testing::small_store;
    use super::*;

    #[test]
    fn a_partition_that_does_not_fit_goes_to_disk_or_is_handed_on() -> Result<()> {
        let store = small_store();
        assert!(
            matches!(unroll(&store, 0..100_u64, true, None)?, Unrolled::Whole(rows) if rows.len() == 100)
        );
        let Unrolled::Spilled(block) = unroll(&store, 0..1_000_000_u64, true, None)? else {
            panic!("a million rows fit in a mebibyte")
        };
        assert!(block.plain_iter::<u64>().eq(0..1_000_000));
        let Unrolled::TooLarge(first, rest) = unroll(&store, 0..1_000_000_u64, false, None)? else {
            panic!("a million rows fit in a mebibyte")
        };
        assert!(first.len() * 8 <= 2 << 20);
        assert!(first.into_iter().chain(rest).eq(0..1_000_000));
        drop(block);
        assert_eq!((store.used().0, store.spilled().0), (0, 0));
        Ok(())
    }
}
