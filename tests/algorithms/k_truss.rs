//! Trusses.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::algorithms::{k_core, k_truss, truss_numbers};
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

use crate::multigraph::{Multigraph, any_multigraph, bipartite, clique, cycle, degenerate};
use crate::public_graphs::public_graph;

fn truss(graph: &Graph, k: u32) -> Result<Vec<(u64, u64)>> {
    k_truss(graph, k)?.edges().collect()
}

/// Removes any edge in too few triangles until there is none.
fn twin(graph: &Multigraph, k: u32) -> Vec<(u64, u64)> {
    let mut left = graph.simple();
    loop {
        let pairs = (0..left.len()).flat_map(|a| left[a].iter().map(move |b| (a, *b)));
        let few = pairs.filter(|(a, b)| a < b).find(|(a, b)| {
            left[*a].iter().filter(|c| left[*b].contains(c)).count() + 2 < k as usize
        });
        let Some((a, b)) = few else { break };
        left[a].retain(|other| *other != b);
        left[b].retain(|other| *other != a);
    }
    let edges = left.iter().enumerate().flat_map(|(a, others)| {
        let larger = others.iter().filter(move |b| a < **b);
        larger.map(move |b| (graph.ids[a], graph.ids[*b]))
    });
    edges.collect()
}

proptest! {
    #![proptest_config(Config { cases: 16, ..Config::default() })]

    #[test]
    fn trusses_are_what_removing_edges_one_by_one_leaves(graph in any_multigraph()) {
        for k in [2, 3, 4, 5] {
            prop_assert_eq!(graph.same(|graph| truss(graph, k))?, twin(&graph, k), "k = {}", k);
        }
    }

    #[test]
    fn truss_numbers_say_which_trusses_an_edge_is_in(graph in any_multigraph()) {
        let numbers = graph.same(|graph| truss_numbers(graph)?.collect())?;
        let largest = numbers.iter().map(|(_, number)| *number).max().unwrap_or(2);
        for k in 2..=largest + 1 {
            let within = numbers.iter().filter(|(_, number)| *number >= k);
            let within: Vec<_> = within.map(|(edge, _)| *edge).collect();
            prop_assert_eq!(within, twin(&graph, k), "k = {}", k);
        }
    }
}

#[test]
fn the_edges_of_a_clique_have_its_size_and_those_that_hang_on_it_less() -> Result<()> {
    let mut edges: Vec<_> = clique(7).edges.iter().map(|(a, b, _)| (*a, *b)).collect();
    // A vertex tied to two of the clique, and one tied to one.
    edges.extend([(0, 7), (1, 7), (2, 8)]);
    let numbers = Multigraph::undirected(&edges).same(|graph| truss_numbers(graph)?.collect())?;
    for ((a, b), number) in numbers {
        let expected = match b {
            0..7 => 7,
            7 => 3,
            _ => 2,
        };
        assert_eq!(number, expected, "{a} {b}");
    }
    for (name, graph) in degenerate() {
        let numbers = graph.same(|graph| truss_numbers(graph)?.collect())?;
        assert_eq!(numbers.len(), twin(&graph, 2).len(), "{name}");
    }
    Ok(())
}

#[test]
fn a_clique_is_a_truss_up_to_its_size() -> Result<()> {
    let all = clique(7).same(|graph| truss(graph, 2))?;
    assert_eq!(all.len(), 21);
    assert_eq!(clique(7).same(|graph| truss(graph, 7))?, all);
    assert!(clique(7).same(|graph| truss(graph, 8))?.is_empty());
    Ok(())
}

#[test]
fn graphs_without_triangles_have_no_truss_above_two() -> Result<()> {
    for graph in [cycle(8), bipartite(4, 5)] {
        assert_eq!(graph.same(|graph| truss(graph, 2))?.len(), graph.edges.len());
        assert!(graph.same(|graph| truss(graph, 3))?.is_empty());
    }
    Ok(())
}

#[test]
fn edges_that_hold_each_other_fall_one_after_the_other() -> Result<()> {
    // A row of triangles, each sharing an edge with the next: all but the ends are in two.
    let edges: Vec<_> = (0..20).flat_map(|v| [(v, v + 1), (v, v + 2)]).collect();
    let row = Multigraph::undirected(&edges);
    assert_eq!(row.same(|graph| truss(graph, 3))?.len(), 40 - 1);
    assert!(row.same(|graph| truss(graph, 4))?.is_empty());
    Ok(())
}

#[test]
fn degenerate_graphs_have_trusses() -> Result<()> {
    for (name, graph) in degenerate() {
        for k in [2, 3, 4] {
            assert_eq!(graph.same(|graph| truss(graph, k))?, twin(&graph, k), "{name}, k = {k}");
        }
    }
    Ok(())
}

#[test]
fn a_truss_below_two_is_refused() -> Result<()> {
    for k in [0, 1] {
        clique(3).same(|graph| {
            let error = k_truss(graph, k).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
            assert!(error.to_string().contains(&format!("k is {k}")), "{error}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn in_a_truss_of_a_public_graph_every_edge_is_in_enough_triangles_and_its_ends_in_the_core()
-> Result<()> {
    let Some(public) = public_graph("ca-GrQc")? else { return Ok(()) };
    let cores = k_core(&public.graph)?.states().collect_as_map()?;
    let numbers = truss_numbers(&public.graph)?.collect()?;
    // What networkx 3 says: there is a 44-truss and no 45-truss.
    assert_eq!(numbers.iter().map(|(_, number)| *number).max(), Some(44));
    for (k, edge_count) in [(4, 9756), (10, 4267), (20, 3185), (44, 946)] {
        let edges = truss(&public.graph, k)?;
        assert_eq!(edges.len(), edge_count);
        let within = numbers.iter().filter(|(_, number)| *number >= k).map(|(edge, _)| *edge);
        assert_eq!(within.collect::<Vec<_>>(), edges);
        let left = Multigraph::undirected(&edges);
        let neighbors = left.simple();
        for (a, b) in edges {
            let (x, y) = (&neighbors[left.index(a)], &neighbors[left.index(b)]);
            let common = x.iter().filter(|c| y.binary_search(c).is_ok()).count();
            assert!(common as u32 + 2 >= k, "{a} {b}: {common}");
            assert!(cores[&a] + 1 >= k && cores[&b] + 1 >= k);
        }
    }
    Ok(())
}
