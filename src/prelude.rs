//! What most programs need, in one `use superstep::prelude::*`.

pub use crate::graph::{Duplicates, Edge, Graph, SelfLoops, VertexId};
pub use crate::pregel::{
    Aggregate, Any, Collect, Combiner, Direction, Max, Min, Outcome, Pregel, Seed, Sum, Superstep,
    Vertex, VertexProgram,
};
pub use crate::rdd::{Context, HashPartitioner, Partitioner, Rdd};
pub use crate::stop::StopReason;
pub use crate::storage::StorageLevel;
