//! `repartition`: rows spread evenly over any number of partitions.

use std::sync::Arc;

use crate::data::Data;
use crate::rdd::Rdd;
use crate::rdd::partitioner::Partitioner;

/// Places a row in the partition that its key is the number of.
struct Numbered {
    partitions: usize,
}

impl Partitioner<u32> for Numbered {
    fn partition_count(&self) -> usize {
        self.partitions
    }

    fn partition(&self, key: &u32) -> usize {
        *key as usize % self.partitions
    }

    fn description(&self) -> String {
        format!("numbered({})", self.partitions)
    }
}

impl<T: Data> Rdd<T> {
    /// Deals the rows of each partition out in turn to `partitions` partitions (0 is taken as 1),
    /// more or fewer than there are: their lengths differ by at most the number of partitions that
    /// the rows come from. To join partitions without moving rows, see
    /// [`coalesce`](Self::coalesce).
    ///
    /// One shuffle of all rows, with four bytes more for each. A new partition has its rows in the
    /// order of their old partitions; the partitioner is not kept.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let dealt = ctx.parallelize(0..6, 2).repartition(3).glom().collect()?;
    /// // The first partition begins with the first, the second with the second.
    /// assert_eq!(dealt, [vec![0, 5], vec![1, 3], vec![2, 4]]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    pub fn repartition(&self, partitions: usize) -> Self {
        // More would not have a number.
        let partitions = partitions.clamp(1, u32::MAX as usize);
        let numbered = self.narrow("repartition", None, move |partition, rows| {
            let numbers = (0..partitions as u32).cycle().skip(partition % partitions);
            Ok(Box::new(numbers.zip(rows)))
        });
        let partitioner: Arc<dyn Partitioner<u32>> = Arc::new(Numbered { partitions });
        numbered.distribute("repartition", &partitioner).values()
    }
}
