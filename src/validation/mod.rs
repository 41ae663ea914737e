//! Checks of results: against expected ones, and against the properties that define them.
//!
//! [`compare`] and its like hold rows against expected rows by the rules of the LDBC Graphalytics
//! benchmark; [`verify`] looks at a result beside its graph, as the verifiers of the GAP Benchmark
//! Suite do. Nothing here shares code with the algorithms: a [`PlainGraph`] is three vectors, and
//! what walks it are plain loops, on one thread, with the graph in memory.
//!
//! Source: LDBC Graphalytics specification 1.0, section 2.4; Beamer, Asanović, Patterson, *The GAP
//! Benchmark Suite* (2015), section 4.

mod choices;
mod communities;
mod compare;
mod components;
mod cores;
mod distances;
mod factors;
mod motifs;
mod neighborhoods;
mod plain_graph;
mod ranks;
mod rows;
mod run;
mod search;
mod verify;
mod walks;

pub use communities::verify_label_propagation;
pub use compare::{Comparable, Comparison, EPSILON, Rule, compare};
pub use components::verify_components;
pub use neighborhoods::verify_clustering_coefficients;
pub use plain_graph::PlainGraph;
pub use ranks::verify_ranks;
pub use rows::read_rows;
pub use search::{verify_bfs, verify_shortest_paths};
pub use verify::{can_verify, verify, verify_weighted};
