//! A graph in three vectors.

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Edge, Graph, VertexId};

/// A graph in the memory of one thread: the ids in order, and for each vertex, by its place among
/// them, where its edges lead.
///
/// Of an undirected graph it has each edge in both directions. It takes 8 bytes a vertex and 12 an
/// edge, and 12 more while it is made.
#[derive(Debug, Clone)]
pub struct PlainGraph {
    undirected: bool,
    ids: Vec<VertexId>,
    /// Where the edges of each vertex begin, and after them where the last ones end.
    starts: Vec<usize>,
    arcs: Vec<(u32, f64)>,
}

impl PlainGraph {
    /// Copies a graph whose edges have no weights; each is 1.
    ///
    /// # Errors
    /// When computing the edges fails.
    pub fn new<V: Data>(graph: &Graph<V>) -> Result<Self> {
        Self::copied(graph, |()| 1.0)
    }

    /// Copies a graph with the weights of its edges.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn weighted<V: Data>(graph: &Graph<V, f64>) -> Result<Self> {
        Self::copied(graph, |weight| weight)
    }

    fn copied<V: Data, E: Data>(graph: &Graph<V, E>, weight: impl Fn(E) -> f64) -> Result<Self> {
        let ids = graph.vertices().map(|(id, _)| id).collect()?;
        let mut edges = Vec::with_capacity(graph.edge_count() as usize);
        let mut starts = vec![0_usize; ids.len() + 1];
        let place = |id: &VertexId| ids.partition_point(|other| other < id);
        for edge in graph.edges().to_local_iterator()? {
            let Edge { source, target, value } = edge?;
            let source = place(&source);
            starts[source + 1] += 1;
            edges.push((source as u32, place(&target) as u32, weight(value)));
        }
        for vertex in 0..ids.len() {
            starts[vertex + 1] += starts[vertex];
        }
        let mut next = starts.clone();
        let mut arcs = vec![(0, 0.0); edges.len()];
        for (source, target, weight) in edges {
            let at = &mut next[source as usize];
            arcs[*at] = (target, weight);
            *at += 1;
        }
        Ok(Self { undirected: graph.is_undirected(), ids, starts, arcs })
    }

    /// True when every edge is there in both directions.
    #[must_use]
    pub fn is_undirected(&self) -> bool {
        self.undirected
    }

    /// Returns the number of vertices.
    #[must_use]
    pub fn vertex_count(&self) -> usize {
        self.ids.len()
    }

    /// Returns the id of the vertex at a place, which has to be one.
    #[must_use]
    pub fn id(&self, vertex: usize) -> VertexId {
        self.ids[vertex]
    }

    /// Returns the place of an id.
    #[must_use]
    pub fn place(&self, id: VertexId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// Returns where the edges of a vertex lead, with their weights.
    #[must_use]
    pub fn arcs(&self, vertex: usize) -> &[(u32, f64)] {
        &self.arcs[self.starts[vertex]..self.starts[vertex + 1]]
    }

    /// Calls `each` with the source, the target and the weight of every edge.
    pub fn for_each_arc(&self, mut each: impl FnMut(usize, usize, f64)) {
        for source in 0..self.vertex_count() {
            for (target, weight) in self.arcs(source) {
                each(source, *target as usize, *weight);
            }
        }
    }

    /// The graph with its edges turned around.
    pub(super) fn reversed(&self) -> Self {
        self.with_arcs(false, true)
    }

    /// The graph with its edges going both ways, a self-loop once.
    pub(super) fn both_ways(&self) -> Self {
        if self.undirected { self.clone() } else { self.with_arcs(true, true) }
    }

    fn with_arcs(&self, there: bool, back: bool) -> Self {
        let mut all: Vec<Vec<(u32, f64)>> = vec![Vec::new(); self.vertex_count()];
        self.for_each_arc(|from, to, weight| {
            if there {
                all[from].push((to as u32, weight));
            }
            if back && (from != to || !there) {
                all[to].push((from as u32, weight));
            }
        });
        let mut starts = vec![0];
        starts.extend(all.iter().scan(0, |end, arcs| {
            *end += arcs.len();
            Some(*end)
        }));
        let (undirected, ids) = (self.undirected || there, self.ids.clone());
        Self { undirected, ids, starts, arcs: all.concat() }
    }

    /// The neighbors of every vertex in order, without directions, self-loops and parallel edges.
    pub(super) fn simple(&self) -> Vec<Vec<u32>> {
        let mut neighbors = vec![Vec::new(); self.vertex_count()];
        self.for_each_arc(|from, to, _| {
            if from != to {
                neighbors[from].push(to as u32);
                neighbors[to].push(from as u32);
            }
        });
        for own in &mut neighbors {
            own.sort_unstable();
            own.dedup();
        }
        neighbors
    }

    /// How many edges enter each vertex.
    pub(super) fn in_degrees(&self) -> Vec<u64> {
        let mut degrees = vec![0; self.vertex_count()];
        self.for_each_arc(|_, to, _| degrees[to] += 1);
        degrees
    }

    /// Up to `count` vertices, evenly spread.
    pub(super) fn sample(&self, count: usize) -> impl Iterator<Item = usize> + use<> {
        let vertices = self.vertex_count();
        (0..vertices).step_by(vertices.div_ceil(count).max(1))
    }

    /// Orders the values of rows by the places of their ids; an error in words when there is not
    /// one row for every vertex.
    pub(super) fn ordered<T: Copy>(&self, rows: &[(VertexId, T)]) -> Result<Vec<T>, String> {
        if rows.len() != self.vertex_count() {
            let (rows, vertices) = (rows.len(), self.vertex_count());
            return Err(format!("{rows} rows for {vertices} vertices"));
        }
        let mut ordered = vec![None; rows.len()];
        for (id, value) in rows {
            let place = self.place(*id).ok_or(format!("the graph has no vertex {id}"))?;
            if ordered[place].replace(*value).is_some() {
                return Err(format!("vertex {id} has two rows"));
            }
        }
        Ok(ordered.into_iter().flatten().collect())
    }
}
