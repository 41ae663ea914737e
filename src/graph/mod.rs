//! Graphs.

mod edge;

pub use edge::{Edge, VertexId};
