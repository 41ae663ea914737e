//! Execution: lineage without row types, stages cut at shuffles, tasks on threads.
//!
//! A job starts from one lineage node. [`Runtime::run`] finds the shuffles it depends on, runs
//! those whose outputs are missing (a *map stage* each), and then the result stage. Finished
//! stages are skipped, lost outputs are recomputed, and a panic in user code fails its task, not
//! the process.

mod cancel;
mod explain;
mod lineage;
mod node;
mod runtime;
mod scheduler;
mod slots;
mod stage;
mod task;
mod updates;

pub(crate) use crate::raise::raise;
pub use cancel::CancelToken;
pub(crate) use explain::explain;
pub(crate) use lineage::Lineage;
pub use node::Rows;
pub(crate) use node::{
    BATCH_ROWS, Compute, Dependency, Node, NodeCore, Partitioning, Shuffle, ShuffleCore, TakeBatch,
};
pub use runtime::Speculation;
pub(crate) use runtime::{Configuration, Runtime};
pub use slots::Scheduling;
pub(crate) use task::{PanicContext, Task, boxed, guard};
pub(crate) use updates::{Update, hold_back};
