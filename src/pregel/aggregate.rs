//! Values that a superstep gathers from all vertices.

use crate::data::Data;

/// A typed aggregate: every vertex may contribute, contributions merge, and the result of a
/// superstep is seen by all vertices in the next one and by
/// [`after_superstep`](super::VertexProgram::after_superstep).
///
/// Partitions merge in their order, so a float comes out the same for any number of threads.
pub trait Aggregate: Data + Default {
    /// Merges another partition's contributions into these.
    fn merge(&mut self, other: Self);
}

impl Aggregate for () {
    fn merge(&mut self, (): Self) {}
}
