//! Sorting by runs.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::footprint;
use crate::storage::{Block, FRAME_BYTES, Store};

use super::Held;
use super::merge::merge;
use super::runs::spilled;

/// Runs merged at once: each reads a frame ahead.
const RUNS_MERGED: usize = 32;
/// Below this, spilling would free less than it costs.
const LEAST_RUN_BYTES: usize = 256 << 10;

/// Sorts rows by `order`; equal rows keep their order. Rows that do not fit are written to disk as
/// sorted runs, which are merged as the result is read (Knuth, TAOCP 3, section 5.4).
pub(crate) fn sorted<T, F>(
    store: &Arc<Store>,
    rows: impl Iterator<Item = T>,
    order: F,
) -> Result<Box<dyn Iterator<Item = T>>>
where
    T: Data,
    F: Fn(&T, &T) -> Ordering + Clone + 'static,
{
    let mut held = store.reservation();
    let mut runs: Vec<Block> = Vec::new();
    let mut batch: Vec<T> = Vec::new();
    let (mut heap, mut counted) = (0, 0);
    for row in rows {
        heap += footprint::heap_of(&row);
        let full = batch.len() == batch.capacity();
        if full || heap - counted > FRAME_BYTES {
            let rows = if full { (2 * batch.len()).max(64) } else { batch.capacity() };
            // Half as much again for the sort.
            let wanted = rows * size_of::<T>() * 3 / 2 + heap;
            counted = heap;
            if held.hold(wanted) {
                batch.reserve_exact(rows - batch.len());
            } else if wanted < LEAST_RUN_BYTES {
                held.insist(wanted);
            } else {
                batch.sort_by(&order);
                runs.push(spilled(store, batch.drain(..))?);
                (heap, counted) = (0, 0);
                held.insist(batch.capacity() * size_of::<T>() * 3 / 2);
            }
        }
        batch.push(row);
    }
    batch.sort_by(&order);
    if runs.is_empty() {
        return Ok(Box::new(Held { rows: batch.into_iter(), _held: held }));
    }
    if !batch.is_empty() {
        runs.push(spilled(store, batch.into_iter())?);
    }
    drop(held);
    merged(store, runs, order)
}

/// Merges sorted runs, in as many passes as it takes to have few at a time.
pub(super) fn merged<T, F>(
    store: &Arc<Store>,
    mut runs: Vec<Block>,
    order: F,
) -> Result<Box<dyn Iterator<Item = T>>>
where
    T: Data,
    F: Fn(&T, &T) -> Ordering + Clone + 'static,
{
    let read = |runs: &[Block]| runs.iter().map(Block::plain_iter::<T>).collect();
    while runs.len() > RUNS_MERGED {
        let groups = runs.chunks(RUNS_MERGED);
        let longer = groups.map(|group| spilled(store, merge(read(group), &order)));
        runs = longer.collect::<Result<_>>()?;
    }
    let mut held = store.reservation();
    held.insist(runs.len() * FRAME_BYTES);
    Ok(Box::new(Held { rows: merge(read(&runs), order), _held: held }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::small_store;
    use super::*;

    #[test]
    fn rows_are_sorted_and_equal_ones_keep_their_order_whether_they_fit_or_not() -> Result<()> {
        for rows in [0_u64, 1, 1_000, 400_000] {
            let store = small_store();
            let input = (0..rows).map(|row| (row * 2_654_435_761 % 1_000, row));
            let mut expected: Vec<_> = input.clone().collect();
            expected.sort_by_key(|row| row.0);
            let result = sorted(&store, input, |a, b| a.0.cmp(&b.0))?;
            assert_eq!(store.spilled().1 > 0, rows == 400_000);
            assert!(result.eq(expected));
            assert_eq!((store.used().0, store.spilled().0), (0, 0));
        }
        Ok(())
    }

    #[test]
    fn more_runs_than_are_merged_at_once_are_merged_in_passes() -> Result<()> {
        let store = small_store();
        let run = |start: u64| spilled(&store, (0..50).map(move |n| n * 100 + start));
        let runs = (0..100).map(run).collect::<Result<Vec<_>>>()?;
        assert!(merged(&store, runs, u64::cmp)?.eq(0..5_000));
        assert_eq!((store.used().0, store.spilled().0), (0, 0));
        Ok(())
    }
}
