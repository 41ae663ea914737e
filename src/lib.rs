//! Vertex-centric graph processing in supersteps, on an RDD core of its own.

pub mod data;
pub mod error;
pub mod graph;
mod hash;

pub use data::{Data, Key};
pub use error::{Error, ErrorKind, Result};
