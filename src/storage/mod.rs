//! Where blocks live: memory, disk, and the store that places them.
//!
//! A `Block` is one partition's rows with their type erased once; the `Store` keeps the blocks
//! of persisted RDDs and the outputs of shuffles, each under the id of its owner, so that an owner
//! that is dropped frees everything it held in one call.

mod block;
mod disk;
mod level;
mod store;

pub(crate) use block::Block;
pub use level::StorageLevel;
pub(crate) use store::{Owner, Store};
