//! Actions, one file each: they run a job and return a value.
//!
//! A new action is a file here with an `impl` block on [`Rdd`](super::Rdd), and its line below.

mod aggregate;
mod collect;
mod collect_as_map;
mod count;
mod count_approx_distinct;
mod count_by_key;
mod count_by_value;
mod fold;
mod foreach;
mod foreach_partition;
mod histogram;
mod is_empty;
mod lookup;
mod max;
mod mean;
mod min;
mod reduce;
mod reduce_by_key_locally;
mod save_as_object_file;
mod save_as_text_file;
mod stats;
mod stdev;
mod sum;
mod take;
mod take_ordered;
mod take_sample;
mod to_local_iterator;
mod top;
mod tree_aggregate;
mod variance;

pub use histogram::Histogram;
pub use to_local_iterator::LocalIterator;
