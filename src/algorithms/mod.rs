//! The library of algorithms, and the registry that the command line reads.
//!
//! One file an algorithm: a vertex program, a typed call that runs it, and an entry of
//! [`ALGORITHMS`]. A new algorithm is a new file and its two lines here.

pub mod als;
pub mod articulation_points;
pub mod betweenness;
mod betweenness_weighted;
pub mod bfs;
mod both_ways;
pub mod bridges;
pub mod closeness;
pub mod clustering_coefficient;
pub mod coloring;
mod communities;
mod community_levels;
mod community_moves;
pub mod connected_components;
mod cuts;
pub mod degrees;
pub mod diameter;
mod distance_sums;
pub mod eigenvector;
mod forward;
pub mod harmonic;
pub mod hits;
mod hyper_ball;
pub mod k_core;
pub mod k_truss;
pub mod katz;
pub mod label_propagation;
pub mod landmarks;
mod landmarks_weighted;
mod lanes;
pub mod leiden;
mod limits;
pub mod louvain;
pub mod maximal_independent_set;
pub mod minimum_spanning_forest;
mod motif_joins;
mod motif_pattern;
pub mod motifs;
mod neighbors;
mod order;
pub mod page_rank;
pub mod personalized_page_rank;
pub mod random_walks;
mod ranges;
pub mod reciprocity;
mod registry;
pub mod shortest_paths;
pub mod strongly_connected_components;
mod table;
mod tally;
pub mod topological_sort;
pub mod transitivity;
pub mod triangles;
mod trim;
pub mod truss_numbers;
mod weights;

pub use als::als;
pub use articulation_points::articulation_points;
pub use betweenness::{betweenness, betweenness_weighted};
pub use bfs::bfs;
pub use bridges::bridges;
pub use closeness::closeness;
pub use clustering_coefficient::clustering_coefficient;
pub use coloring::coloring;
pub use connected_components::connected_components;
pub use degrees::degrees;
pub use diameter::diameter;
pub use eigenvector::eigenvector;
pub use harmonic::harmonic;
pub use hits::hits;
pub use k_core::k_core;
pub use k_truss::k_truss;
pub use katz::katz;
pub use label_propagation::label_propagation;
pub use landmarks::{landmarks, landmarks_weighted};
pub use leiden::{leiden, leiden_weighted};
pub use louvain::{louvain, louvain_weighted};
pub use maximal_independent_set::maximal_independent_set;
pub use minimum_spanning_forest::minimum_spanning_forest;
pub use motifs::{Match, Motifs};
pub use page_rank::page_rank;
pub use personalized_page_rank::personalized_page_rank;
pub use random_walks::random_walks;
pub use reciprocity::reciprocity;
pub use registry::{Algorithm, Arguments, Memory, Parameter, Shape, Weights};
pub use shortest_paths::shortest_paths;
pub use strongly_connected_components::strongly_connected_components;
pub use table::{Cell, Kind, Row, Table, Value, Values};
pub use topological_sort::topological_sort;
pub use transitivity::transitivity;
pub use triangles::triangles;
pub use truss_numbers::truss_numbers;

/// Every algorithm of the library, by name.
pub const ALGORITHMS: &[&dyn Algorithm] = &[
    &als::Entry,
    &articulation_points::Entry,
    &betweenness::Entry,
    &bfs::Entry,
    &bridges::Entry,
    &closeness::Entry,
    &clustering_coefficient::Entry,
    &coloring::Entry,
    &connected_components::Entry,
    &degrees::Entry,
    &diameter::Entry,
    &eigenvector::Entry,
    &harmonic::Entry,
    &hits::Entry,
    &k_core::Entry,
    &k_truss::Entry,
    &katz::Entry,
    &label_propagation::Entry,
    &landmarks::Entry,
    &leiden::Entry,
    &louvain::Entry,
    &maximal_independent_set::Entry,
    &minimum_spanning_forest::Entry,
    &motifs::Entry,
    &page_rank::Entry,
    &personalized_page_rank::Entry,
    &random_walks::Entry,
    &reciprocity::Entry,
    &shortest_paths::Entry,
    &strongly_connected_components::Entry,
    &topological_sort::Entry,
    &transitivity::Entry,
    &triangles::Entry,
    &truss_numbers::Entry,
];

/// Returns the algorithm with a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Algorithm> {
    ALGORITHMS.iter().copied().find(|algorithm| algorithm.name() == name)
}
