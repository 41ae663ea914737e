//! Maximal independent sets.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::maximal_independent_set;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, clique, cycle, degenerate, path, star};

fn members(graph: &Graph, seed: u64) -> Result<Vec<(u64, bool)>> {
    maximal_independent_set(graph).seed(seed).run()?.states().collect()
}

/// Asserts that no two members are neighbours, and that everybody else has one.
fn check(graph: &Multigraph, found: &[(u64, bool)]) {
    assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), graph.ids);
    for (vertex, neighbors) in graph.simple().iter().enumerate() {
        let near = neighbors.iter().any(|other| found[*other].1);
        assert_ne!(found[vertex].1, near, "vertex {vertex} of {graph:?}");
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn members_are_no_neighbours_and_nobody_could_be_added(graph in any_multigraph()) {
        for seed in [0, 1] {
            let found = graph.same(|graph| members(graph, seed))?;
            check(&graph, &found);
            prop_assert_eq!(graph.same(|graph| members(graph, seed))?, found);
        }
    }
}

#[test]
fn sizes_of_sets_are_within_their_closed_forms() -> Result<()> {
    let size = |graph: &Multigraph, seed| -> Result<usize> {
        let found = graph.same(|graph| members(graph, seed))?;
        check(graph, &found);
        Ok(found.iter().filter(|(_, is_in)| *is_in).count())
    };
    for seed in 0..4 {
        assert_eq!(size(&clique(9), seed)?, 1);
        assert!([1, 20].contains(&size(&star(20), seed)?));
        assert!((10..=15).contains(&size(&path(30), seed)?));
        assert!((10..=15).contains(&size(&cycle(30), seed)?));
    }
    Ok(())
}

#[test]
fn seeds_give_different_sets() -> Result<()> {
    let graph = path(40);
    let sets = [1, 2].map(|seed| graph.same(|graph| members(graph, seed)));
    let [first, second] = sets;
    assert_ne!(first?, second?);
    Ok(())
}

#[test]
fn degenerate_graphs_have_independent_sets_of_isolated_vertices_and_self_loops_too() -> Result<()> {
    for (_, graph) in degenerate() {
        check(&graph, &graph.same(|graph| members(graph, 0))?);
    }
    Ok(())
}
