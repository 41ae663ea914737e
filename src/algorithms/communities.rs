//! What searches for communities have in common: their settings and their results.

use std::collections::BTreeMap;

use crate::data::Data;
use crate::error::Result;
use crate::graph::{Graph, VertexId};
use crate::pregel::SuperstepStats;
use crate::rdd::Rdd;

use super::community_levels::{Level, weights_at_vertices};
use super::connected_components::connected_components;
use super::ranges::{fraction, given, positive};
use super::registry::{Arguments, Parameter};
use super::table::{Table, Values};
use super::weights::{check_sums, check_weights};

/// What can be set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) resolution: f64,
    pub(super) tolerance: f64,
    pub(super) seed: u64,
}

/// The default tolerance.
const TOLERANCE: f64 = 1e-3;

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
    /// How often all vertices of one of these had their turns.
    pub sweeps: usize,
    /// The supersteps that ran besides.
    pub supersteps: Vec<SuperstepStats>,
}

/// Lets communities fall into their components, and measures them.
pub(super) fn finish(
    bottom: &Level,
    found: Vec<u32>,
    settings: &Settings,
    (levels, sweeps): (usize, usize),
    mut ran: Vec<SuperstepStats>,
) -> Result<Communities> {
    let inner = move |source: u32, target: u32| {
        (found[source as usize] == found[target as usize]).then_some((source, target))
    };
    let connected =
        bottom.graph.rewired(bottom.dictionary(), inner, |sum, weight| *sum += weight)?;
    let weights = weights_at_vertices(&connected, &mut ran)?;
    let labels = connected_components(&connected)?;
    let mut totals = BTreeMap::new();
    for ((_, label), strength) in labels.collect()?.iter().zip(&bottom.strengths) {
        *totals.entry(*label).or_insert(0.0) += strength;
    }
    let count = totals.len() as u64;
    let totals: Vec<f64> = totals.into_values().collect();
    let inside = weights.iter().sum::<f64>() + bottom.loops.iter().sum::<f64>();
    let modularity = if bottom.total > 0.0 {
        bottom.modularity(inside, &totals, settings.resolution)
    } else {
        0.0
    };
    Ok(Communities { labels, count, modularity, levels, sweeps, supersteps: ran })
}

/// A method.
type Search = fn(&Graph<(), f64>, &Settings) -> Result<Communities>;

/// The search for communities of a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct CommunitySearch<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    weigh: fn(&Graph<V, E>) -> Result<Graph<(), f64>>,
    search: Search,
    settings: Settings,
}

impl<'a, V: Data, E: Data> CommunitySearch<'a, V, E> {
    /// A search by a method in a graph whose edges weigh 1 each.
    pub(super) fn new(graph: &'a Graph<V, E>, search: Search) -> Self {
        Self {
            graph,
            weigh: |graph| graph.structure()?.map_edges(|()| 1.0),
            search,
            settings: Settings { resolution: 1.0, tolerance: TOLERANCE, seed: 1 },
        }
    }

    /// A search by a method in a graph whose edge values are weights.
    pub(super) fn weighted(graph: &'a Graph<V, E>, search: Search) -> Self
    where
        E: Copy + Into<f64>,
    {
        Self {
            weigh: |graph| graph.map_edges(|weight| (*weight).into())?.map_vertices(|_, _| ()),
            ..Self::new(graph, search)
        }
    }

    /// Sets γ, above 0 and by default 1: the larger, the smaller communities are.
    pub fn resolution(mut self, resolution: f64) -> Self {
        self.settings.resolution = resolution;
        self
    }

    /// Sets how much a sweep of moves has to add to Q, from 0 to 1 and by default 0.001; after two
    /// in a row that add less, the moves on a graph end. The last of many sweeps add little.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.settings.tolerance = tolerance;
        self
    }

    /// Sets what is drawn at random, by default 1. Another seed may find other
    /// communities, of about the same modularity.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Searches.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a resolution that is not above 0,
    /// and for a tolerance that is not from 0 to 1;
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) for a weight that is
    /// negative or not finite, or so large that sums might be infinite; otherwise when a run fails.
    pub fn run(&self) -> Result<Communities> {
        positive("resolution", self.settings.resolution)?;
        fraction("tolerance", self.settings.tolerance)?;
        let graph = (self.weigh)(self.graph)?;
        check_weights(&graph, "weight", "a finite number of 0 or more", |weight| {
            weight >= 0.0 && weight.is_finite()
        })?;
        // A loop counts at both ends.
        check_sums(&graph, "weight", 2 * graph.edge_count())?;
        (self.search)(&graph, &self.settings)
    }
}

/// The parameters of searches for communities.
pub(super) const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "resolution",
        value: "NUMBER",
        help: "The larger, the smaller communities are; above 0",
        default: "1",
        choices: &[],
    },
    Parameter {
        name: "tolerance",
        value: "NUMBER",
        help: "End the moves on a graph after two sweeps that add less to the modularity",
        default: "0.001",
        choices: &[],
    },
    Parameter {
        name: "seed",
        value: "SEED",
        help: "What is drawn at random, such as which vertices move at which turn",
        default: "1",
        choices: &[],
    },
];

/// Checks the arguments that were given.
pub(super) fn check(arguments: &Arguments) -> Result<()> {
    given(arguments, "resolution", positive)?;
    given(arguments, "tolerance", fraction)
}

/// What a search with the arguments that were given finds.
pub(super) fn table<E: Data>(
    mut run: CommunitySearch<'_, (), E>,
    arguments: &Arguments,
) -> Result<Table> {
    let Settings { resolution, tolerance, seed } = &mut run.settings;
    *resolution = arguments.get("resolution")?.unwrap_or(*resolution);
    *tolerance = arguments.get("tolerance")?.unwrap_or(*tolerance);
    *seed = arguments.get("seed")?.unwrap_or(*seed);
    let found = run.run()?;
    Ok(Table::without_run(&["id", "community"], Values::Id(found.labels))
        .with_supersteps(&found.supersteps)
        .figure("modularity", found.modularity)
        .figure("communities", found.count)
        .figure("levels", found.levels as u64)
        .figure("sweeps", found.sweeps as u64))
}
