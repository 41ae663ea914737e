//! Counts of a partition's vertices on their way through a shuffle.

use serde::{Deserialize, Serialize};

/// What a byte cannot say is listed.
const LISTED: u8 = u8::MAX;
/// Counts go as bytes while at least one in this many is not zero.
const SPARSE: usize = 8;

/// A count for each vertex of a partition; most are small.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Counts {
    /// The counts by local id, or nothing where few are not zero.
    #[serde(with = "crate::codec::packed")]
    small: Vec<u8>,
    /// Local ids and counts of the others.
    others: Vec<(u32, u32)>,
}

impl Counts {
    pub(super) fn new(counts: &[u32]) -> Self {
        let filled = counts.iter().filter(|count| **count > 0).count();
        let dense = filled * SPARSE >= counts.len();
        let is_listed = |count: u32| count >= if dense { LISTED.into() } else { 1 };
        let small = if dense {
            counts.iter().map(|count| (*count).min(LISTED.into()) as u8).collect()
        } else {
            Vec::new()
        };
        let listed = (0..).zip(counts).filter(|(_, count)| is_listed(**count));
        Self { small, others: listed.map(|(local, count)| (local, *count)).collect() }
    }

    /// Adds each count to that of its vertex.
    pub(super) fn add_to(&self, counts: &mut [u32]) {
        for (count, more) in counts.iter_mut().zip(&self.small) {
            *count += if *more == LISTED { 0 } else { u32::from(*more) };
        }
        for (local, more) in &self.others {
            counts[*local as usize] += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_whether_small_large_or_few() {
        let many = [0, 1, 254, 255, 256, 100_000, 0, 3];
        let mut few = vec![0; 100];
        few[7] = 3;
        few[99] = 255;
        for counts in [&many[..], &few, &[], &[0], &[1]] {
            let mut sums = counts.to_vec();
            Counts::new(counts).add_to(&mut sums);
            assert_eq!(sums, counts.iter().map(|count| 2 * count).collect::<Vec<_>>());
        }
    }
}
