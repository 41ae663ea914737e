//! Communities by label propagation.

use std::collections::BTreeMap;

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::algorithms::label_propagation;
use superstep::prelude::*;
use superstep::{Result, StopReason};

use crate::matrix_market::matrix;
use crate::multigraph::{Multigraph, any_multigraph, bipartite, clique, degenerate, path, star};

use crate::support::public_dataset;

fn labels(graph: &Graph, iterations: usize) -> Result<Vec<(u64, u64)>> {
    label_propagation(graph).iterations(iterations).run()?.states().collect()
}

/// Counts in a map, over both lists of neighbors.
fn twin(graph: &Multigraph, iterations: usize) -> Vec<(u64, u64)> {
    let (out, back) = (graph.arcs(), graph.arcs_back());
    let mut labels = graph.ids.clone();
    for _ in 0..iterations {
        let next = (0..graph.count()).map(|vertex| {
            let mut counts = BTreeMap::<u64, i64>::new();
            let entering = if graph.undirected { &[][..] } else { &back[vertex] };
            for (neighbor, _) in out[vertex].iter().chain(entering) {
                *counts.entry(labels[*neighbor]).or_default() += 1;
            }
            let best = counts.into_iter().min_by_key(|(label, count)| (-count, *label));
            best.map_or(labels[vertex], |(label, _)| label)
        });
        labels = next.collect();
    }
    graph.labelled(&labels)
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn labels_are_those_of_counting_in_a_map(graph in any_multigraph(), iterations in 0_usize..6) {
        let found = graph.same(|graph| labels(graph, iterations))?;
        prop_assert_eq!(found, twin(&graph, iterations));
    }
}

#[test]
fn a_clique_agrees_on_its_smallest_label_in_two_iterations() -> Result<()> {
    // In the first one, vertex 0 takes 1 and all others take 0.
    let found = clique(6).same(|graph| labels(graph, 1))?;
    assert_eq!(found, [(0, 1), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]);
    let found = clique(6).same(|graph| labels(graph, 2))?;
    assert!(found.iter().all(|(_, label)| *label == 0));
    Ok(())
}

#[test]
fn the_two_sides_of_a_bipartite_graph_swap_their_labels_for_ever() -> Result<()> {
    for iterations in [1, 2, 7, 8] {
        let found = bipartite(3, 4).same(|graph| labels(graph, iterations))?;
        let even = iterations % 2 == 0;
        let expected: Vec<_> = (0..7).map(|v| (v, if (v < 3) == even { 0 } else { 3 })).collect();
        assert_eq!(found, expected, "{iterations}");
    }
    Ok(())
}

#[test]
fn the_leaves_of_a_star_take_the_label_of_its_middle() -> Result<()> {
    let found = star(5).same(|graph| labels(graph, 1))?;
    assert_eq!(found, [(0, 1), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]);
    Ok(())
}

#[test]
fn a_neighbor_linked_both_ways_counts_twice_where_edges_have_directions() -> Result<()> {
    let edges = [(5, 9), (9, 5), (5, 1)];
    let found = Multigraph::directed(&edges).same(|graph| labels(graph, 1))?;
    assert_eq!(found, [(1, 5), (5, 9), (9, 5)]);
    let found = Multigraph::undirected(&[(5, 9), (5, 1)]).same(|graph| labels(graph, 1))?;
    assert_eq!(found, [(1, 5), (5, 1), (9, 5)]);
    Ok(())
}

#[test]
fn labels_that_no_longer_change_end_the_run() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = label_propagation(&clique(5).build(&ctx, 2)?).iterations(1_000_000).run()?;
    assert_eq!(outcome.stop_reason(), StopReason::Stopped);
    assert_eq!((outcome.supersteps().len(), outcome.aggregate().labels), (4, 0));
    let settled = path(3).same(|graph| labels(graph, 0))?;
    assert_eq!(settled, [(0, 0), (1, 1), (2, 2)]);
    Ok(())
}

#[test]
fn degenerate_graphs_have_labels() -> Result<()> {
    for (name, graph) in degenerate() {
        for iterations in [0, 1, 5] {
            let found = graph.same(|graph| labels(graph, iterations))?;
            assert_eq!(found, twin(&graph, iterations), "{name}");
        }
    }
    Ok(())
}

#[test]
fn labels_of_a_mesh_are_those_of_lagraph() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let expected = std::fs::read_to_string(set.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let expected = expected["cdlp"]["arrays"]["cdlp_jagmesh7"].as_array().unwrap();
    let mesh = matrix(&set.join("jagmesh7.mtx"))?;
    // They have settled long before; its self-loops count.
    let found = mesh.same(|graph| labels(graph, 100))?;
    let found: Vec<f64> = found.into_iter().map(|(_, label)| label as f64).collect();
    assert_eq!(found, expected.iter().map(|label| label.as_f64().unwrap()).collect::<Vec<_>>());
    Ok(())
}
