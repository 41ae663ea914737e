//! Bagel: Pregel on two keyed RDDs, a combine, a cogroup and a map each superstep.
//!
//! Vertices are an `Rdd<(K, V)>`, messages an `Rdd<(K, M)>` keyed by the vertex they are for. A
//! superstep combines the messages of each vertex, brings them together with the vertices, and
//! computes from every vertex its next state and the messages it sends:
//!
//! ```text
//!   messages ──combine_by_key──▶ combined ─┐         the superstep's one shuffle
//!                                          ├─ cogroup ─ compute ─▶ (state, outbox) kept
//!   vertices ──────────────────────────────┘         co-partitioned: nothing moves
//!        ▲                                                    │
//!        └──── states: the next vertices ◀────────────────────┤
//!              outboxes by target: the next messages ◀────────┘
//! ```
//!
//! The rules are Bagel's:
//! - Superstep 0 always runs. Every vertex computes in every superstep, also an inactive one
//!   without messages; [`Vertex::is_active`] only counts towards the end.
//! - The run ends after a superstep in which no vertex stays active and no message is sent. The
//!   messages given at the start are delivered in superstep 0 and are not counted as sent.
//! - A message to a vertex that does not exist is dropped when it is due, yet it counts as sent,
//!   so one more superstep runs.
//! - Superstep `s` sees the aggregate of the states before it: superstep 0 that of the vertices as
//!   they were given, a later one that of the states after `s - 1`.
//!
//! Where Bagel lost, leaked or miscounted, this does not: a duplicate vertex id is an error, counts
//! are taken once from each partition that was kept, however often its task was tried, no more
//! than two generations of vertices are alive at a time, and the lineage has the same few nodes
//! after any number of supersteps.
//!
//! Cost of a superstep: two stages, O(vertices + messages) time whatever the number of active
//! vertices, and one combined message a target and source partition through the shuffle. The
//! generation is cloned once as it is read. For large graphs with few active vertices use a
//! `Graph` and its vertex programs.
//!
//! Results are the same for any number of threads and any storage level. They do not depend on the
//! number of partitions either if the combiner and the aggregator are exact and commutative, as
//! sums of integers are.
//!
//! Source: Bagel (mesos/spark v0.5 to v0.7, `bagel/src/main/scala/spark/bagel/Bagel.scala`);
//! Malewicz et al., *Pregel: A System for Large-Scale Graph Processing*, SIGMOD 2010, section 3.

mod model;
mod outcome;
mod run;
mod superstep;

pub use model::{Aggregator, AllMessages, Combiner, Message, NoAggregate, Vertex};
pub use outcome::{Outcome, SuperstepStats};
pub use run::{Bagel, DEFAULT_MAX_SUPERSTEPS};
