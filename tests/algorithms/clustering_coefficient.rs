//! Local clustering coefficients.

use std::collections::BTreeSet;

use proptest::proptest;
use proptest::test_runner::Config;
use superstep::Result;
use superstep::algorithms::clustering_coefficient;
use superstep::prelude::*;

use crate::matrix_market::matrix;
use crate::multigraph::{
    Multigraph, any_multigraph, assert_near, bipartite, clique, cycle, degenerate, grid, star,
};

use crate::support::public_dataset;

fn coefficients(graph: &Graph) -> Result<Vec<(u64, f64)>> {
    clustering_coefficient(graph).run()?.states().collect()
}

/// The definition, word by word, on sets.
fn twin(graph: &Multigraph) -> Vec<(u64, f64)> {
    let (simple, arcs) = (graph.simple(), graph.arcs());
    let values = simple.iter().map(|neighbors| {
        let own: BTreeSet<usize> = neighbors.iter().copied().collect();
        let between = own.iter().map(|u| {
            let out: BTreeSet<usize> =
                arcs[*u].iter().map(|(to, _)| *to).filter(|to| to != u).collect();
            own.intersection(&out).count()
        });
        let (between, k) = (between.sum::<usize>() as f64, own.len() as f64);
        if k < 2.0 { 0.0 } else { between / (k * (k - 1.0)) }
    });
    graph.labelled(&values.collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(Config { cases: 32, ..Config::default() })]

    #[test]
    fn coefficients_are_those_of_the_definition_on_sets(graph in any_multigraph()) {
        // Whole numbers are divided once, so it comes out to the bit.
        assert_eq!(graph.same(coefficients)?, twin(&graph));
    }
}

fn assert_all(graph: &Multigraph, expected: f64) -> Result<()> {
    let expected = graph.labelled(&vec![expected; graph.count()]);
    assert_near(&graph.same(coefficients)?, &expected, 0.0, "all");
    Ok(())
}

#[test]
fn cliques_are_full_and_graphs_without_triangles_empty() -> Result<()> {
    assert_all(&clique(7), 1.0)?;
    assert_all(&cycle(3), 1.0)?;
    for graph in [cycle(8), star(6), bipartite(3, 5), grid(4, 4)] {
        assert_all(&graph, 0.0)?;
    }
    Ok(())
}

#[test]
fn a_directed_cycle_of_three_has_half_of_what_there_could_be() -> Result<()> {
    assert_all(&Multigraph::directed(&[(1, 2), (2, 3), (3, 1)]), 0.5)
}

#[test]
fn a_wheel_has_two_thirds_at_its_rim_and_less_at_its_hub_the_larger_it_is() -> Result<()> {
    let spokes = 9;
    let rim = (1..=spokes).map(|v| (v, v % spokes + 1));
    let edges: Vec<_> = rim.chain((1..=spokes).map(|v| (0, v))).collect();
    let found = Multigraph::undirected(&edges).same(coefficients)?;
    assert_eq!(found[0], (0, 2.0 / (spokes as f64 - 1.0)));
    assert!(found[1..].iter().all(|(_, value)| *value == 2.0 / 3.0), "{found:?}");
    Ok(())
}

#[test]
fn long_lists_are_intersected_as_short_ones_are() -> Result<()> {
    // The lists of a large clique take the way over bitmaps, those of many small ones do not.
    assert_all(&clique(90), 1.0)?;
    let mut small = Multigraph::default();
    for first in (0..500).step_by(5) {
        for (a, b, weight) in clique(5).edges {
            small.edges.push((first + a, first + b, weight));
        }
    }
    small.edges.retain(|(a, b, _)| (a * 7 + b) % 11 != 0);
    let small = small.with_vertices(0..500).both_ways();
    assert_same_as_twin(small)?;
    let mut parts = clique(60);
    parts.edges.retain(|(a, b, _)| a % 3 != b % 3);
    assert_same_as_twin(parts)
}

/// Also with edges that go one way.
fn assert_same_as_twin(graph: Multigraph) -> Result<()> {
    assert_eq!(graph.same(coefficients)?, twin(&graph));
    let one_way = Multigraph { undirected: false, ..graph };
    assert_eq!(one_way.same(coefficients)?, twin(&one_way));
    Ok(())
}

#[test]
fn degenerate_graphs_have_coefficients() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(coefficients)?, twin(&graph), "{name}");
    }
    Ok(())
}

#[test]
fn coefficients_of_a_directed_graph_are_those_of_lagraph() -> Result<()> {
    let Some(set) = public_dataset("lagraph-data") else { return Ok(()) };
    let expected = std::fs::read_to_string(set.join("expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let expected = expected["lcc"]["arrays"]["lcc_west0067"].as_array().unwrap();
    let expected: Vec<_> =
        (0..).zip(expected).map(|(id, value)| (id, value.as_f64().unwrap())).collect();
    let found = matrix(&set.join("west0067.mtx"))?.same(coefficients)?;
    // They are printed with six digits.
    assert_near(&found, &expected, 1e-6, "west0067");
    Ok(())
}
