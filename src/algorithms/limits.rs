//! When algorithms end that iterate until little changes: what can be set about it, from Rust and by
//! name.

use std::ops::ControlFlow;

use crate::error::Result;

use super::ranges::positive;
use super::registry::{Arguments, Parameter};

/// The tolerance, when none is set.
pub const DEFAULT_TOLERANCE: f64 = 1e-12;

/// What was set about the end of an iteration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) iterations: Option<usize>,
    pub(super) tolerance: Option<f64>,
}

impl Limits {
    /// What the arguments set.
    pub(super) fn read(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            iterations: arguments.get(ITERATIONS.name)?,
            tolerance: arguments.get(TOLERANCE.name)?,
        })
    }

    /// The tolerance that was set, or the default.
    pub(super) fn tolerance(self) -> Result<f64> {
        let tolerance = self.tolerance.unwrap_or(DEFAULT_TOLERANCE);
        positive("tolerance", tolerance)?;
        Ok(tolerance)
    }

    /// As [`tolerance`](Self::tolerance), but none where only the iterations were set, which are
    /// then exactly so many.
    pub(super) fn tolerance_unless_counted(self) -> Result<Option<f64>> {
        match self {
            Self { iterations: Some(_), tolerance: None } => Ok(None),
            limits => limits.tolerance().map(Some),
        }
    }
}

/// The setters of a run that has [`Limits`] in a field of that name, with their documentation.
macro_rules! limit_setters {
    ($(#[$iterations:meta])* iterations $(#[$tolerance:meta])* tolerance) => {
        $(#[$iterations])*
        pub fn iterations(mut self, iterations: usize) -> Self {
            self.limits.iterations = Some(iterations);
            self
        }

        $(#[$tolerance])*
        pub fn tolerance(mut self, tolerance: f64) -> Self {
            self.limits.tolerance = Some(tolerance);
            self
        }
    };
}
pub(super) use limit_setters;

/// How many iterations may run.
pub(super) const ITERATIONS: Parameter = Parameter {
    name: "iterations",
    value: "COUNT",
    help: "Iterations that may run",
    default: "1000",
    choices: &[],
};

/// When an iteration is the last one.
pub(super) const TOLERANCE: Parameter = Parameter {
    name: "tolerance",
    value: "CHANGE",
    help: "Stop when an iteration changes the scores by less than this in total",
    default: "1e-12",
    choices: &[],
};

/// Ends a run, or goes on.
pub(super) fn end_if(done: bool) -> ControlFlow<()> {
    if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
