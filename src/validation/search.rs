//! Properties of searches from one vertex.

use crate::algorithms::{Cell, Values};
use crate::error::Result;
use crate::graph::VertexId;

use super::distances::toward;
use super::plain_graph::PlainGraph;
use super::run::{Run, Verdict, float, whole};

/// The depth of a vertex that was not reached.
const NOT_REACHED: u64 = i64::MAX as u64;

/// Checks the depths of a breadth-first search, and the tree of parents where there is one: the
/// source alone has depth 0, no edge leads from a vertex to one more than a step deeper or not
/// reached, and every other vertex that was reached has an edge from one a step less deep, its
/// parent if it has one. These hold for the true depths alone.
///
/// # Errors
/// The first property that does not hold, in words.
pub fn verify_bfs(
    graph: &PlainGraph,
    source: VertexId,
    depths: &[(VertexId, u64)],
    parents: Option<&[(VertexId, Option<VertexId>)]>,
) -> Result<(), String> {
    let depths = graph.ordered(depths)?;
    let start = graph.place(source).ok_or(format!("the graph has no vertex {source}"))?;
    if depths[start] != 0 {
        return Err(format!("the source {source} has depth {}", depths[start]));
    }
    let parents = parents.map(|parents| graph.ordered(parents)).transpose()?;
    let mut has_parent = vec![false; depths.len()];
    let mut too_deep = None;
    graph.for_each_arc(|from, to, _| {
        if depths[from] == NOT_REACHED {
            return;
        }
        if depths[to] > depths[from] + 1 {
            too_deep.get_or_insert((from, to));
        }
        let is_parent = |parents: &Vec<Option<VertexId>>| parents[to] == Some(graph.id(from));
        if depths[to] == depths[from] + 1 && parents.as_ref().is_none_or(is_parent) {
            has_parent[to] = true;
        }
    });
    if let Some((from, to)) = too_deep {
        return Err(format!(
            "an edge leads from vertex {} of depth {} to vertex {} of depth {}",
            graph.id(from),
            depths[from],
            graph.id(to),
            depths[to]
        ));
    }
    for vertex in 0..depths.len() {
        let id = graph.id(vertex);
        let parent = parents.as_ref().map(|parents| parents[vertex]);
        let (depth, reached) = (depths[vertex], depths[vertex] != NOT_REACHED);
        if vertex == start {
            if parent.is_some_and(|parent| parent != Some(id)) {
                return Err(format!("the source {id} is not its own parent"));
            }
        } else if reached && !has_parent[vertex] {
            let parent = parent.flatten().map_or_else(String::new, |id| format!(", vertex {id}"));
            return Err(format!("vertex {id} of depth {depth} has no edge from a parent{parent}"));
        } else if !reached && parent.flatten().is_some() {
            return Err(format!("vertex {id} was not reached and has a parent"));
        }
    }
    Ok(())
}

/// Checks distances: the source has 0, no edge leads to a vertex further away than the edge's
/// source and the edge together, and every vertex at a finite distance is reached from the source
/// over edges that are exactly as long as the distances at their ends differ. These hold for the
/// true distances alone, up to the rounding of sums.
///
/// # Errors
/// The first property that does not hold, in words.
pub fn verify_shortest_paths(
    graph: &PlainGraph,
    source: VertexId,
    distances: &[(VertexId, f64)],
) -> Result<(), String> {
    let distances = graph.ordered(distances)?;
    let start = graph.place(source).ok_or(format!("the graph has no vertex {source}"))?;
    if distances[start] != 0.0 {
        return Err(format!("the source {source} has distance {}", distances[start]));
    }
    let mut shortcut = None;
    graph.for_each_arc(|from, to, length| {
        let is_fine = distances[to] <= distances[from] + length;
        if !is_fine && shortcut.is_none() {
            shortcut = Some((from, to, length));
        }
    });
    if let Some((from, to, length)) = shortcut {
        return Err(format!(
            "vertex {} at {} has an edge of length {length} to vertex {} at {}",
            graph.id(from),
            distances[from],
            graph.id(to),
            distances[to]
        ));
    }
    // Zero lengths may support one another in a ring, so being at the right distance from some
    // other vertex is not enough.
    let mut reached = vec![false; distances.len()];
    reached[start] = true;
    let mut waiting = vec![start];
    while let Some(from) = waiting.pop() {
        for (to, length) in graph.arcs(from) {
            let to = *to as usize;
            if !reached[to] && distances[to] == distances[from] + length {
                reached[to] = true;
                waiting.push(to);
            }
        }
    }
    match (0..distances.len()).find(|v| distances[*v].is_finite() && !reached[*v]) {
        None => Ok(()),
        Some(vertex) => Err(format!(
            "no path from the source to vertex {} is as long as its distance {}",
            graph.id(vertex),
            distances[vertex]
        )),
    }
}

/// Breadth-first search.
pub(super) fn bfs(run: &Run<'_>) -> Verdict {
    let source = run.argument("source", 0)?;
    if let Values::Rows(rows, _) = &run.table.values {
        let rows = rows.collect()?;
        let id = |row: &Vec<Cell>, column| whole(row.get(column)).unwrap_or_default();
        let depths: Vec<_> = rows.iter().map(|row| (id(row, 0), id(row, 1))).collect();
        let parents: Vec<_> = rows.iter().map(|row| (id(row, 0), whole(row.get(2)))).collect();
        return Ok(verify_bfs(run.graph, source, &depths, Some(&parents))?);
    }
    Ok(verify_bfs(run.graph, source, &run.wholes()?, None)?)
}

/// Shortest paths.
pub(super) fn shortest_paths(run: &Run<'_>) -> Verdict {
    let source = run.argument("source", 0)?;
    let distances = match &run.table.values {
        Values::Integer(rows) => rows.map_values(as_distance).collect()?,
        _ => run.floats()?,
    };
    Ok(verify_shortest_paths(run.graph, source, &distances)?)
}

/// Paths to landmarks: for each landmark, the distances of a search from it against the direction of
/// paths.
pub(super) fn landmarks(run: &Run<'_>) -> Verdict {
    let landmarks: Vec<VertexId> = run.arguments.list("landmarks")?.unwrap_or_default();
    let graph = toward(run)?.reversed();
    let rows = run.rows()?.collect()?;
    for (column, landmark) in (1..).zip(landmarks) {
        let distance = |cell: Option<&Cell>| match cell {
            Some(Cell::Missing) => Some(f64::INFINITY),
            cell => float(cell).or_else(|| Some(as_distance(whole(cell)?))),
        };
        let distances = run.column(&rows, column, distance)?;
        let distances: Vec<_> =
            distances.into_iter().enumerate().map(|(vertex, d)| (graph.id(vertex), d)).collect();
        verify_shortest_paths(&graph, landmark, &distances)?;
    }
    Ok(())
}

/// A whole distance as a float; the largest stands for no path.
fn as_distance(distance: u64) -> f64 {
    if distance == NOT_REACHED { f64::INFINITY } else { distance as f64 }
}
