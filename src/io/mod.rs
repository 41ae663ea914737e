//! Graph formats, one file each.
//!
//! [`open_graph`] reads files of any format in [`FORMATS`] as a [`GraphInput`]. A new format is a
//! file here with its [`Format`], and a line in that registry.

mod adjacency;
#[cfg(feature = "parquet")]
mod arrow;
mod bad_lines;
#[cfg(feature = "parquet")]
mod column_batches;
#[cfg(feature = "parquet")]
mod column_faults;
#[cfg(feature = "parquet")]
mod column_values;
#[cfg(feature = "parquet")]
mod columns;
mod dimacs;
mod document;
mod edge_lines;
mod edge_list;
mod fields;
mod format;
mod gap;
mod gml;
mod graph_input;
mod graphalytics;
#[cfg(feature = "graphml")]
mod graphml;
mod groups;
mod isolated;
mod keys;
mod konect;
mod ligra;
mod matrix_market;
mod metis;
#[cfg(any(feature = "ndjson", feature = "parquet"))]
mod named;
mod names;
#[cfg(feature = "ndjson")]
mod ndjson;
#[cfg(feature = "parquet")]
mod parquet;
mod policies;
mod properties;
mod read_options;
mod single_file;
mod ssg;
mod table;
mod tntp;
mod webgraph;
mod write;

pub use bad_lines::BadLines;
pub use edge_list::{edge_list, edge_lists, vertex_list, weighted_edge_list, weighted_edge_lists};
pub use format::{FORMATS, Format, detect_format, find_format, format_of_name, open_graph};
pub use graph_input::{Edges, GraphInput};
pub use graphalytics::GraphalyticsGraph;
pub use isolated::Isolated;
pub use names::Names;
pub use policies::Merge;
pub use read_options::{Column, ReadOptions};
pub use write::{Put, WriteOptions};
