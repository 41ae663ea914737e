//! Properties of results about all vertices at once.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::graph::VertexId;

use super::plain_graph::PlainGraph;

/// How far the sum of ranks may be from what it should be, as a share of it: sums of millions of
/// floats in different orders differ by less.
const SUM_TOLERANCE: f64 = 1e-9;

/// What rounding may change in the ranks of a vertex in an iteration, as a share of the sum.
const ROUNDING: f64 = 1e-15;

/// How many vertices have their clustering coefficient computed again.
const SAMPLE: usize = 1000;

/// Checks components: the two ends of every edge have the same label, there are as many labels as
/// joining the ends of edges leaves sets, and every label is the smallest id that has it.
///
/// # Errors
/// The first property that does not hold, in words.
pub fn verify_components(
    graph: &PlainGraph,
    labels: &[(VertexId, VertexId)],
) -> Result<(), String> {
    let labels = graph.ordered(labels)?;
    let mut parents: Vec<usize> = (0..labels.len()).collect();
    let mut sets = labels.len();
    let mut torn = None;
    graph.for_each_arc(|a, b, _| {
        if labels[a] != labels[b] {
            torn.get_or_insert((a, b));
        }
        let (a, b) = (root(&mut parents, a), root(&mut parents, b));
        if a != b {
            parents[a.max(b)] = a.min(b);
            sets -= 1;
        }
    });
    if let Some((a, b)) = torn {
        return Err(format!(
            "an edge leads from vertex {} of component {} to vertex {} of component {}",
            graph.id(a),
            labels[a],
            graph.id(b),
            labels[b]
        ));
    }
    let mut distinct = labels.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() != sets {
        return Err(format!("{} labels for {sets} components", distinct.len()));
    }
    for (vertex, label) in labels.iter().enumerate() {
        let id = graph.id(vertex);
        let labelled = graph.place(*label).map(|place| labels[place]);
        if *label > id || labelled != Some(*label) {
            return Err(format!("the label {label} of vertex {id} is not the smallest id with it"));
        }
    }
    Ok(())
}

fn root(parents: &mut [usize], mut vertex: usize) -> usize {
    while parents[vertex] != vertex {
        parents[vertex] = parents[parents[vertex]];
        vertex = parents[vertex];
    }
    vertex
}

/// Checks PageRank: ranks are positive, sum to 1 (of the variant `graphx` to the number of
/// vertices, of `gap` to at most 1), and one more iteration changes them by at most `residual`
/// altogether (L1 norm; of `graphx` for each vertex on average).
///
/// # Errors
/// The first property that does not hold, in words.
pub fn verify_ranks(
    graph: &PlainGraph,
    ranks: &[(VertexId, f64)],
    damping: f64,
    variant: &str,
    residual: f64,
) -> Result<(), String> {
    let ranks = graph.ordered(ranks)?;
    if ranks.is_empty() {
        return Ok(());
    }
    let count = ranks.len() as f64;
    let graphx = variant == "graphx";
    if let Some(vertex) = ranks.iter().position(|rank| !(*rank >= 0.0 && rank.is_finite())) {
        return Err(format!("vertex {} has the rank {}", graph.id(vertex), ranks[vertex]));
    }
    let (sum, expected) = (ranks.iter().sum::<f64>(), if graphx { count } else { 1.0 });
    let excess = (sum - expected) / expected;
    if excess > SUM_TOLERANCE || variant != "gap" && excess < -SUM_TOLERANCE {
        return Err(format!("ranks sum to {sum} and not to {expected}"));
    }
    let mut next = vec![0.0; ranks.len()];
    let mut lost = 0.0;
    for (vertex, rank) in ranks.iter().enumerate() {
        let arcs = graph.arcs(vertex);
        if arcs.is_empty() {
            lost += rank;
        }
        for (target, _) in arcs {
            next[*target as usize] += damping * rank / arcs.len() as f64;
        }
    }
    let base = match variant {
        "gap" => (1.0 - damping) / count,
        // Scaled at the end, by a factor that is not told; what every vertex gets follows from it.
        "graphx" => (sum - next.iter().sum::<f64>()) / count,
        _ => (1.0 - damping + damping * lost) / count,
    };
    let changes = ranks.iter().zip(&next).map(|(rank, next)| (base + next - rank).abs());
    let change = changes.sum::<f64>() / if graphx { count } else { 1.0 };
    let allowed = residual + ROUNDING * if graphx { 1.0 } else { count };
    if change > allowed {
        return Err(format!(
            "another iteration would change ranks by {change:e}, more than {allowed:e}"
        ));
    }
    Ok(())
}

/// Checks label propagation by counting in maps, iteration by iteration.
///
/// # Errors
/// The first vertex with another label, in words.
pub fn verify_label_propagation(
    graph: &PlainGraph,
    labels: &[(VertexId, VertexId)],
    iterations: usize,
) -> Result<(), String> {
    let found = graph.ordered(labels)?;
    let count = graph.vertex_count();
    let mut entering: Vec<Vec<u32>> = vec![Vec::new(); count];
    if !graph.is_undirected() {
        graph.for_each_arc(|from, to, _| entering[to].push(from as u32));
    }
    let mut labels: Vec<VertexId> = (0..count).map(|vertex| graph.id(vertex)).collect();
    let mut counts = BTreeMap::new();
    for _ in 0..iterations {
        let mut next = labels.clone();
        for vertex in 0..count {
            counts.clear();
            let leaving = graph.arcs(vertex).iter().map(|(neighbor, _)| *neighbor);
            for neighbor in leaving.chain(entering[vertex].iter().copied()) {
                *counts.entry(labels[neighbor as usize]).or_insert(0_u32) += 1;
            }
            let most = counts.values().max();
            let best = counts.iter().find(|(_, count)| Some(*count) == most);
            next[vertex] = best.map_or(labels[vertex], |(label, _)| *label);
        }
        if next == labels {
            break;
        }
        labels = next;
    }
    match (0..count).find(|vertex| labels[*vertex] != found[*vertex]) {
        None => Ok(()),
        Some(vertex) => Err(format!(
            "vertex {} has the label {}, and counting gives {}",
            graph.id(vertex),
            found[vertex],
            labels[vertex]
        )),
    }
}

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
    let sample: Vec<usize> = (0..count).step_by(count.div_ceil(SAMPLE).max(1)).collect();
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
        if (found[vertex] - expected).abs() > SUM_TOLERANCE {
            let (id, found) = (graph.id(vertex), found[vertex]);
            return Err(format!(
                "vertex {id} has the coefficient {found}, and pairs give {expected}"
            ));
        }
    }
    Ok(())
}
