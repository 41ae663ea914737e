//! Transitivity: how many of the pairs of edges that meet at a vertex are closed to a triangle.
//! Directions, self-loops and parallel edges do not matter.
//!
//! ```text
//! transitivity = 3 · triangles / Σ over v of d(v) · (d(v) - 1) / 2
//! ```
//!
//! - **State, supersteps, messages**: those of [counting triangles](mod@super::triangles).
//! - **Source**: Newman, *The Structure and Function of Complex Networks* (SIAM Review 45, 2003),
//!   section III.B, equation 3.

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;

use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};
use super::triangles;

/// How many pairs of edges are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transitivity {
    /// Triangles, each counted once.
    pub triangles: u64,
    /// Paths of two edges, each counted once: the pairs of edges that meet.
    pub wedges: u128,
}

impl Transitivity {
    /// Returns the part of the wedges that is closed, from 0 to 1, or `None` without wedges.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let closed = 3.0 * self.triangles as f64;
        (self.wedges > 0).then(|| closed / self.wedges as f64)
    }
}

/// Counts the triangles and the wedges of a graph.
///
/// ```
/// use superstep::algorithms::transitivity;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4)].map(Edge::from), 2);
/// let found = transitivity(&Graph::from_edges(&edges)?)?;
/// assert_eq!((found.triangles, found.wedges, found.ratio()), (1, 5, Some(0.6)));
/// # Ok::<(), superstep::Error>(())
/// ```
///
/// # Errors
/// When the run fails.
pub fn transitivity<V: Data, E: Data>(graph: &Graph<V, E>) -> Result<Transitivity> {
    let simple = graph.structure()?.to_simple()?;
    let (_, triangles) = triangles::run(&simple, false)?;
    let wedges = simple.out_degrees().map(|(_, degree)| {
        let degree = u128::from(degree);
        degree * degree.saturating_sub(1) / 2
    });
    Ok(Transitivity { triangles, wedges: wedges.fold(0, |a, b| a + b)? })
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "transitivity"
    }

    fn summary(&self) -> &'static str {
        "The part of all pairs of edges with a common end that is closed to a triangle, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[]
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 200, edge: 160 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_figures())
    }

    fn run(&self, graph: &Graph, _arguments: &Arguments) -> Result<Table> {
        let found = transitivity(graph)?;
        let wedges = u64::try_from(found.wedges).ok();
        let table = Table::without_run(&[], Values::None).figure("triangles", found.triangles);
        Ok(table.figure("wedges", wedges).figure("transitivity", found.ratio()))
    }
}
