//! Execution: lineage without row types, stages cut at shuffles, tasks on threads.
//!
//! A job starts from one lineage node. [`Runtime::run`] finds the shuffles it depends on, runs
//! those whose outputs are missing (a *map stage* each), and then the result stage. Finished
//! stages are skipped, lost outputs are recomputed, and a panic in user code fails its task, not
//! the process.

mod lineage;
mod node;
mod runtime;
mod scheduler;
mod task;

pub(crate) use lineage::{Lineage, explain};
pub use node::Rows;
pub(crate) use node::{Compute, Dependency, Node, NodeCore, Partitioning, Shuffle, ShuffleCore};
pub(crate) use runtime::{Configuration, Runtime};
pub(crate) use task::{PanicContext, Task, guard, raise};
