//! Why an iterative computation ended.
//!
//! `bagel` and `pregel` end by the same rule and report it with the same type, so that a result
//! that was cut short is never mistaken for one that is finished.

use std::fmt;

/// Why a run of supersteps ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// No vertex was active and no message was in flight: the result is final.
    Converged,
    /// The limit on supersteps was reached first: the result is that of an unfinished run.
    MaxSupersteps,
    /// The program broke off.
    Stopped,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::MaxSupersteps => "reached the maximum number of supersteps",
            Self::Stopped => "stopped by the program",
        })
    }
}
