//! `sample_by_key`: a random part of the rows, with a fraction for each key.

use std::sync::Arc;

use crate::data::{Data, Key};
use crate::error::Result;
use crate::hash::KeyTable;
use crate::rdd::Rdd;
use crate::rdd::random::{Draw, Random};

impl<K: Key, V: Data> Rdd<(K, V)> {
    /// Chooses rows at random as [`sample`](Self::sample) does, with the fraction that
    /// `fractions` has for a row's key; rows of other keys are left out. (Stratified sampling.)
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let rows = ctx.parallelize((0..1000).map(|n| (n % 2, n)), 4);
    /// let sample = rows.sample_by_key(false, [(0, 0.1), (1, 1.0)], 42)?;
    /// assert_eq!(sample.lookup(&1)?.len(), 500);
    /// assert!((25..75).contains(&sample.lookup(&0)?.len()));
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when a fraction is negative or not
    /// finite, or above 1 without replacement.
    pub fn sample_by_key(
        &self,
        with_replacement: bool,
        fractions: impl IntoIterator<Item = (K, f64)>,
        seed: u64,
    ) -> Result<Self> {
        let draws = fractions
            .into_iter()
            .map(|(key, fraction)| Ok((key, Draw::new(with_replacement, fraction)?)));
        let draws: Arc<KeyTable<K, Draw>> = Arc::new(draws.collect::<Result<_>>()?);
        Ok(self.narrow("sample_by_key", self.partitioning().cloned(), move |partition, rows| {
            let draws = Arc::clone(&draws);
            let mut random = Random::new(seed, partition);
            Ok(Box::new(rows.flat_map(move |row| {
                let times = draws.get(&row.0).map_or(0, |draw| draw.times(&mut random));
                std::iter::repeat_n(row, times)
            })))
        }))
    }
}
