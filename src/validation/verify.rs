//! Which check belongs to which algorithm of the registry.

use crate::algorithms::{Arguments, Table};
use crate::error::{Error, Result};
use crate::graph::Graph;

use super::plain_graph::PlainGraph;
use super::run::{Broken, Run, Verdict};
use super::{
    choices, communities, components, cores, distances, factors, motifs, neighborhoods, ranks,
    search, walks,
};

/// Looks at a result beside its graph.
type Check = fn(&Run<'_>) -> Verdict;

/// The checks, by the names of their algorithms in the registry.
const CHECKS: &[(&str, Check)] = &[
    ("als", factors::als),
    ("articulation-points", components::articulation_points),
    ("betweenness", distances::betweenness),
    ("bfs", search::bfs),
    ("bridges", components::bridges),
    ("closeness", distances::closeness),
    ("clustering-coefficient", neighborhoods::clustering_coefficient),
    ("coloring", choices::coloring),
    ("connected-components", components::connected),
    ("degrees", neighborhoods::degrees),
    ("diameter", distances::diameter),
    ("eigenvector", ranks::eigenvector),
    ("harmonic", distances::harmonic),
    ("hits", ranks::hits),
    ("k-core", cores::k_core),
    ("k-truss", cores::k_truss),
    ("katz", ranks::katz),
    ("label-propagation", communities::label_propagation),
    ("landmarks", search::landmarks),
    ("leiden", communities::modular),
    ("louvain", communities::modular),
    ("maximal-independent-set", choices::independent_set),
    ("minimum-spanning-forest", components::spanning_forest),
    ("motifs", motifs::motifs),
    ("pagerank", ranks::page_rank),
    ("personalized-pagerank", ranks::personalized_page_rank),
    ("random-walks", walks::random_walks),
    ("reciprocity", neighborhoods::reciprocity),
    ("sssp", search::shortest_paths),
    ("strongly-connected-components", components::strong),
    ("topological-sort", choices::levels),
    ("transitivity", neighborhoods::transitivity),
    ("triangles", neighborhoods::triangles),
    ("truss-numbers", cores::truss_numbers_of_all),
];

fn check(algorithm: &str) -> Option<Check> {
    CHECKS.iter().find(|(name, _)| *name == algorithm).map(|(_, check)| *check)
}

/// True when there is a check for the results of an algorithm, as there is for all of the registry.
#[must_use]
pub fn can_verify(algorithm: &str) -> bool {
    check(algorithm).is_some()
}

/// Checks the result of an algorithm of the registry, run with these arguments.
///
/// Most checks walk the edges a few times. That of betweenness makes as many searches as the run
/// did, one after another, and those of eigenvector, HITS and Katz as many iterations; closeness,
/// harmonic centrality, clustering coefficients and, in large graphs, the diameter are checked at a
/// sample of the vertices; of random walks the steps are checked and not how often each is taken.
///
/// # Errors
/// [`ErrorKind::User`](crate::ErrorKind::User) with the property that does not hold;
/// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when there is no check for the algorithm;
/// otherwise when computing the edges or the rows fails.
pub fn verify(algorithm: &str, graph: &Graph, arguments: &Arguments, table: &Table) -> Result<()> {
    checked(algorithm, &PlainGraph::new(graph)?, arguments, table)
}

/// As [`verify`], of a run on a graph with weights.
///
/// # Errors
/// As [`verify`].
pub fn verify_weighted(
    algorithm: &str,
    graph: &Graph<(), f64>,
    arguments: &Arguments,
    table: &Table,
) -> Result<()> {
    checked(algorithm, &PlainGraph::weighted(graph)?, arguments, table)
}

fn checked(
    algorithm: &str,
    graph: &PlainGraph,
    arguments: &Arguments,
    table: &Table,
) -> Result<()> {
    let unknown = || Error::argument(format!("results of {algorithm} cannot be verified"));
    let check = check(algorithm).ok_or_else(unknown)?;
    match check(&Run { graph, arguments, table }) {
        Ok(()) => Ok(()),
        Err(Broken::Failed(error)) => Err(error),
        Err(Broken::Property(property)) => {
            Err(Error::user(format!("{algorithm} is not right: {property}")))
        }
    }
}
