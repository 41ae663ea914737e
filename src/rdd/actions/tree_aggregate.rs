//! `tree_aggregate`: all rows folded into a value, with the partial results merged in a tree.

use rayon::prelude::*;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::exec::guard;
use crate::rdd::Rdd;

impl<T: Data> Rdd<T> {
    /// Folds each partition into a copy of `zero` with `add`, then merges neighbouring partial
    /// results on all threads, in a tree of about `depth` levels, and the last few into `zero`.
    /// Use it instead of [`aggregate`](Self::aggregate) where merging is costly and partitions are
    /// many.
    ///
    /// Partial results keep their order and `merge` must be associative: then the result is that
    /// of `aggregate`, up to the last digits of floats. The tree depends on the number of
    /// partitions and on `depth` alone.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(1..=1000_u64, 100);
    /// assert_eq!(numbers.tree_aggregate(0, |a, n| a + n, |a, b| a + b, 2)?, 500_500);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when `depth` is 0; otherwise when
    /// computing a partition fails, or `merge` panics.
    pub fn tree_aggregate<A: Clone + Send + Sync + 'static>(
        &self,
        zero: A,
        add: impl Fn(A, T) -> A + Send + Sync,
        merge: impl Fn(A, A) -> A + Send + Sync,
        depth: usize,
    ) -> Result<A> {
        if depth == 0 {
            return Err(Error::argument("a tree has at least one level"));
        }
        let mut parts = self.run(|rows| Ok(rows.fold(zero.clone(), &add)))?;
        let width = branches(parts.len(), depth);
        // A level that leaves hardly fewer results than the last merge takes is not worth it.
        while parts.len() > width + parts.len().div_ceil(width) {
            let mut rest = parts.into_iter();
            let groups: Vec<Vec<A>> = std::iter::from_fn(|| {
                let group: Vec<A> = rest.by_ref().take(width).collect();
                (!group.is_empty()).then_some(group)
            })
            .collect();
            let merged = self.runtime().pool.install(|| {
                groups
                    .into_par_iter()
                    .map(|group| guard("tree_aggregate", || group.into_iter().reduce(&merge)))
                    .collect::<Result<Vec<_>>>()
            })?;
            parts = merged.into_iter().flatten().collect();
        }
        guard("tree_aggregate", || parts.into_iter().fold(zero, merge))
    }
}

/// How many results are merged at once, so that `depth` levels merge `count`: the smallest number
/// from 2 whose power is enough.
fn branches(count: usize, depth: usize) -> usize {
    let depth = u32::try_from(depth).unwrap_or(u32::MAX);
    let mut width = 2_usize;
    while width.saturating_pow(depth) < count {
        width += 1;
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_branches_as_often_as_its_depth_needs() {
        let found: Vec<_> =
            [(0, 1), (100, 1), (100, 2), (100, 3), (1000, 3), (5, 9), (5, usize::MAX)]
                .map(|(count, depth)| branches(count, depth))
                .into();
        assert_eq!(found, [2, 100, 10, 5, 10, 2, 2]);
    }
}
