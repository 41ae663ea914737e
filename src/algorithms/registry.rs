//! What the command line needs to know of an algorithm.

use std::fmt;

use crate::error::Result;
use crate::graph::Graph;
pub use crate::parameter::{Arguments, Parameter};

use super::table::Table;

/// An algorithm that can be found by name and run with named arguments.
pub trait Algorithm: Sync {
    /// The name on the command line.
    fn name(&self) -> &'static str;

    /// One sentence on what is computed.
    fn summary(&self) -> &'static str;

    /// What can be set.
    fn parameters(&self) -> &'static [Parameter];

    /// What edge weights are to it.
    fn weights(&self) -> Weights {
        Weights::Ignored
    }

    /// The most that a run with these arguments keeps beside the graph, for each vertex and each
    /// edge.
    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory::default()
    }

    /// The columns of a result, where they can be told without a graph.
    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        None
    }

    /// Checks of the arguments what can be told without a graph: an early
    /// [`run`](Self::run) that ends where it would look at the graph.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for an argument out of its range, or one
    /// that excludes another.
    fn check(&self, _arguments: &Arguments) -> Result<()> {
        Ok(())
    }

    /// Runs on a graph without weights; an algorithm that needs them takes each to be 1.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for an argument out of its range,
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) for a graph of which there is
    /// no result, and
    /// what the run itself reports.
    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table>;

    /// Runs on a graph whose edge values are weights; unless they are [ignored](Self::weights), an
    /// algorithm has this.
    ///
    /// # Errors
    /// As [`run`](Self::run), for a weight that the algorithm cannot use with
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph).
    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        self.run(&graph.structure()?, arguments)
    }
}

impl fmt::Debug for dyn Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Algorithm({})", self.name())
    }
}

/// The columns of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// The names of the columns, those that say what a row is about first; none where the result is
    /// figures alone.
    pub columns: Vec<String>,
    /// How many columns say what a row is about, as in [`Table::keys`].
    pub keys: usize,
}

impl Shape {
    /// Makes a shape of the columns that say what a row is about, and those with values.
    #[must_use]
    pub fn new(keys: &[&str], values: impl IntoIterator<Item = String>) -> Self {
        let columns = keys.iter().map(|key| (*key).to_owned()).chain(values).collect();
        Self { columns, keys: keys.len() }
    }

    /// Makes the shape of rows that are about vertices.
    #[must_use]
    pub fn of_vertices(values: &[&str]) -> Self {
        Self::new(&["id"], values.iter().map(|value| (*value).to_owned()))
    }

    /// Makes the shape of rows that are about edges.
    #[must_use]
    pub fn of_edges(values: &[&str]) -> Self {
        Self::new(&["source", "target"], values.iter().map(|value| (*value).to_owned()))
    }

    /// Makes the shape of a result that is figures alone.
    #[must_use]
    pub fn of_figures() -> Self {
        Self::new(&[], [])
    }
}

/// The most that a run of an algorithm keeps beside the graph: states, messages and forms of the
/// edges that it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Bytes for each vertex.
    pub vertex: u64,
    /// Bytes for each edge; of an undirected graph, for each direction.
    pub edge: u64,
}

impl Default for Memory {
    /// What programs take whose states are a few numbers and whose messages are merged.
    fn default() -> Self {
        Self { vertex: 200, edge: 40 }
    }
}

/// What edge weights are to an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weights {
    /// They play no part.
    #[default]
    Ignored,
    /// It runs with and without; the command line reads them when it is told to.
    Optional,
    /// It is about them; the command line reads them unless it is told that each is 1.
    Needed,
}
