//! Messages of prioritised programs that wait for their bucket's turn.
//!
//! They are in sorted runs, each at least twice as long as the next: a superstep adds one run, which
//! takes in shorter ones, and takes what is due off the front of each. So keeping a copy for every
//! generation costs a few handles, and every message is copied a logarithmic number of times.
//!
//! Source: the logarithmic method of Bentley and Saxe, *Decomposable Searching Problems I*
//! (Journal of Algorithms 1, 1980), section 2.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A message to all neighbours of a vertex: its bucket, its sender's local id, and the message.
pub(super) type Entry<M> = (u64, u32, M);

/// Messages that wait, in runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Held<M> {
    /// The oldest and longest run first.
    runs: Vec<Run<M>>,
}

/// Messages by bucket, and in each in the order of sending.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Run<M> {
    entries: Arc<Vec<Entry<M>>>,
    /// Those before are no longer held.
    start: usize,
}

impl<M> Run<M> {
    fn left(&self) -> &[Entry<M>] {
        &self.entries[self.start..]
    }
}

impl<M> Default for Held<M> {
    fn default() -> Self {
        Self { runs: Vec::new() }
    }
}

impl<M: Clone> Held<M> {
    /// The lowest bucket of a message.
    pub(super) fn next_bucket(&self) -> Option<u64> {
        self.runs.iter().filter_map(|run| run.left().first()).map(|(bucket, ..)| *bucket).min()
    }

    /// The lowest buckets that have messages, at most so many, with the number of messages in each;
    /// those of further buckets are left out.
    pub(super) fn lowest(&self, most: usize) -> BTreeMap<u64, u64> {
        let mut counts = BTreeMap::new();
        for run in &self.runs {
            let mut left = run.left();
            for _ in 0..most {
                let Some((bucket, ..)) = left.first() else { break };
                let (of_bucket, rest) = left.split_at(left.partition_point(|of| of.0 == *bucket));
                *counts.entry(*bucket).or_default() += of_bucket.len() as u64;
                left = rest;
            }
        }
        // A run with many buckets may have been left before messages of other runs.
        counts.into_iter().take(most).collect()
    }

    /// Adds messages, in the order of sending.
    pub(super) fn hold(&mut self, entries: Vec<Entry<M>>) {
        if entries.is_empty() {
            return;
        }
        let mut entries = by_bucket(entries);
        while let Some(last) = self.runs.pop_if(|last| last.left().len() < 2 * entries.len()) {
            entries = merged(last.left(), entries);
        }
        self.runs.push(Run { entries: Arc::new(entries), start: 0 });
    }

    /// Takes the messages of buckets up to `bucket`, those of one bucket in the order of sending.
    pub(super) fn take(&mut self, bucket: u64, mut visit: impl FnMut(&Entry<M>)) {
        for run in &mut self.runs {
            let count = run.left().partition_point(|(of, ..)| *of <= bucket);
            run.left()[..count].iter().for_each(&mut visit);
            run.start += count;
        }
        self.runs.retain(|run| !run.left().is_empty());
    }
}

/// Sorts messages by bucket, those of one in their order. Buckets close to each other are counted,
/// which costs a few steps a message.
fn by_bucket<M: Clone>(mut entries: Vec<Entry<M>>) -> Vec<Entry<M>> {
    let (least, most) = entries
        .iter()
        .fold((u64::MAX, 0), |(least, most), (bucket, ..)| (least.min(*bucket), most.max(*bucket)));
    if most.saturating_sub(least) >= entries.len() as u64 {
        entries.sort_by_key(|(bucket, ..)| *bucket);
        return entries;
    }
    let place = |bucket: u64| (bucket - least) as usize;
    let mut next = vec![0; place(most) + 1];
    entries.iter().for_each(|(bucket, ..)| next[place(*bucket)] += 1);
    let mut total = 0;
    for count in &mut next {
        total += std::mem::replace(count, total);
    }
    let mut order = vec![0_u32; entries.len()];
    for (at, (bucket, ..)) in (0..).zip(&entries) {
        let next = &mut next[place(*bucket)];
        order[*next] = at;
        *next += 1;
    }
    order.into_iter().map(|at| entries[at as usize].clone()).collect()
}

/// Puts two runs together; of one bucket, the older messages come first.
fn merged<M: Clone>(older: &[Entry<M>], newer: Vec<Entry<M>>) -> Vec<Entry<M>> {
    let mut all = Vec::with_capacity(older.len() + newer.len());
    let mut newer = newer.into_iter().peekable();
    for entry in older {
        while let Some(before) = newer.next_if(|before| before.0 < entry.0) {
            all.push(before);
        }
        all.push(entry.clone());
    }
    all.extend(newer);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(held: &mut Held<usize>, bucket: u64) -> Vec<Entry<usize>> {
        let mut due = Vec::new();
        held.take(bucket, |entry| due.push(*entry));
        due.sort_by_key(|(bucket, ..)| *bucket);
        due
    }

    #[test]
    fn messages_come_out_when_their_bucket_is_due_and_in_the_order_of_sending() {
        let mut held = Held::default();
        let mut expected: Vec<Entry<usize>> = Vec::new();
        for round in 0..200_usize {
            let entries: Vec<Entry<usize>> = (0..round * 7 % 23)
                .map(|n| ((round + n * 5 % 11) as u64 + 1, (n * 3 % 8) as u32, round * 100 + n))
                .collect();
            expected.extend(entries.iter().copied());
            let before = held.clone();
            held.hold(entries);
            assert!(held.runs.windows(2).all(|pair| pair[0].left().len() >= pair[1].left().len()));
            assert!(held.runs.len() <= 12);
            assert_eq!(held.next_bucket(), expected.iter().map(|entry| entry.0).min());
            let mut counts = BTreeMap::new();
            expected.iter().for_each(|entry| *counts.entry(entry.0).or_default() += 1);
            assert!(held.lowest(3).into_iter().eq(counts.into_iter().take(3)));
            if round % 3 == 0 {
                let bucket = round as u64;
                let mut due = Vec::new();
                expected.retain(|entry| {
                    entry.0 > bucket || {
                        due.push(*entry);
                        false
                    }
                });
                due.sort_by_key(|entry| (entry.0, entry.2));
                assert_eq!(taken(&mut held, bucket), due);
            }
            // Generations before keep what they had.
            assert!(
                before.next_bucket().is_none_or(|bucket| bucket > round.saturating_sub(3) as u64)
            );
        }
        assert_eq!(taken(&mut held, u64::MAX).len(), expected.len());
        assert_eq!(held.next_bucket(), None);
    }

    #[test]
    fn messages_are_sorted_by_bucket_whether_buckets_are_close_or_far() {
        for buckets in [[5, 6, 7], [0, 1 << 40, u64::MAX], [9, 9, 9]] {
            let entries: Vec<Entry<u32>> =
                (0..100).map(|n| (buckets[n as usize * 7 % 3], n % 8, n)).collect();
            let mut expected = entries.clone();
            expected.sort_by_key(|(bucket, _, n)| (*bucket, *n));
            assert_eq!(by_bucket(entries), expected);
        }
    }
}
