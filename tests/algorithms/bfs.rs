//! Breadth-first search; that the ways messages travel do not matter is in `tests/paths.rs`.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::{bfs, shortest_paths};
use superstep::io::weighted_edge_list;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph_and_vertex, clique, cycle, degenerate, star};
use crate::support::{lines, public_dataset};

type Reached = Vec<(u64, Option<(u32, u64)>)>;

/// Depth and parent of each vertex.
fn reached(graph: &Graph, source: u64) -> Result<Reached> {
    let reached = bfs(graph, source).run()?.states().collect()?;
    let rows = reached.into_iter().map(|(id, reached)| {
        let parent = reached.parent().and_then(|index| graph.id_at(index));
        (id, reached.depth().zip(parent))
    });
    Ok(rows.collect())
}

/// Level by level in vectors; the parent is the smallest vertex of the level before.
fn twin(graph: &Multigraph, source: u64) -> Reached {
    let arcs = graph.arcs();
    let mut found = vec![None; graph.count()];
    found[graph.index(source)] = Some((0, source));
    let mut level = vec![graph.index(source)];
    for depth in 1.. {
        let mut next = Vec::new();
        for vertex in level {
            for (to, _) in &arcs[vertex] {
                if found[*to].is_none() {
                    found[*to] = Some((depth, graph.ids[vertex]));
                    next.push(*to);
                }
            }
        }
        if next.is_empty() {
            break;
        }
        // In id order, so that the smallest parent comes first.
        next.sort_unstable();
        level = next;
    }
    graph.labelled(&found)
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn depths_and_parents_are_those_of_going_level_by_level(
        (graph, source) in any_multigraph_and_vertex(),
    ) {
        prop_assert_eq!(graph.same(|graph| reached(graph, source))?, twin(&graph, source));
    }
}

#[test]
fn depths_on_a_cycle_go_the_shorter_way_round() -> Result<()> {
    let found = cycle(8).same(|graph| reached(graph, 0))?;
    let depths: Vec<_> = found.iter().map(|(_, found)| found.unwrap().0).collect();
    assert_eq!(depths, [0, 1, 2, 3, 4, 3, 2, 1]);
    assert_eq!(found[4], (4, Some((4, 3))));
    Ok(())
}

#[test]
fn every_vertex_of_a_clique_is_one_step_away_and_leaves_of_a_star_are_two() -> Result<()> {
    let found = clique(6).same(|graph| reached(graph, 2))?;
    assert!(found.iter().all(|(id, found)| *found == Some((u32::from(*id != 2), 2))));
    let found = star(4).same(|graph| reached(graph, 3))?;
    let expected = [(0, (1, 3)), (1, (2, 0)), (2, (2, 0)), (3, (0, 3)), (4, (2, 0))];
    assert_eq!(found, expected.map(|(id, found)| (id, Some(found))));
    Ok(())
}

#[test]
fn degenerate_graphs_are_searched() -> Result<()> {
    for (name, graph) in degenerate() {
        for source in &graph.ids {
            let found = graph.same(|graph| reached(graph, *source))?;
            assert_eq!(found, twin(&graph, *source), "{name}");
        }
        let ctx = Context::local(1)?;
        let error = bfs(&graph.build(&ctx, 2)?, 777).run().unwrap_err();
        assert!(error.to_string().contains("777"), "{name}: {error}");
    }
    Ok(())
}

/// Rows of vertex and distance by their columns in a file of cuGraph's results.
fn distances(path: &Path) -> Result<BTreeMap<u64, f64>> {
    let lines = lines(path)?;
    let names: Vec<&str> = lines[0].split(',').collect();
    let column = |name| names.iter().position(|other| *other == name).unwrap();
    let (vertex, distance) = (column("vertex"), column("distance"));
    let rows = lines[1..].iter().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[vertex].parse().unwrap(), fields[distance].parse().unwrap())
    });
    Ok(rows.collect())
}

#[test]
fn distances_are_those_that_cugraph_and_networkx_recorded() -> Result<()> {
    let (Some(golden), Some(graphs)) =
        (public_dataset("cugraph-golden"), public_dataset("cugraph-datasets"))
    else {
        return Ok(());
    };
    let ctx = Context::local(2)?;
    let mut files = 0;
    for entry in std::fs::read_dir(&golden).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        // ('key', 'value') or ('key', value), in any order.
        let value = |key: &str| -> Option<String> {
            let (_, rest) = name.split_once(&format!("('{key}', "))?;
            Some(rest.split_once(')')?.0.trim_matches('\'').to_owned())
        };
        let Some(dataset) = value("graph_dataset") else { continue };
        let file = graphs.join(format!("{dataset}.csv"));
        if !file.is_file() {
            // One whose edges are only in cuGraph's source, see below.
            assert_eq!(dataset, "DISCONNECTED");
            continue;
        }
        let source = value("source").or_else(|| value("start_vertex")).unwrap();
        let source: u64 = source.parse().unwrap();
        let cutoff: Option<f64> = value("cutoff").and_then(|cutoff| cutoff.parse().ok());
        let weighted = name.contains("dijkstra") || name.contains("sssp");
        // Each edge is in the files both ways.
        let edges = weighted_edge_list(&ctx, file)?;
        let graph = Graph::builder().partitions(3).edges(&edges)?;
        let found = if weighted {
            shortest_paths(&graph, source).run()?.states().collect()?
        } else {
            let reached = bfs(&graph, source).run()?.states();
            let depth = |depth: Option<u32>| depth.map_or(f64::INFINITY, f64::from);
            reached.map(move |(id, reached)| (id, depth(reached.depth()))).collect()?
        };
        let within = |distance: &f64| *distance <= cutoff.unwrap_or(f64::MAX);
        let found: BTreeMap<_, _> =
            found.into_iter().filter(|(_, distance)| within(distance)).collect();
        let expected = distances(&path)?;
        assert_eq!(found, expected, "{name}");
        files += 1;
    }
    assert!(files >= 40, "{files} files");
    Ok(())
}
