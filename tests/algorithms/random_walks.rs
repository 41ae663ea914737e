//! Random walks.

use std::collections::HashMap;

use proptest::proptest;
use superstep::Result;
use superstep::algorithms::random_walks;
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, cycle, degenerate};

#[test]
fn walks_along_a_directed_ring_are_known() -> Result<()> {
    let ring = Multigraph::numbered(5, (0..5).map(|v| (v, (v + 1) % 5)));
    let walks = ring.same(|graph| random_walks(graph).walks(2).steps(7).run()?.collect())?;
    let expected = (0..5).map(|v| (v, (v..v + 8).map(|at| at % 5).collect()));
    let expected: Vec<(u64, Vec<u64>)> = expected.collect();
    assert_eq!(walks, [expected.clone(), expected].concat());
    Ok(())
}

#[test]
fn walks_of_no_steps_and_from_sinks_are_their_starts() -> Result<()> {
    for (name, graph) in degenerate() {
        let walks = graph.same(|graph| random_walks(graph).steps(0).run()?.collect())?;
        let starts: Vec<_> = graph.ids.iter().map(|id| (*id, vec![*id])).collect();
        assert_eq!(walks, starts, "{name}");
        let walks = graph.same(|graph| random_walks(graph).steps(3).run()?.collect())?;
        assert_eq!(walks.len(), graph.count(), "{name}");
    }
    let graph = Multigraph::directed(&[(1, 2)]);
    let walks = graph.same(|graph| random_walks(graph).bias(0.5, 2.0).run()?.collect())?;
    assert_eq!(walks, [(1, vec![1, 2]), (2, vec![2])]);
    Ok(())
}

#[test]
fn parameters_out_of_range_are_errors_that_name_them() -> Result<()> {
    let graph = cycle(4).build(&Context::local(1)?, 1)?;
    let message = |run: Result<_>| run.map(|_| ()).unwrap_err().to_string();
    assert!(message(random_walks(&graph).walks(0).run()).contains("walks 0"));
    assert!(message(random_walks(&graph).bias(0.0, 1.0).run()).contains("p 0"));
    assert!(message(random_walks(&graph).bias(1.0, f64::NAN).run()).contains("q NaN"));
    Ok(())
}

#[test]
fn another_seed_draws_other_walks() -> Result<()> {
    let graph = cycle(30).build(&Context::local(2)?, 3)?;
    let walks = |seed| random_walks(&graph).steps(20).seed(seed).run()?.collect();
    assert_eq!(walks(4)?, walks(4)?);
    assert_ne!(walks(4)?, walks(5)?);
    Ok(())
}

/// Many copies of a graph of less than ten vertices, so that few supersteps make many steps.
fn copies(edges: &[(u64, u64)]) -> Vec<(u64, u64)> {
    (0..1500).flat_map(|c| edges.iter().map(move |(u, v)| (10 * c + u, 10 * c + v))).collect()
}

/// How often each vertex followed on a run of vertices, in all copies together.
fn counts(walks: &[(u64, Vec<u64>)], length: usize) -> HashMap<Vec<u64>, HashMap<u64, f64>> {
    let mut counts: HashMap<_, HashMap<_, _>> = HashMap::new();
    for (_, walk) in walks {
        let walk: Vec<_> = walk.iter().map(|id| id % 10).collect();
        for run in walk.windows(length + 1) {
            *counts.entry(run[..length].to_vec()).or_default().entry(run[length]).or_insert(0.0) +=
                1.0;
        }
    }
    counts
}

/// Asserts that shares differ by less than about five standard deviations.
fn assert_shares(counts: &HashMap<u64, f64>, weights: &[(u64, f64)], what: &str) {
    let total: f64 = counts.values().sum();
    let all: f64 = weights.iter().map(|(_, weight)| weight).sum();
    for (id, weight) in weights {
        let (share, expected) = (counts.get(id).copied().unwrap_or(0.0) / total, weight / all);
        let within = 5.0 * (expected * (1.0 - expected) / total).sqrt();
        assert!((share - expected).abs() <= within, "{what}: {id}: {share}, expected {expected}");
    }
}

#[test]
fn every_edge_is_as_likely_as_any_other_that_leaves_the_vertex() -> Result<()> {
    let edges = [(0, 1), (0, 1), (0, 2), (1, 0), (2, 0), (2, 2), (2, 1)];
    let graph = Multigraph::directed(&copies(&edges)).build(&Context::local(2)?, 2)?;
    let walks = random_walks(&graph).walks(2).steps(20).run()?.collect()?;
    let counts = counts(&walks, 1);
    assert_shares(&counts[&vec![0]], &[(1, 2.0), (2, 1.0)], "from 0");
    assert_shares(&counts[&vec![1]], &[(0, 1.0)], "from 1");
    assert_shares(&counts[&vec![2]], &[(0, 1.0), (1, 1.0), (2, 1.0)], "from 2");
    Ok(())
}

#[test]
fn a_biased_walker_weighs_the_way_back_and_the_neighborhood() -> Result<()> {
    // 1 is next to 0, 2, 3 and 4; 0 and 2 are next to each other.
    let edges = [(0, 1), (1, 2), (1, 3), (1, 4), (0, 2), (3, 4), (4, 5)];
    let small = Multigraph::undirected(&edges);
    let graph = Multigraph::undirected(&copies(&edges)).build(&Context::local(2)?, 3)?;
    // The last two have most weight with one neighbor, so that draws run out.
    for (p, q) in [(0.25, 4.0), (2.0, 0.5), (1e-6, 1e3), (1e4, 1e4)] {
        let walks = random_walks(&graph).steps(20).bias(p, q).seed(3).run()?.collect()?;
        for (pair, counts) in counts(&walks, 2) {
            if counts.values().sum::<f64>() < 200.0 {
                continue;
            }
            let next = &small.targets()[pair[1] as usize];
            let near = &small.targets()[pair[0] as usize];
            let weights = next.iter().map(|target| {
                let weight = match *target as u64 {
                    back if back == pair[0] => 1.0 / p,
                    _ if near.contains(target) => 1.0,
                    _ => 1.0 / q,
                };
                (*target as u64, weight)
            });
            assert_shares(&counts, &weights.collect::<Vec<_>>(), &format!("{p} {q} {pair:?}"));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]

    #[test]
    fn walks_follow_edges_and_end_early_only_where_none_leaves(graph in any_multigraph()) {
        let targets = graph.targets();
        for bias in [(1.0, 1.0), (0.5, 2.0)] {
            let walks = graph.same(|graph| {
                random_walks(graph).walks(2).steps(9).bias(bias.0, bias.1).run()?.collect()
            })?;
            let starts: Vec<_> = walks.iter().map(|(start, _)| *start).collect();
            assert_eq!(starts, [graph.ids.clone(), graph.ids.clone()].concat());
            for (start, walk) in walks {
                assert_eq!(start, walk[0]);
                for step in walk.windows(2) {
                    let next = &targets[graph.index(step[0])];
                    assert!(next.contains(&graph.index(step[1])));
                }
                let last = graph.index(walk[walk.len() - 1]);
                assert!(walk.len() == 10 || targets[last].is_empty());
            }
        }
    }
}
