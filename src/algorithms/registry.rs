//! What the command line needs to know of an algorithm.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::pregel::{Outcome, SuperstepStats};
use crate::rdd::Rdd;
use crate::stop::StopReason;

/// An algorithm that can be found by name and run with named arguments.
pub trait Algorithm: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// One sentence on what is computed.
    fn summary(&self) -> &'static str;

    /// What can be set.
    fn parameters(&self) -> &'static [Parameter];

    /// Runs on a graph.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for an argument out of its range, and
    /// what the run itself reports.
    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table>;
}

impl fmt::Debug for dyn Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Algorithm({})", self.name())
    }
}

/// Something that can be set.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The name, a long option on the command line.
    pub name: &'static str,
    /// What its value is, such as `COUNT`.
    pub value: &'static str,
    /// What it does, with unit and range.
    pub help: &'static str,
    /// What holds when it is not set, in words or as a value.
    pub default: &'static str,
    /// The allowed values, when they are few; else empty.
    pub choices: &'static [&'static str],
}

/// Arguments by parameter name, as text.
#[derive(Debug, Clone, Default)]
pub struct Arguments(BTreeMap<String, String>);

impl Arguments {
    /// Sets an argument.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Returns an argument as a value, or `None` when it is not set.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when the text is not such a value.
    pub fn get<T: FromStr>(&self, name: &str) -> Result<Option<T>>
    where
        T::Err: fmt::Display,
    {
        let parse = |text: &String| {
            text.parse().map_err(|error| Error::argument(format!("--{name} {text}: {error}")))
        };
        self.0.get(name).map(parse).transpose()
    }
}

/// A result with a row for every vertex, and how it was reached.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Table {
    /// The values, in id order.
    pub values: Values,
    /// Why the run ended.
    pub stop_reason: StopReason,
    /// The supersteps that ran.
    pub supersteps: Vec<SuperstepStats>,
}

/// The values of a [`Table`], by type.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Values {
    /// Numbers, printed with as many digits as it takes to read back the same bits.
    Float(Rdd<(VertexId, f64)>),
    /// Whole numbers.
    Integer(Rdd<(VertexId, u64)>),
    /// Ids of vertices.
    Id(Rdd<(VertexId, VertexId)>),
}

impl Table {
    /// Makes a table of values and the run behind them.
    pub(super) fn new<S, A>(values: Values, outcome: &Outcome<S, A>) -> Self {
        Self {
            values,
            stop_reason: outcome.stop_reason(),
            supersteps: outcome.supersteps().to_vec(),
        }
    }
}
