//! The graphs that a search for communities goes through: the given one, and then those whose
//! vertices are communities of the one before.

use std::sync::Arc;

use crate::error::Result;
use crate::graph::{Dictionary, Edge, Graph};
use crate::pregel::{Pregel, Seed, Sum, SuperstepStats, Vertex, VertexProgram};

/// Adds up the weights of the edges of each vertex.
#[derive(Debug, Clone, Copy)]
struct Strengths;

impl VertexProgram for Strengths {
    type State = f64;
    type Edge = f64;
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> f64 {
        0.0
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        match inbox {
            None => vertex.send_to_neighbors(1.0),
            Some(sum) => *vertex.state_mut() = sum,
        }
        vertex.vote_to_halt();
    }

    fn along(&self, _message: &f64, weight: &f64) -> f64 {
        *weight
    }
}

/// A graph whose vertices are communities of the level below: every edge both ways, no self-loops.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) graph: Graph<(), f64>,
    /// The weights within each vertex, both ways.
    pub(super) loops: Vec<f64>,
    /// The weights at each vertex.
    pub(super) strengths: Vec<f64>,
    /// The sum of the strengths.
    pub(super) total: f64,
}

impl Level {
    fn new(graph: Graph<(), f64>, loops: Vec<f64>, ran: &mut Vec<SuperstepStats>) -> Result<Self> {
        let outcome = Pregel::new(Strengths).run(&graph)?;
        ran.extend_from_slice(outcome.supersteps());
        let mut strengths = outcome.states().values().collect()?;
        strengths.iter_mut().zip(&loops).for_each(|(strength, looped)| *strength += looped);
        let total = strengths.iter().sum();
        Ok(Self { graph, loops, strengths, total })
    }

    /// The graph as it was given, both ways.
    pub(super) fn bottom(graph: &Graph<(), f64>, ran: &mut Vec<SuperstepStats>) -> Result<Self> {
        let looped = graph.edges().filter(|edge| edge.source == edge.target).collect()?;
        let mut loops = vec![0.0; graph.vertex_count() as usize];
        for edge in &looped {
            if let Some(place) = graph.index_of(edge.source) {
                loops[place as usize] += 2.0 * edge.value;
            }
        }
        if graph.is_undirected() && looped.is_empty() {
            return Self::new(graph.clone(), loops, ran);
        }
        let both = !graph.is_undirected();
        let edges = graph.edges().flat_map(move |Edge { source, target, value }| {
            let back = both.then_some(Edge::new(target, source, value));
            let edges = [Edge::new(source, target, value)].into_iter().chain(back);
            edges.filter(|edge| edge.source != edge.target).collect::<Vec<_>>()
        });
        let builder = Graph::builder().partitions(graph.partition_count());
        Self::new(builder.parts(&graph.vertices(), &edges)?, loops, ran)
    }

    /// The graph of communities, which are numbered without gaps.
    pub(super) fn contract(
        &self,
        communities: &Arc<Vec<u32>>,
        count: usize,
        ran: &mut Vec<SuperstepStats>,
    ) -> Result<Self> {
        let mut loops = vec![0.0; count];
        communities.iter().zip(&self.loops).for_each(|(to, looped)| loops[*to as usize] += looped);
        let (places, table) = (self.dictionary(), Arc::clone(communities));
        let of = move |id| places.dense(id).map_or(0, |place| table[place as usize]);
        let between =
            self.graph.edges().map(move |edge| ((of(edge.source), of(edge.target)), edge.value));
        let between = between.reduce_by_key(|a, b| a + b, self.graph.partition_count());
        let between = between.persist(self.graph.edges.runtime().storage_level)?;
        let inside = between.filter(|((from, to), _)| from == to);
        for ((community, _), weight) in inside.collect()? {
            loops[community as usize] += weight;
        }
        let edges = between.filter(|((from, to), _)| from != to);
        let edges = edges.map(|((from, to), weight)| Edge::new(from.into(), to.into(), weight));
        let vertices = between.derived_source("communities", 1, move |_| {
            Ok(Box::new((0..count as u64).map(|id| (id, ()))))
        });
        let graph = Graph::builder().parts(&vertices, &edges)?;
        between.unpersist();
        Self::new(graph, loops, ran)
    }

    pub(super) fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.graph.shape.dictionary)
    }

    pub(super) fn totals(&self, communities: &[u32]) -> Vec<f64> {
        let mut totals = vec![0.0; communities.len()];
        let members = communities.iter().zip(&self.strengths);
        members.for_each(|(community, strength)| totals[*community as usize] += strength);
        totals
    }

    /// The modularity of communities with so much weight inside.
    pub(super) fn modularity(&self, inside: f64, totals: &[f64], resolution: f64) -> f64 {
        let expected: f64 =
            totals.iter().map(|total| (total / self.total) * (total / self.total)).sum();
        inside / self.total - resolution * expected
    }
}

/// Numbers communities without gaps, in the order of their first members.
pub(super) fn number(communities: &mut [u32]) -> usize {
    let mut numbers = vec![u32::MAX; communities.len()];
    let mut count = 0;
    for community in communities {
        let number = &mut numbers[*community as usize];
        if *number == u32::MAX {
            *number = count;
            count += 1;
        }
        *community = *number;
    }
    count as usize
}

/// Every vertex a community of its own.
pub(super) fn alone(vertices: usize) -> Vec<u32> {
    (0..vertices as u32).collect()
}
