//! Seeded generators of graphs.
//!
//! A [`Generator`] is a function of its parameters and seed alone: it gives the same edges on every
//! machine, with any number of threads. Edges come in blocks that can be made in any order, so a
//! task can make its share, and nothing larger than a block is held. [`FAMILIES`] lists all of
//! them; a new family is one file and its two lines here.
//!
//! | random graphs | regular graphs |
//! |---|---|
//! | [`Kronecker`]: skewed, as social networks | [`Grid`]: as street maps |
//! | [`ErdosRenyi`]: each pair with one probability | [`Star`]: one vertex among all others |
//! | [`BarabasiAlbert`]: the busy get busier | [`Chain`]: the longest way |
//! | [`WattsStrogatz`]: a small world | [`Tree`]: complete, of any arity |
//! | [`LogNormal`]: out-degrees as on the web | [`Clique`]: all pairs |

mod barabasi_albert;
mod chain;
mod clique;
mod erdos_renyi;
mod grid;
mod kronecker;
mod lines;
mod log_normal;
mod random;
mod star;
mod tree;
mod watts_strogatz;
mod writing;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::graph::{Edge, VertexId};
use crate::parameter::{Arguments, Parameter};
use crate::rdd::{Context, Rdd};

pub use barabasi_albert::BarabasiAlbert;
pub use chain::Chain;
pub use clique::Clique;
pub use erdos_renyi::ErdosRenyi;
pub use grid::Grid;
pub use kronecker::{DEFAULT_EDGE_FACTOR, Kronecker, KroneckerBlock, MAX_SCALE};
pub use log_normal::LogNormal;
pub use star::Star;
pub use tree::Tree;
pub use watts_strogatz::WattsStrogatz;
pub use writing::write_edge_list;

/// The number of edges in a block, as far as a generator can say so beforehand; the last block may
/// have fewer.
pub const BLOCK_EDGES: u64 = 1 << 16;

/// The most vertices that the generators other than [`Kronecker`] make, 2^32: pairs of them have
/// numbers of 64 bits.
pub const MAX_VERTICES: u64 = 1 << 32;

/// Every family of graphs that can be generated, by name.
pub const FAMILIES: &[&Family] = &[
    &barabasi_albert::FAMILY,
    &chain::FAMILY,
    &clique::FAMILY,
    &erdos_renyi::FAMILY,
    &grid::FAMILY,
    &kronecker::FAMILY,
    &log_normal::FAMILY,
    &star::FAMILY,
    &tree::FAMILY,
    &watts_strogatz::FAMILY,
];

/// Makes the edges of one graph, block by block.
pub trait Generator: fmt::Debug + Send + Sync {
    /// Returns what the graph is, with all its parameters, in one line.
    fn describe(&self) -> String;

    /// Returns the number of vertices; all ids are below it. Some may have no edge.
    fn vertex_count(&self) -> u64;

    /// Returns the number of edges, self-loops and parallel edges included: exactly, where
    /// [`describe`](Self::describe) tells it too, else what is to be expected.
    fn expected_edges(&self) -> u64;

    /// Returns the number of blocks.
    fn block_count(&self) -> u64;

    /// Returns the edges of a block, which depend on its number and the graph's parameters alone;
    /// none from [`block_count`](Self::block_count) on.
    fn edges(&self, block: u64) -> Vec<(VertexId, VertexId)>;
}

/// Returns the edges of a generator as an RDD, in order: each task makes the blocks of its
/// partition when it needs them. 0 partitions is taken as 1.
///
/// ```
/// use std::sync::Arc;
/// use superstep::graph::generate::{Grid, edges};
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let graph = Graph::from_edges(&edges(&ctx, Arc::new(Grid::new(10, 20)?), 4))?;
/// assert_eq!((graph.vertex_count(), graph.edge_count()), (200, 10 * 19 + 9 * 20));
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn edges(context: &Context, generator: Arc<dyn Generator>, partitions: usize) -> Rdd<Edge> {
    let blocks = generator.block_count();
    context
        .parallelize(0..blocks, partitions)
        .flat_map(move |block| generator.edges(block).into_iter().map(Edge::from))
}

/// A family of graphs: a generator that can be found by name and made with named arguments.
pub struct Family {
    name: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
    make: fn(&Self, &Arguments) -> Result<Box<dyn Generator>>,
}

impl Family {
    /// Returns the name on the command line.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns one sentence on what the graphs are like.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// Returns what can be set; a parameter without a default has to be.
    #[must_use]
    pub fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// Makes the generator of one graph of the family.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for an argument that is missing, is not
    /// a number or is out of its range.
    pub fn make(&self, arguments: &Arguments) -> Result<Box<dyn Generator>> {
        (self.make)(self, arguments)
    }

    /// Returns an argument that has no default.
    fn required<T: FromStr>(&self, arguments: &Arguments, name: &str) -> Result<T>
    where
        T::Err: fmt::Display,
    {
        let parameter = self.parameters.iter().find(|parameter| parameter.name == name);
        let parameter = parameter.ok_or_else(|| Error::argument(format!("no parameter {name}")))?;
        arguments.required(self.name, parameter)
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Family({})", self.name)
    }
}

/// How many vertices there are.
const VERTICES: Parameter = Parameter {
    name: "vertices",
    value: "COUNT",
    help: "Number of vertices, at most 4294967296",
    default: "",
    choices: &[],
};

/// Fails for more vertices than generators make.
fn checked_vertices(count: u64) -> Result<u64> {
    if count > MAX_VERTICES {
        let most = format!("there can be {MAX_VERTICES} vertices at most, not {count}");
        return Err(Error::argument(most));
    }
    Ok(count)
}

/// Returns the number of blocks for edges that are numbered.
fn numbered_blocks(edges: u64) -> u64 {
    edges.div_ceil(BLOCK_EDGES)
}

/// Returns the edges of a block from what makes the edge of a number.
fn numbered_block(
    edges: u64,
    block: u64,
    edge: impl FnMut(u64) -> (VertexId, VertexId),
) -> Vec<(VertexId, VertexId)> {
    let start = block.saturating_mul(BLOCK_EDGES).min(edges);
    let end = start.saturating_add(BLOCK_EDGES).min(edges);
    (start..end).map(edge).collect()
}

#[cfg(test)]
mod tests;
