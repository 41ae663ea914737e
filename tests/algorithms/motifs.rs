//! Motifs.

use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::algorithms::triangles;
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

use crate::multigraph::{Multigraph, any_multigraph, clique, cycle, degenerate, star};

/// Matches of a pattern, sorted: the ids of the named vertices, then the ends of the named edges.
fn find(graph: &Graph, pattern: &str) -> Result<Vec<Vec<u64>>> {
    let found = graph.find(pattern)?;
    let mut rows: Vec<_> = found
        .rows()
        .to_local_iterator()?
        .map(|row| {
            let row = row?;
            assert_eq!(row.vertices.len(), found.vertex_names().len());
            assert_eq!(row.edges.len(), found.edge_names().len());
            let ends = row.edges.iter().flat_map(|edge| [edge.source, edge.target]);
            Ok(row.vertices.iter().copied().chain(ends).collect::<Vec<_>>())
        })
        .collect::<Result<_>>()?;
    rows.sort_unstable();
    Ok(rows)
}

/// Directed edges, as often as they occur.
fn edges(graph: &Multigraph) -> Vec<(u64, u64)> {
    let arcs = graph.arcs().into_iter().enumerate();
    let ids = &graph.ids;
    arcs.flat_map(|(from, to)| to.into_iter().map(move |(to, _)| (ids[from], ids[to]))).collect()
}

fn sorted(rows: impl Iterator<Item = Vec<u64>>) -> Vec<Vec<u64>> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    rows
}

proptest! {
    #![proptest_config(Config { cases: 16, ..Config::default() })]

    #[test]
    fn matches_are_those_of_nested_loops(mut graph in any_multigraph()) {
        graph.edges.truncate(40);
        let all = edges(&graph);
        let has = |a: u64, b: u64| all.contains(&(a, b));
        let steps = || all.iter().flat_map(|(a, b)| {
            all.iter().filter(move |(from, _)| from == b).map(move |(_, c)| (*a, *b, *c))
        });

        let found = graph.same(|graph| find(graph, "(a)-[e]->(b)"))?;
        prop_assert_eq!(found, sorted(all.iter().map(|(a, b)| vec![*a, *b, *a, *b])));

        let found = graph.same(|graph| find(graph, "(a)-[]->(b); (b)-[]->(c)"))?;
        prop_assert_eq!(found, sorted(steps().map(|(a, b, c)| vec![a, b, c])));

        // The matches of a term whose end has no name come as often as there are edges.
        let found = graph.same(|graph| find(graph, "(a)-[]->(); ()-[]->(a)"))?;
        let count = |a: u64| all.iter().filter(|(_, b)| *b == a).count();
        let rows = all.iter().flat_map(|(a, _)| (0..count(*a)).map(|_| vec![*a]));
        prop_assert_eq!(found, sorted(rows));

        let found = graph.same(|graph| find(graph, "(a)-[e]->(b); (b)-[]->(c); !(c)-[]->(a)"))?;
        let rows = steps().filter(|(a, _, c)| !has(*c, *a)).map(|(a, b, c)| vec![a, b, c, a, b]);
        prop_assert_eq!(found, sorted(rows));

        let found = graph.same(|graph| find(graph, "(a)-[]->(b); (b)-[]->(c); (c)-[f]->(a)"))?;
        let rows = steps().flat_map(|(a, b, c)| {
            let back = all.iter().filter(move |edge| **edge == (c, a)).count();
            (0..back).map(move |_| vec![a, b, c, c, a])
        });
        prop_assert_eq!(found, sorted(rows));

        let found = graph.same(|graph| find(graph, "(a)-[]->(a)"))?;
        prop_assert_eq!(found, sorted(all.iter().filter(|(a, b)| a == b).map(|(a, _)| vec![*a])));

        let found = graph.same(|graph| find(graph, "(v); !(v)-[]->(); !()-[]->(v)"))?;
        let isolated = |id: &&u64| all.iter().all(|(a, b)| a != *id && b != *id);
        prop_assert_eq!(found, sorted(graph.ids.iter().filter(isolated).map(|id| vec![*id])));
    }
}

#[test]
fn patterns_have_as_many_matches_as_their_closed_forms() -> Result<()> {
    let count = |graph: &Multigraph, pattern: &str| -> Result<usize> {
        Ok(graph.same(|graph| find(graph, pattern))?.len())
    };
    let ring = "(a)-[]->(b); (b)-[]->(c); (c)-[]->(a)";
    // Each triangle from three corners in two directions.
    assert_eq!(count(&clique(7), ring)?, 6 * 35);
    assert_eq!(clique(7).same(|graph| triangles(graph).count())?, 35);
    assert_eq!(count(&cycle(6), ring)?, 0);
    assert_eq!(count(&star(5), "(a)-[]->(b); (b)-[]->(c)")?, 5 * 5 + 5);
    assert_eq!(count(&Multigraph::directed(&[(1, 2), (1, 2)]), "(a)-[e]->(b)")?, 2);
    Ok(())
}

#[test]
fn terms_without_a_common_name_multiply() -> Result<()> {
    let graph = Multigraph::directed(&[(1, 2), (3, 4)]).with_vertices([9]);
    let found = graph.same(|graph| find(graph, "(a)-[]->(b); (c)-[]->(d)"))?;
    assert_eq!(found, [[1, 2, 1, 2], [1, 2, 3, 4], [3, 4, 1, 2], [3, 4, 3, 4]]);
    assert_eq!(graph.same(|graph| find(graph, "(a)-[]->(b); (c)"))?.len(), 2 * 5);
    // Terms wait for those that share their names.
    let found = graph.same(|graph| {
        let found = graph.find("(a)-[]->(b); (c)-[]->(d); (b)-[]->(c)")?;
        Ok((found.vertex_names().to_vec(), found.rows().count()?))
    })?;
    assert_eq!(found, (["a", "b", "c", "d"].map(str::to_owned).to_vec(), 0));
    Ok(())
}

#[test]
fn named_edges_carry_their_values() -> Result<()> {
    let graph = Multigraph::weighted(&[(1, 2, 0.5), (1, 2, 1.5), (2, 3, 4.0)]);
    let found = graph.same_weighted(|graph| {
        let rows = graph.find("(a)-[x]->(b); (b)-[y]->()")?.rows().collect()?;
        let mut values: Vec<_> =
            rows.iter().map(|row| (row.edges[0].value, row.edges[1].value)).collect();
        values.sort_by(|a, b| a.partial_cmp(b).unwrap());
        Ok(values)
    })?;
    assert_eq!(found, [(0.5, 4.0), (1.5, 4.0)]);
    Ok(())
}

#[test]
fn degenerate_graphs_have_the_matches_that_they_have() -> Result<()> {
    for (name, graph) in degenerate() {
        let all = edges(&graph);
        let found = graph.same(|graph| find(graph, "(a)-[]->(b)"))?;
        assert_eq!(found, sorted(all.iter().map(|(a, b)| vec![*a, *b])), "{name}");
        assert_eq!(graph.same(|graph| find(graph, "(a)"))?.len(), graph.count(), "{name}");
    }
    Ok(())
}

#[test]
fn patterns_that_make_no_sense_are_refused_with_the_reason() -> Result<()> {
    let ctx = Context::local(1)?;
    let graph = clique(3).build(&ctx, 1)?;
    for (pattern, reason) in [
        ("(a)-[e]->(b); (b)-[e]->(c)", "two edges have the name e"),
        ("(a)-[b]->(b)", "b is the name of a vertex and of an edge"),
        ("(a)-[]->(b); !(b)-[e]->(a)", "names the edge e"),
        ("(a)-[]->(b); !(b)-[]->(c)", "names the vertex c"),
        ("(a)-[]->(b); !()-[]->()", "has to name a vertex"),
        ("()-[]->()", "has to name a vertex or an edge"),
        ("()-[]->(); ()-[]->()", "has to name a vertex or an edge"),
        ("!(a)-[]->(b)", "names the vertex a"),
        ("(a)-[e]>(b)", "character 8: found \">\""),
        ("", "character 1: found the end"),
    ] {
        let error = graph.find(pattern).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{pattern}: {error}");
        assert!(error.to_string().contains(reason), "{pattern}: {error}");
    }
    Ok(())
}
