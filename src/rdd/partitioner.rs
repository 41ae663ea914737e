//! Which partition a key belongs to.

use std::fmt;
use std::sync::Arc;

use crate::data::{Data, Key};
use crate::exec::Partitioning;
use crate::hash::stable_hash;

/// Places keys in partitions.
///
/// Equality is by [`description`](Self::description): two partitioners with equal descriptions
/// must place every key alike, since RDDs partitioned by them are joined without moving rows.
pub trait Partitioner<K>: Send + Sync {
    /// How many partitions there are, at least 1.
    fn partition_count(&self) -> usize;

    /// The partition of a key, below [`partition_count`](Self::partition_count).
    fn partition(&self, key: &K) -> usize;

    /// The partitioner's kind and parameters, such as `hash(8)`.
    fn description(&self) -> String;
}

/// Places a key by its hash, which is the same in every run and on every host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashPartitioner {
    partitions: usize,
}

impl HashPartitioner {
    /// Makes a partitioner over `partitions` partitions; 0 is taken as 1.
    #[must_use]
    pub fn new(partitions: usize) -> Self {
        Self { partitions: partitions.max(1) }
    }
}

impl<K: Key> Partitioner<K> for HashPartitioner {
    fn partition_count(&self) -> usize {
        self.partitions
    }

    fn partition(&self, key: &K) -> usize {
        // The high half of the product maps the whole hash range evenly, without a division.
        let spread = u128::from(stable_hash(key)) * self.partitions as u128;
        (spread >> 64) as usize
    }

    fn description(&self) -> String {
        format!("hash({})", self.partitions)
    }
}

/// Places keys in sorted ranges: partition `p` holds keys up to and including bound `p`.
#[derive(Clone)]
pub struct RangePartitioner<K> {
    bounds: Arc<[K]>,
    /// Tells apart range partitioners with different bounds.
    fingerprint: u64,
}

impl<K: Key + Ord> RangePartitioner<K> {
    /// Makes a partitioner with a range up to and including each of `bounds`, given in any order,
    /// and one for the keys above all of them.
    #[must_use]
    pub fn new(bounds: impl IntoIterator<Item = K>) -> Self {
        let mut bounds: Vec<K> = bounds.into_iter().collect();
        bounds.sort_unstable();
        bounds.dedup();
        Self { fingerprint: stable_hash(&bounds), bounds: bounds.into() }
    }

    /// Makes a partitioner of at most `partitions` ranges that hold about equally many of the
    /// `sample` keys.
    pub(crate) fn from_sample(mut sample: Vec<K>, partitions: usize) -> Self {
        sample.sort_unstable();
        let partitions = partitions.clamp(1, sample.len() + 1);
        let places = (1..partitions).map(|range| range * sample.len() / partitions);
        Self::new(places.filter_map(|place| sample.get(place).cloned()))
    }
}

impl<K: Data + Ord> Partitioner<K> for RangePartitioner<K> {
    fn partition_count(&self) -> usize {
        self.bounds.len() + 1
    }

    fn partition(&self, key: &K) -> usize {
        self.bounds.partition_point(|bound| bound < key)
    }

    fn description(&self) -> String {
        format!("range({}, {:016x})", self.bounds.len() + 1, self.fingerprint)
    }
}

impl<K> fmt::Debug for RangePartitioner<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RangePartitioner({} ranges)", self.bounds.len() + 1)
    }
}

/// What keyed operations take to say how their result is partitioned: a number of partitions,
/// which means hashing, or a [`Partitioner`] (one of your own as an `Arc<dyn Partitioner<K>>`).
pub trait IntoPartitioner<K> {
    /// Returns the partitioner.
    fn into_partitioner(self) -> Arc<dyn Partitioner<K>>;
}

impl<K: Key> IntoPartitioner<K> for usize {
    fn into_partitioner(self) -> Arc<dyn Partitioner<K>> {
        Arc::new(HashPartitioner::new(self))
    }
}

impl<K: Key> IntoPartitioner<K> for HashPartitioner {
    fn into_partitioner(self) -> Arc<dyn Partitioner<K>> {
        Arc::new(self)
    }
}

impl<K: Data + Ord> IntoPartitioner<K> for RangePartitioner<K> {
    fn into_partitioner(self) -> Arc<dyn Partitioner<K>> {
        Arc::new(self)
    }
}

impl<K> IntoPartitioner<K> for Arc<dyn Partitioner<K>> {
    fn into_partitioner(self) -> Arc<dyn Partitioner<K>> {
        self
    }
}

/// Erases a partitioner's key type, so that any node can carry it.
pub(crate) fn erase<K: 'static>(partitioner: &Arc<dyn Partitioner<K>>) -> Partitioning {
    Partitioning {
        description: partitioner.description().into(),
        scheme: Arc::new(Arc::clone(partitioner)),
    }
}

/// Gives back the partitioner that [`erase`] wrapped for keys of type `K`.
pub(crate) fn restore<K: 'static>(partitioning: &Partitioning) -> Option<&Arc<dyn Partitioner<K>>> {
    partitioning.scheme.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_partitioner_places_keys_the_same_in_every_run() {
        let partitioner = HashPartitioner::new(7);
        let places: Vec<_> = (0_u64..12).map(|key| partitioner.partition(&key)).collect();
        // Pinned: a change here moves keys between partitions and breaks stored data.
        assert_eq!(places, [0, 4, 2, 5, 4, 5, 6, 1, 4, 5, 3, 5]);
        assert!((0_u64..1000).all(|key| partitioner.partition(&key) < 7));
    }

    #[test]
    fn a_range_partitioner_holds_keys_up_to_and_including_each_bound() {
        let partitioner = RangePartitioner::new([20, 10, 20]);
        let places: Vec<_> =
            [5, 10, 11, 20, 21].iter().map(|key| partitioner.partition(key)).collect();
        assert_eq!((partitioner.partition_count(), places), (3, vec![0, 0, 1, 1, 2]));
    }

    #[test]
    fn a_range_partitioner_keeps_equal_keys_together_and_ranges_in_order() {
        let sample = vec![5, 1, 9, 5, 5, 3, 7, 5];
        let partitioner = RangePartitioner::from_sample(sample, 4);
        let places: Vec<_> = (0..11).map(|key| partitioner.partition(&key)).collect();
        assert!(places.is_sorted());
        assert!(places.iter().all(|place| *place < partitioner.partition_count()));
    }
}
