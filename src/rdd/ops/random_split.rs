//! `random_split`: the rows dealt out to several RDDs at random.

use crate::data::Data;
use crate::error::{Error, Result};
use crate::rdd::Rdd;
use crate::rdd::random::Random;

impl<T: Data> Rdd<T> {
    /// Deals the rows out at random to one RDD for each of `weights`, with chances in proportion
    /// to them: every row lands in exactly one, and order and partitioner are kept.
    ///
    /// Nothing moves, and the split is the same in every run with the same `seed`. Each result
    /// reads all of this RDD, so persist it first if it is costly.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let parts = ctx.parallelize(0..1000, 4).random_split(&[3.0, 1.0], 42)?;
    /// let (training, test) = (parts[0].count()?, parts[1].count()?);
    /// assert_eq!(training + test, 1000);
    /// assert!((200..300).contains(&test));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when a weight is negative or not finite,
    /// or when all are zero or there is none.
    pub fn random_split(&self, weights: &[f64], seed: u64) -> Result<Vec<Self>> {
        let total: f64 = weights.iter().sum();
        if !total.is_finite() || total <= 0.0 || weights.iter().any(|weight| *weight < 0.0) {
            let what = format!("weights must be at least 0 with a sum above 0, not {weights:?}");
            return Err(Error::argument(what));
        }
        let mut below = 0.0;
        let mut start = 0.0;
        let mut parts = Vec::with_capacity(weights.len());
        for (index, weight) in weights.iter().enumerate() {
            below += weight;
            // Whatever the rounding: the last part ends at 1, and no gap is left between two.
            let rest = weights[index + 1..].iter().all(|weight| *weight == 0.0);
            let end = if rest { 1.0 } else { below / total };
            parts.push(self.slice(start, end, seed));
            start = end;
        }
        Ok(parts)
    }

    /// The rows whose random number, the same for every slice, is in `start..end`.
    fn slice(&self, start: f64, end: f64, seed: u64) -> Self {
        self.narrow("random_split", self.partitioning().cloned(), move |partition, rows| {
            let mut random = Random::new(seed, partition);
            Ok(Box::new(rows.filter(move |_| (start..end).contains(&random.unit()))))
        })
    }
}
