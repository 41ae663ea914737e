//! Where blocks live: memory, disk, and the store that places them under a budget.
//!
//! A `Block` is one partition's rows with their type erased once; the `Store` keeps the blocks
//! of persisted RDDs and the outputs of shuffles, each under the id of its owner, so that an owner
//! that is dropped frees everything it held in one call.

mod block;
mod budget;
mod disk;
mod level;
mod reservation;
mod store;

pub(crate) use block::{Batch, Block, FRAME_BYTES};
pub(crate) use budget::default_budget;
pub(crate) use disk::{DiskFile, DiskWriter, Extent};
pub use level::StorageLevel;
pub(crate) use reservation::Reservation;
pub(crate) use store::{Eviction, Holdings, Owner, Store};
