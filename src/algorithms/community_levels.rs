//! The graphs that a search for communities goes through: the given one, and then those whose
//! vertices are communities of the one before.

use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Dictionary, Edge, Graph};
use crate::pregel::{Pregel, Seed, Sum, SuperstepStats, Vertex, VertexProgram};

use super::tally::{Tally, tally_into};

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

/// Returns the sums of the weights of each vertex's edges.
pub(super) fn weights_at_vertices(
    graph: &Graph<(), f64>,
    ran: &mut Vec<SuperstepStats>,
) -> Result<Vec<f64>> {
    let outcome = Pregel::new(Strengths).run(graph)?;
    ran.extend_from_slice(outcome.supersteps());
    outcome.states().values().collect()
}

impl Level {
    fn new(graph: Graph<(), f64>, loops: Vec<f64>, ran: &mut Vec<SuperstepStats>) -> Result<Self> {
        let mut strengths = weights_at_vertices(&graph, ran)?;
        strengths.iter_mut().zip(&loops).for_each(|(strength, looped)| *strength += looped);
        let total = strengths.iter().sum();
        Ok(Self { graph, loops, strengths, total })
    }

    /// The graph as it was given, both ways.
    pub(super) fn bottom(graph: &Graph<(), f64>, ran: &mut Vec<SuperstepStats>) -> Result<Self> {
        let vertices = graph.vertex_count() as usize;
        if graph.is_undirected() && !graph.flaws()?.self_loops {
            return Self::new(graph.clone(), vec![0.0; vertices], ran);
        }
        let looped = graph.edges().filter(|edge| edge.source == edge.target).collect()?;
        let mut loops = vec![0.0; vertices];
        for edge in &looped {
            if let Some(place) = graph.index_of(edge.source) {
                loops[place as usize] += 2.0 * edge.value;
            }
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
        let groups = Arc::clone(communities);
        let between = move |source: u32, target: u32| {
            let ends = (groups[source as usize], groups[target as usize]);
            (ends.0 != ends.1).then_some(ends)
        };
        let places = Arc::new(Dictionary::from_ids((0..count as u64).collect())?);
        let graph = self.graph.rewired(places, between, |sum, weight| *sum += weight)?;
        let strengths = self.totals(communities, count);
        // What does not lead to others; rounding makes it no less than nothing.
        let mut loops = strengths.clone();
        let outside = weights_at_vertices(&graph, ran)?;
        loops.iter_mut().zip(&outside).for_each(|(all, out)| *all = f64::max(*all - out, 0.0));
        Ok(Self { graph, loops, strengths, total: self.total })
    }

    /// The sums of the strengths of the members of each community, of which there are up to `count`.
    pub(super) fn totals(&self, communities: &[u32], count: usize) -> Vec<f64> {
        let mut sums = vec![0.0; count];
        let members = communities.iter().zip(&self.strengths);
        members.for_each(|(community, strength)| sums[*community as usize] += strength);
        sums
    }

    /// Adds up what the neighbors of each chosen vertex weigh by their labels, which are numbers of
    /// vertices, and returns what `visit` makes of it, in the order of the vertices.
    pub(super) fn hear<T: Data>(
        &self,
        labels: &Arc<Vec<u32>>,
        chosen: impl Fn(u32) -> bool + Send + Sync + 'static,
        visit: impl Fn(u32, &mut Tally<f64>) -> T + Send + Sync + 'static,
    ) -> Result<Vec<T>> {
        let labels = Arc::clone(labels);
        let layout = self.graph.shape.layout;
        let heard =
            self.graph.edges_by_target(false)?.narrow("hear", None, move |partition, rows| {
                let mut made = Vec::new();
                let mut tally = Tally::new();
                for edges in rows {
                    for (local, vertex) in layout.range(partition).enumerate() {
                        if chosen(vertex as u32) {
                            let places = edges.places(local);
                            let sources = edges.sources[places.clone()].iter();
                            let weights = sources.zip(&edges.values[places]);
                            let by_label =
                                weights.map(|(source, weight)| (labels[*source as usize], *weight));
                            tally_into(&mut tally, by_label);
                            made.push(visit(vertex as u32, &mut tally));
                        }
                    }
                }
                Ok(Box::new(made.into_iter()))
            });
        heard.collect()
    }

    /// The weight between each chosen vertex and the others with its label; 0 for those not chosen.
    pub(super) fn ties(
        &self,
        labels: &Arc<Vec<u32>>,
        chosen: impl Fn(u32) -> bool + Send + Sync + 'static,
    ) -> Result<Vec<f64>> {
        let of = Arc::clone(labels);
        let heard = self.hear(labels, chosen, move |vertex, tally| {
            let own = tally.iter().find(|(label, _)| *label == of[vertex as usize]);
            (vertex, own.map_or(0.0, |(_, weight)| *weight))
        })?;
        let mut ties = vec![0.0; labels.len()];
        heard.into_iter().for_each(|(vertex, weight)| ties[vertex as usize] = weight);
        Ok(ties)
    }

    pub(super) fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.graph.shape.dictionary)
    }

    /// The modularity of communities whose strengths have these sums, with so much weight inside.
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
