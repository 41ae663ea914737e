//! Communities.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::graph::VertexId;

use super::components::Sets;
use super::plain_graph::PlainGraph;
use super::run::{Run, Verdict, broken};

/// How far sums of weights in different orders may be from one another, as a share.
const SUM_TOLERANCE: f64 = 1e-9;

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

/// Label propagation.
pub(super) fn label_propagation(run: &Run<'_>) -> Verdict {
    let iterations = run.argument("iterations", 10)?;
    Ok(verify_label_propagation(run.graph, &run.wholes()?, iterations)?)
}

/// Communities of a high modularity: each is labelled by its smallest id and connected among its
/// members, the modularity is what adding up all edges again gives, and it is no less than that of
/// vertices by themselves.
pub(super) fn modular(run: &Run<'_>) -> Verdict {
    let labels = run.ordered_wholes()?;
    let resolution = run.argument("resolution", 1.0)?;
    let mut first: BTreeMap<VertexId, VertexId> = BTreeMap::new();
    for (vertex, label) in labels.iter().enumerate() {
        let smallest = *first.entry(*label).or_insert(run.graph.id(vertex));
        if smallest != *label {
            return run.wrong(vertex, label, format!("the smallest id with it, {smallest}"));
        }
    }
    let mut sets = Sets::new(labels.len());
    let (mut inside, mut looped) = (0.0, 0.0);
    let mut strengths = vec![0.0; labels.len()];
    run.graph.for_each_arc(|a, b, weight| {
        // Of an undirected graph the other way is another arc, but for a self-loop.
        let weight = if run.graph.is_undirected() && a != b { weight / 2.0 } else { weight };
        strengths[a] += weight;
        strengths[b] += weight;
        if labels[a] == labels[b] {
            sets.join(a, b);
            inside += 2.0 * weight;
        }
        if a == b {
            looped += 2.0 * weight;
        }
    });
    if sets.count != first.len() {
        let communities = first.len();
        return broken(format!("{communities} communities fall into {} parts", sets.count));
    }
    run.figure_is("communities", first.len() as u64)?;
    let total: f64 = strengths.iter().sum();
    if total == 0.0 {
        return run.figure_near("modularity", Some(0.0), 0.0);
    }
    let mut totals: BTreeMap<VertexId, f64> = BTreeMap::new();
    for (label, strength) in labels.iter().zip(&strengths) {
        *totals.entry(*label).or_insert(0.0) += strength;
    }
    let modularity = |inside: f64, totals: &mut dyn Iterator<Item = f64>| {
        let expected: f64 = totals.map(|sum| (sum / total) * (sum / total)).sum();
        inside / total - resolution * expected
    };
    let found = modularity(inside, &mut totals.into_values());
    let alone = modularity(looped, &mut strengths.iter().copied());
    run.figure_near("modularity", Some(found), SUM_TOLERANCE * resolution.max(1.0))?;
    if found < alone - SUM_TOLERANCE * resolution.max(1.0) {
        return broken(format!(
            "the modularity {found} is below the {alone} of every vertex by itself"
        ));
    }
    Ok(())
}
