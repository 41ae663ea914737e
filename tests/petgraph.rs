//! Graphs go to petgraph and back, and results on random multigraphs agree with plain programs.
//!
//! The graphs have at most 64 vertices, among them isolated ones, with self-loops and parallel
//! edges, or none at all. The sequential twins share no code with the library. petgraph's own
//! `page_rank` follows another formula, so PageRank's twin stands here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use petgraph::graph::{DiGraph, Graph as Petgraph, UnGraph};
use petgraph::unionfind::UnionFind;
use petgraph::{Directed, EdgeType, Undirected};
use proptest::prelude::{ProptestConfig, Strategy, any, prop};
use proptest::sample::Index;
use proptest::{prop_assert, prop_assert_eq, proptest};
use superstep::algorithms::{connected_components, page_rank};
use superstep::graph::GraphParts;
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

const PARTITIONS: [usize; 4] = [1, 2, 3, 8];

type Parts = GraphParts<i16, u8>;

/// A random multigraph; the ids are spread over all 64 bits.
fn any_parts() -> impl Strategy<Value = Parts> {
    let ids = prop::collection::btree_set(any::<u64>(), 0..=64);
    (ids, any::<bool>()).prop_flat_map(|(ids, undirected)| {
        let ids: Vec<_> = ids.into_iter().collect();
        let most = if ids.is_empty() { 0 } else { 150 };
        let edge = (any::<Index>(), any::<Index>(), any::<u8>());
        let edges = prop::collection::vec(edge, 0..=most);
        let values = prop::collection::vec(any::<i16>(), ids.len());
        (edges, values).prop_map(move |(edges, values)| {
            let ends = edges.into_iter().map(|(source, target, value)| {
                Edge::new(*source.get(&ids), *target.get(&ids), value)
            });
            GraphParts {
                edges: ends.collect(),
                vertices: ids.iter().copied().zip(values).collect(),
                undirected,
            }
        })
    })
}

/// The edges in an order that does not depend on how a graph keeps them.
fn sorted_edges<V>(parts: &GraphParts<V, u8>) -> Vec<(u64, u64, u8)> {
    let turn = |edge: &Edge<u8>| {
        let (source, target) = (edge.source, edge.target);
        if parts.undirected && source > target { (target, source) } else { (source, target) }
    };
    let mut edges: Vec<_> =
        parts.edges.iter().map(|edge| (turn(edge).0, turn(edge).1, edge.value)).collect();
    edges.sort_unstable();
    edges
}

/// The same graph of petgraph, whose nodes are numbered in the order of the vertices.
fn to_petgraph<Ty: EdgeType>(parts: &Parts) -> Petgraph<(u64, i16), u8, Ty> {
    Petgraph::try_from(parts.clone()).unwrap()
}

/// The smallest id of each vertex's component, by union and find.
fn components_twin(parts: &Parts) -> Vec<(u64, u64)> {
    let number: BTreeMap<u64, usize> = parts.vertices.iter().map(|row| row.0).zip(0..).collect();
    let mut sets = UnionFind::new(parts.vertices.len());
    for edge in &parts.edges {
        sets.union(number[&edge.source], number[&edge.target]);
    }
    let mut smallest = BTreeMap::new();
    let rows = parts.vertices.iter().map(|(id, _)| {
        let set = sets.find(number[id]);
        (*id, *smallest.entry(set).or_insert(*id))
    });
    rows.collect()
}

/// PageRank by its definition: a vector, a loop over edges, the mass of sinks spread evenly.
fn page_rank_twin(parts: &Parts, damping: f64, iterations: usize) -> Vec<(u64, f64)> {
    let count = parts.vertices.len();
    let number: BTreeMap<u64, usize> = parts.vertices.iter().map(|row| row.0).zip(0..).collect();
    let mut arcs = Vec::new();
    for edge in &parts.edges {
        let (source, target) = (number[&edge.source], number[&edge.target]);
        arcs.push((source, target));
        if parts.undirected && source != target {
            arcs.push((target, source));
        }
    }
    let mut degrees = vec![0.0; count];
    arcs.iter().for_each(|(source, _)| degrees[*source] += 1.0);
    let mut ranks = vec![1.0 / count as f64; count];
    for _ in 0..iterations {
        let sinks: f64 = (0..count).filter(|v| degrees[*v] == 0.0).map(|v| ranks[v]).sum();
        let base = (1.0 - damping + damping * sinks) / count as f64;
        let mut next = vec![base; count];
        for (source, target) in &arcs {
            next[*target] += damping * ranks[*source] / degrees[*source];
        }
        ranks = next;
    }
    parts.vertices.iter().map(|row| row.0).zip(ranks).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_graph_survives_the_way_to_petgraph_and_back(parts in any_parts()) {
        let ctx = Context::local(2)?;
        for partitions in PARTITIONS {
            let builder = Graph::builder().partitions(partitions);
            let loaded = parts.clone().load_with(&ctx, builder)?.to_parts()?;
            prop_assert_eq!(&loaded.vertices, &parts.vertices);
            prop_assert_eq!(loaded.undirected, parts.undirected);
            prop_assert_eq!(sorted_edges(&loaded), sorted_edges(&parts));

            let back = if parts.undirected {
                GraphParts::from(&to_petgraph::<Undirected>(&loaded))
            } else {
                GraphParts::from(&to_petgraph::<Directed>(&loaded))
            };
            prop_assert_eq!(back.undirected, parts.undirected);
            // Ids have become numbers, and moved into the values.
            let id = |number: u64| back.vertices[number as usize].1.0;
            let rows: Vec<_> = back.vertices.iter().map(|(_, row)| *row).collect();
            prop_assert_eq!(&rows, &loaded.vertices);
            let ends = back.edges.iter().map(|edge| Edge::new(id(edge.source), id(edge.target), edge.value));
            prop_assert_eq!(ends.collect::<Vec<_>>(), loaded.edges);
        }
    }

    #[test]
    fn components_are_those_of_union_and_find(parts in any_parts()) {
        let ctx = Context::local(2)?;
        let expected = components_twin(&parts);
        for partitions in PARTITIONS {
            let builder = Graph::builder().partitions(partitions);
            let graph = parts.clone().load_with(&ctx, builder)?;
            let found = connected_components(&graph)?.collect()?;
            prop_assert_eq!(&found, &expected, "{} partitions", partitions);
            let count = found.iter().filter(|(id, component)| id == component).count();
            let counted = if parts.undirected {
                petgraph::algo::connected_components(&to_petgraph::<Undirected>(&parts))
            } else {
                petgraph::algo::connected_components(&to_petgraph::<Directed>(&parts))
            };
            prop_assert_eq!(count, counted);
        }
    }

    #[test]
    fn page_ranks_are_those_of_a_plain_loop(
        parts in any_parts(),
        damping in 0.0..=1.0,
        iterations in 0_usize..12,
    ) {
        let ctx = Context::local(2)?;
        let expected = page_rank_twin(&parts, damping, iterations);
        for partitions in PARTITIONS {
            let builder = Graph::builder().partitions(partitions);
            let graph = parts.clone().load_with(&ctx, builder)?;
            let run = page_rank(&graph).damping(damping).iterations(iterations).run()?;
            let found = run.states().collect()?;
            prop_assert_eq!(found.len(), expected.len());
            for ((id, rank), (expected_id, expected_rank)) in found.iter().zip(&expected) {
                prop_assert_eq!(id, expected_id);
                // Ranks are at most 1 and sums have at most some hundred terms: only the order of
                // adding differs.
                prop_assert!((rank - expected_rank).abs() < 1e-13, "{rank} for {expected_rank}");
            }
            let total: f64 = found.iter().map(|(_, rank)| rank).sum();
            prop_assert!(found.is_empty() || (total - 1.0).abs() < 1e-12, "{total}");
        }
    }
}

#[test]
fn every_index_type_and_direction_converts() -> Result<()> {
    let mut graph: Petgraph<char, f32, Undirected, u8> = Petgraph::default();
    let (a, b) = (graph.add_node('a'), graph.add_node('b'));
    graph.add_edge(b, a, 0.5);
    graph.add_edge(b, b, 1.5);
    let parts = GraphParts::from(&graph);
    assert!(parts.undirected);
    assert_eq!(parts.vertices, [(0, 'a'), (1, 'b')]);
    assert_eq!(parts.edges, [Edge::new(1, 0, 0.5), Edge::new(1, 1, 1.5)]);

    let ctx = Context::local(1)?;
    let graph = parts.load(&ctx)?;
    assert_eq!((graph.edge_count(), graph.is_undirected()), (3, true));
    let parts = graph.to_parts()?;
    assert_eq!(parts.edges, [Edge::new(0, 1, 0.5), Edge::new(1, 1, 1.5)]);
    let back = UnGraph::<(VertexId, char), f32>::try_from(parts)?;
    assert_eq!((back.node_count(), back.edge_count()), (2, 2));
    Ok(())
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let convert = |parts: GraphParts<(), ()>| DiGraph::<(VertexId, ()), ()>::try_from(parts);
    let parts = |ids: &[u64], edges: &[(u64, u64)]| GraphParts {
        vertices: ids.iter().map(|id| (*id, ())).collect(),
        edges: edges.iter().copied().map(Edge::from).collect(),
        undirected: false,
    };
    assert!(convert(parts(&[1, 2], &[(1, 2)])).is_ok());
    let error = convert(parts(&[1, 1], &[])).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::DuplicateVertex { .. }), "{error}");
    let error = convert(parts(&[1, 2], &[(1, 3)])).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnknownVertex { .. }), "{error}");
    let error = convert(GraphParts { undirected: true, ..parts(&[1], &[]) }).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an undirected graph cannot become a directed one without changing its meaning"
    );
    let many: Vec<u64> = (0..300).collect();
    let small = Petgraph::<(VertexId, ()), (), Directed, u8>::try_from(parts(&many, &[]));
    assert!(matches!(small.unwrap_err().kind(), ErrorKind::Argument(_)));
}
