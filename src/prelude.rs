//! What most programs need, in one `use superstep::prelude::*`.

pub use crate::graph::{Duplicates, Edge, Graph, SelfLoops, VertexId};
pub use crate::rdd::{Context, HashPartitioner, Partitioner, Rdd};
pub use crate::storage::StorageLevel;
