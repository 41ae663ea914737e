//! The library of algorithms, and the registry that the command line reads.
//!
//! One file an algorithm: a vertex program, a typed call that runs it, and an entry of
//! [`ALGORITHMS`]. A new algorithm is a new file and its two lines here.

pub mod bfs;
pub mod clustering_coefficient;
pub mod connected_components;
mod forward;
pub mod label_propagation;
pub mod page_rank;
mod registry;
pub mod shortest_paths;
mod table;

pub use bfs::bfs;
pub use clustering_coefficient::clustering_coefficient;
pub use connected_components::connected_components;
pub use label_propagation::label_propagation;
pub use page_rank::page_rank;
pub use registry::{Algorithm, Arguments, Parameter, Weights};
pub use shortest_paths::shortest_paths;
pub use table::{Cell, Row, Table, Values};

/// Every algorithm of the library, by name.
pub const ALGORITHMS: &[&dyn Algorithm] = &[
    &bfs::Entry,
    &clustering_coefficient::Entry,
    &connected_components::Entry,
    &label_propagation::Entry,
    &page_rank::Entry,
    &shortest_paths::Entry,
];

/// Returns the algorithm with a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Algorithm> {
    ALGORITHMS.iter().copied().find(|algorithm| algorithm.name() == name)
}
