//! Strongly connected components.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use flate2::read::GzDecoder;
use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::Result;
use superstep::algorithms::strongly_connected_components;
use superstep::io::{ReadOptions, open_graph};
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, degenerate, path};
use crate::public_graphs::{NAMES, public_graph};
use crate::support::{assert_same_partition, expected, public_dataset};

fn components(graph: &Graph) -> Result<Vec<(u64, u64)>> {
    strongly_connected_components(graph)?.labels().collect()
}

/// Which vertices reach which, by Warshall's closure.
fn twin(graph: &Multigraph) -> Vec<(u64, u64)> {
    let count = graph.count();
    let mut reaches = vec![vec![false; count]; count];
    for (from, to) in graph.arcs().into_iter().enumerate() {
        reaches[from][from] = true;
        to.into_iter().for_each(|(to, _)| reaches[from][to] = true);
    }
    for via in 0..count {
        for from in 0..count {
            for to in 0..count {
                reaches[from][to] |= reaches[from][via] && reaches[via][to];
            }
        }
    }
    let smallest = |v: usize| (0..count).find(|w| reaches[v][*w] && reaches[*w][v]).unwrap();
    let labels: Vec<_> = (0..count).map(|v| graph.ids[smallest(v)]).collect();
    graph.labelled(&labels)
}

proptest! {
    #![proptest_config(Config { cases: 32, ..Config::default() })]

    #[test]
    fn components_are_those_who_reach_one_another(mut graph in any_multigraph()) {
        // Undirected graphs take another way.
        let undirected = std::mem::take(&mut graph.undirected);
        prop_assert_eq!(graph.same(components)?, twin(&graph));
        if undirected {
            graph.undirected = true;
            prop_assert_eq!(graph.same(components)?, twin(&graph));
        }
    }
}

#[test]
fn a_ring_is_one_component_and_a_row_is_as_many_as_vertices() -> Result<()> {
    let ring: Vec<_> = (0..50).map(|v| (v, (v + 1) % 50)).collect();
    let found = Multigraph::directed(&ring).same(components)?;
    assert!(found.iter().all(|(_, label)| *label == 0));
    let row = Multigraph { undirected: false, ..path(50) };
    assert!(row.same(components)?.iter().all(|(id, label)| id == label));
    Ok(())
}

#[test]
fn a_long_chain_of_small_components_takes_few_rounds() -> Result<()> {
    // Pairs that lead from one to the next: nothing can be trimmed, and each is reached by all
    // before it.
    let pairs = 1_000;
    let edges = (0..pairs).flat_map(|pair| {
        let (a, b) = (2 * pair, 2 * pair + 1);
        [(a, b), (b, a), (b, a + 2)]
    });
    let edges: Vec<_> = edges.filter(|(_, target)| *target < 2 * pairs).map(Edge::from).collect();
    let ctx = Context::local(2)?;
    let graph = Graph::builder().partitions(3).edges(&ctx.parallelize(edges, 3))?;
    let found = strongly_connected_components(&graph)?;
    let labels = found.labels().collect()?;
    assert!(labels.iter().all(|(id, label)| *label == id & !1));
    assert!((2..=60).contains(&found.rounds()), "{} rounds", found.rounds());
    Ok(())
}

#[test]
fn degenerate_graphs_have_strong_components() -> Result<()> {
    for (name, graph) in degenerate() {
        assert_eq!(graph.same(components)?, twin(&graph), "{name}");
    }
    Ok(())
}

#[test]
fn strong_components_of_public_graphs_are_igraphs() -> Result<()> {
    // Of the undirected facebook graph igraph has none.
    for name in NAMES.into_iter().filter(|name| *name != "facebook") {
        let Some(public) = public_graph(name)? else { continue };
        let golden: Vec<(u64, u64)> = expected(&public.golden.join("SCC-minid.gz"))?;
        assert_eq!(components(&public.graph)?, golden, "{}", public.name);
    }
    Ok(())
}

#[test]
fn strong_components_of_cnr_2000_are_webgraphs() -> Result<()> {
    let Some(set) = public_dataset("law-cnr-2000") else { return Ok(()) };
    let read = |name: &str| -> Vec<u64> {
        let mut bytes = Vec::new();
        let file = File::open(set.join(name)).unwrap();
        GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
        let numbers = bytes.chunks_exact(4).map(|four| four.try_into().unwrap());
        numbers.map(|four| u64::try_from(i32::from_be_bytes(four)).unwrap()).collect()
    };
    let golden: Vec<_> = (0..).zip(read("cnr-2000.scc.gz")).collect();
    let ctx = Context::local(2)?;
    let path = set.join("cnr-2000.graph");
    let graph = open_graph(&ctx, &[path], &ReadOptions::default())?.plain_graph(Graph::builder())?;
    assert_eq!(graph.edge_count(), 3_216_152);
    let found = components(&graph)?;
    assert_same_partition(&found, &golden, "cnr-2000");
    let mut sizes = BTreeMap::new();
    found.iter().for_each(|(_, label)| *sizes.entry(*label).or_insert(0_u64) += 1);
    let mut sizes: Vec<_> = sizes.into_values().collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(sizes, read("cnr-2000.sccsizes.gz"));
    Ok(())
}
