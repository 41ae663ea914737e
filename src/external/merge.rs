//! Sorted runs merged into one.

use std::cmp::Ordering;

/// Merges runs that are each sorted by `order` into one. Of equal rows those of earlier runs come
/// first. Holds one row a run.
pub(super) fn merge<T, I, F>(runs: Vec<I>, order: F) -> impl Iterator<Item = T>
where
    I: Iterator<Item = T>,
    F: Fn(&T, &T) -> Ordering,
{
    let mut heads: Vec<Head<T>> = Vec::with_capacity(runs.len());
    let mut runs = runs;
    for (number, run) in runs.iter_mut().enumerate() {
        heads.extend(run.next().map(|row| Head { row, number }));
    }
    let mut merging = Merging { runs, heads, order };
    for at in (0..merging.heads.len() / 2).rev() {
        merging.sink(at);
    }
    merging
}

struct Head<T> {
    row: T,
    /// The run that it is from.
    number: usize,
}

struct Merging<T, I, F> {
    runs: Vec<I>,
    /// A binary heap, its first row on top.
    heads: Vec<Head<T>>,
    order: F,
}

impl<T, I, F: Fn(&T, &T) -> Ordering> Merging<T, I, F> {
    fn precedes(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.heads[a], &self.heads[b]);
        (self.order)(&a.row, &b.row).then(a.number.cmp(&b.number)).is_lt()
    }

    /// Moves a head down to where those below it come after it.
    fn sink(&mut self, mut at: usize) {
        loop {
            let mut first = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.heads.len() && self.precedes(child, first) {
                    first = child;
                }
            }
            if first == at {
                return;
            }
            self.heads.swap(at, first);
            at = first;
        }
    }
}

impl<T, I: Iterator<Item = T>, F: Fn(&T, &T) -> Ordering> Iterator for Merging<T, I, F> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let head = self.heads.first_mut()?;
        let row = match self.runs[head.number].next() {
            Some(next) => std::mem::replace(&mut head.row, next),
            None => self.heads.swap_remove(0).row,
        };
        self.sink(0);
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_merged_in_order_and_earlier_runs_come_first() {
        let runs = [vec![(1, 'a'), (3, 'a'), (3, 'b')], vec![], vec![(0, 'c'), (3, 'c'), (9, 'c')]];
        let runs: Vec<_> = runs.into_iter().map(Vec::into_iter).collect();
        let merged: Vec<_> = merge(runs, |a, b| a.0.cmp(&b.0)).collect();
        assert_eq!(merged, [(0, 'c'), (1, 'a'), (3, 'a'), (3, 'b'), (3, 'c'), (9, 'c')]);
        assert_eq!(merge(Vec::<std::vec::IntoIter<u8>>::new(), Ord::cmp).count(), 0);
    }

    #[test]
    fn many_runs_are_merged_like_one_sort() {
        let runs: Vec<Vec<u64>> = (0..37)
            .map(|run| {
                let mut rows: Vec<_> = (0..run * 3).map(|n| n * 7919 % 101).collect();
                rows.sort_unstable();
                rows
            })
            .collect();
        let mut all = runs.concat();
        all.sort_unstable();
        let runs = runs.into_iter().map(Vec::into_iter).collect();
        assert!(merge(runs, Ord::cmp).eq(all));
    }
}
