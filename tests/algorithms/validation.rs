//! Verifiers accept what is right and nothing else.

use proptest::test_runner::Config;
use proptest::{prop_assert, proptest};
use superstep::Result;
use superstep::algorithms::{
    bfs, clustering_coefficient, connected_components, label_propagation, page_rank, shortest_paths,
};
use superstep::prelude::*;
use superstep::validation::{
    PlainGraph, verify_bfs, verify_clustering_coefficients, verify_components,
    verify_label_propagation, verify_ranks, verify_shortest_paths,
};

use crate::multigraph::{Multigraph, any_multigraph_and_vertex, path};

const NOT_REACHED: u64 = i64::MAX as u64;

type Parents = Vec<(u64, Option<u64>)>;

/// Depths and parents of a search.
fn searched(graph: &Graph, source: u64) -> Result<(Vec<(u64, u64)>, Parents)> {
    let reached = bfs(graph, source).run()?.states().collect()?;
    let depths =
        reached.iter().map(|(id, reached)| (*id, reached.depth().map_or(NOT_REACHED, u64::from)));
    let parents = reached
        .iter()
        .map(|(id, reached)| (*id, reached.parent().and_then(|index| graph.id_at(index))));
    Ok((depths.collect(), parents.collect()))
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn results_are_accepted_and_results_with_one_value_changed_are_not(
        (multigraph, source) in any_multigraph_and_vertex(),
        at in 0_usize..64,
    ) {
        let ctx = Context::local(2)?;
        let graph = multigraph.build(&ctx, 3)?;
        let plain = PlainGraph::new(&graph)?;
        let at = at % multigraph.count();

        let (mut depths, parents) = searched(&graph, source)?;
        prop_assert!(verify_bfs(&plain, source, &depths, Some(&parents)).is_ok());
        prop_assert!(verify_bfs(&plain, source, &depths, None).is_ok());
        for wrong in [1, 2, NOT_REACHED] {
            let right = depths[at].1;
            depths[at].1 = if right == wrong { 3 } else { wrong };
            let changed = depths[at].1 != right;
            prop_assert!(!changed || verify_bfs(&plain, source, &depths, None).is_err());
            depths[at].1 = right;
        }
        let mut strange = parents.clone();
        strange[at].1 = if strange[at].1.is_none() { Some(source) } else { None };
        prop_assert!(verify_bfs(&plain, source, &depths, Some(&strange)).is_err());

        let mut labels = connected_components(&graph)?.collect()?;
        prop_assert!(verify_components(&plain, &labels).is_ok());
        labels[at].1 += 1;
        prop_assert!(verify_components(&plain, &labels).is_err());

        let mut labels = label_propagation(&graph).iterations(3).run()?.states().collect()?;
        prop_assert!(verify_label_propagation(&plain, &labels, 3).is_ok());
        labels[at].1 += 1;
        prop_assert!(verify_label_propagation(&plain, &labels, 3).is_err());

        let mut values = clustering_coefficient(&graph).run()?.states().collect()?;
        prop_assert!(verify_clustering_coefficients(&plain, &values).is_ok());
        values[at].1 += 1e-3;
        prop_assert!(verify_clustering_coefficients(&plain, &values).is_err());

        for variant in ["graphalytics", "gap", "graphx"] {
            let run = page_rank(&graph).tolerance(1e-14).variant(variant.parse()?);
            let mut ranks = run.run()?.states().collect()?;
            let fine = verify_ranks(&plain, &ranks, 0.85, variant, 1e-12);
            prop_assert!(fine.is_ok(), "{} {:?}", variant, fine);
            ranks[at].1 *= 1.001;
            prop_assert!(verify_ranks(&plain, &ranks, 0.85, variant, 1e-12).is_err());
        }

        let weighted = multigraph.build_weighted(&ctx, 2)?;
        let plain = PlainGraph::weighted(&weighted)?;
        let mut distances = shortest_paths(&weighted, source).run()?.states().collect()?;
        prop_assert!(verify_shortest_paths(&plain, source, &distances).is_ok());
        for wrong in [0.25, 1.75, f64::INFINITY] {
            let right = distances[at].1;
            distances[at].1 = if right == wrong { 0.25 } else { wrong };
            let found = verify_shortest_paths(&plain, source, &distances);
            prop_assert!(found.is_err(), "{} {}", right, distances[at].1);
            distances[at].1 = right;
        }
    }
}

#[test]
fn all_labels_the_same_are_not_components_of_two() -> Result<()> {
    let ctx = Context::local(1)?;
    let graph = Multigraph::undirected(&[(1, 2), (3, 4)]).build(&ctx, 2)?;
    let plain = PlainGraph::new(&graph)?;
    let error = verify_components(&plain, &[(1, 1), (2, 1), (3, 1), (4, 1)]).unwrap_err();
    assert_eq!(error, "1 labels for 2 components");
    let error = verify_components(&plain, &[(1, 2), (2, 2), (3, 3), (4, 3)]).unwrap_err();
    assert!(error.contains("not the smallest"), "{error}");
    let error = verify_components(&plain, &[(1, 1), (2, 1), (3, 3)]).unwrap_err();
    assert_eq!(error, "3 rows for 4 vertices");
    Ok(())
}

#[test]
fn a_ring_of_length_zero_does_not_support_itself() -> Result<()> {
    let ctx = Context::local(1)?;
    let edges = [(1, 2, 9.0), (2, 3, 0.0), (3, 2, 0.0)];
    let plain = PlainGraph::weighted(&Multigraph::weighted(&edges).build_weighted(&ctx, 2)?)?;
    assert_eq!(verify_shortest_paths(&plain, 1, &[(1, 0.0), (2, 9.0), (3, 9.0)]), Ok(()));
    let error = verify_shortest_paths(&plain, 1, &[(1, 0.0), (2, 5.0), (3, 5.0)]).unwrap_err();
    assert!(error.contains("no path from the source to vertex 2"), "{error}");
    Ok(())
}

#[test]
fn a_parent_has_to_be_a_neighbor_one_step_closer() -> Result<()> {
    let ctx = Context::local(1)?;
    let graph = path(4).build(&ctx, 2)?;
    let plain = PlainGraph::new(&graph)?;
    let depths = [(0, 0), (1, 1), (2, 2), (3, 3)];
    let right = [(0, Some(0)), (1, Some(0)), (2, Some(1)), (3, Some(2))];
    assert_eq!(verify_bfs(&plain, 0, &depths, Some(&right)), Ok(()));
    for (vertex, parent) in [(0, None), (0, Some(1)), (2, Some(3)), (3, Some(1)), (3, Some(77))] {
        let mut wrong = right;
        wrong[vertex].1 = parent;
        assert!(verify_bfs(&plain, 0, &depths, Some(&wrong)).is_err(), "{vertex} {parent:?}");
    }
    Ok(())
}
