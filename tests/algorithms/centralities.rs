//! Degrees, Katz, eigenvector centrality and HITS.

use proptest::proptest;
use superstep::algorithms::hits::Scale;
use superstep::algorithms::{degrees, eigenvector, hits, katz};
use superstep::prelude::*;
use superstep::{Result, StopReason};

use crate::multigraph::{
    Multigraph, any_multigraph, assert_values, clique, degenerate, path, star,
};

fn column<T: Copy>(rows: &[(u64, T)], value: impl Fn(T) -> f64) -> Vec<(u64, f64)> {
    rows.iter().map(|(id, row)| (*id, value(*row))).collect()
}

fn matrix(small: &Multigraph) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; small.count()]; small.count()];
    for (u, targets) in small.targets().iter().enumerate() {
        targets.iter().for_each(|v| matrix[u][*v] += 1.0);
    }
    matrix
}

#[test]
fn degrees_count_parallel_edges_and_loops_of_an_undirected_graph_once() -> Result<()> {
    let edges = [(0, 1), (0, 1), (1, 2), (2, 2)];
    Multigraph::numbered(4, edges).same(|graph| {
        let found = degrees(graph)?.map_values(|d| (d.incoming, d.outgoing)).collect()?;
        let expected = [(0, 2), (2, 1), (2, 1), (0, 0)];
        assert_eq!(found, (0..4).zip(expected).collect::<Vec<_>>());
        Ok(())
    })?;
    Multigraph::numbered(4, edges).both_ways().same(|graph| {
        let found = degrees(graph)?.map_values(|d| (d.incoming, d.outgoing)).collect()?;
        let expected = [(2, 2), (3, 3), (2, 2), (0, 0)];
        assert_eq!(found, (0..4).zip(expected).collect::<Vec<_>>());
        Ok(())
    })
}

#[test]
fn degenerate_graphs_have_degrees() -> Result<()> {
    for (_, small) in degenerate() {
        small.same(|graph| {
            let sum = degrees(graph)?.map(|(_, d)| u64::from(d.outgoing)).fold(0, |a, b| a + b)?;
            assert_eq!(sum, graph.edge_count());
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn katz_on_a_directed_path_is_a_geometric_sum() -> Result<()> {
    let expected: Vec<_> = (0..10).map(|k| 2.0 * (1.0 - 0.5_f64.powi(k + 1)) / 0.5).collect();
    Multigraph::numbered(10, (1..10).map(|v| (v - 1, v))).same(|graph| {
        let outcome = katz(graph).alpha(0.5).beta(2.0).run()?;
        assert_eq!(outcome.stop_reason(), StopReason::Stopped);
        assert_values(&outcome.states().collect()?, &expected, 1e-12);
        Ok(())
    })
}

#[test]
fn katz_on_a_clique_solves_its_equation() -> Result<()> {
    // x = α (n-1) x + β
    clique(5).same(|graph| {
        let scores = katz(graph).alpha(0.1).run()?.states().collect()?;
        assert_values(&scores, &[1.0 / 0.6; 5], 1e-11);
        let unit = katz(graph).alpha(0.1).normalized(true).run()?.states().collect()?;
        assert_values(&unit, &[0.2_f64.sqrt(); 5], 1e-12);
        Ok(())
    })
}

#[test]
fn katz_names_an_alpha_beyond_the_spectrum_and_other_bad_parameters() -> Result<()> {
    let graph = clique(5).build(&Context::local(1)?, 2)?;
    let message = |run: Result<_>| run.map(|_| ()).unwrap_err().to_string();
    assert!(message(katz(&graph).alpha(5.0).run()).contains("alpha 5"));
    assert!(message(katz(&graph).alpha(f64::NAN).run()).contains("alpha NaN"));
    assert!(message(katz(&graph).beta(-1.0).run()).contains("beta -1"));
    assert!(message(katz(&graph).tolerance(0.0).run()).contains("tolerance 0"));
    let slow = katz(&graph).alpha(0.26).run()?;
    assert_eq!(slow.stop_reason(), StopReason::MaxSupersteps);
    Ok(())
}

#[test]
fn the_leaves_of_a_star_share_an_eigenvector_with_its_centre() -> Result<()> {
    let mut expected = vec![0.5_f64.sqrt() / 8.0_f64.sqrt(); 9];
    expected[0] = 0.5_f64.sqrt();
    star(8).same(|graph| {
        let outcome = eigenvector(graph).run()?;
        assert_eq!(outcome.stop_reason(), StopReason::Stopped);
        assert_values(&outcome.states().collect()?, &expected, 1e-11);
        Ok(())
    })
}

#[test]
fn an_eigenvector_of_a_path_is_a_sine() -> Result<()> {
    let sine = |v: usize| (std::f64::consts::PI * (v + 1) as f64 / 9.0).sin();
    let length = (0..8).map(|v| sine(v) * sine(v)).sum::<f64>().sqrt();
    let expected: Vec<_> = (0..8).map(|v| sine(v) / length).collect();
    path(8).same(|graph| {
        assert_values(&eigenvector(graph).run()?.states().collect()?, &expected, 1e-10);
        Ok(())
    })
}

#[test]
fn parallel_edges_weigh_more_in_an_eigenvector() -> Result<()> {
    // Eigenvalue √5: x1² = 1/2, the leaves in proportion 2 : 1.
    let small = Multigraph::undirected(&[(0, 1), (0, 1), (1, 2)]);
    small.same(|graph| {
        let expected = [2.0 / 10.0_f64.sqrt(), 0.5_f64.sqrt(), 1.0 / 10.0_f64.sqrt()];
        assert_values(&eigenvector(graph).run()?.states().collect()?, &expected, 1e-11);
        Ok(())
    })
}

#[test]
fn a_bipartite_page_graph_has_one_good_hub_and_equal_authorities() -> Result<()> {
    let small = Multigraph::numbered(5, [(0, 2), (0, 3), (0, 4), (1, 4)]);
    // Hubs: M Mᵀ = [[3, 1], [1, 1]], eigenvalue 2 + √2, vector (1 + √2, 1).
    let first = (1.0 + 2.0_f64.sqrt()) / (2.0 + 2.0_f64.sqrt());
    let hubs = [first, 1.0 - first, 0.0, 0.0, 0.0];
    let part = first / (2.0 * first + 1.0);
    let authorities = [0.0, 0.0, part, part, 1.0 - 2.0 * part];
    small.same(|graph| {
        let scores = hits(graph).run()?.states().collect()?;
        assert_values(&column(&scores, |scores| scores.hub), &hubs, 1e-11);
        assert_values(&column(&scores, |scores| scores.authority), &authorities, 1e-11);
        let largest = hits(graph).scale(Scale::Largest).run()?.states().collect()?;
        assert_values(&column(&largest, |s| s.hub), &hubs.map(|hub| hub / first), 1e-11);
        let unit = hits(graph).scale(Scale::Squares).run()?.states().collect()?;
        let squares: f64 = unit.iter().map(|(_, s)| s.authority * s.authority).sum();
        assert!((squares - 1.0).abs() < 1e-12);
        Ok(())
    })
}

#[test]
fn degenerate_graphs_have_finite_scores() -> Result<()> {
    for (_, small) in degenerate() {
        small.same(|graph| {
            let hubs = hits(graph).run()?.states().collect()?;
            assert_eq!(hubs.len(), small.count());
            let no_edges = graph.edge_count() == 0;
            for (_, scores) in hubs {
                assert!(scores.hub.is_finite() && scores.authority.is_finite());
                assert!(!no_edges || scores.hub == 0.0 && scores.authority == 0.0);
            }
            let scores = katz(graph).run()?.states().collect()?;
            assert!(scores.iter().all(|(_, score)| *score >= 1.0 && score.is_finite()));
            let scores = eigenvector(graph).iterations(50).run()?.states().collect()?;
            let squares: f64 = scores.iter().map(|(_, score)| score * score).sum();
            assert!(small.count() == 0 || (squares - 1.0).abs() < 1e-12);
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn tolerances_that_are_not_positive_are_errors() -> Result<()> {
    let graph = star(2).build(&Context::local(1)?, 1)?;
    let error = eigenvector(&graph).tolerance(-1.0).run().unwrap_err().to_string();
    assert!(error.contains("tolerance -1"));
    let error = hits(&graph).tolerance(f64::NAN).run().unwrap_err().to_string();
    assert!(error.contains("tolerance NaN"));
    Ok(())
}

/// Divides by a sum, unless there is nothing to divide.
fn scaled(values: Vec<f64>) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    values.into_iter().map(|value| if sum > 0.0 { value / sum } else { 0.0 }).collect()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]

    #[test]
    fn katz_agrees_with_a_dense_matrix(small in any_multigraph()) {
        let matrix = matrix(&small);
        let count = small.count();
        let largest = (0..count).map(|v| matrix[v].iter().sum::<f64>()).fold(0.0, f64::max);
        let alpha = 0.9 / (largest + 1.0);
        let mut twin = vec![1.0; count];
        for _ in 0..600 {
            twin = (0..count)
                .map(|v| 1.0 + alpha * (0..count).map(|u| matrix[u][v] * twin[u]).sum::<f64>())
                .collect();
        }
        small.same(|graph| {
            let found = katz(graph).alpha(alpha).tolerance(1e-14).run()?.states().collect()?;
            assert_values(&found, &twin, 1e-10);
            Ok(())
        })?;
    }

    #[test]
    fn seven_iterations_of_hits_agree_with_a_dense_matrix(small in any_multigraph()) {
        let matrix = matrix(&small);
        let count = small.count();
        let mut hubs = vec![1.0 / count as f64; count];
        let mut authorities = vec![0.0; count];
        for _ in 0..7 {
            authorities = scaled((0..count)
                .map(|v| (0..count).map(|u| matrix[u][v] * hubs[u]).sum())
                .collect());
            hubs = scaled((0..count)
                .map(|u| (0..count).map(|v| matrix[u][v] * authorities[v]).sum())
                .collect());
        }
        small.same(|graph| {
            let run = hits(graph).iterations(7).tolerance(1e-300).run()?;
            let found = run.states().collect()?;
            assert_values(&column(&found, |scores| scores.hub), &hubs, 1e-10);
            assert_values(&column(&found, |scores| scores.authority), &authorities, 1e-10);
            Ok(())
        })?;
    }

    #[test]
    fn nine_iterations_of_the_eigenvector_agree_with_a_dense_matrix(small in any_multigraph()) {
        let matrix = matrix(&small);
        let count = small.count();
        let mut twin = vec![1.0 / (count as f64).sqrt(); count];
        for _ in 0..9 {
            let next: Vec<f64> = (0..count)
                .map(|v| twin[v] + (0..count).map(|u| matrix[u][v] * twin[u]).sum::<f64>())
                .collect();
            let length = next.iter().map(|value| value * value).sum::<f64>().sqrt();
            twin = next.into_iter().map(|value| value / length).collect();
        }
        small.same(|graph| {
            let run = eigenvector(graph).iterations(9).tolerance(1e-300).run()?;
            assert_values(&run.states().collect()?, &twin, 1e-10);
            Ok(())
        })?;
    }
}
