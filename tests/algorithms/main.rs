//! The library of algorithms, one module each: closed forms, sequential twins on multigraphs,
//! results of other systems, and degenerate graphs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "not every helper of the other test files is used here")]
#[path = "../support/mod.rs"]
mod support;

mod als;
mod betweenness;
mod bfs;
mod centralities;
mod closeness;
mod clustering_coefficient;
mod coloring;
mod communities;
mod connected_components;
mod cuts;
mod degenerate;
mod diameter;
mod graphalytics;
mod k_core;
mod k_truss;
mod label_propagation;
mod lagraph;
mod landmarks;
#[allow(dead_code, reason = "which algorithms use it may change")]
mod matrix_market;
mod maximal_independent_set;
mod minimum_spanning_forest;
mod motifs;
#[allow(dead_code, reason = "a module of algorithms uses what it needs")]
mod multigraph;
mod networkx;
mod oracle_igraph;
mod page_rank;
mod personalized_page_rank;
mod public_graphs;
mod random_walks;
mod reciprocity;
mod sssp;
mod strongly_connected_components;
mod topological_sort;
mod triangles;
mod validation;
mod verify;
