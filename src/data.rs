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
/// What is stored is read back without names, so an element must not use serde's `flatten`,
/// `untagged`, `tag` or `skip_serializing_if`: storing one that does is an
/// [`ErrorKind::Codec`](crate::ErrorKind::Codec). A `skip`ped field comes back as its default.
/// Values nested more than 1000 deep, such as long chains of boxes, are refused as well. An `Arc`
/// that several rows share is stored with each of them.
pub trait Data: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> Data for T {}

/// An element that RDDs can be partitioned, grouped and joined by.
pub trait Key: Data + Hash + Eq {}

impl<T: Data + Hash + Eq> Key for T {}
