//! What may travel through an RDD: the bounds on elements and on keys.
//!
//! [`Data`] is everything that can be shared between tasks, kept in memory and written to disk or
//! a socket; [`Key`] is `Data` that can be grouped by. Both are implemented for every type that
//! meets the bounds, so a user's own struct needs `#[derive(Clone, Serialize, Deserialize)]` and,
//! as a key, `Hash`, `PartialEq` and `Eq`. Storage (serialised and disk levels) and shuffles rely
//! on the serde bounds; recomputation relies on `Clone`.

use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// An element of an RDD.
///
/// Stored types must not use serde's `flatten`, `skip`, `untagged` or `tag`: the block format is
/// not self-describing.
pub trait Data: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> Data for T {}

/// An element that RDDs can be partitioned, grouped and joined by.
pub trait Key: Data + Hash + Eq {}

impl<T: Data + Hash + Eq> Key for T {}
