//! Hashing: one stable function that places keys, one fast function for tables in memory.
//!
//! [`stable_hash`] is XXH64 with a fixed seed. It decides which partition a key belongs to, so it
//! must give the same answer in every run and on every host: shuffles, co-partitioned joins and
//! checkpoints rely on it. [`KeyTable`] is the hash table used inside a task. Its hasher is
//! seeded at random against crafted keys, and it iterates in insertion order, so the random seed
//! never shows in a result.

use std::hash::{Hash, Hasher};

use indexmap::IndexMap;
use twox_hash::XxHash64;

/// Seed of [`stable_hash`]; changing it moves keys between partitions and breaks checkpoints.
const SEED: u64 = 0x7375_7065_7273_7465;

/// Returns the hash of a key that is the same in every run and on every host of one endianness.
pub(crate) fn stable_hash<K: Hash + ?Sized>(key: &K) -> u64 {
    let mut hasher = XxHash64::with_seed(SEED);
    key.hash(&mut hasher);
    hasher.finish()
}

/// A hash table from keys to values that iterates in insertion order.
pub(crate) type KeyTable<K, V> = IndexMap<K, V, foldhash::fast::RandomState>;
