//! Shortest paths; that the ways messages travel do not matter is in `tests/paths.rs`.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::algorithms::shortest_paths;
use superstep::io::{vertex_list, weighted_edge_lists};
use superstep::prelude::*;
use superstep::validation::{Rule, compare, read_rows};
use superstep::{ErrorKind, Result};

use crate::multigraph::{Multigraph, any_multigraph_and_vertex, cycle, degenerate, grid};

use crate::support::{lines, public_dataset};

fn distances(graph: &Graph<(), f64>, source: u64) -> Result<Vec<(u64, f64)>> {
    shortest_paths(graph, source).run()?.states().collect()
}

/// Bellman and Ford's: every edge, as often as there are vertices.
fn twin(graph: &Multigraph, source: u64) -> Vec<(u64, f64)> {
    let mut distances = vec![f64::INFINITY; graph.count()];
    distances[graph.index(source)] = 0.0;
    for _ in 0..graph.count() {
        for (from, arcs) in graph.arcs().into_iter().enumerate() {
            for (to, weight) in arcs {
                distances[to] = distances[to].min(distances[from] + weight);
            }
        }
    }
    graph.labelled(&distances)
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn distances_are_those_of_bellman_and_ford((graph, source) in any_multigraph_and_vertex()) {
        let found = graph.same_weighted(|graph| distances(graph, source))?;
        prop_assert_eq!(found, twin(&graph, source));
    }
}

#[test]
fn distances_on_a_grid_are_the_steps_across_and_down() -> Result<()> {
    let found = grid(5, 4).same_weighted(|graph| distances(graph, 0))?;
    let expected: Vec<_> = (0..20).map(|v| (v, (v % 5 + v / 5) as f64)).collect();
    assert_eq!(found, expected);
    Ok(())
}

#[test]
fn distances_on_a_cycle_go_the_shorter_way_round() -> Result<()> {
    let found = cycle(9).same_weighted(|graph| distances(graph, 0))?;
    let expected: Vec<_> = (0..9_u64).map(|v| (v, v.min(9 - v) as f64)).collect();
    assert_eq!(found, expected);
    Ok(())
}

#[test]
fn degenerate_graphs_have_distances() -> Result<()> {
    for (name, graph) in degenerate() {
        let Some(source) = graph.ids.first().copied() else {
            let error = graph.same_weighted(|graph| match distances(graph, 0) {
                Err(error) => Ok(error.to_string()),
                Ok(_) => Ok(String::new()),
            })?;
            assert!(error.contains("does not have"), "{name}: {error}");
            continue;
        };
        assert_eq!(graph.same_weighted(|g| distances(g, source))?, twin(&graph, source), "{name}");
    }
    Ok(())
}

#[test]
fn lengths_that_are_negative_or_no_numbers_are_refused() -> Result<()> {
    for bad in [-1.0, -1e-300, f64::NEG_INFINITY, f64::NAN] {
        let graph = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, bad)]);
        graph.same_weighted(|graph| {
            let error = distances(graph, 1).unwrap_err();
            let ErrorKind::UnsuitableGraph { vertices, .. } = error.kind() else {
                panic!("{error}")
            };
            assert_eq!(vertices, &[2, 3]);
            assert!(error.to_string().contains("length"), "{error}");
            Ok(())
        })?;
    }
    // A sum of these is beyond all numbers, and no path would seem to lead to 3. A length that is
    // infinite already says so itself.
    let graph = Multigraph::weighted(&[(1, 2, 1e308), (2, 3, 1e308), (1, 4, f64::INFINITY)]);
    graph.same_weighted(|graph| {
        let error = distances(graph, 1).unwrap_err().to_string();
        assert!(error.starts_with("the edge from 1 to 2 has the length 1000"), "{error}");
        assert!(
            error.ends_with(": expected at most 4.4942328371557893e307, so that sums are finite"),
            "{error}"
        );
        Ok(())
    })
}

#[test]
fn lengths_are_looked_at_again_after_they_changed_and_not_for_every_search() -> Result<()> {
    let ctx = Context::local(2)?;
    let edges = ctx.parallelize([Edge::new(1, 2, 1.0), Edge::new(2, 3, 4.0)], 2);
    let graph = Graph::from_edges(&edges)?;
    for source in [1, 2, 1] {
        assert_eq!(distances(&graph, source)?[2].1, if source == 1 { 5.0 } else { 4.0 });
    }
    let halved = graph.map_edges(|length| length / 2.0)?;
    assert_eq!(distances(&halved, 1)?, [(1, 0.0), (2, 0.5), (3, 2.5)]);
    assert_eq!(distances(&halved.reverse()?, 3)?, [(1, 2.5), (2, 2.0), (3, 0.0)]);
    let negative = graph.map_edges(|length| length - 2.0)?;
    assert!(shortest_paths(&negative, 1).run().is_err());
    Ok(())
}

#[test]
fn distances_on_the_twitter_graph_with_integer_weights_are_those_of_graphscope() -> Result<()> {
    let Some(set) = public_dataset("twitter-gstest") else { return Ok(()) };
    let ctx = Context::local(2)?;
    let parts = ["0_0_0", "0_0_1", "0_1_0", "0_1_1", "1_0_0", "1_0_1", "1_1_0", "1_1_1"];
    let files = parts.map(|part| set.join(format!("twitter_e_{part}.gz")));
    let edges = weighted_edge_lists(&ctx, &files)?;
    let vertices = vertex_list(&ctx, set.join("twitter.v.gz"))?;
    let graph = Graph::builder().parts(&vertices, &edges)?;
    assert_eq!((graph.vertex_count(), graph.edge_count()), (81_307, 1_768_135));
    let expected = read_rows::<f64>(set.join("twitter-sssp-4.gz"), "a distance")?;
    let found = distances(&graph, 4)?;
    let comparison = compare(Rule::Epsilon, found.clone(), expected);
    assert!(comparison.is_match(), "{comparison}");
    assert_eq!(comparison.expected, 81_307);
    // As whole numbers they are the same to the digit.
    let whole = graph.map_edges(|weight| *weight as u32)?;
    assert_eq!(shortest_paths(&whole, 4).run()?.states().collect()?, found);
    Ok(())
}

#[test]
fn distances_are_those_of_cugraph_on_the_small_graphs_of_its_tests() -> Result<()> {
    // The edges are written in cuGraph's own tests: test_shortest_path.py and test_sssp.py.
    let connected = [
        (1, 5, 3.0),
        (1, 4, 1.0),
        (1, 2, 1.0),
        (1, 6, 2.0),
        (1, 7, 2.0),
        (4, 5, 1.0),
        (2, 3, 1.0),
        (7, 6, 2.0),
    ];
    let disconnected = [&connected[..], &[(8, 9, 4.0)]].concat();
    let chain = Multigraph::weighted(&[(0, 1, 10.0), (1, 2, 20.0)]).both_ways();
    for (name, graph, source) in [
        ("'cu.shortest_path_length'", Multigraph::weighted(&disconnected), 1),
        ("'network_edge_attr'", chain, 0),
    ] {
        let Some(set) = public_dataset("cugraph-golden") else { return Ok(()) };
        let files = std::fs::read_dir(set).unwrap().map(|entry| entry.unwrap().path());
        let file = files.into_iter().find(|path| path.to_string_lossy().contains(name)).unwrap();
        let rows = lines(&file)?;
        let column = |name| rows[0].split(',').position(|other| other == name).unwrap();
        let (vertex, distance) = (column("vertex"), column("distance"));
        let rows = rows[1..].iter().map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let distance: f64 = fields[distance].parse().unwrap();
            // The largest f32 stands for no path.
            let distance = if distance > 1e38 { f64::INFINITY } else { distance };
            (fields[vertex].parse().unwrap(), distance)
        });
        let mut expected: Vec<(u64, f64)> = rows.collect();
        expected.sort_by_key(|(id, _)| *id);
        assert_eq!(graph.same_weighted(|graph| distances(graph, source))?, expected, "{name}");
    }
    Ok(())
}
