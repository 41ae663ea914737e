//! Components of vertices, and the forests that connect them.

use std::collections::BTreeMap;

use crate::algorithms::Cell;
use crate::error::Result;
use crate::graph::VertexId;

use super::plain_graph::PlainGraph;
use super::run::{Broken, Run, Verdict, broken, float, whole};

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

/// Sets of vertices that grow together.
#[derive(Debug)]
pub(super) struct Sets {
    parents: Vec<usize>,
    /// How many there are.
    pub(super) count: usize,
}

impl Sets {
    /// Each vertex by itself.
    pub(super) fn new(vertices: usize) -> Self {
        Self { parents: (0..vertices).collect(), count: vertices }
    }

    /// Joins the sets of two vertices; false when they are the same.
    pub(super) fn join(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (root(&mut self.parents, a), root(&mut self.parents, b));
        self.parents[a.max(b)] = a.min(b);
        self.count -= usize::from(a != b);
        a != b
    }
}

/// Connected components.
pub(super) fn connected(run: &Run<'_>) -> Verdict {
    Ok(verify_components(run.graph, &run.wholes()?)?)
}

/// Strong components: those of two depth-first searches, the second against the edges in the
/// opposite of the order in which the first left the vertices (Kosaraju and Sharir), each labelled by
/// its smallest id.
pub(super) fn strong(run: &Run<'_>) -> Verdict {
    let found = run.ordered_wholes()?;
    let count = found.len();
    let mut left = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    for start in 0..count {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let mut path = vec![(start, 0)];
        while let Some((vertex, next)) = path.last_mut() {
            let Some((to, _)) = run.graph.arcs(*vertex).get(*next) else {
                left.push(*vertex);
                path.pop();
                continue;
            };
            *next += 1;
            let to = *to as usize;
            if !seen[to] {
                seen[to] = true;
                path.push((to, 0));
            }
        }
    }
    let back = run.graph.reversed();
    let mut labels = vec![VertexId::MAX; count];
    let mut seen = vec![false; count];
    for start in left.into_iter().rev() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let (mut members, mut open) = (Vec::new(), vec![start]);
        while let Some(vertex) = open.pop() {
            members.push(vertex);
            for (to, _) in back.arcs(vertex) {
                let to = *to as usize;
                if !seen[to] {
                    seen[to] = true;
                    open.push(to);
                }
            }
        }
        let label = members.iter().map(|vertex| run.graph.id(*vertex)).min();
        members.into_iter().for_each(|vertex| labels[vertex] = label.unwrap_or_default());
    }
    run.same(&found, &labels)
}

/// A minimum spanning forest: its edges are among the lightest between their ends, have no cycle,
/// connect all that edges connect, and have the weights of the edges that taking the lightest one
/// first would choose (Kruskal), which are the same in every forest of the least weight.
pub(super) fn spanning_forest(run: &Run<'_>) -> Verdict {
    let mut lightest = BTreeMap::new();
    run.graph.for_each_arc(|a, b, weight| {
        if a != b {
            let known = lightest.entry((a.min(b), a.max(b))).or_insert(weight);
            *known = weight.min(*known);
        }
    });
    let mut sets = Sets::new(run.graph.vertex_count());
    let mut weights = Vec::new();
    for row in run.rows()?.collect()? {
        let [Cell::Integer(source), Cell::Integer(target), weight] = &row[..] else {
            return broken("a row is not an edge with its weight");
        };
        let ends = (run.graph.place(*source), run.graph.place(*target));
        let (Some(a), Some(b)) = ends else {
            return broken(format!("there is no vertex {source} or {target}"));
        };
        let Some(weight) = float(Some(weight)) else { return broken("a weight is no number") };
        if lightest.get(&(a.min(b), a.max(b))) != Some(&weight) {
            return broken(format!(
                "between {source} and {target} there is no edge of the weight {weight} that is the lightest"
            ));
        }
        if !sets.join(a, b) {
            return broken(format!("the edge from {source} to {target} closes a cycle"));
        }
        weights.push(weight);
    }
    let mut edges: Vec<_> = lightest.into_iter().map(|(ends, weight)| (weight, ends)).collect();
    edges.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut expected = Sets::new(run.graph.vertex_count());
    edges.retain(|(_, (a, b))| expected.join(*a, *b));
    if expected.count != sets.count {
        return broken(format!("{} trees for {} components", sets.count, expected.count));
    }
    weights.sort_by(f64::total_cmp);
    let wrong = weights.iter().zip(&edges).find(|(found, (expected, _))| *found != expected);
    if let Some((found, (expected, _))) = wrong {
        return broken(format!("an edge of weight {found} where one of {expected} would do"));
    }
    run.figure_near("weight", Some(weights.iter().sum()), 1e-9)?;
    run.figure_is("trees", sets.count as u64)
}

/// Bridges: those of a depth-first search.
pub(super) fn bridges(run: &Run<'_>) -> Verdict {
    let mut found = Vec::new();
    for row in run.rows()?.collect()? {
        let ends = whole(row.first()).zip(whole(row.get(1)));
        found.push(ends.ok_or_else(|| Broken::Property("a row is not an edge".to_owned()))?);
    }
    let (bridges, _) = cuts(run.graph);
    same_rows(found, bridges, |(source, target)| format!("the edge from {source} to {target}"))
}

/// Articulation points: those of a depth-first search.
pub(super) fn articulation_points(run: &Run<'_>) -> Verdict {
    let mut found = Vec::new();
    for row in run.rows()?.collect()? {
        let id = whole(row.first());
        found.push(id.ok_or_else(|| Broken::Property("a row is not an id".to_owned()))?);
    }
    let (_, points) = cuts(run.graph);
    same_rows(found, points, |id| format!("vertex {id}"))
}

fn same_rows<T: Ord + Copy>(
    mut found: Vec<T>,
    mut expected: Vec<T>,
    shown: impl Fn(T) -> String,
) -> Verdict {
    found.sort_unstable();
    expected.sort_unstable();
    if let Some(row) = found.iter().find(|row| expected.binary_search(row).is_err()) {
        return broken(format!("{} is one row too many", shown(*row)));
    }
    if let Some(row) = expected.iter().find(|row| found.binary_search(row).is_err()) {
        return broken(format!("{} is missing", shown(*row)));
    }
    if found.len() == expected.len() { Ok(()) } else { broken("a row is there twice") }
}

/// The bridges, smaller ids first, and the articulation points of a graph: with the order in which a
/// depth-first search comes to vertices, and the earliest vertex that an edge leads to from a
/// subtree (Hopcroft and Tarjan).
fn cuts(graph: &PlainGraph) -> (Vec<(VertexId, VertexId)>, Vec<VertexId>) {
    let neighbors = graph.simple();
    let count = neighbors.len();
    let (mut order, mut early) = (vec![usize::MAX; count], vec![0; count]);
    let (mut bridges, mut is_point, mut next) = (Vec::new(), vec![false; count], 0);
    for start in 0..count {
        if order[start] != usize::MAX {
            continue;
        }
        (order[start], early[start], next) = (next, next, next + 1);
        let mut branches = 0;
        let mut path = vec![(start, start, 0)];
        while let Some((vertex, parent, at)) = path.last_mut() {
            let (vertex, parent) = (*vertex, *parent);
            if let Some(to) = neighbors[vertex].get(*at) {
                *at += 1;
                let to = *to as usize;
                if order[to] == usize::MAX {
                    (order[to], early[to], next) = (next, next, next + 1);
                    path.push((to, vertex, 0));
                } else if to != parent {
                    early[vertex] = early[vertex].min(order[to]);
                }
                continue;
            }
            path.pop();
            if vertex == start {
                continue;
            }
            early[parent] = early[parent].min(early[vertex]);
            if early[vertex] > order[parent] {
                let (a, b) = (graph.id(vertex), graph.id(parent));
                bridges.push((a.min(b), a.max(b)));
            }
            if parent == start {
                branches += 1;
            } else if early[vertex] >= order[parent] {
                is_point[parent] = true;
            }
        }
        is_point[start] = branches > 1;
    }
    let points = (0..count).filter(|vertex| is_point[*vertex]);
    (bridges, points.map(|vertex| graph.id(vertex)).collect())
}
