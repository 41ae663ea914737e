//! `sort_by_key`: rows in the order of their keys.

use std::sync::Arc;

use rand::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::exec::guard;
use crate::rdd::Rdd;
use crate::rdd::partitioner::{Partitioner, RangePartitioner};

/// Keys sampled for each partition of the result: enough to keep ranges of like size.
const SAMPLE_PER_PARTITION: usize = 64;

impl<K: Key + Ord, V: Data> Rdd<(K, V)> {
    /// Sorts the rows by key into at most `partitions` ranges: collecting the partitions in order
    /// gives all rows in order, and rows with equal keys keep theirs.
    ///
    /// Costs a job over the input, which samples the keys to find the ranges (with a fixed seed:
    /// equal input gives equal ranges), and a shuffle when the result is used.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize([(3, 'c'), (1, 'a'), (2, 'x'), (2, 'y')], 2);
    /// let sorted = rows.sort_by_key(2)?.collect()?;
    /// assert_eq!(sorted, [(1, 'a'), (2, 'x'), (2, 'y'), (3, 'c')]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing the input fails.
    pub fn sort_by_key(&self, partitions: usize) -> Result<Self> {
        let wanted = SAMPLE_PER_PARTITION.saturating_mul(partitions.max(1))
            / self.partition_count().max(1)
            + 1;
        let all: Vec<_> = (0..self.partition_count()).collect();
        let samples = self.runtime().run(&self.lineage, &all, |partition, rows| {
            Ok(sample(rows.map(|(key, _)| key), wanted, partition as u64))
        })?;
        let ranges = guard("comparing keys", || {
            RangePartitioner::from_sample(samples.concat(), partitions)
        })?;
        let ranges: Arc<dyn Partitioner<K>> = Arc::new(ranges);
        Ok(self.distribute("sort_by_key", &ranges).sorted_within_partitions())
    }
}

/// Chooses `wanted` items at random, each with the same chance (reservoir sampling).
fn sample<T>(items: impl Iterator<Item = T>, wanted: usize, seed: u64) -> Vec<T> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut chosen = Vec::with_capacity(wanted);
    for (index, item) in items.enumerate() {
        if index < wanted {
            chosen.push(item);
        } else {
            let place = (random.next_u64() % (index as u64 + 1)) as usize;
            if place < wanted {
                chosen[place] = item;
            }
        }
    }
    chosen
}
