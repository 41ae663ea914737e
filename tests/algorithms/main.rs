//! The library of algorithms, one module each: closed forms, sequential twins on multigraphs,
//! results of other systems, and degenerate graphs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "not every helper of the other test files is used here")]
#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code, reason = "which algorithms use it may change")]
mod matrix_market;
#[allow(dead_code, reason = "a module of algorithms uses what it needs")]
mod multigraph;

mod bfs;
mod clustering_coefficient;
mod graphalytics;
mod label_propagation;
mod oracle_igraph;
mod sssp;
mod validation;
