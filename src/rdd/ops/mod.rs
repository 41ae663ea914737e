//! Transformations, one file each: lazy, returning a new [`Rdd`](super::Rdd).
//!
//! A new operation is a file here with an `impl` block on `Rdd`, and its line below.

mod all_gather;
mod cogroup;
mod combine_by_key;
mod distinct;
mod filter;
mod flat_map;
mod flat_map_values;
mod group_by_key;
mod join;
mod key_by;
mod local_checkpoint;
mod map;
mod map_partitions;
mod map_values;
mod partition_by;
mod reduce_by_key;
mod sort_by_key;
mod try_map;
mod union;
mod zip_partitions;

pub use cogroup::Groups;
pub use join::Either;
