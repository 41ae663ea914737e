//! The communities of Louvain and Leiden.

use std::collections::BTreeMap;

use proptest::proptest;
use superstep::Result;
use superstep::algorithms::louvain::CommunitySearch;
use superstep::algorithms::{leiden, leiden_weighted, louvain, louvain_weighted};
use superstep::io::edge_list;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, clique, degenerate};
use crate::support::public_dataset;

/// Q by its definition, from a full matrix.
fn modularity(graph: &Multigraph, labels: &[(u64, u64)], resolution: f64) -> f64 {
    let count = graph.count();
    let mut matrix = vec![vec![0.0; count]; count];
    for (source, target, weight) in &graph.edges {
        let (source, target) = (graph.index(*source), graph.index(*target));
        matrix[source][target] += weight;
        matrix[target][source] += weight;
    }
    let strengths: Vec<f64> = matrix.iter().map(|row| row.iter().sum()).collect();
    let total: f64 = strengths.iter().sum();
    if total == 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    for u in 0..count {
        for v in (0..count).filter(|v| labels[*v].1 == labels[u].1) {
            sum += matrix[u][v] - resolution * strengths[u] * strengths[v] / total;
        }
    }
    sum / total
}

type Method = fn(&Graph<(), f64>) -> CommunitySearch<'_, (), f64>;

const METHODS: [Method; 2] = [|graph| louvain_weighted(graph), |graph| leiden_weighted(graph)];

fn labels(
    method: Method,
    graph: &Graph<(), f64>,
    resolution: f64,
) -> Result<(Vec<(u64, u64)>, f64)> {
    let found = method(graph).resolution(resolution).run()?;
    let labels = found.labels.collect()?;
    let different: std::collections::BTreeSet<_> = labels.iter().map(|(_, label)| label).collect();
    assert_eq!(different.len() as u64, found.count);
    Ok((labels, found.modularity))
}

/// Cliques of a size, each with an edge to the next.
fn ring_of_cliques(cliques: u64, size: u64) -> Multigraph {
    let inner = (0..cliques).flat_map(move |c| {
        clique(size).edges.into_iter().map(move |(u, v, _)| (c * size + u, c * size + v))
    });
    let outer = (0..cliques).map(|c| (c * size, (c + 1) % cliques * size + 1));
    Multigraph::numbered(cliques * size, inner.chain(outer)).both_ways()
}

#[test]
fn the_cliques_of_a_ring_are_the_communities() -> Result<()> {
    let graph = ring_of_cliques(8, 6);
    for method in METHODS {
        let (found, q) = graph.same_weighted(|graph| labels(method, graph, 1.0))?;
        assert!(found.iter().all(|(id, label)| *label == id / 6 * 6), "{found:?}");
        // Of 8 · 16 edges, 8 · 15 are inside; every community has an eighth of all ends.
        assert!((q - (15.0 / 16.0 - 1.0 / 8.0)).abs() < 1e-12);
    }
    Ok(())
}

#[test]
fn a_lower_resolution_gives_larger_communities() -> Result<()> {
    let graph = ring_of_cliques(8, 6).build_weighted(&Context::local(2)?, 3)?;
    for method in METHODS {
        let count =
            |resolution| -> Result<u64> { Ok(method(&graph).resolution(resolution).run()?.count) };
        assert!(count(0.1)? < 8);
        assert_eq!(count(1.0)?, 8);
        assert!(count(20.0)? > 8);
    }
    Ok(())
}

#[test]
fn degenerate_graphs_have_communities() -> Result<()> {
    for method in METHODS {
        for (name, graph) in degenerate() {
            let (found, q) = graph.same_weighted(|graph| labels(method, graph, 1.0))?;
            assert_eq!(found.len(), graph.count(), "{name}");
            assert!((q - modularity(&graph, &found, 1.0)).abs() < 1e-12, "{name}");
        }
        let pairs = Multigraph::directed(&[(1, 2), (3, 4)]);
        let (found, q) = pairs.same_weighted(|graph| labels(method, graph, 1.0))?;
        assert_eq!(found, [(1, 1), (2, 1), (3, 3), (4, 3)]);
        assert_eq!(q, 0.5);
    }
    for (name, graph) in degenerate() {
        let counts = |graph: &Graph| {
            Ok((louvain(graph).run()?.labels.count()?, leiden(graph).run()?.labels.count()?))
        };
        let count = graph.count() as u64;
        assert_eq!(graph.same(counts)?, (count, count), "{name}");
    }
    Ok(())
}

#[test]
fn a_larger_tolerance_ends_the_moves_sooner() -> Result<()> {
    // A path takes many rounds.
    let path: Vec<_> = (0..2_000).map(|id| (id, id + 1)).collect();
    let graph = Multigraph::undirected(&path).build_weighted(&Context::local(2)?, 3)?;
    for method in METHODS {
        let run = |tolerance| method(&graph).tolerance(tolerance).run();
        let (thorough, brief) = (run(0.0)?, run(1.0)?);
        assert!(thorough.sweeps > brief.sweeps);
        assert!(thorough.modularity >= brief.modularity - 0.01);
        assert!(brief.modularity > 0.5, "{}", brief.modularity);
    }
    Ok(())
}

#[test]
fn bad_weights_resolutions_and_tolerances_are_errors_that_say_so() -> Result<()> {
    for method in METHODS {
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1e308] {
            let graph = Multigraph::weighted(&[(1, 2, 1.0), (2, 3, bad)]);
            let graph = graph.build_weighted(&Context::local(1)?, 2)?;
            let error = method(&graph).run().unwrap_err().to_string();
            assert!(error.contains("from 2 to 3") && error.contains("weight"), "{error}");
            let error = method(&graph).resolution(0.0).run().unwrap_err().to_string();
            assert!(error.contains("resolution 0"), "{error}");
            let error = method(&graph).tolerance(bad).run().unwrap_err().to_string();
            assert!(error.contains("tolerance") && error.contains("from 0 to 1"), "{error}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]

    #[test]
    fn communities_are_connected_and_as_modular_as_reported(graph in any_multigraph()) {
        for method in METHODS {
            // Weights are halves, so that sums are exact and all partitions find the same.
            let (found, q) = graph.same_weighted(|graph| labels(method, graph, 1.0))?;
            assert!((q - modularity(&graph, &found, 1.0)).abs() < 1e-9);
            let singles: Vec<_> = graph.ids.iter().map(|id| (*id, *id)).collect();
            assert!(q >= modularity(&graph, &singles, 1.0) - 1e-9);
            let whole: Vec<_> = graph.ids.iter().map(|id| (*id, 0)).collect();
            assert!(q >= modularity(&graph, &whole, 1.0) - 0.05);
            assert_connected(&graph, &found);
        }
    }
}

/// Labels are smallest ids, and members reach one another inside.
fn assert_connected(graph: &Multigraph, found: &[(u64, u64)]) {
    let mut inside = BTreeMap::new();
    found.iter().for_each(|(id, label)| inside.entry(*label).or_insert(Vec::new()).push(*id));
    let neighbors = graph.simple();
    for (label, members) in inside {
        assert_eq!(label, members[0]);
        let mut reached = vec![label];
        let mut next = 0;
        while let Some(id) = reached.get(next).copied() {
            next += 1;
            for place in &neighbors[graph.index(id)] {
                let id = graph.ids[*place];
                if members.contains(&id) && !reached.contains(&id) {
                    reached.push(id);
                }
            }
        }
        assert_eq!(reached.len(), members.len());
    }
}

#[test]
fn karate_and_facebook_are_as_modular_as_sequential_implementations_find() -> Result<()> {
    let ctx = Context::local(2)?;
    let karate = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/karate.txt");
    let graph = Graph::builder().undirected(true).edges(&edge_list(&ctx, karate)?)?;
    for method in [louvain, leiden] {
        let best = (1..6).map(|seed| Ok(method(&graph).seed(seed).run()?.modularity));
        let best = best.collect::<Result<Vec<_>>>()?.into_iter().fold(0.0, f64::max);
        // The optimum is 0.4198 (Brandes et al., On modularity clustering, 2008).
        assert!((0.418..=0.4199).contains(&best), "{best}");
    }
    let Some(set) = public_dataset("snap-facebook") else { return Ok(()) };
    let edges = edge_list(&ctx, set.join("facebook_combined.txt"))?;
    let graph = Graph::builder().undirected(true).edges(&edges)?;
    let found = louvain(&graph).run()?;
    // Five runs of igraph 1.0.0's community_multilevel found 0.8348 to 0.8350.
    assert!(found.modularity > 0.834, "{}", found.modularity);
    // And its community_leiden 0.8354 to 0.8358.
    let found = leiden(&graph).run()?;
    assert!(found.modularity > 0.83, "{}", found.modularity);
    Ok(())
}
