//! Minimum spanning forests.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::algorithms::{connected_components, minimum_spanning_forest};
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

use crate::multigraph::{Multigraph, any_multigraph, clique, cycle, degenerate, path};
use crate::support::{lines, public_dataset};

type Edges = Vec<(u64, u64, f64)>;

/// Edges, weight, trees.
fn forest(graph: &Graph<(), f64>) -> Result<(Edges, f64, u64)> {
    let forest = minimum_spanning_forest(graph)?;
    let edges = forest.edges().map(|edge| (edge.source, edge.target, edge.value)).collect()?;
    assert_eq!(forest.edge_count(), edges.len() as u64);
    Ok((edges, forest.weight(), forest.tree_count()))
}

/// Kruskal's: the edges by weight and then by their ends, each unless its ends are connected.
fn twin(graph: &Multigraph) -> (Edges, f64, u64) {
    let mut edges: Edges =
        graph.edges.iter().map(|(a, b, weight)| (*a.min(b), *a.max(b), *weight)).collect();
    edges.sort_by(|x, y| x.2.total_cmp(&y.2).then((x.0, x.1).cmp(&(y.0, y.1))));
    let mut trees: Vec<usize> = (0..graph.count()).collect();
    edges.retain(|(a, b, _)| {
        let (a, b) = (trees[graph.index(*a)], trees[graph.index(*b)]);
        trees.iter_mut().filter(|tree| **tree == a).for_each(|tree| *tree = b);
        a != b
    });
    edges.sort_by_key(|edge| (edge.0, edge.1));
    trees.sort_unstable();
    trees.dedup();
    let weight = edges.iter().map(|(_, _, weight)| weight).sum();
    (edges, weight, trees.len() as u64)
}

proptest! {
    #![proptest_config(Config { cases: 32, ..Config::default() })]

    #[test]
    fn forests_are_kruskals(graph in any_multigraph()) {
        prop_assert_eq!(graph.same_weighted(forest)?, twin(&graph));
    }
}

#[test]
fn trees_are_their_own_forests_and_cycles_lose_their_heaviest_edge() -> Result<()> {
    assert_eq!(path(9).same_weighted(forest)?.0, path(9).edges);
    let mut ring = cycle(6);
    ring.edges.iter_mut().zip([3.0, 1.0, 9.0, 2.0, 4.0, -5.0]).for_each(|(e, w)| e.2 = w);
    let (edges, weight, trees) = ring.same_weighted(forest)?;
    assert_eq!((edges.len(), weight, trees), (5, 5.0, 1));
    assert!(!edges.iter().any(|edge| edge.2 == 9.0));
    Ok(())
}

#[test]
fn a_clique_of_equal_weights_has_a_star_around_the_smallest_vertex() -> Result<()> {
    let (edges, weight, _) = clique(12).same_weighted(forest)?;
    assert_eq!(edges, (1..12).map(|v| (0, v, 1.0)).collect::<Vec<_>>());
    assert_eq!(weight, 11.0);
    Ok(())
}

#[test]
fn weights_along_a_long_path_in_order_take_one_round() -> Result<()> {
    // Every vertex chooses the edge to the one before: the way to the root is as long as the path.
    let edges: Vec<_> = (1..3_000_u64).map(|v| Edge::new(v - 1, v, v as u32)).collect();
    let ctx = Context::local(2)?;
    let graph = Graph::builder().partitions(3).edges(&ctx.parallelize(edges, 3))?;
    let forest = minimum_spanning_forest(&graph)?;
    assert_eq!((forest.rounds(), forest.edge_count()), (1, 2_999));
    // Doubling: not one superstep for each vertex.
    assert!(forest.supersteps().len() < 40, "{}", forest.supersteps().len());
    Ok(())
}

#[test]
fn negative_and_infinite_weights_are_ordered_and_those_that_are_no_numbers_refused() -> Result<()> {
    let infinite = f64::INFINITY;
    let graph = Multigraph::weighted(&[(1, 2, -1.0), (2, 3, infinite), (1, 3, -infinite)]);
    assert_eq!(graph.same_weighted(forest)?.0, [(1, 2, -1.0), (1, 3, -infinite)]);
    let graph = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, f64::NAN)]);
    graph.same_weighted(|graph| {
        let error = minimum_spanning_forest(graph).unwrap_err();
        let ErrorKind::UnsuitableGraph { vertices, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(vertices, &[2, 3]);
        assert!(error.to_string().contains("NaN"), "{error}");
        Ok(())
    })
}

#[test]
fn degenerate_graphs_have_forests() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same_weighted(forest)?, twin(&graph), "{name}");
    }
    Ok(())
}

#[test]
fn the_forest_of_a_road_network_is_kruskals_with_a_tree_for_each_component() -> Result<()> {
    let Some(set) = public_dataset("roads-rome99") else { return Ok(()) };
    let arcs = lines(&set.join("rome99.gr"))?.into_iter().filter_map(|line| {
        let fields: Vec<u64> =
            line.strip_prefix("a ")?.split(' ').filter_map(|field| field.parse().ok()).collect();
        Some((fields[0], fields[1], fields[2] as f64))
    });
    let network = Multigraph::weighted(&arcs.collect::<Vec<_>>());
    let ctx = Context::local(2)?;
    let graph = network.build_weighted(&ctx, 3)?;
    let (edges, weight, trees) = forest(&graph)?;
    assert_eq!((edges, weight, trees), twin(&network));
    let labels = connected_components(&graph)?;
    assert_eq!(labels.filter(|(id, label)| id == label).count()?, trees);
    Ok(())
}
