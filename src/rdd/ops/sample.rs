//! `sample`: a random part of the rows.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;
use crate::rdd::random::{Draw, Random};

impl<T: Data> Rdd<T> {
    /// Chooses rows at random, in their order. Without replacement each row is taken with the
    /// chance `fraction`; with replacement it is taken `fraction` times on average, its copies one
    /// after another. The number of rows chosen varies; [`take_sample`](Self::take_sample) fixes
    /// it.
    ///
    /// Nothing moves, and the partitioner is kept. The choice depends on `seed`, the partition and
    /// a row's place in it alone, so it is the same in every run.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(0..1000, 4);
    /// let tenth = numbers.sample(false, 0.1, 42)?;
    /// assert!((60..140).contains(&tenth.count()?));
    /// assert_eq!(tenth.collect()?, numbers.sample(false, 0.1, 42)?.collect()?);
    /// assert!((1850..2150).contains(&numbers.sample(true, 2.0, 42)?.count()?));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when `fraction` is negative or not
    /// finite, or above 1 without replacement.
    pub fn sample(&self, with_replacement: bool, fraction: f64, seed: u64) -> Result<Self> {
        let draw = Draw::new(with_replacement, fraction)?;
        Ok(self.narrow("sample", self.partitioning().cloned(), move |partition, rows| {
            let mut random = Random::new(seed, partition);
            Ok(Box::new(rows.flat_map(move |row| {
                let times = draw.times(&mut random);
                std::iter::repeat_n(row, times)
            })))
        }))
    }
}
