//! Why an iterative run ended.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a run of supersteps ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StopReason {
    /// No vertex is active and no message is in flight.
    Converged,
    /// The program broke off after a superstep.
    Stopped,
    /// The allowed number of supersteps was run.
    MaxSupersteps,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::Stopped => "stopped by the program",
            Self::MaxSupersteps => "superstep limit reached",
        })
    }
}
