//! Transformations, one file each: lazy, returning a new [`Rdd`](super::Rdd).
//!
//! A new operation is a file here with an `impl` block on `Rdd`, and its line below.

mod aggregate_by_key;
mod all_gather;
mod cartesian;
mod checkpoint;
mod coalesce;
mod cogroup;
mod cogroup3;
mod combine_by_key;
mod distinct;
mod filter;
mod flat_map;
mod flat_map_values;
mod fold_by_key;
mod glom;
mod group_by;
mod group_by_key;
mod intersection;
mod join;
mod key_by;
mod keys;
mod local_checkpoint;
mod map;
mod map_partitions;
mod map_partitions_with_index;
mod map_values;
mod partition_by;
mod pipe;
mod random_split;
mod reduce_by_key;
mod repartition;
mod repartition_and_sort_within_partitions;
mod sample;
mod sample_by_key;
mod sort_by;
mod sort_by_key;
mod subtract;
mod subtract_by_key;
mod try_map;
mod union;
mod values;
mod zip;
mod zip_partitions;
mod zip_with_index;
mod zip_with_unique_id;

pub use cogroup::Groups;
pub use cogroup3::Groups3;
pub use join::Either;
