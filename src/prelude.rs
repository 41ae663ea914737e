//! What most programs need, in one `use superstep::prelude::*`.

pub use crate::graph::{Edge, VertexId};
pub use crate::rdd::{Context, HashPartitioner, Partitioner, Rdd};
pub use crate::storage::StorageLevel;
