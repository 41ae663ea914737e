//! Reciprocity.

use std::collections::BTreeSet;

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::reciprocity;

use crate::multigraph::{Multigraph, any_multigraph, clique, degenerate, star};
use crate::public_graphs::public_graph;

/// Distinct edges that are no self-loops, and those of them with an edge back.
fn twin(graph: &Multigraph) -> (u64, u64) {
    let arcs = graph.arcs().into_iter().enumerate();
    let arcs = arcs.flat_map(|(from, to)| to.into_iter().map(move |(to, _)| (from, to)));
    let edges: BTreeSet<_> = arcs.filter(|(from, to)| from != to).collect();
    let mutual = edges.iter().filter(|(from, to)| edges.contains(&(*to, *from)));
    (edges.len() as u64, mutual.count() as u64)
}

fn found(graph: &Multigraph) -> Result<(u64, u64)> {
    graph.same(|graph| reciprocity(graph).map(|found| (found.edges, found.mutual)))
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn mutual_edges_are_those_with_an_edge_back(graph in any_multigraph()) {
        prop_assert_eq!(found(&graph)?, twin(&graph));
    }
}

#[test]
fn undirected_graphs_are_mutual_and_one_way_stars_are_not() -> Result<()> {
    assert_eq!(found(&clique(8))?, (56, 56));
    let one_way = Multigraph { undirected: false, ..star(9) };
    assert_eq!(found(&one_way)?, (9, 0));
    assert_eq!(one_way.same(|graph| Ok(reciprocity(graph)?.ratio()))?, Some(0.0));
    Ok(())
}

#[test]
fn degenerate_graphs_have_a_reciprocity_where_they_have_edges() -> Result<()> {
    for (name, graph) in degenerate() {
        let (edges, _) = twin(&graph);
        assert_eq!(found(&graph)?, twin(&graph), "{name}");
        let ratio = graph.same(|graph| Ok(reciprocity(graph)?.ratio()))?;
        assert_eq!(ratio.is_some(), edges > 0, "{name}");
    }
    Ok(())
}

#[test]
fn a_public_graph_agrees_with_a_set_of_its_edges() -> Result<()> {
    let Some(public) = public_graph("wiki-Vote")? else { return Ok(()) };
    let edges = public.graph.edges().collect()?;
    let edges: BTreeSet<_> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
    let mutual = edges.iter().filter(|(from, to)| edges.contains(&(*to, *from))).count();
    let found = reciprocity(&public.graph)?;
    assert_eq!((found.edges, found.mutual), (edges.len() as u64, mutual as u64));
    Ok(())
}
