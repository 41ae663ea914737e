//! `take_ordered`: the smallest rows.

use std::cmp::Ordering;

use crate::data::Data;
use crate::error::Result;
use crate::exec::guard;
use crate::rdd::Rdd;

/// Returns the `count` smallest items in order; equal ones in the order they came. Holds at most
/// twice as many.
pub(super) fn smallest<T>(
    items: impl Iterator<Item = T>,
    count: usize,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    if count == 0 {
        return kept;
    }
    // Of the items kept, those before this place are sorted, and no others can be among the
    // smallest unless they are smaller than the last of them.
    let mut sorted = 0;
    for item in items {
        let beaten = |last: &T| compare(&item, last) != Ordering::Less;
        if sorted == count && kept.get(count - 1).is_some_and(beaten) {
            continue;
        }
        kept.push(item);
        if kept.len() >= count.saturating_mul(2) {
            kept.sort_by(&compare);
            kept.truncate(count);
            sorted = count;
        }
    }
    kept.sort_by(&compare);
    kept.truncate(count);
    kept
}

impl<T: Data> Rdd<T> {
    /// Returns the `count` smallest rows in ascending order, or all when there are fewer; of equal
    /// rows the first come first. Each partition sends at most `count` rows, and holds at most
    /// twice as many.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// assert_eq!(ctx.parallelize([4, 1, 3, 2], 2).take_ordered(2)?, [1, 2]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn take_ordered(&self, count: usize) -> Result<Vec<T>>
    where
        T: Ord,
    {
        self.take_ordered_by(count, T::cmp)
    }

    /// Like [`take_ordered`](Self::take_ordered), in the order that `compare` says.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize([0.4, 0.1, 0.3], 2);
    /// assert_eq!(numbers.take_ordered_by(2, f64::total_cmp)?, [0.1, 0.3]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn take_ordered_by(
        &self,
        count: usize,
        compare: impl Fn(&T, &T) -> Ordering + Sync,
    ) -> Result<Vec<T>> {
        let parts = self.run(|rows| Ok(smallest(rows, count, &compare)))?;
        guard("comparing rows", || smallest(parts.into_iter().flatten(), count, compare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_items_are_those_that_a_stable_sort_puts_first() {
        for length in 0..40_u32 {
            let items: Vec<_> = (0..length).map(|n| (n * 7919 % 11, n)).collect();
            let mut sorted = items.clone();
            sorted.sort_by_key(|(key, _)| *key);
            for count in [0, 1, 2, 3, 10, 39, 100, usize::MAX] {
                let found = smallest(items.iter().copied(), count, |a, b| a.0.cmp(&b.0));
                assert_eq!(found, sorted[..sorted.len().min(count)]);
            }
        }
    }
}
