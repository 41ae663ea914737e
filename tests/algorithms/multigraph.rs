//! Small multigraphs in plain vectors, to build graphs from and for sequential twins to walk.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;

use proptest::prelude::{Strategy, any, prop};
use superstep::Result;
use superstep::prelude::*;

/// The numbers of partitions that everything is tried with.
pub(crate) const PARTITIONS: [usize; 4] = [1, 2, 3, 8];

/// A graph with self-loops, parallel edges, isolated vertices, and weights.
#[derive(Debug, Clone, Default)]
pub(crate) struct Multigraph {
    pub(crate) undirected: bool,
    /// Ids in order, isolated vertices included.
    pub(crate) ids: Vec<u64>,
    /// Source, target, weight, in input order; an undirected edge once.
    pub(crate) edges: Vec<(u64, u64, f64)>,
}

impl Multigraph {
    /// Makes a directed graph of the vertices that the edges name, each of weight 1.
    pub(crate) fn directed(edges: &[(u64, u64)]) -> Self {
        Self::weighted(&edges.iter().map(|(a, b)| (*a, *b, 1.0)).collect::<Vec<_>>())
    }

    /// Makes a directed graph of the vertices 0 to count-1.
    pub(crate) fn numbered(count: u64, edges: impl IntoIterator<Item = (u64, u64)>) -> Self {
        Self::directed(&edges.into_iter().collect::<Vec<_>>()).with_vertices(0..count)
    }

    /// Makes an undirected graph.
    pub(crate) fn undirected(edges: &[(u64, u64)]) -> Self {
        Self { undirected: true, ..Self::directed(edges) }
    }

    /// Makes a directed graph with weights.
    pub(crate) fn weighted(edges: &[(u64, u64, f64)]) -> Self {
        let ends = edges.iter().flat_map(|(a, b, _)| [*a, *b]);
        Self::default().and_edges(edges).with_vertices(ends)
    }

    fn and_edges(self, edges: &[(u64, u64, f64)]) -> Self {
        Self { edges: edges.to_vec(), ..self }
    }

    /// Adds vertices, isolated if no edge names them.
    pub(crate) fn with_vertices(mut self, ids: impl IntoIterator<Item = u64>) -> Self {
        self.ids.extend(ids);
        self.ids.sort_unstable();
        self.ids.dedup();
        self
    }

    /// The same edges going both ways.
    pub(crate) fn both_ways(self) -> Self {
        Self { undirected: true, ..self }
    }

    /// Number of vertices.
    pub(crate) fn count(&self) -> usize {
        self.ids.len()
    }

    /// The place of an id in id order.
    pub(crate) fn index(&self, id: u64) -> usize {
        self.ids.binary_search(&id).unwrap()
    }

    /// For each vertex, in id order, the places and weights of where its edges lead: as often as
    /// they occur, an undirected edge from both ends, a self-loop once.
    pub(crate) fn arcs(&self) -> Vec<Vec<(usize, f64)>> {
        let mut arcs = vec![Vec::new(); self.count()];
        for (source, target, weight) in &self.edges {
            let (source, target) = (self.index(*source), self.index(*target));
            arcs[source].push((target, *weight));
            if self.undirected && source != target {
                arcs[target].push((source, *weight));
            }
        }
        arcs
    }

    /// As [`arcs`](Self::arcs), from the targets back to the sources.
    pub(crate) fn arcs_back(&self) -> Vec<Vec<(usize, f64)>> {
        let mut back = vec![Vec::new(); self.count()];
        for (source, arcs) in self.arcs().into_iter().enumerate() {
            arcs.into_iter().for_each(|(target, weight)| back[target].push((source, weight)));
        }
        back
    }

    /// The simple undirected graph below: for each vertex its neighbors in order, without
    /// directions, self-loops and parallel edges.
    pub(crate) fn simple(&self) -> Vec<Vec<usize>> {
        let mut neighbors = vec![Vec::new(); self.count()];
        for (source, arcs) in self.arcs().into_iter().enumerate() {
            for (target, _) in arcs.into_iter().filter(|(target, _)| *target != source) {
                neighbors[source].push(target);
                neighbors[target].push(source);
            }
        }
        for neighbors in &mut neighbors {
            neighbors.sort_unstable();
            neighbors.dedup();
        }
        neighbors
    }

    /// Pairs values in id order with the ids.
    pub(crate) fn labelled<T: Clone>(&self, values: &[T]) -> Vec<(u64, T)> {
        assert_eq!(values.len(), self.count(), "a value for each vertex");
        self.ids.iter().copied().zip(values.iter().cloned()).collect()
    }

    /// The same edges turned around.
    pub(crate) fn reversed(&self) -> Self {
        let edges = self.edges.iter().map(|(source, target, weight)| (*target, *source, *weight));
        Self { edges: edges.collect(), ..self.clone() }
    }

    /// For each vertex, in id order, how many edges it is from each vertex, by plain searches.
    pub(crate) fn distances(&self) -> Vec<Vec<Option<u32>>> {
        let arcs = self.arcs();
        let from = |source: usize| {
            let mut distances = vec![None; self.count()];
            distances[source] = Some(0);
            let mut queue = VecDeque::from([source]);
            while let Some(u) = queue.pop_front() {
                for (v, _) in &arcs[u] {
                    if distances[*v].is_none() {
                        distances[*v] = distances[u].map(|distance: u32| distance + 1);
                        queue.push_back(*v);
                    }
                }
            }
            distances
        };
        (0..self.count()).map(from).collect()
    }

    /// For each vertex, in id order, the places where its edges lead, as [`arcs`](Self::arcs).
    pub(crate) fn targets(&self) -> Vec<Vec<usize>> {
        let targets =
            |arcs: Vec<(usize, f64)>| arcs.into_iter().map(|(target, _)| target).collect();
        self.arcs().into_iter().map(targets).collect()
    }

    /// Builds the graph with its weights.
    pub(crate) fn build_weighted(
        &self,
        ctx: &Context,
        partitions: usize,
    ) -> Result<Graph<(), f64>> {
        let vertices = ctx.parallelize(self.ids.iter().map(|id| (*id, ())), 2);
        let edges =
            self.edges.iter().map(|(source, target, weight)| Edge::new(*source, *target, *weight));
        let edges = ctx.parallelize(edges.collect::<Vec<_>>(), 3);
        let builder = Graph::builder().partitions(partitions).undirected(self.undirected);
        builder.parts(&vertices, &edges)
    }

    /// Builds the graph without weights.
    pub(crate) fn build(&self, ctx: &Context, partitions: usize) -> Result<Graph> {
        let vertices = ctx.parallelize(self.ids.iter().map(|id| (*id, ())), 2);
        let edges: Vec<_> =
            self.edges.iter().map(|(source, target, _)| Edge::from((*source, *target))).collect();
        let edges = ctx.parallelize(edges, 3);
        let builder = Graph::builder().partitions(partitions).undirected(self.undirected);
        builder.parts(&vertices, &edges)
    }

    /// Runs something on the graph in every number of partitions, and returns the result, which
    /// has to be the same each time.
    pub(crate) fn same<T: PartialEq + Debug>(
        &self,
        run: impl Fn(&Graph) -> Result<T>,
    ) -> Result<T> {
        same(|ctx, partitions| run(&self.build(ctx, partitions)?))
    }

    /// As [`same`](Self::same), with weights.
    pub(crate) fn same_weighted<T: PartialEq + Debug>(
        &self,
        run: impl Fn(&Graph<(), f64>) -> Result<T>,
    ) -> Result<T> {
        same(|ctx, partitions| run(&self.build_weighted(ctx, partitions)?))
    }

    /// Runs something that gives a float a vertex on the graph in every number of partitions, and
    /// returns the result, which may differ by 1e-12 of the larger of the value and 1.
    pub(crate) fn close(
        &self,
        run: impl Fn(&Graph) -> Result<Vec<(u64, f64)>>,
    ) -> Result<Vec<(u64, f64)>> {
        close(|ctx, partitions| run(&self.build(ctx, partitions)?))
    }

    /// As [`close`](Self::close), with weights.
    pub(crate) fn close_weighted(
        &self,
        run: impl Fn(&Graph<(), f64>) -> Result<Vec<(u64, f64)>>,
    ) -> Result<Vec<(u64, f64)>> {
        close(|ctx, partitions| run(&self.build_weighted(ctx, partitions)?))
    }
}

fn same<T: PartialEq + Debug>(run: impl Fn(&Context, usize) -> Result<T>) -> Result<T> {
    let ctx = Context::local(2)?;
    let first = run(&ctx, PARTITIONS[0])?;
    for partitions in &PARTITIONS[1..] {
        assert_eq!(run(&ctx, *partitions)?, first, "{partitions} partitions");
    }
    Ok(first)
}

fn close(run: impl Fn(&Context, usize) -> Result<Vec<(u64, f64)>>) -> Result<Vec<(u64, f64)>> {
    let ctx = Context::local(2)?;
    let first = run(&ctx, PARTITIONS[0])?;
    for partitions in &PARTITIONS[1..] {
        let other = run(&ctx, *partitions)?;
        assert_near(&other, &first, 1e-12, &format!("{partitions} partitions"));
    }
    Ok(first)
}

/// Asserts equal ids, and values that differ by at most a tolerance times the larger of the
/// expected value and 1; infinities have to be equal.
#[track_caller]
pub(crate) fn assert_near(
    found: &[(u64, f64)],
    expected: &[(u64, f64)],
    tolerance: f64,
    what: &str,
) {
    assert_eq!(found.len(), expected.len(), "{what}: number of rows");
    for ((id, found), (expected_id, expected)) in found.iter().zip(expected) {
        assert_eq!(id, expected_id, "{what}: ids");
        let near = (found - expected).abs() <= tolerance * expected.abs().max(1.0);
        assert!(near || found == expected, "{what}: {id}: {found}, expected {expected}");
    }
}

/// Asserts values in the order of the vertices, as [`assert_near`] does.
#[track_caller]
pub(crate) fn assert_values(found: &[(u64, f64)], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "number of rows");
    let expected: Vec<_> =
        found.iter().zip(expected).map(|((id, _), value)| (*id, *value)).collect();
    assert_near(found, &expected, tolerance, "values");
}

/// Any multigraph of up to 64 vertices, directed or not: self-loops, parallel edges, isolated
/// vertices, none at all; ids with gaps; weights with ties and zeros, whose sums are exact.
pub(crate) fn any_multigraph() -> impl Strategy<Value = Multigraph> {
    (0_u64..=64, 0_usize..160, any::<bool>()).prop_flat_map(|(vertices, edges, undirected)| {
        let edges = if vertices == 0 { 0 } else { edges };
        let ends = 0..vertices.max(1);
        let weight = (0_u8..8).prop_map(|weight| f64::from(weight) / 2.0);
        let edge = (ends.clone(), ends, weight);
        prop::collection::vec(edge, 0..=edges).prop_map(move |edges| Multigraph {
            undirected,
            ids: (0..vertices).map(id).collect(),
            edges: edges.into_iter().map(|(a, b, weight)| (id(a), id(b), weight)).collect(),
        })
    })
}

/// As [`any_multigraph`], with at least one vertex, and one of its ids.
pub(crate) fn any_multigraph_and_vertex() -> impl Strategy<Value = (Multigraph, u64)> {
    (any_multigraph(), any::<prop::sample::Index>()).prop_map(|(graph, at)| {
        let graph = if graph.ids.is_empty() { graph.with_vertices([3]) } else { graph };
        let source = graph.ids[at.index(graph.count())];
        (graph, source)
    })
}

/// Ids with gaps, in the order of their numbers.
fn id(number: u64) -> u64 {
    number * 7 + number % 3 + 3
}

/// Graphs at the edge of what is one, with names.
pub(crate) fn degenerate() -> Vec<(&'static str, Multigraph)> {
    vec![
        ("no vertex", Multigraph::default()),
        ("one vertex", Multigraph::default().with_vertices([5])),
        ("one self-loop", Multigraph::directed(&[(5, 5)])),
        ("one undirected self-loop", Multigraph::undirected(&[(5, 5)])),
        ("isolated vertices", Multigraph::default().with_vertices([1, 4, 9])),
        ("one edge", Multigraph::directed(&[(1, 2)])),
        ("parallel edges", Multigraph::directed(&[(1, 2), (1, 2), (2, 1), (1, 2)])),
        ("two components", Multigraph::undirected(&[(1, 2), (2, 3), (1, 3), (8, 9)])),
        ("zero weights", Multigraph::weighted(&[(1, 2, 0.0), (2, 3, 0.0), (3, 1, 0.0)])),
        ("equal weights", Multigraph::weighted(&[(1, 2, 2.0), (2, 3, 2.0), (1, 3, 2.0)])),
    ]
}

/// Vertices 0 to n-1 in a row, undirected.
pub(crate) fn path(n: u64) -> Multigraph {
    let edges: Vec<_> = (1..n).map(|v| (v - 1, v)).collect();
    Multigraph::undirected(&edges).with_vertices(0..n)
}

/// Vertices 0 to n-1 in a ring, undirected, of at least three.
pub(crate) fn cycle(n: u64) -> Multigraph {
    let edges: Vec<_> = (0..n).map(|v| (v, (v + 1) % n)).collect();
    Multigraph::undirected(&edges)
}

/// Vertex 0 with an undirected edge to each of the leaves 1 to n.
pub(crate) fn star(leaves: u64) -> Multigraph {
    let edges: Vec<_> = (1..=leaves).map(|leaf| (0, leaf)).collect();
    Multigraph::undirected(&edges).with_vertices([0])
}

/// Vertices 0 to n-1, each with an undirected edge to each other.
pub(crate) fn clique(n: u64) -> Multigraph {
    let edges: Vec<_> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    Multigraph::undirected(&edges).with_vertices(0..n)
}

/// Vertices 0 to a-1, each with an undirected edge to each of the vertices a to a+b-1.
pub(crate) fn bipartite(a: u64, b: u64) -> Multigraph {
    let edges: Vec<_> = (0..a).flat_map(|u| (a..a + b).map(move |v| (u, v))).collect();
    Multigraph::undirected(&edges).with_vertices(0..a + b)
}

/// A grid, undirected; the vertex of a column and a row is row · width + column.
pub(crate) fn grid(width: u64, height: u64) -> Multigraph {
    let right =
        (0..height).flat_map(move |y| (1..width).map(move |x| (y * width + x - 1, y * width + x)));
    let down = (1..height)
        .flat_map(move |y| (0..width).map(move |x| ((y - 1) * width + x, y * width + x)));
    let edges: Vec<_> = right.chain(down).collect();
    Multigraph::undirected(&edges).with_vertices(0..width * height)
}

/// Renumbers labels so that each is the smallest id that has it.
pub(crate) fn smallest_ids(labels: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut smallest = BTreeMap::new();
    labels.iter().for_each(|(id, label)| {
        let least = smallest.entry(*label).or_insert(*id);
        *least = (*least).min(*id);
    });
    labels.iter().map(|(id, label)| (*id, smallest[label])).collect()
}
