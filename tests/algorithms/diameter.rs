//! The diameter.

use proptest::proptest;
use superstep::Result;
use superstep::algorithms::diameter;
use superstep::io::edge_list;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, clique, cycle, degenerate, grid, path, star};
use crate::support::public_dataset;

/// The diameter in any number of partitions.
fn found(graph: &Multigraph) -> Result<u32> {
    graph.same(|graph| {
        let found = diameter(graph).run()?;
        assert_eq!(found.lower, found.upper);
        Ok(found.lower)
    })
}

/// The longest of all distances.
fn twin(graph: &Multigraph) -> u32 {
    graph.distances().into_iter().flatten().flatten().max().unwrap_or(0)
}

#[test]
fn simple_graphs_have_their_known_diameters() -> Result<()> {
    assert_eq!(found(&path(40))?, 39);
    assert_eq!(found(&cycle(17))?, 8);
    assert_eq!(found(&cycle(18))?, 9);
    assert_eq!(found(&star(9))?, 2);
    assert_eq!(found(&clique(6))?, 1);
    assert_eq!(found(&grid(6, 5))?, 9);
    Ok(())
}

#[test]
fn the_longest_path_may_be_in_the_smaller_component() -> Result<()> {
    // A star of 30 and a path of 12.
    let leaves = (1..30).map(|leaf| (0, leaf));
    let edges = leaves.chain((31..42).map(|v| (v - 1, v)));
    assert_eq!(found(&Multigraph::numbered(42, edges).both_ways())?, 11);
    Ok(())
}

#[test]
fn directions_count_in_a_directed_graph_unless_they_are_ignored() -> Result<()> {
    let ring = Multigraph::numbered(9, (0..9).map(|v| (v, (v + 1) % 9)));
    assert_eq!(found(&ring)?, 8);
    let around = ring.same(|graph| Ok(diameter(graph).ignore_directions().run()?.lower))?;
    assert_eq!(around, 4);
    Ok(())
}

#[test]
fn degenerate_graphs_have_the_longest_distance_that_there_is() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(found(&graph)?, twin(&graph), "{name}");
        assert_eq!(found(&graph.clone().both_ways())?, twin(&graph.both_ways()), "{name}");
    }
    Ok(())
}

#[test]
fn few_searches_give_bounds_and_none_or_directed_ones_are_errors() -> Result<()> {
    grid(12, 12).same(|graph| {
        let bounds = diameter(graph).searches(1).run()?;
        assert_eq!(bounds.searches, 1);
        assert!(bounds.lower <= 22 && bounds.upper >= 22 && bounds.lower < bounds.upper);
        let error = diameter(graph).searches(0).run().unwrap_err().to_string();
        assert!(error.contains("searches 0"));
        Ok(())
    })?;
    let directed = Multigraph::directed(&[(1, 2)]).build(&Context::local(1)?, 1)?;
    assert!(diameter(&directed).searches(1).run().is_err());
    Ok(())
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]

    #[test]
    fn it_is_the_longest_of_all_distances(graph in any_multigraph()) {
        assert_eq!(found(&graph)?, twin(&graph));
        let bounds = graph.same(|graph| {
            let found = diameter(graph).ignore_directions().searches(3).run()?;
            Ok((found.lower, found.upper))
        })?;
        let exact = twin(&graph.both_ways());
        assert!(bounds.0 <= exact && exact <= bounds.1);
    }
}

#[test]
fn facebook_has_the_published_diameter() -> Result<()> {
    let Some(set) = public_dataset("snap-facebook") else { return Ok(()) };
    let edges = edge_list(&Context::local(2)?, set.join("facebook_combined.txt"))?;
    let graph = Graph::builder().undirected(true).edges(&edges)?;
    let found = diameter(&graph).run()?;
    // https://snap.stanford.edu/data/ego-Facebook.html: "Diameter (longest shortest path) 8".
    assert_eq!((found.lower, found.upper), (8, 8));
    assert!(found.searches < 400, "{} searches", found.searches);
    Ok(())
}
