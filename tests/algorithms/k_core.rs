//! Core numbers.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::k_core;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, clique, cycle, degenerate, grid, path, star};
use crate::public_graphs::{NAMES, public_graph};
use crate::support::expected;

fn cores(graph: &Graph) -> Result<Vec<(u64, u32)>> {
    k_core(graph)?.states().collect()
}

/// For each k, removes vertices of a smaller degree until there are none.
fn twin(graph: &Multigraph) -> Vec<(u64, u32)> {
    let neighbors = graph.simple();
    let mut cores = vec![0; graph.count()];
    for k in 1..=graph.count() as u32 {
        let mut left = vec![true; graph.count()];
        let degree = |left: &[bool], v: usize| neighbors[v].iter().filter(|w| left[**w]).count();
        while let Some(v) = (0..left.len()).find(|v| left[*v] && degree(&left, *v) < k as usize) {
            left[v] = false;
        }
        left.iter().zip(&mut cores).filter(|(left, _)| **left).for_each(|(_, core)| *core = k);
    }
    graph.labelled(&cores)
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn core_numbers_are_those_of_removing_vertices_for_each_k(graph in any_multigraph()) {
        prop_assert_eq!(graph.same(cores)?, twin(&graph));
    }
}

#[test]
fn core_numbers_have_closed_forms() -> Result<()> {
    for (graph, core) in
        [(clique(9), 8), (cycle(7), 2), (path(6), 1), (star(5), 1), (grid(4, 6), 2)]
    {
        let found = graph.same(cores)?;
        assert!(found.iter().all(|(_, found)| *found == core), "{core}: {found:?}");
    }
    Ok(())
}

#[test]
fn a_tail_on_a_clique_does_not_change_its_core() -> Result<()> {
    let mut edges = clique(6).edges;
    edges.extend([(5, 6, 1.0), (6, 7, 1.0), (6, 8, 1.0)]);
    let found = Multigraph::weighted(&edges).same(cores)?;
    let expected: Vec<_> = (0..9).map(|v| (v, if v < 6 { 5 } else { 1 })).collect();
    assert_eq!(found, expected);
    Ok(())
}

#[test]
fn degenerate_graphs_have_core_numbers() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(cores)?, twin(&graph), "{name}");
    }
    Ok(())
}

#[test]
fn core_numbers_of_public_graphs_are_igraphs() -> Result<()> {
    for name in NAMES {
        let Some(public) = public_graph(name)? else { continue };
        let golden: Vec<(u64, u32)> = expected(&public.golden.join("CORE-undirected-simple.gz"))?;
        assert_eq!(cores(&public.graph)?, golden, "{}", public.name);
    }
    Ok(())
}
