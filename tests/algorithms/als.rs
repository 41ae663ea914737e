//! Alternating least squares.

use proptest::prelude::{Strategy, prop};
use proptest::proptest;
use superstep::Result;
use superstep::algorithms::als;
use superstep::prelude::*;

use crate::multigraph::Multigraph;

/// Users from 0 on, items from 100 on; a user may rate an item several times.
fn ratings() -> impl Strategy<Value = Multigraph> {
    let rating = (0_u64..12, 100_u64..110, 1_u8..=5);
    prop::collection::vec(rating, 1..60).prop_map(|rows| {
        let edges: Vec<_> = rows.into_iter().map(|(u, i, r)| (u, i, f64::from(r))).collect();
        Multigraph::weighted(&edges)
    })
}

/// Solves a system of equations by Gauss' elimination.
fn solve(mut rows: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let count = right.len();
    for pivot in 0..count {
        let largest =
            (pivot..count).max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()));
        let largest = largest.unwrap();
        rows.swap(pivot, largest);
        right.swap(pivot, largest);
        let (base, base_right) = (rows[pivot].clone(), right[pivot]);
        for row in (0..count).filter(|row| *row != pivot) {
            let times = rows[row][pivot] / base[pivot];
            rows[row].iter_mut().zip(&base).for_each(|(value, base)| *value -= times * base);
            right[row] -= times * base_right;
        }
    }
    (0..count).map(|row| right[row] / rows[row][row]).collect()
}

/// The factors that a vertex should have, given those of the others.
fn best(others: &[(Vec<f64>, f64)], rank: usize, lambda: f64) -> Vec<f64> {
    let mut rows = vec![vec![0.0; rank]; rank];
    let mut right = vec![0.0; rank];
    for (factors, rating) in others {
        for row in 0..rank {
            right[row] += rating * factors[row];
            for column in 0..rank {
                rows[row][column] += factors[row] * factors[column];
            }
        }
    }
    (0..rank).for_each(|row| rows[row][row] += lambda * others.len() as f64);
    solve(rows, right)
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(16))]

    #[test]
    fn the_loss_is_as_reported_never_grows_and_items_are_solved_for(small in ratings()) {
        let (rank, lambda) = (3, 0.2);
        let ctx = Context::local(2)?;
        let mut before = f64::INFINITY;
        for iterations in [1, 2, 3, 6] {
            let fits = [1, 2, 3, 8].map(|partitions| -> Result<_> {
                let graph = small.build_weighted(&ctx, partitions)?;
                let run = als(&graph).rank(rank).lambda(lambda).iterations(iterations);
                let outcome = run.run()?;
                Ok((outcome.states().collect()?, *outcome.aggregate()))
            });
            let fits = fits.into_iter().collect::<Result<Vec<_>>>()?;
            let (factors, fit) = &fits[0];
            for (others, _) in &fits {
                for ((_, other), (_, factors)) in others.iter().zip(factors) {
                    let mut pairs = other.iter().zip(factors);
                    assert!(pairs.all(|(a, b)| (a - b).abs() < 1e-8));
                }
            }
            let of = |id: u64| factors[small.index(id)].1.clone();
            let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let mut error = 0.0;
            let mut penalty = 0.0;
            for (user, item, rating) in &small.edges {
                let (user, item) = (of(*user), of(*item));
                error += (rating - product(&user, &item)).powi(2);
                penalty += lambda * (product(&user, &user) + product(&item, &item));
            }
            assert!((fit.squared_error - error).abs() < 1e-9 * (1.0 + error));
            assert!((fit.loss() - error - penalty).abs() < 1e-9 * (1.0 + error + penalty));
            assert_eq!(fit.ratings, small.edges.len() as f64);
            assert!(fit.loss() <= before * (1.0 + 1e-9));
            before = fit.loss();
            for item in small.ids.iter().filter(|id| **id >= 100) {
                let rated = small.edges.iter().filter(|(_, to, _)| to == item);
                let rated: Vec<_> = rated.map(|(user, _, rating)| (of(*user), *rating)).collect();
                for (found, expected) in of(*item).iter().zip(best(&rated, rank, lambda)) {
                    assert!((found - expected).abs() < 1e-8, "{found} {expected}");
                }
            }
        }
    }
}

#[test]
fn one_rating_has_a_known_loss() -> Result<()> {
    // min (r - x y)² + λ (x² + y²): x = y, x² = r - λ.
    let small = Multigraph::weighted(&[(1, 2, 4.0)]);
    let factors = small.same_weighted(|graph| {
        als(graph).rank(1).lambda(1.0).iterations(200).run()?.states().collect()
    })?;
    assert!(factors.iter().all(|(_, factors)| (factors[0] - 3.0_f64.sqrt()).abs() < 1e-9));
    Ok(())
}

#[test]
fn factors_are_the_same_bits_for_any_threads_and_storage_and_without_hubs_for_any_partitions()
-> Result<()> {
    // A few items that most users rate, and others that few do.
    let rated =
        |u: u64| (0..9).map(move |n| (u, 1000 + (u * (n + 3) + n * n) % (3 + 40 * (n % 2))));
    let ratings = (0..300).flat_map(rated).map(|(u, i)| Edge::new(u, i, ((u ^ i) % 5) as f64));
    let ratings: Vec<_> = ratings.collect();
    let bits = |threads, level, partitions, hubs: Option<usize>| -> Result<Vec<u64>> {
        let ctx = Context::builder().threads(threads).storage_level(level).build()?;
        let mut builder = Graph::builder().partitions(partitions);
        if let Some(hubs) = hubs {
            builder = builder.hubs(hubs);
        }
        let graph = builder.edges(&ctx.parallelize(ratings.clone(), 4))?;
        let factors = als(&graph).rank(4).iterations(5).run()?.states().collect()?;
        Ok(factors.into_iter().flat_map(|(_, factors)| factors).map(f64::to_bits).collect())
    };
    let memory = StorageLevel::MEMORY_ONLY;
    for partitions in [1, 8] {
        let first = bits(1, memory, partitions, None)?;
        for threads in [2, 4] {
            assert!(bits(threads, memory, partitions, None)? == first, "{threads} threads");
        }
        for level in [StorageLevel::DISK_ONLY, StorageLevel::MEMORY_AND_DISK_SER] {
            assert!(bits(2, level, partitions, None)? == first, "{level:?}");
        }
    }
    let first = bits(2, memory, 1, Some(0))?;
    for partitions in [2, 3, 8, 30] {
        assert!(bits(2, memory, partitions, Some(0))? == first, "{partitions} partitions");
    }
    Ok(())
}

#[test]
fn ratings_of_low_rank_are_found_again() -> Result<()> {
    let user = |u: u64| [1.0 + (u % 5) as f64 / 4.0, (u % 3) as f64 / 2.0];
    let item = |i: u64| [0.5 + (i % 4) as f64 / 4.0, 1.0 - (i % 7) as f64 / 7.0];
    let product = |u, i| user(u)[0] * item(i)[0] + user(u)[1] * item(i)[1];
    let known = (0..20).flat_map(|u| (0..15).map(move |i| (u, i)));
    let edges: Vec<_> = known
        .filter(|(u, i)| (u * 7 + i * 3) % 4 != 0)
        .map(|(u, i)| (u, 100 + i, product(u, i)))
        .collect();
    let graph = Multigraph::weighted(&edges).build_weighted(&Context::local(2)?, 3)?;
    // One start in about ten ends in a valley of its own.
    let run = |seed| als(&graph).rank(2).lambda(1e-6).iterations(30).seed(seed).run();
    let errors = (1..6).map(|seed| Ok(run(seed)?.aggregate().rmse()));
    let errors = errors.collect::<Result<Vec<_>>>()?;
    assert!(errors.iter().filter(|error| **error < 1e-4).count() >= 3, "{errors:?}");
    Ok(())
}

#[test]
fn degenerate_graphs_run_and_what_is_not_bipartite_or_no_number_is_refused() -> Result<()> {
    for ids in [vec![], vec![5], vec![1, 4]] {
        let small = Multigraph::default().with_vertices(ids);
        let count = small.same_weighted(|graph| als(graph).run()?.states().count())?;
        assert_eq!(count, small.count() as u64);
    }
    let parallel = Multigraph::weighted(&[(1, 2, 0.0), (1, 2, 0.0)]);
    let factors = parallel.same_weighted(|graph| als(graph).run()?.states().collect())?;
    assert!(factors.iter().flat_map(|(_, factors)| factors).all(|factor| *factor == 0.0));
    let message = |edges: &[(u64, u64, f64)]| -> Result<String> {
        let graph = Multigraph::weighted(edges).build_weighted(&Context::local(1)?, 2)?;
        Ok(als(&graph).run().unwrap_err().to_string())
    };
    assert!(message(&[(1, 2, 1.0), (2, 3, 1.0)])?.contains("vertex 2"));
    assert!(message(&[(7, 7, 1.0)])?.contains("vertex 7"));
    assert!(message(&[(1, 2, f64::NAN)])?.contains("rating NaN"));
    let graph = parallel.build_weighted(&Context::local(1)?, 1)?;
    let message = |run: Result<_>| run.map(|_| ()).unwrap_err().to_string();
    assert!(message(als(&graph).rank(0).run()).contains("rank 0"));
    assert!(message(als(&graph).iterations(0).run()).contains("iterations 0"));
    assert!(message(als(&graph).lambda(0.0).run()).contains("lambda 0"));
    Ok(())
}
