//! Greedy colouring.

use std::collections::BTreeSet;

use proptest::test_runner::Config;
use proptest::{prop_assert, proptest};
use superstep::Result;
use superstep::algorithms::coloring;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, bipartite, clique, cycle, degenerate, star};
use crate::public_graphs::public_graph;

fn colors(graph: &Graph, seed: u64) -> Result<Vec<(u64, u32)>> {
    coloring(graph).seed(seed).run()?.states().collect()
}

/// Asserts that neighbours differ, and that every colour is the smallest that was free: all smaller
/// ones are among the neighbours'.
fn check(graph: &Multigraph, found: &[(u64, u32)]) {
    assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), graph.ids);
    for (vertex, neighbors) in graph.simple().iter().enumerate() {
        let own = found[vertex].1;
        let near: BTreeSet<u32> = neighbors.iter().map(|other| found[*other].1).collect();
        assert!(!near.contains(&own), "vertex {vertex} of {graph:?}");
        assert!((0..own).all(|smaller| near.contains(&smaller)), "vertex {vertex} of {graph:?}");
    }
}

fn count(found: &[(u64, u32)]) -> usize {
    found.iter().map(|(_, color)| color).collect::<BTreeSet<_>>().len()
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn neighbours_differ_and_colours_are_the_smallest_free_ones(graph in any_multigraph()) {
        for seed in [0, 9] {
            let found = graph.same(|graph| colors(graph, seed))?;
            check(&graph, &found);
            let degree = graph.simple().iter().map(Vec::len).max().unwrap_or(0);
            prop_assert!(count(&found) <= degree + 1);
        }
    }
}

#[test]
fn cliques_need_as_many_colours_as_vertices_stars_two_and_cycles_two_or_three() -> Result<()> {
    let run = |graph: &Multigraph| graph.same(|graph| colors(graph, 3));
    assert_eq!(count(&run(&clique(70))?), 70);
    assert_eq!(count(&run(&star(12))?), 2);
    assert!((2..=3).contains(&count(&run(&cycle(10))?)));
    assert_eq!(count(&run(&cycle(11))?), 3);
    // Sides of different degrees are taken one after the other.
    assert_eq!(count(&run(&bipartite(3, 9))?), 2);
    Ok(())
}

#[test]
fn the_largest_degree_is_coloured_first() -> Result<()> {
    for seed in 0..4 {
        assert_eq!(star(6).same(|graph| colors(graph, seed))?[0], (0, 0));
    }
    Ok(())
}

#[test]
fn degenerate_graphs_have_colours() -> Result<()> {
    for (_, graph) in degenerate() {
        check(&graph, &graph.same(|graph| colors(graph, 0))?);
    }
    Ok(())
}

#[test]
fn a_public_graph_takes_at_most_one_colour_more_than_its_largest_core() -> Result<()> {
    // Not a law for this order, but it holds with much room here: the largest core number is 53.
    let Some(public) = public_graph("wiki-Vote")? else { return Ok(()) };
    let found = colors(&public.graph, 0)?;
    let edges = public.graph.edges().collect()?;
    let edges: Vec<_> = edges.iter().map(|edge| (edge.source, edge.target)).collect();
    check(&Multigraph::directed(&edges), &found);
    assert!(count(&found) <= 54, "{}", count(&found));
    Ok(())
}
