//! Which check belongs to which algorithm of the registry.

use crate::algorithms::{Arguments, Cell, Table, Values};
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::rdd::Rdd;
use crate::stop::StopReason;

use super::plain_graph::PlainGraph;
use super::search::{verify_bfs, verify_shortest_paths};
use super::whole_graph::{
    verify_clustering_coefficients, verify_components, verify_label_propagation, verify_ranks,
};

/// The algorithms whose results can be verified, by their names in the registry.
const VERIFIED: [&str; 6] = [
    "bfs",
    "clustering-coefficient",
    "connected-components",
    "label-propagation",
    "pagerank",
    "sssp",
];

/// True when there is a check for the results of an algorithm.
#[must_use]
pub fn can_verify(algorithm: &str) -> bool {
    VERIFIED.contains(&algorithm)
}

/// Checks the result of an algorithm of the registry, run with these arguments.
///
/// # Errors
/// [`ErrorKind::User`](crate::ErrorKind::User) with the property that does not hold;
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when there is no check for the algorithm;
/// otherwise when computing the edges or the rows fails.
pub fn verify(algorithm: &str, graph: &Graph, arguments: &Arguments, table: &Table) -> Result<()> {
    check(algorithm, &PlainGraph::new(graph)?, arguments, table)
}

/// As [`verify`], of a run on a graph with weights.
///
/// # Errors
/// As [`verify`].
pub fn verify_weighted(
    algorithm: &str,
    graph: &Graph<(), f64>,
    arguments: &Arguments,
    table: &Table,
) -> Result<()> {
    check(algorithm, &PlainGraph::weighted(graph)?, arguments, table)
}

fn check(algorithm: &str, graph: &PlainGraph, arguments: &Arguments, table: &Table) -> Result<()> {
    let checked = match algorithm {
        "bfs" => {
            let source = arguments.get("source")?.unwrap_or_default();
            match &table.values {
                Values::Rows(rows, _) => {
                    let rows = rows.collect()?;
                    let depths: Vec<_> = rows.iter().map(|row| (id(row, 0), id(row, 1))).collect();
                    let parents: Vec<_> =
                        rows.iter().map(|row| (id(row, 0), whole(row, 2))).collect();
                    verify_bfs(graph, source, &depths, Some(&parents))
                }
                values => verify_bfs(graph, source, &wholes(values)?.collect()?, None),
            }
        }
        "sssp" => {
            let source = arguments.get("source")?.unwrap_or_default();
            let distances = match &table.values {
                Values::Integer(rows) => rows.map_values(as_distance).collect()?,
                values => floats(values)?.collect()?,
            };
            verify_shortest_paths(graph, source, &distances)
        }
        "connected-components" => verify_components(graph, &wholes(&table.values)?.collect()?),
        "label-propagation" => {
            let iterations = arguments.get("iterations")?.unwrap_or(10);
            verify_label_propagation(graph, &wholes(&table.values)?.collect()?, iterations)
        }
        "clustering-coefficient" => {
            verify_clustering_coefficients(graph, &floats(&table.values)?.collect()?)
        }
        "pagerank" => {
            let damping = arguments.get("damping")?.unwrap_or(0.85);
            let variant = arguments.get("variant")?.unwrap_or_else(|| "graphalytics".to_owned());
            // An iteration shrinks the change by the damping, and the first changes ranks by at
            // most 2 altogether.
            let residual = match table.stop_reason {
                StopReason::Stopped => arguments.get("tolerance")?.unwrap_or(1e-12),
                _ => {
                    let iterations = table.supersteps.len().saturating_sub(1);
                    2.0 * f64::powi(damping, i32::try_from(iterations).unwrap_or(i32::MAX))
                }
            };
            let ranks = floats(&table.values)?.collect()?;
            verify_ranks(graph, &ranks, damping, &variant, residual)
        }
        _ => {
            let known = VERIFIED.join(", ");
            let message =
                format!("results of {algorithm} cannot be verified; those of {known} can");
            return Err(Error::argument(message));
        }
    };
    checked.map_err(|broken| Error::user(format!("{algorithm} is not right: {broken}")))
}

/// A whole distance as a float; the largest stands for no path.
fn as_distance(distance: u64) -> f64 {
    if distance == i64::MAX as u64 { f64::INFINITY } else { distance as f64 }
}

fn whole(row: &[Cell], column: usize) -> Option<u64> {
    match row.get(column) {
        Some(Cell::Integer(value)) => Some(*value),
        _ => None,
    }
}

fn id(row: &[Cell], column: usize) -> u64 {
    whole(row, column).unwrap_or_default()
}

fn wholes(values: &Values) -> Result<&Rdd<(VertexId, u64)>> {
    match values {
        Values::Integer(rows) | Values::Id(rows) => Ok(rows),
        _ => Err(Error::user("the result has no whole number for each vertex")),
    }
}

fn floats(values: &Values) -> Result<&Rdd<(VertexId, f64)>> {
    match values {
        Values::Float(rows) => Ok(rows),
        _ => Err(Error::user("the result has no number for each vertex")),
    }
}
