//! Actions, one file each: they run a job and return a value.
//!
//! A new action is a file here with an `impl` block on [`Rdd`](super::Rdd), and its line below.

mod aggregate;
mod collect;
mod count;
mod fold;
mod foreach;
mod lookup;
mod reduce;
mod save_as_text_file;
mod take;
mod to_local_iterator;

pub use to_local_iterator::LocalIterator;
