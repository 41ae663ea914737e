//! `zip`: rows paired by their place.

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Task, raise};
use crate::rdd::Rdd;

struct Zipped<A: 'static, B: 'static> {
    core: NodeCore,
    left: Lineage<A>,
    right: Lineage<B>,
}

impl<A: 'static, B: 'static> Node for Zipped<A, B> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.left.narrow(), self.right.narrow()]
    }
}

impl<A: Data, B: Data> Compute<(A, B)> for Zipped<A, B> {
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<(A, B)>> {
        let left = self.left.rows(task, partition)?;
        let right = self.right.rows(task, partition)?;
        Ok(Box::new(Pairs { left, right, partition, paired: 0 }))
    }
}

/// Pairs the rows of one partition, and raises an error when one side has more than the other.
struct Pairs<T, U> {
    left: Rows<T>,
    right: Rows<U>,
    partition: usize,
    paired: u64,
}

impl<T, U> Iterator for Pairs<T, U> {
    type Item = (T, U);

    fn next(&mut self) -> Option<(T, U)> {
        let (mut left, mut right) = (self.paired, self.paired);
        match (self.left.next(), self.right.next()) {
            (Some(a), Some(b)) => {
                self.paired += 1;
                return Some((a, b));
            }
            (None, None) => return None,
            (Some(_), None) => left += 1 + self.left.by_ref().count() as u64,
            (None, Some(_)) => right += 1 + self.right.by_ref().count() as u64,
        }
        let (operation, partition) = ("zip", self.partition);
        raise(ErrorKind::UnequalLengths { operation, partition, left, right }.into())
    }
}

impl<T: Data> Rdd<T> {
    /// Pairs the `i`-th row of each partition with the `i`-th row of the same partition of `other`.
    /// Both must have equally many partitions, and equally many rows in each. Nothing moves; order
    /// is kept, the partitioner is not.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(1..=3, 2);
    /// let pairs = numbers.zip(&numbers.map(|n| n * n))?;
    /// assert_eq!(pairs.collect()?, [(1, 1), (2, 4), (3, 9)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::UnequalPartitions`] when the numbers of partitions differ. Partitions of
    /// unequal length are found when their end is read, and then are
    /// [`ErrorKind::UnequalLengths`].
    pub fn zip<U: Data>(&self, other: &Rdd<U>) -> Result<Rdd<(T, U)>> {
        let (left, right) = (self.partition_count(), other.partition_count());
        if left != right {
            return Err(ErrorKind::UnequalPartitions { operation: "zip", left, right }.into());
        }
        let core = NodeCore::new(self.runtime(), "zip", left, None);
        let (left, right) = (self.lineage.clone(), other.lineage.clone());
        Ok(Rdd::from_lineage(Lineage::new(Zipped { core, left, right })))
    }
}
