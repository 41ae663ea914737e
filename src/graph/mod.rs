//! Graphs.

mod edge;
pub mod generate;

pub use edge::{Edge, VertexId};
