//! Louvain's method: communities with many more edges inside than chance would have.
//!
//! Directions are ignored. With A the weights between two vertices both ways (a self-loop twice), k
//! the sum of A at a vertex and 2m the sum of all k, communities are to have a high modularity
//!
//! ```text
//! Q = 1/2m · Σ over pairs u, v in the same community of (A(u, v) - γ · k(u) k(v) / 2m)
//! ```
//!
//! Each vertex starts as a community of its own. In sweeps, every vertex once looks up the communities
//! of its neighbors and moves to the one where Q gains most. All at a time would swap places without
//! end, so vertices have 64 turns, by a hash that is another one in each sweep, and in a graph of up to
//! 64 vertices one after another. Who comes later sees the moves before. When nobody wants to move,
//! or two sweeps in a row have added hardly anything to Q, communities become the vertices of a smaller
//! graph, and the same begins again there. At the end, communities whose members are not connected
//! among themselves fall into their components, which cannot lower Q.
//!
//! - **State**: the communities and the sums of their k are held in this process, 20 bytes a vertex,
//!   and are read by all vertices of a turn; a thread keeps 4 bytes a vertex to add up weights.
//! - **Supersteps**: those that add up the weights of vertices and find components. A turn is a job
//!   over the edges by target, and a sweep reads each edge once; nothing is sent.
//! - **Source**: Blondel, Guillaume, Lambiotte, Lefebvre, *Fast unfolding of communities in large
//!   networks* (Journal of Statistical Mechanics, 2008), section 2; Lu, Halappanavar, Kalyanaraman,
//!   *Parallel heuristics for scalable community detection* (Parallel Computing 47, 2015), section 4,
//!   on moves at the same time; Traag, Waltman, van Eck, *From Louvain to Leiden* (Scientific Reports
//!   9, 2019), on communities that are not connected.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::Graph;

pub use super::communities::{Communities, CommunitySearch};

use super::communities::{PARAMETERS, Settings, check, finish, table};
use super::community_levels::{Level, alone, number};
use super::community_moves::settle;
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape, Weights};
use super::table::Table;

fn search(graph: &Graph<(), f64>, settings: &Settings) -> Result<Communities> {
    let mut ran = Vec::new();
    let bottom = Arc::new(Level::bottom(graph, &mut ran)?);
    let mut found = alone(bottom.strengths.len());
    let (mut levels, mut sweeps) = (1, 0);
    if bottom.total > 0.0 {
        let mut level = Arc::clone(&bottom);
        loop {
            let before = level.strengths.len();
            let (mut moved, swept) = settle(&level, alone(before), settings, levels)?;
            sweeps += swept;
            let count = number(&mut moved);
            found.iter_mut().for_each(|community| *community = moved[*community as usize]);
            if count == before {
                break;
            }
            level = Arc::new(level.contract(&Arc::new(moved), count, &mut ran)?);
            levels += 1;
        }
    }
    finish(&bottom, found, settings, (levels, sweeps), ran)
}

/// Starts the search for communities of a graph whose edges weigh 1 each.
///
/// ```
/// use superstep::algorithms::louvain;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // Two triangles and an edge between them.
/// let edges = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 6), (6, 4)];
/// let graph = Graph::from_edges(&ctx.parallelize(edges.map(Edge::from), 2))?;
/// let found = louvain(&graph).run()?;
/// let labels = found.labels.values().collect()?;
/// assert_eq!(labels, [1, 1, 1, 4, 4, 4]);
/// assert!((found.modularity - 5.0 / 14.0).abs() < 1e-12);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn louvain<V: Data, E: Data>(graph: &Graph<V, E>) -> CommunitySearch<'_, V, E> {
    CommunitySearch::new(graph, search)
}

/// Starts the search for communities of a graph whose edge values are weights: `f64`, `f32`, or
/// integers of up to 32 bits, 0 or more.
pub fn louvain_weighted<V, E>(graph: &Graph<V, E>) -> CommunitySearch<'_, V, E>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    CommunitySearch::weighted(graph, search)
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "louvain"
    }

    fn summary(&self) -> &'static str {
        "Communities with many edges inside, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        PARAMETERS
    }

    fn weights(&self) -> Weights {
        Weights::Optional
    }

    fn memory(&self, _arguments: &Arguments) -> Memory {
        Memory { vertex: 400, edge: 300 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::of_vertices(&["community"]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        check(arguments)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        table(louvain(graph), arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        table(louvain_weighted(graph), arguments)
    }
}
