//! The command as a person uses it: the built binary, its output, its messages, its exit codes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "not every helper of the other test files is used here")]
#[path = "../support/mod.rs"]
mod support;

mod convert;
#[cfg(feature = "datasets")]
mod datasets;
#[cfg(feature = "full")]
mod docs;
mod estimate;
mod forms;
mod generate;
mod graphalytics;
mod info;
mod input;
mod limits;
mod output;
mod program;
mod results;
mod settings;
#[cfg(unix)]
mod signals;
mod usage;
