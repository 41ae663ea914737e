//! Vertex-centric graph processing in supersteps, on an RDD core of its own.
//!
//! - [`rdd`]: lazy, partitioned, recomputable collections; start with [`rdd::Context`].
//! - [`graph`]: graphs as co-partitioned blocks; start with [`graph::Graph`].
//! - [`pregel`]: vertex programs; start with [`pregel::VertexProgram`].
//! - [`bagel`]: the same model on keyed RDDs.
//! - [`algorithms`]: the library and its registry.
//! - [`io`]: what reads graphs from files.
//! - [`validation`]: checks of results against expected ones and against their properties.
//!
//! ```
//! use superstep::algorithms::page_rank;
//! use superstep::prelude::*;
//!
//! let ctx = Context::local(0)?;
//! let graph = Graph::from_edges(&superstep::io::edge_list(&ctx, "datasets/karate.txt")?)?;
//! let ranks = page_rank(&graph).iterations(20).run()?.states().collect()?;
//! assert_eq!(ranks.len(), 34);
//! # Ok::<(), superstep::Error>(())
//! ```
//!
//! **Determinism.** Equal input and an equal number of partitions, which is a function of the graph
//! and the configuration and never of the machine, give equal bits, for any number of threads, any
//! storage level and any retry. Exact merges (integers, minima) are equal for any number of
//! partitions, too; sums of floats differ in the last digits there.
//!
//! **Panics** in user code become errors ([`ErrorKind::Task`]), which needs the default
//! `panic = "unwind"`.
//!
//! Modules import only from lower floors: error, raise, data, hash, chaos, codec, footprint, event, parameter, stop,
//! `whole_file`; storage, external, input; exchange; exec; rdd; graph; pregel, bagel, io; algorithms; validation; the command line.

pub mod algorithms;
pub mod bagel;
pub mod chaos;
mod codec;
pub mod data;
pub mod error;
pub mod event;
mod exchange;
mod exec;
mod external;
mod footprint;
pub mod graph;
mod hash;
mod input;
pub mod io;
mod parameter;
pub mod pregel;
pub mod prelude;
mod raise;
pub mod rdd;
mod stop;
pub mod storage;
pub mod validation;
mod whole_file;

pub use data::{Data, Key};
pub use error::{Error, ErrorKind, Result};
pub use stop::StopReason;

/// Runs the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Runs the code of the manual.
#[cfg(doctest)]
mod manual {
    #[doc = include_str!("../docs/tutorial.md")]
    struct Tutorial;

    #[doc = include_str!("../docs/from-graphx.md")]
    struct FromGraphX;
}
