//! The Pregel model on a [`Graph`](crate::graph::Graph): vertex programs run in supersteps.
//!
//! In superstep 0 every vertex that [starts](VertexProgram::starts) computes without messages; in each later one, the vertices that
//! have not voted to halt and those that received a message. A vertex reads its combined messages,
//! changes its state, contributes to the aggregate, and sends messages that arrive in the next
//! superstep. The run ends when no vertex is active and no message is in flight, when the program
//! breaks off, or at the superstep limit.
//!
//! Messages along edges travel in one of three ways, chosen for each superstep: every partition walks
//! all edges that enter it, looks up the edges of those who sent, or searches on behalf of those who
//! still want a message ([`Path`]). States are kept in pages that generations share, so a superstep
//! costs what the vertices that compute and their edges cost.
//!
//! A superstep is RDD operations over co-partitioned blocks and one exchange:
//!
//! ```text
//!  generation s ─────────────────┐ narrow
//!  outboxes of s ──all-gather──▶ superstep ──▶ generation s + 1 (retained, lineage cut)
//!  vertex and edge blocks ───────┘ narrow
//! ```
//!
//! Messages of a target merge in the order of their sources' ids, those of
//! [hubs](crate::graph::GraphBuilder::hubs) first (along edges, then against them, then letters), so
//! results are the same bits for any number of threads. For another number of partitions there may
//! be other hubs: sums of floats, and aggregated floats, then differ in the last digits.
//!
//! Source: Malewicz et al., *Pregel: A System for Large-Scale Graph Processing* (SIGMOD 2010),
//! sections 2 and 3.

mod aggregate;
mod blocks;
mod combiner;
mod create;
mod gather;
mod generation;
mod held;
mod inbox;
mod outbox;
mod outcome;
mod plan;
mod program;
mod run;
mod runs;
mod states;
mod step;

pub use aggregate::Aggregate;
pub use combiner::{Any, Collect, Combiner, Max, Min, Number, Sum};
pub use outcome::{Outcome, SuperstepStats};
pub use plan::Path;
pub use program::{Combined, Direction, Seed, Superstep, VertexProgram};
pub use run::{DEFAULT_MAX_SUPERSTEPS, Pregel, UnknownTarget};
pub use step::Vertex;
