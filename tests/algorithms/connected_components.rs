//! Connected components.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::connected_components;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, clique, cycle, degenerate, grid, path, star};
use crate::oracle_igraph::for_each_oracle;
use crate::support::expected;

fn components(graph: &Graph) -> Result<Vec<(u64, u64)>> {
    connected_components(graph)?.collect()
}

/// Takes over the smaller label at the ends of each edge until no label changes.
fn twin(graph: &Multigraph) -> Vec<(u64, u64)> {
    let mut labels = graph.ids.clone();
    loop {
        let before = labels.clone();
        for (source, target, _) in &graph.edges {
            let (a, b) = (graph.index(*source), graph.index(*target));
            let least = labels[a].min(labels[b]);
            (labels[a], labels[b]) = (least, least);
        }
        if labels == before {
            return graph.labelled(&labels);
        }
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn components_are_those_of_smaller_labels_at_the_ends_of_edges(graph in any_multigraph()) {
        prop_assert_eq!(graph.same(components)?, twin(&graph));
    }
}

#[test]
fn connected_graphs_are_one_component_with_the_smallest_id() -> Result<()> {
    for graph in [path(40), cycle(17), star(9), clique(6), grid(5, 7)] {
        let found = graph.same(components)?;
        assert!(found.iter().all(|(_, label)| *label == 0), "{graph:?}");
    }
    Ok(())
}

#[test]
fn directions_do_not_matter() -> Result<()> {
    let graph = Multigraph::directed(&[(5, 3), (4, 5), (7, 4), (9, 8)]);
    let expected = [(3, 3), (4, 3), (5, 3), (7, 3), (8, 8), (9, 8)];
    assert_eq!(graph.same(components)?, expected);
    assert_eq!(graph.both_ways().same(components)?, expected);
    Ok(())
}

#[test]
fn degenerate_graphs_have_components() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(components)?, twin(&graph), "{name}");
    }
    Ok(())
}

#[test]
fn components_are_those_of_igraph() -> Result<()> {
    for_each_oracle(|oracle| {
        let found = components(&oracle.graph.structure()?)?;
        let golden = expected::<u64>(&oracle.folder.join("WCC-minid.gz"))?;
        assert!(found == golden, "{}", oracle.name);
        Ok(())
    })
}
