//! `take_sample`: a fixed number of rows chosen at random.

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;
use crate::rdd::random::Random;

use super::take_ordered::smallest;

impl<T: Data> Rdd<T> {
    /// Returns `count` rows chosen at random, in random order. Without replacement every set of
    /// rows has the same chance, and all rows come when there are fewer; with replacement each of
    /// the `count` rows is chosen among all anew (none without rows).
    ///
    /// The same rows in every run with the same `seed` and the same partitions. Without
    /// replacement one job, in which each partition sends at most `count` rows; with replacement a
    /// job that counts the rows and one that fetches those chosen, from the partitions that have
    /// them.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let numbers = ctx.parallelize(0..1000, 4);
    /// let mut chosen = numbers.take_sample(false, 10, 42)?;
    /// assert_eq!(chosen, numbers.take_sample(false, 10, 42)?);
    /// chosen.sort();
    /// chosen.dedup();
    /// assert_eq!(chosen.len(), 10);
    /// assert_eq!(numbers.take_sample(true, 5000, 42)?.len(), 5000);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// When computing a partition fails.
    pub fn take_sample(&self, with_replacement: bool, count: usize, seed: u64) -> Result<Vec<T>> {
        if with_replacement { self.draw(count, seed) } else { self.choose(count, seed) }
    }

    /// Without replacement: every row gets a random number, and those with the smallest win.
    fn choose(&self, count: usize, seed: u64) -> Result<Vec<T>> {
        let all: Vec<_> = (0..self.partition_count()).collect();
        let parts = self.runtime().run(&self.lineage, &all, |partition, rows| {
            let mut random = Random::new(seed, partition);
            let numbered = rows.map(|row| (random.bits(), row));
            Ok(smallest(numbered, count, |(left, _), (right, _)| left.cmp(right)))
        })?;
        let chosen = smallest(parts.into_iter().flatten(), count, |(a, _), (b, _)| a.cmp(b));
        Ok(chosen.into_iter().map(|(_, row)| row).collect())
    }

    /// With replacement: places among all rows are drawn, and the rows there fetched.
    fn draw(&self, count: usize, seed: u64) -> Result<Vec<T>> {
        let lengths = self.run(|rows| Ok(rows.count() as u64))?;
        let total: u64 = lengths.iter().sum();
        if total == 0 {
            return Ok(Vec::new());
        }
        // A stream that no partition has.
        let mut random = Random::new(seed, usize::MAX);
        let mut drawn: Vec<_> = (0..count).map(|turn| (random.below(total), turn)).collect();
        drawn.sort_unstable();
        // Of each partition that has some: the places there, ascending, with their turns.
        let mut wanted: Vec<Vec<(u64, usize)>> = vec![Vec::new(); lengths.len()];
        let (mut partition, mut start) = (0, 0);
        for (place, turn) in drawn {
            while place - start >= lengths[partition] {
                start += lengths[partition];
                partition += 1;
            }
            wanted[partition].push((place - start, turn));
        }
        let partitions: Vec<_> =
            (0..wanted.len()).filter(|partition| !wanted[*partition].is_empty()).collect();
        let parts = self.runtime().run(&self.lineage, &partitions, |partition, rows| {
            let mut places = wanted[partition].iter().peekable();
            let last = wanted[partition].last().map_or(0, |(place, _)| *place);
            let mut found = Vec::with_capacity(places.len());
            for (place, row) in (0..=last).zip(rows) {
                while let Some((_, turn)) = places.next_if(|(wanted, _)| *wanted == place) {
                    found.push((*turn, row.clone()));
                }
            }
            Ok(found)
        })?;
        let mut rows: Vec<_> = parts.into_iter().flatten().collect();
        rows.sort_unstable_by_key(|(turn, _)| *turn);
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }
}
