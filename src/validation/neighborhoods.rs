//! What there is around each vertex: edges, edges back, triangles.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::graph::VertexId;

use super::plain_graph::PlainGraph;
use super::run::{Run, Verdict, whole};

/// How far a coefficient may be from what it should be.
const TOLERANCE: f64 = 1e-9;

/// How many vertices have their clustering coefficient computed again.
const SAMPLE: usize = 1000;

/// Checks local clustering coefficients: all are from 0 to 1, and those of up to a thousand
/// vertices, evenly spread, are what looking at every pair of neighbors gives.
///
/// # Errors
/// The first vertex with another coefficient, in words.
pub fn verify_clustering_coefficients(
    graph: &PlainGraph,
    coefficients: &[(VertexId, f64)],
) -> Result<(), String> {
    let found = graph.ordered(coefficients)?;
    let count = graph.vertex_count();
    if let Some(vertex) = found.iter().position(|value| !(0.0..=1.0).contains(value)) {
        return Err(format!("vertex {} has the coefficient {}", graph.id(vertex), found[vertex]));
    }
    let sample: Vec<usize> = graph.sample(SAMPLE).collect();
    let mut neighbors: BTreeMap<usize, Vec<usize>> =
        sample.iter().map(|vertex| (*vertex, Vec::new())).collect();
    graph.for_each_arc(|from, to, _| {
        if from != to {
            if let Some(neighbors) = neighbors.get_mut(&from) {
                neighbors.push(to);
            }
            if let Some(neighbors) = neighbors.get_mut(&to) {
                neighbors.push(from);
            }
        }
    });
    let mut marked = vec![usize::MAX; count];
    let mut counted = vec![(usize::MAX, usize::MAX); count];
    for (vertex, mut own) in neighbors {
        own.sort_unstable();
        own.dedup();
        own.iter().for_each(|neighbor| marked[*neighbor] = vertex);
        let mut between = 0_u64;
        for neighbor in &own {
            for (to, _) in graph.arcs(*neighbor) {
                let to = *to as usize;
                // Parallel edges count once.
                if to != *neighbor && marked[to] == vertex && counted[to] != (vertex, *neighbor) {
                    counted[to] = (vertex, *neighbor);
                    between += 1;
                }
            }
        }
        let k = own.len() as f64;
        let expected = if k < 2.0 { 0.0 } else { between as f64 / (k * (k - 1.0)) };
        if (found[vertex] - expected).abs() > TOLERANCE {
            let (id, found) = (graph.id(vertex), found[vertex]);
            return Err(format!(
                "vertex {id} has the coefficient {found}, and pairs give {expected}"
            ));
        }
    }
    Ok(())
}

/// Clustering coefficients.
pub(super) fn clustering_coefficient(run: &Run<'_>) -> Verdict {
    Ok(verify_clustering_coefficients(run.graph, &run.floats()?)?)
}

/// Degrees: what counting edges gives.
pub(super) fn degrees(run: &Run<'_>) -> Verdict {
    let rows = run.rows()?.collect()?;
    let outgoing: Vec<u64> =
        (0..run.graph.vertex_count()).map(|vertex| run.graph.arcs(vertex).len() as u64).collect();
    run.same(&run.column(&rows, 1, whole)?, &run.graph.in_degrees())?;
    run.same(&run.column(&rows, 2, whole)?, &outgoing)
}

/// Reciprocity: what looking for the edge back of every edge gives.
pub(super) fn reciprocity(run: &Run<'_>) -> Verdict {
    let count = run.graph.vertex_count();
    let mut pairs = Vec::new();
    run.graph.for_each_arc(|from, to, _| {
        if from != to {
            pairs.push((from, to));
        }
    });
    pairs.sort_unstable();
    pairs.dedup();
    let (mut edges, mut mutual) = (vec![0; count], vec![0; count]);
    for (from, to) in &pairs {
        edges[*to] += 1;
        mutual[*to] += u64::from(pairs.binary_search(&(*to, *from)).is_ok());
    }
    let rows = run.rows()?.collect()?;
    run.same(&run.column(&rows, 1, whole)?, &edges)?;
    run.same(&run.column(&rows, 2, whole)?, &mutual)?;
    let answered: u64 = mutual.iter().sum();
    run.figure_is("edges", pairs.len() as u64)?;
    run.figure_is("mutual", answered)?;
    let ratio = (!pairs.is_empty()).then(|| answered as f64 / pairs.len() as f64);
    run.figure_near("reciprocity", ratio, TOLERANCE)
}

/// Triangles: what marking the neighbors of each vertex and looking for marks two steps away gives.
pub(super) fn triangles(run: &Run<'_>) -> Verdict {
    let at_each_vertex = triangles_at(&run.graph.simple());
    let total: u64 = at_each_vertex.iter().sum::<u64>() / 3;
    if !run.arguments.is_set("total") {
        run.same(&run.ordered_wholes()?, &at_each_vertex)?;
    }
    run.figure_is("triangles", total)
}

/// Transitivity: what counting triangles and pairs of edges again gives.
pub(super) fn transitivity(run: &Run<'_>) -> Verdict {
    let neighbors = run.graph.simple();
    let triangles = triangles_at(&neighbors).iter().sum::<u64>() / 3;
    let pairs = |own: &Vec<u32>| own.len() as u64 * (own.len() as u64).saturating_sub(1) / 2;
    let wedges: u64 = neighbors.iter().map(pairs).sum();
    run.figure_is("triangles", triangles)?;
    run.figure_is("wedges", wedges)?;
    let ratio = (wedges > 0).then(|| 3.0 * triangles as f64 / wedges as f64);
    run.figure_near("transitivity", ratio, TOLERANCE)
}

/// The triangles at each vertex. Of the three corners, the one with the fewest neighbors looks.
fn triangles_at(neighbors: &[Vec<u32>]) -> Vec<u64> {
    let before = |a: usize, b: usize| (neighbors[a].len(), a) < (neighbors[b].len(), b);
    let mut marked = vec![usize::MAX; neighbors.len()];
    let mut found = vec![0; neighbors.len()];
    for lowest in 0..neighbors.len() {
        let later = || neighbors[lowest].iter().map(|v| *v as usize).filter(|v| before(lowest, *v));
        later().for_each(|middle| marked[middle] = lowest);
        for middle in later() {
            for highest in neighbors[middle].iter().map(|v| *v as usize) {
                if marked[highest] == lowest && before(middle, highest) {
                    [lowest, middle, highest].into_iter().for_each(|corner| found[corner] += 1);
                }
            }
        }
    }
    found
}
