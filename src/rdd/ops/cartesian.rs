//! `cartesian`: every row of one RDD with every row of another.

use crate::data::Data;
use crate::error::{Error, Result};
use crate::exec::{Compute, Dependency, Lineage, Node, NodeCore, Rows, Task, boxed};
use crate::external::{Unrolled, unroll};
use crate::rdd::Rdd;
use crate::storage::Block;

/// Partition `p` pairs partition `p / m` of the left side with `p % m` of the right, which has `m`.
struct Cartesian<A: 'static, B: 'static> {
    core: NodeCore,
    left: Lineage<A>,
    right: Lineage<B>,
}

impl<A: 'static, B: 'static> Node for Cartesian<A, B> {
    fn core(&self) -> &NodeCore {
        &self.core
    }

    fn dependencies(&self) -> Vec<Dependency> {
        vec![self.left.narrow(), self.right.narrow()]
    }
}

impl<A: Data, B: Data> Compute<(A, B)> for Cartesian<A, B> {
    fn compute(&self, task: &Task, partition: usize) -> Result<Rows<(A, B)>> {
        let width = self.right.core().partition_count;
        let left = self.left.rows(task, partition / width)?;
        let right = self.right.rows(task, partition % width)?;
        // Read once for each row on the left.
        let right = match unroll(&task.runtime.store, right, true, None)? {
            Unrolled::Whole(rows) => Block::from_rows(rows),
            Unrolled::Spilled(block) => block,
            Unrolled::TooLarge(..) => return Err(Error::internal("rows neither fit nor spilled")),
        };
        Ok(boxed(left.flat_map(move |a| right.plain_iter().map(move |b| (a.clone(), b)))))
    }
}

impl<T: Data> Rdd<T> {
    /// Pairs every row with every row of `other`, in as many partitions as the product of both
    /// numbers of partitions: partition after partition of this RDD with each of the other's, and
    /// in each the other's rows for one row of this RDD after another.
    ///
    /// No shuffle; but every partition of one side is computed for each of the other, so persist
    /// what is costly. A partition of the other side is held in memory, or on
    /// disk when it does not fit; this side's is streamed.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let pairs = ctx.parallelize([1, 2], 1).cartesian(&ctx.parallelize(['a', 'b'], 1));
    /// assert_eq!(pairs.collect()?, [(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn cartesian<U: Data>(&self, other: &Rdd<U>) -> Rdd<(T, U)> {
        let count = self.partition_count() * other.partition_count();
        let core = NodeCore::new(self.runtime(), "cartesian", count, None);
        let (left, right) = (self.lineage.clone(), other.lineage.clone());
        Rdd::from_lineage(Lineage::new(Cartesian { core, left, right }))
    }
}
