//! PageRank in its three variants.

use proptest::proptest;
use proptest::test_runner::Config;
use superstep::algorithms::page_rank;
use superstep::algorithms::page_rank::Variant;
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

use crate::multigraph::{
    Multigraph, any_multigraph, assert_near, bipartite, clique, cycle, degenerate, star,
};
use crate::oracle_igraph::for_each_oracle;
use crate::support::{assert_close, expected};

const VARIANTS: [Variant; 3] = [Variant::Graphalytics, Variant::Gap, Variant::GraphX];

fn ranks(graph: &Graph, variant: Variant, iterations: usize) -> Result<Vec<(u64, f64)>> {
    page_rank(graph).variant(variant).iterations(iterations).run()?.states().collect()
}

/// Ranks after many iterations.
fn fixed_point(graph: &Graph) -> Result<Vec<(u64, f64)>> {
    page_rank(graph).tolerance(1e-15).iterations(400).run()?.states().collect()
}

/// The three definitions as loops over a matrix.
fn twin(graph: &Multigraph, variant: Variant, iterations: usize) -> Vec<(u64, f64)> {
    let (count, damping) = (graph.count(), 0.85);
    let mut follow = vec![vec![0.0; count]; count];
    let mut sinks = vec![0.0; count];
    for (vertex, arcs) in graph.arcs().into_iter().enumerate() {
        arcs.iter().for_each(|(to, _)| follow[*to][vertex] += 1.0 / arcs.len() as f64);
        sinks[vertex] = f64::from(u8::from(arcs.is_empty()));
    }
    let n = count as f64;
    let graphx = variant == Variant::GraphX;
    let mut ranks = vec![if graphx { 1.0 } else { 1.0 / n }; count];
    for _ in 0..iterations {
        let dot = |row: &[f64]| row.iter().zip(&ranks).map(|(a, b)| a * b).sum::<f64>();
        let base = match variant {
            Variant::Graphalytics => (1.0 - damping + damping * dot(&sinks)) / n,
            Variant::Gap => (1.0 - damping) / n,
            Variant::GraphX => 1.0 - damping,
        };
        ranks = follow.iter().map(|row| base + damping * dot(row)).collect();
    }
    let scale = if graphx { n / ranks.iter().sum::<f64>() } else { 1.0 };
    graph.labelled(&ranks.iter().map(|rank| rank * scale).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(Config { cases: 16, ..Config::default() })]

    #[test]
    fn ranks_are_those_of_multiplying_by_a_matrix(
        graph in any_multigraph(),
        iterations in 0_usize..9,
    ) {
        for variant in VARIANTS {
            let found = graph.close(|graph| ranks(graph, variant, iterations))?;
            assert_near(&found, &twin(&graph, variant, iterations), 1e-12, "ranks");
        }
    }
}

#[test]
fn vertices_that_nothing_tells_apart_have_equal_ranks() -> Result<()> {
    for graph in [cycle(7), clique(5), bipartite(4, 4)] {
        let found = graph.close(fixed_point)?;
        let equal = graph.labelled(&vec![1.0 / graph.count() as f64; graph.count()]);
        assert_near(&found, &equal, 1e-14, "equal ranks");
    }
    Ok(())
}

#[test]
fn the_middle_of_a_star_has_what_the_equations_say() -> Result<()> {
    // m = (1-d)/N + d·k·l and l = (1-d)/N + d·m/k for k leaves, N = k + 1.
    let (leaves, damping) = (6_u64, 0.85);
    let (k, n) = (leaves as f64, leaves as f64 + 1.0);
    let jump = (1.0 - damping) / n;
    let middle = jump * (1.0 + damping * k) / (1.0 - damping * damping);
    let leaf = jump + damping * middle / k;
    let expected: Vec<_> = (0..=leaves).map(|v| (v, if v == 0 { middle } else { leaf })).collect();
    assert_near(&star(leaves).close(fixed_point)?, &expected, 1e-14, "star");
    // All point to the middle, which points to nobody: its mass is spread, or lost.
    let inward: Vec<_> = (1..=leaves).map(|leaf| (leaf, 0)).collect();
    let inward = Multigraph::directed(&inward);
    let found = inward.close(|graph| ranks(graph, Variant::Gap, 100))?;
    let lost: Vec<_> =
        (0..=leaves).map(|v| (v, if v == 0 { jump * (1.0 + damping * k) } else { jump })).collect();
    assert_near(&found, &lost, 1e-14, "mass is lost");
    let found = inward.close(fixed_point)?;
    let sum: f64 = found.iter().map(|(_, rank)| rank).sum();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    Ok(())
}

#[test]
fn degenerate_graphs_have_ranks() -> Result<()> {
    for (name, graph) in degenerate() {
        for variant in VARIANTS {
            let found = graph.close(|graph| ranks(graph, variant, 5))?;
            assert_near(&found, &twin(&graph, variant, 5), 1e-12, name);
        }
    }
    Ok(())
}

#[test]
fn arguments_out_of_range_are_refused() -> Result<()> {
    let ctx = Context::local(1)?;
    let graph = path_of_two(&ctx)?;
    for damping in [-0.1, 1.1, f64::NAN] {
        let error = page_rank(&graph).damping(damping).run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
        assert!(error.to_string().contains("damping"), "{error}");
    }
    for tolerance in [0.0, -1.0, f64::NAN] {
        let error = page_rank(&graph).tolerance(tolerance).run().unwrap_err();
        assert!(error.to_string().contains("tolerance"), "{error}");
    }
    Ok(())
}

fn path_of_two(ctx: &Context) -> Result<Graph> {
    Multigraph::directed(&[(1, 2)]).build(ctx, 1)
}

#[test]
fn ranks_are_those_of_igraph() -> Result<()> {
    for_each_oracle(|oracle| {
        // `tests/oracle.rs` has the largest, some of whose ranks igraph left unfinished.
        if oracle.name == "cnr-2000" {
            return Ok(());
        }
        let run = page_rank(&oracle.graph).tolerance(1e-15).iterations(250);
        let found = run.run()?.states().collect()?;
        let golden = expected::<f64>(&oracle.folder.join("PR-converged.gz"))?;
        assert_close(&found, &golden, 1e-9, oracle.name);
        Ok(())
    })
}
