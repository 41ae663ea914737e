//! Graph formats, one file each.
//!
//! A new format is a file here with a function that returns an RDD of edges.

mod edge_lines;
mod edge_list;
mod graphalytics;

pub use edge_list::{edge_list, edge_lists, vertex_list, weighted_edge_list, weighted_edge_lists};
pub use graphalytics::GraphalyticsGraph;
