//! Personalized PageRank.

use proptest::proptest;
use superstep::Result;
use superstep::algorithms::{page_rank, personalized_page_rank};
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, assert_values, clique, degenerate, star};

#[test]
fn on_a_directed_path_ranks_fall_by_the_damping() -> Result<()> {
    // The walker starts anew after the last vertex; ranks are in proportion 1, d, d², …
    let sum: f64 = (0..6).map(|k| 0.5_f64.powi(k)).sum();
    let expected: Vec<_> = (0..6).map(|k| 0.5_f64.powi(k) / sum).collect();
    Multigraph::numbered(6, (1..6).map(|v| (v - 1, v))).same(|graph| {
        let run = personalized_page_rank(graph, [0]).damping(0.5).run()?;
        assert_eq!(run.stop_reason(), StopReason::Stopped);
        assert_values(&run.states().collect()?, &expected, 1e-11);
        Ok(())
    })
}

#[test]
fn from_all_vertices_it_is_page_rank() -> Result<()> {
    let edges = (0..50).flat_map(|v| [(v, v * 7 % 50), (v * 3 % 50, v)]);
    let small = Multigraph::numbered(52, edges);
    small.same(|graph| {
        let run = personalized_page_rank(graph, 0..52).iterations(30);
        let all: Vec<_> = page_rank(graph).iterations(30).run()?.states().values().collect()?;
        assert_values(&run.run()?.states().collect()?, &all, 1e-13);
        Ok(())
    })
}

#[test]
fn a_damping_of_zero_stays_at_the_sources() -> Result<()> {
    clique(4).same(|graph| {
        let run = personalized_page_rank(graph, [1, 3, 1]).damping(0.0);
        assert_values(&run.run()?.states().collect()?, &[0.0, 0.5, 0.0, 0.5], 0.0);
        Ok(())
    })
}

#[test]
fn degenerate_graphs_have_ranks_that_sum_to_one() -> Result<()> {
    for (_, small) in degenerate().iter().filter(|(_, small)| small.count() > 0) {
        small.same(|graph| {
            let ranks = personalized_page_rank(graph, [small.ids[0]]).run()?.states();
            let sum = ranks.values().fold(0.0, |a, b| a + b)?;
            assert!((sum - 1.0).abs() < 1e-12);
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn bad_parameters_are_errors_that_name_them() -> Result<()> {
    let graph = star(2).build(&Context::local(1)?, 1)?;
    let message = |run: Result<_>| run.map(|_| ()).unwrap_err().to_string();
    let from = |sources: &[u64]| personalized_page_rank(&graph, sources.to_vec());
    assert!(message(from(&[]).run()).contains("at least one source"));
    assert!(from(&[]).run_each().is_err());
    assert!(message(from(&[7]).run()).contains('7'));
    assert!(message(from(&[1]).damping(1.5).run()).contains("damping 1.5"));
    assert!(message(from(&[1]).tolerance(-0.5).run()).contains("tolerance -0.5"));
    Ok(())
}

/// The definition, for as many iterations.
fn twin(small: &Multigraph, sources: &[usize], iterations: usize) -> Vec<f64> {
    let targets = small.targets();
    let mut start = vec![0.0; small.count()];
    sources.iter().for_each(|source| start[*source] = 1.0 / sources.len() as f64);
    let mut ranks = start.clone();
    for _ in 0..iterations {
        let mut next = vec![0.0; small.count()];
        for v in 0..small.count() {
            if targets[v].is_empty() {
                (0..small.count()).for_each(|w| next[w] += ranks[v] * start[w]);
            }
            targets[v].iter().for_each(|w| next[*w] += ranks[v] / targets[v].len() as f64);
        }
        ranks = next.iter().zip(&start).map(|(next, start)| 0.85 * next + 0.15 * start).collect();
    }
    ranks
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]

    #[test]
    fn ranks_agree_with_the_definition_together_and_each(small in any_multigraph()) {
        if small.count() > 0 {
            let mut sources: Vec<_> = (0..11).map(|k| k * 17 % small.count()).collect();
            let each: Vec<_> = sources.iter().map(|source| twin(&small, &[*source], 12)).collect();
            small.same(|graph| {
                let ids = sources.iter().map(|source| small.ids[*source]);
                let rows = personalized_page_rank(graph, ids).iterations(12).run_each()?.collect()?;
                for (lane, twin) in each.iter().enumerate() {
                    let column: Vec<_> = rows.iter().map(|(id, row)| (*id, row[lane])).collect();
                    assert_values(&column, twin, 1e-12);
                }
                Ok(())
            })?;
            sources.sort_unstable();
            sources.dedup();
            let together = twin(&small, &sources, 12);
            small.same(|graph| {
                let ids = sources.iter().map(|source| small.ids[*source]);
                let run = personalized_page_rank(graph, ids).iterations(12).run()?;
                assert_values(&run.states().collect()?, &together, 1e-12);
                Ok(())
            })?;
        }
    }
}
