//! Results made of the distances between all vertices.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::algorithms::Cell;

use super::plain_graph::PlainGraph;
use super::run::{Run, Verdict, broken};

/// How many vertices have their distances to all others computed again.
const SAMPLE: usize = 64;

/// How far sums of floats in different orders may be from one another, as a share.
const TOLERANCE: f64 = 1e-9;

/// How many standard deviations an estimate may be away.
const DEVIATIONS: f64 = 8.0;

/// How many vertices an estimate may overlook besides, because their hashes fall on others': the
/// deviation is one of many vertices, and of two, one may be missing.
const OVERLOOKED: usize = 3;

/// Edges up to which all distances are computed again.
const ALL_PAIRS: u64 = 1 << 28;

/// Closeness: of up to 64 vertices, evenly spread, what a search from each gives. What is estimated
/// may overlook three vertices and be eight standard deviations away.
pub(super) fn closeness(run: &Run<'_>) -> Verdict {
    let others = run.graph.vertex_count().saturating_sub(1) as f64;
    let within_reach = run.arguments.is_set("within-reach");
    sampled(run, |distances| {
        let reached = distances.len() as f64;
        let farness: f64 = distances.iter().map(|distance| f64::from(*distance)).sum();
        match (reached, within_reach) {
            (0.0, _) => 0.0,
            (_, true) => reached / farness,
            (_, false) => reached / farness * (reached / others),
        }
    })
}

/// Harmonic centrality, as [`closeness`].
pub(super) fn harmonic(run: &Run<'_>) -> Verdict {
    let normalized = run.arguments.is_set("normalized");
    let others = run.graph.vertex_count().saturating_sub(1).max(1) as f64;
    let divisor = if normalized { others } else { 1.0 };
    sampled(run, |distances| {
        distances.iter().map(|distance| 1.0 / f64::from(*distance)).sum::<f64>() / divisor
    })
}

/// Checks scores that follow from the distances from each vertex to the others that it reaches.
fn sampled(run: &Run<'_>, score: impl Fn(&[u32]) -> f64) -> Verdict {
    let found = run.ordered_floats()?;
    let graph = toward(run)?;
    let (factor, overlooked) = match run.arguments.get::<i32>("estimate")? {
        None => (1.0 + TOLERANCE, 0),
        // Reach and distances both count in closeness.
        Some(precision) => {
            ((1.0 + DEVIATIONS * 1.04 / f64::powi(2.0, precision).sqrt()).powi(2), OVERLOOKED)
        }
    };
    for vertex in graph.sample(SAMPLE) {
        let mut distances: Vec<u32> = distances(&graph, vertex)
            .into_iter()
            .filter(|distance| *distance != u32::MAX && *distance > 0)
            .collect();
        distances.sort_unstable();
        let expected = score(&distances);
        // Without the nearest a score is the lowest, without the farthest it may be higher.
        let (mut least, mut most) = (expected, expected);
        for missing in 1..=overlooked.min(distances.len()) {
            least = least.min(score(&distances[missing..]));
            most = most.max(score(&distances[..distances.len() - missing]));
        }
        if found[vertex] < least / factor || found[vertex] > most * factor {
            return run.wrong(vertex, found[vertex], expected);
        }
    }
    Ok(())
}

/// The graph with its edges in the direction in which paths lead from a vertex.
pub(super) fn toward(run: &Run<'_>) -> Verdict<PlainGraph> {
    Ok(match run.argument("direction", "out".to_owned())?.as_str() {
        "in" => run.graph.reversed(),
        "both" => run.graph.both_ways(),
        _ => run.graph.clone(),
    })
}

/// How many edges it is from a vertex to each; `u32::MAX` where no path leads.
fn distances(graph: &PlainGraph, start: usize) -> Vec<u32> {
    let mut distances = vec![u32::MAX; graph.vertex_count()];
    distances[start] = 0;
    let mut reached = vec![start];
    let mut next = 0;
    while let Some(vertex) = reached.get(next).copied() {
        next += 1;
        for (to, _) in graph.arcs(vertex) {
            let to = *to as usize;
            if distances[to] == u32::MAX {
                distances[to] = distances[vertex] + 1;
                reached.push(to);
            }
        }
    }
    distances
}

/// The diameter: no path that is the shortest between its ends is longer than the upper bound, and
/// one is at least as long as the lower one. In a graph with few enough vertices all distances are
/// computed again; in a larger one those from 64 vertices, evenly spread, and from the farthest from
/// each, and what they leave open stays so.
pub(super) fn diameter(run: &Run<'_>) -> Verdict {
    let (Some(Cell::Integer(lower)), Some(Cell::Integer(upper))) =
        (run.figure("diameter"), run.figure("at most"))
    else {
        return broken("there are no bounds");
    };
    let graph = if run.arguments.is_set("ignore-directions") {
        run.graph.both_ways()
    } else {
        run.graph.clone()
    };
    let count = graph.vertex_count();
    let mut arcs = 0;
    graph.for_each_arc(|_, _, _| arcs += 1);
    let all = count as u64 * (count as u64 + arcs) <= ALL_PAIRS;
    let mut longest = 0;
    for vertex in graph.sample(if all { count.max(1) } else { SAMPLE }) {
        let (far, farthest) = eccentricity(&graph, vertex);
        longest = longest.max(far);
        if !all {
            longest = longest.max(eccentricity(&graph, farthest).0);
        }
    }
    if lower > upper || longest > *upper || all && longest < *lower {
        return broken(format!(
            "it is from {lower} to {upper}, and there is a path of {longest} edges"
        ));
    }
    Ok(())
}

/// How far the farthest vertex is that a vertex reaches, and which it is.
fn eccentricity(graph: &PlainGraph, vertex: usize) -> (u64, usize) {
    let distances = distances(graph, vertex).into_iter().enumerate();
    let reached = distances.filter(|(_, distance)| *distance != u32::MAX);
    let farthest = reached.max_by_key(|(_, distance)| *distance);
    farthest.map_or((0, vertex), |(farthest, distance)| (distance.into(), farthest))
}

/// Betweenness: what Brandes' algorithm gives from one source after another, the vertices in the
/// order of their distance. It takes as many searches as the run made.
pub(super) fn betweenness(run: &Run<'_>) -> Verdict {
    let found = run.ordered_floats()?;
    let count = found.len();
    let mut scale = if run.graph.is_undirected() { 0.5 } else { 1.0 };
    let mut sources: Vec<usize> = (0..count).collect();
    if let Some(given) = run.places("sources")? {
        (sources, scale) = (given, 1.0);
        sources.sort_unstable();
        sources.dedup();
    } else if let Some(samples) = run.arguments.get::<usize>("samples")? {
        let samples = samples.min(count);
        draw(&mut sources, samples, run.argument("seed", 1)?);
        scale *= count as f64 / samples.max(1) as f64;
    }
    if run.arguments.is_set("normalized") {
        let others = count.saturating_sub(1) as f64;
        let pairs = others * (others - 1.0) / if run.graph.is_undirected() { 2.0 } else { 1.0 };
        scale = if pairs > 0.0 { scale / pairs } else { 0.0 };
    }
    let mut scores = vec![0.0; count];
    sources.into_iter().for_each(|source| add_dependencies(run.graph, source, &mut scores));
    scores.iter_mut().for_each(|score| *score *= scale);
    let most = scores.iter().copied().fold(0.0, f64::max);
    run.near(&found, &scores, TOLERANCE, most)
}

/// Leaves as many of the vertices as are wanted, in the order in which a shuffle by
/// `xoshiro256++` brings them to the front.
fn draw(vertices: &mut Vec<usize>, wanted: usize, seed: u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    for front in 0..wanted {
        let choices = (vertices.len() - front) as u128;
        let chosen = (choices * u128::from(random.next_u64())) >> 64;
        vertices.swap(front, front + chosen as usize);
    }
    vertices.truncate(wanted);
}

/// A vertex at a distance; near ones come first out of a heap.
#[derive(Debug, Clone, Copy, PartialEq)]
struct At(f64, usize);

impl Eq for At {}

impl Ord for At {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn add_dependencies(graph: &PlainGraph, source: usize, scores: &mut [f64]) {
    let count = graph.vertex_count();
    let mut distances = vec![f64::INFINITY; count];
    let mut done = vec![false; count];
    let mut order = Vec::new();
    let mut open = BinaryHeap::from([At(0.0, source)]);
    distances[source] = 0.0;
    while let Some(At(_, vertex)) = open.pop() {
        if std::mem::replace(&mut done[vertex], true) {
            continue;
        }
        order.push(vertex);
        for (to, length) in graph.arcs(vertex) {
            let (to, distance) = (*to as usize, distances[vertex] + length);
            if distance < distances[to] {
                distances[to] = distance;
                open.push(At(distance, to));
            }
        }
    }
    let tight = |from: usize, to: usize, length: f64| distances[from] + length == distances[to];
    let mut paths = vec![0.0; count];
    paths[source] = 1.0;
    for vertex in order.iter().copied() {
        for (to, length) in graph.arcs(vertex) {
            if tight(vertex, *to as usize, *length) {
                paths[*to as usize] += paths[vertex];
            }
        }
    }
    let mut dependencies = vec![0.0; count];
    for vertex in order.into_iter().rev() {
        for (to, length) in graph.arcs(vertex) {
            let to = *to as usize;
            if tight(vertex, to, *length) {
                dependencies[vertex] += paths[vertex] / paths[to] * (1.0 + dependencies[to]);
            }
        }
        if vertex != source {
            scores[vertex] += dependencies[vertex];
        }
    }
}
