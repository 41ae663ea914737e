//! Algorithms over more rows than fit in memory.
//!
//! Each works in memory as long as its share of the budget lasts and spills to the store's disk
//! tier when it does not. What comes out, and in which order, never depends on whether or when it
//! spilled: values are merged in the order of the rows, equal keys keep their order when sorted,
//! and keys come in the order of their first appearance.

mod buckets;
mod fold;
mod group;
mod merge;
mod runs;
mod sort;
mod table;

pub(crate) use buckets::Buckets;
pub(crate) use fold::{fold_by_key, fold_into_buckets};
pub(crate) use group::{Groups, group};
pub(crate) use runs::{Unrolled, unroll};
pub(crate) use sort::sorted;

use crate::storage::Reservation;

/// Rows in memory with the reservation that they count against.
struct Held<I> {
    rows: I,
    /// Given back with the rows.
    _held: Reservation,
}

impl<I: Iterator> Iterator for Held<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.rows.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rows.size_hint()
    }

    fn fold<B, F: FnMut(B, I::Item) -> B>(self, init: B, f: F) -> B {
        // The reservation lives until this returns.
        let Self { rows, _held } = self;
        rows.fold(init, f)
    }
}

#[cfg(test)]
mod testing {
    use std::sync::Arc;

    use crate::storage::Store;

    /// A store in which operators hold a mebibyte each, the least there is.
    pub(super) fn small_store() -> Arc<Store> {
        Arc::new(Store::new(2 << 20, 1, None))
    }
}
