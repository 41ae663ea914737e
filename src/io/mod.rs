//! Graph formats, one file each.
//!
//! A new format is a file here with a function that returns an RDD of edges.

mod edge_lines;
mod edge_list;

pub use edge_list::{edge_list, edge_lists, weighted_edge_list, weighted_edge_lists};
