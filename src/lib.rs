//! Vertex-centric graph processing in supersteps, on an RDD core of its own.

pub mod algorithms;
pub mod bagel;
mod codec;
pub mod data;
pub mod error;
pub mod event;
mod exchange;
mod exec;
pub mod graph;
mod hash;
mod input;
pub mod io;
pub mod pregel;
pub mod prelude;
pub mod rdd;
mod stop;
pub mod storage;

pub use data::{Data, Key};
pub use error::{Error, ErrorKind, Result};
pub use stop::StopReason;
