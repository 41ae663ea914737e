//! Louvain's method: communities with many more edges inside than chance would have.
//!
//! Directions are ignored. With A the weights between two vertices both ways (a self-loop twice), k
//! the sum of A at a vertex and 2m the sum of all k, communities are to have a high modularity
//!
//! ```text
//! Q = 1/2m · Σ over pairs u, v in the same community of (A(u, v) - γ · k(u) k(v) / 2m)
//! ```
//!
//! Each vertex starts as a community of its own. In rounds, vertices hear the communities of their
//! neighbors and move to the one where Q gains most; all at a time would swap places without end, so
//! in each round every second vertex may, by a hash. When nobody wants to move, communities become
//! the vertices of a smaller graph, and the same begins again there. At the end, communities whose
//! members are not connected among themselves fall into their components, which cannot lower Q.
//!
//! - **State**: the community, 4 bytes. The communities and the sums of their k are held in this
//!   process, 20 bytes a vertex, and are read by all vertices of a round.
//! - **Supersteps**: two a round. **Messages**: every edge once a round; what comes in is added up by
//!   community on the way.
//! - **Source**: Blondel, Guillaume, Lambiotte, Lefebvre, *Fast unfolding of communities in large
//!   networks* (Journal of Statistical Mechanics, 2008), section 2; Lu, Halappanavar, Kalyanaraman,
//!   *Parallel heuristics for scalable community detection* (Parallel Computing 47, 2015), section 4,
//!   on moves at the same time; Traag, Waltman, van Eck, *From Louvain to Leiden* (Scientific Reports
//!   9, 2019), on communities that are not connected.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Dictionary, Edge, Graph, VertexId};
use crate::hash::stable_hash;
use crate::pregel::{
    Aggregate, Combiner, Pregel, Seed, Sum, SuperstepStats, Vertex, VertexProgram,
};
use crate::rdd::Rdd;

use super::connected_components::connected_components;
use super::ranges::positive;
use super::registry::{Algorithm, Arguments, Parameter, Weights};
use super::table::{Table, Values};

/// Rounds on one graph at most.
const ROUNDS: usize = 200;
/// Rounds without a better modularity after which a graph is left.
const PATIENCE: usize = 8;
/// What a round has to add to the modularity to be better.
const LEAST_GAIN: f64 = 1e-7;

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

/// The weights to each neighboring community.
#[derive(Debug, Clone, Default)]
struct Tally {
    entries: Vec<(u32, f64)>,
    /// Entries from here on may repeat communities.
    merged: usize,
}

impl Tally {
    fn merge_entries(&mut self) {
        // Stable, so that weights add up in the order in which they came.
        self.entries.sort_by_key(|(community, _)| *community);
        self.entries.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        self.merged = self.entries.len();
    }
}

/// Adds up weights by community.
#[derive(Debug, Clone, Copy)]
struct ByCommunity;

impl Combiner<(u32, f64)> for ByCommunity {
    type Combined = Tally;

    fn lift(message: (u32, f64)) -> Tally {
        Tally { entries: vec![message], merged: 1 }
    }

    #[inline]
    fn merge(into: &mut Tally, message: (u32, f64)) {
        into.entries.push(message);
        if into.entries.len() >= 16.max(2 * into.merged) {
            into.merge_entries();
        }
    }
}

/// What a round finds.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Round {
    /// The weights inside communities as they were, both ways.
    inside: f64,
    /// Vertices that would gain by moving, and those of them that did.
    restless: u64,
}

impl Aggregate for Round {
    fn merge(&mut self, other: Self) {
        self.inside += other.inside;
        self.restless += other.restless;
    }
}

/// The vertex program of a round.
#[derive(Debug, Clone)]
struct Move {
    communities: Arc<Vec<u32>>,
    /// The sums of the strengths of each community's members.
    totals: Arc<Vec<f64>>,
    level: Arc<Level>,
    resolution: f64,
    /// Decides whose turn it is.
    turn: u64,
}

impl VertexProgram for Move {
    type State = u32;
    type Edge = f64;
    type Message = (u32, f64);
    type Combiner = ByCommunity;
    type Aggregate = Round;

    fn init(&self, seed: &Seed) -> u32 {
        self.communities[seed.index as usize]
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Tally>) {
        let own = *vertex.state();
        if vertex.superstep() == 0 {
            vertex.send_to_neighbors((own, 1.0));
            return;
        }
        vertex.vote_to_halt();
        let mut tally = inbox.unwrap_or_default();
        tally.merge_entries();
        let index = vertex.index();
        let (strength, looped) =
            (self.level.strengths[index as usize], self.level.loops[index as usize]);
        let to_own = tally.entries.iter().find(|(community, _)| *community == own);
        let to_own = to_own.map_or(0.0, |(_, weight)| *weight);
        vertex.aggregate().inside += to_own + looped;
        let price = self.resolution * strength / self.level.total;
        // Without the vertex itself, wherever it is.
        let stay = to_own - price * (self.totals[own as usize] - strength);
        let mut best = (stay, own);
        for (community, weight) in tally.entries {
            let gain = weight - price * self.totals[community as usize];
            // More than rounding makes of equal gains.
            if community != own && gain > best.0 + 1e-12 * strength {
                best = (gain, community);
            }
        }
        if best.1 != own {
            vertex.aggregate().restless += 1;
            if stable_hash(&(self.turn, index)).is_multiple_of(2) {
                *vertex.state_mut() = best.1;
            }
        }
    }

    fn along(&self, (community, _): &(u32, f64), weight: &f64) -> (u32, f64) {
        (*community, *weight)
    }
}

/// A graph whose vertices are communities of the level below: every edge both ways, no self-loops.
#[derive(Debug)]
struct Level {
    graph: Graph<(), f64>,
    /// The weights within each vertex, both ways.
    loops: Vec<f64>,
    /// The weights at each vertex.
    strengths: Vec<f64>,
    /// The sum of the strengths.
    total: f64,
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
    fn bottom(graph: &Graph<(), f64>, ran: &mut Vec<SuperstepStats>) -> Result<Self> {
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
    fn contract(
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

    fn dictionary(&self) -> Arc<Dictionary> {
        Arc::clone(&self.graph.shape.dictionary)
    }

    fn totals(&self, communities: &[u32]) -> Vec<f64> {
        let mut totals = vec![0.0; communities.len()];
        let members = communities.iter().zip(&self.strengths);
        members.for_each(|(community, strength)| totals[*community as usize] += strength);
        totals
    }

    /// The modularity of communities with so much weight inside.
    fn modularity(&self, inside: f64, totals: &[f64], resolution: f64) -> f64 {
        let expected: f64 =
            totals.iter().map(|total| (total / self.total) * (total / self.total)).sum();
        inside / self.total - resolution * expected
    }
}

/// Moves vertices until nobody gains by it; returns the communities with the highest modularity.
fn settle(
    level: &Arc<Level>,
    settings: &Settings,
    depth: usize,
    ran: &mut Vec<SuperstepStats>,
) -> Result<(Vec<u32>, f64)> {
    let mut communities: Vec<u32> = (0..level.strengths.len() as u32).collect();
    let mut best = (communities.clone(), f64::NEG_INFINITY);
    let mut since = 0;
    for round in 0..ROUNDS {
        let totals = level.totals(&communities);
        let program = Move {
            communities: Arc::new(communities),
            totals: Arc::new(totals),
            level: Arc::clone(level),
            resolution: settings.resolution,
            turn: stable_hash(&(settings.seed, depth as u64, round as u64)),
        };
        let before = program.clone();
        let outcome = Pregel::new(program).run(&level.graph)?;
        ran.extend_from_slice(outcome.supersteps());
        let Round { inside, restless } = *outcome.aggregate();
        let modularity = level.modularity(inside, &before.totals, settings.resolution);
        since += 1;
        if modularity > best.1 {
            if modularity > best.1 + LEAST_GAIN {
                since = 0;
            }
            best = (before.communities.to_vec(), modularity);
        }
        if restless == 0 || since >= PATIENCE {
            break;
        }
        communities = outcome.states().values().collect()?;
    }
    Ok(best)
}

/// Numbers communities without gaps, in the order of their first members.
fn number(communities: &mut [u32]) -> usize {
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

/// What can be set.
#[derive(Debug, Clone, Copy)]
struct Settings {
    resolution: f64,
    seed: u64,
}

/// Communities of a graph.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Communities {
    /// The smallest id of its community for every vertex, in id order.
    pub labels: Rdd<(VertexId, VertexId)>,
    /// How many communities there are.
    pub count: u64,
    /// Q, from -1/2 to 1; 0 in a graph without weights.
    pub modularity: f64,
    /// The graphs of communities that were looked at, the first one included.
    pub levels: usize,
    /// The supersteps that ran.
    pub supersteps: Vec<SuperstepStats>,
}

fn communities(graph: &Graph<(), f64>, settings: &Settings) -> Result<Communities> {
    let mut ran = Vec::new();
    let bottom = Arc::new(Level::bottom(graph, &mut ran)?);
    let mut found: Vec<u32> = (0..bottom.strengths.len() as u32).collect();
    let mut levels = 1;
    if bottom.total > 0.0 {
        let mut level = Arc::clone(&bottom);
        loop {
            let (mut moved, _) = settle(&level, settings, levels, &mut ran)?;
            let before = moved.len();
            let count = number(&mut moved);
            found.iter_mut().for_each(|community| *community = moved[*community as usize]);
            if count == before {
                break;
            }
            level = Arc::new(level.contract(&Arc::new(moved), count, &mut ran)?);
            levels += 1;
        }
    }
    finish(&bottom, found, settings, levels, ran)
}

/// Lets communities fall into their components, and measures them.
fn finish(
    bottom: &Level,
    found: Vec<u32>,
    settings: &Settings,
    levels: usize,
    ran: Vec<SuperstepStats>,
) -> Result<Communities> {
    let (places, found) = (bottom.dictionary(), Arc::new(found));
    let inner = bottom.graph.edges().filter(move |edge| {
        let of = |id| places.dense(id).map(|place| found[place as usize]);
        // The other way says the same.
        edge.source < edge.target && of(edge.source) == of(edge.target)
    });
    let inner = inner.persist(bottom.graph.edges.runtime().storage_level)?;
    let weight: f64 = inner.map(|edge| edge.value).fold(0.0, |a, b| a + b)?;
    let builder = Graph::builder().partitions(bottom.graph.partition_count());
    let connected = builder.parts(&bottom.graph.vertices(), &inner)?;
    inner.unpersist();
    let labels = connected_components(&connected)?;
    let mut totals = BTreeMap::new();
    for ((_, label), strength) in labels.collect()?.iter().zip(&bottom.strengths) {
        *totals.entry(*label).or_insert(0.0) += strength;
    }
    let count = totals.len() as u64;
    let totals: Vec<f64> = totals.into_values().collect();
    let inside = 2.0 * weight + bottom.loops.iter().sum::<f64>();
    let modularity = if bottom.total > 0.0 {
        bottom.modularity(inside, &totals, settings.resolution)
    } else {
        0.0
    };
    Ok(Communities { labels, count, modularity, levels, supersteps: ran })
}

/// Starts the search for communities of a graph whose edges weigh 1 each.
///
/// ```
/// use superstep::algorithms::louvain;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // Two triangles and an edge between them.
/// let edges = [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5), (5, 6), (6, 4)];
/// let graph = Graph::from_edges(&ctx.parallelize(edges.map(Edge::from), 2))?;
/// let found = louvain(&graph).run()?;
/// let labels = found.labels.values().collect()?;
/// assert_eq!(labels, [1, 1, 1, 4, 4, 4]);
/// assert!((found.modularity - 5.0 / 14.0).abs() < 1e-12);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn louvain<V: Data, E: Data>(graph: &Graph<V, E>) -> LouvainRun<'_, V, E> {
    LouvainRun {
        graph,
        weigh: |graph| graph.structure()?.map_edges(|()| 1.0),
        settings: Settings { resolution: 1.0, seed: 1 },
    }
}

/// Starts the search for communities of a graph whose edge values are weights: `f64`, `f32`, or
/// integers of up to 32 bits, 0 or more.
pub fn louvain_weighted<V, E>(graph: &Graph<V, E>) -> LouvainRun<'_, V, E>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    LouvainRun {
        weigh: |graph| graph.map_edges(|weight| (*weight).into())?.map_vertices(|_, _| ()),
        ..louvain(graph)
    }
}

/// The search for communities of a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct LouvainRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    weigh: fn(&Graph<V, E>) -> Result<Graph<(), f64>>,
    settings: Settings,
}

impl<V: Data, E: Data> LouvainRun<'_, V, E> {
    /// Sets γ, above 0 and by default 1: the larger, the smaller communities are.
    pub fn resolution(mut self, resolution: f64) -> Self {
        self.settings.resolution = resolution;
        self
    }

    /// Sets which vertices may move in which round, by default 1. Another seed may find other
    /// communities, of about the same modularity.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a resolution that is not above 0 and
    /// for a weight that is negative or not finite; otherwise when a run fails.
    pub fn run(&self) -> Result<Communities> {
        positive("resolution", self.settings.resolution)?;
        let graph = (self.weigh)(self.graph)?;
        let bad = graph.edges().filter(|edge| !(edge.value >= 0.0 && edge.value.is_finite()));
        if let Some(edge) = bad.take(1)?.first() {
            return Err(Error::argument(format!(
                "the edge from {} to {} has the weight {}: expected a finite number of 0 or more",
                edge.source, edge.target, edge.value
            )));
        }
        communities(&graph, &self.settings)
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Entry {
    fn table<E: Data>(mut run: LouvainRun<'_, (), E>, arguments: &Arguments) -> Result<Table> {
        let Settings { resolution, seed } = &mut run.settings;
        *resolution = arguments.get("resolution")?.unwrap_or(*resolution);
        *seed = arguments.get("seed")?.unwrap_or(*seed);
        let found = run.run()?;
        Ok(Table::without_run(&["id", "community"], Values::Id(found.labels))
            .with_supersteps(&found.supersteps)
            .figure("modularity", found.modularity)
            .figure("communities", found.count)
            .figure("levels", found.levels as u64))
    }
}

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "louvain"
    }

    fn summary(&self) -> &'static str {
        "Communities with many edges inside, directions ignored"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "resolution",
                value: "NUMBER",
                help: "The larger, the smaller communities are; above 0",
                default: "1",
                choices: &[],
            },
            Parameter {
                name: "seed",
                value: "SEED",
                help: "Which vertices may move in which round",
                default: "1",
                choices: &[],
            },
        ]
    }

    fn weights(&self) -> Weights {
        Weights::Optional
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        Self::table(louvain(graph), arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        Self::table(louvain_weighted(graph), arguments)
    }
}
