//! Closeness and harmonic centrality.

use proptest::proptest;
use superstep::Result;
use superstep::algorithms::{closeness, harmonic};
use superstep::prelude::*;

use crate::multigraph::{Multigraph, any_multigraph, assert_values, cycle, degenerate, star};

#[test]
fn the_centre_of_a_star_is_as_close_as_can_be() -> Result<()> {
    star(5).same(|graph| {
        let scores = closeness(graph).run()?.states().collect()?;
        let leaf = 5.0 / 9.0;
        assert_values(&scores, &[1.0, leaf, leaf, leaf, leaf, leaf], 1e-12);
        let scores = harmonic(graph).run()?.states().collect()?;
        assert_values(&scores, &[5.0, 3.0, 3.0, 3.0, 3.0, 3.0], 1e-12);
        let scores = harmonic(graph).normalized(true).run()?.states().collect()?;
        assert_values(&scores, &[1.0, 0.6, 0.6, 0.6, 0.6, 0.6], 1e-12);
        Ok(())
    })
}

#[test]
fn more_vertices_than_one_batch_of_sources_are_all_counted() -> Result<()> {
    // Every vertex of a cycle of 1201 has two others at each distance up to 600.
    let farness = 600.0 * 601.0;
    let small = cycle(1201);
    let graph = small.build(&Context::local(2)?, 3)?;
    let scores = closeness(&graph).run()?.states().collect()?;
    assert_values(&scores, &[1200.0 / farness; 1201], 1e-12);
    let sum: f64 = (1..=600).map(|distance| 2.0 / f64::from(distance)).sum();
    let scores = harmonic(&graph).run()?.states().collect()?;
    assert_values(&scores, &[sum; 1201], 1e-12);
    Ok(())
}

#[test]
fn vertices_out_of_reach_lower_closeness_unless_only_those_within_reach_count() -> Result<()> {
    let small = Multigraph::undirected(&[(0, 1), (2, 3), (3, 4)]);
    small.same(|graph| {
        let scores = closeness(graph).run()?.states().collect()?;
        assert_values(&scores, &[0.25, 0.25, 1.0 / 3.0, 0.5, 1.0 / 3.0], 1e-12);
        let scores = closeness(graph).within_reach(true).run()?.states().collect()?;
        assert_values(&scores, &[1.0, 1.0, 2.0 / 3.0, 1.0, 2.0 / 3.0], 1e-12);
        Ok(())
    })
}

#[test]
fn degenerate_graphs_have_scores_that_are_numbers() -> Result<()> {
    for (_, small) in degenerate() {
        small.same(|graph| {
            for precision in [None, Some(6)] {
                let (near, all) = (closeness(graph), harmonic(graph).normalized(true));
                let (near, all) = match precision {
                    None => (near, all),
                    Some(precision) => (near.estimate(precision), all.estimate(precision)),
                };
                let near = near.run()?.states().collect()?;
                let all = all.run()?.states().collect()?;
                assert_eq!((near.len(), all.len()), (small.count(), small.count()));
                assert!(near.iter().chain(&all).all(|(_, score)| (0.0..=1.1).contains(score)));
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_precision_out_of_range_is_an_error_that_names_the_range() -> Result<()> {
    let graph = star(2).build(&Context::local(1)?, 1)?;
    let error = closeness(&graph).estimate(3).run().unwrap_err().to_string();
    assert!(error.contains("precision 3") && error.contains("from 4 to 16"));
    assert!(harmonic(&graph).estimate(17).run().is_err());
    Ok(())
}

#[test]
fn estimates_come_close_and_are_the_same_for_any_partitions() -> Result<()> {
    let edges = (0..2000).flat_map(|v| [(v, (v + 1) % 2000), (v, v * 37 % 2000)]);
    let small = Multigraph::numbered(2000, edges).both_ways();
    let first = small.same(|graph| harmonic(graph).estimate(10).run()?.states().collect())?;
    let graph = small.build(&Context::local(2)?, 2)?;
    let exact = harmonic(&graph).run()?.states().collect()?;
    for ((_, exact), (_, estimate)) in exact.iter().zip(&first) {
        // Three standard deviations of a counter.
        assert!((estimate / exact - 1.0).abs() < 3.0 * 1.04 / 32.0, "{estimate} {exact}");
    }
    let exact = closeness(&graph).run()?.states().collect()?;
    let found = closeness(&graph).estimate(10).run()?.states().collect()?;
    let error = |((_, a), (_, b)): (&(u64, f64), &(u64, f64))| (a / b - 1.0).abs();
    let mean = exact.iter().zip(&found).map(error).sum::<f64>() / 2000.0;
    assert!(mean < 0.04, "{mean}");
    Ok(())
}

/// Closeness and harmonic centrality by the definition.
fn twin(small: &Multigraph) -> (Vec<f64>, Vec<f64>) {
    let others = small.count().saturating_sub(1) as f64;
    let rows = small.distances();
    let rows = rows.iter().map(|row| {
        let away: Vec<f64> =
            row.iter().flatten().filter(|d| **d > 0).map(|d| f64::from(*d)).collect();
        let (reached, farness) = (away.len() as f64, away.iter().sum::<f64>());
        let near = if away.is_empty() { 0.0 } else { reached / others * reached / farness };
        (near, away.iter().map(|distance| 1.0 / distance).sum::<f64>())
    });
    rows.unzip()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]

    #[test]
    fn both_agree_with_searches_from_every_vertex(small in any_multigraph()) {
        let out = twin(&small);
        let incoming = twin(&small.reversed());
        let both = twin(&small.clone().both_ways());
        small.same(|graph| {
            let ways = [(Direction::Out, &out), (Direction::In, &incoming), (Direction::Both, &both)];
            for (direction, (near, all)) in ways {
                let found = closeness(graph).direction(direction).run()?.states().collect()?;
                assert_values(&found, near, 1e-12);
                let found = harmonic(graph).direction(direction).run()?.states().collect()?;
                assert_values(&found, all, 1e-12);
            }
            Ok(())
        })?;
    }
}
