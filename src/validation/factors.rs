//! Factors of ratings.

use super::run::{Run, Verdict, broken};

/// How far sums over products of factors may be from one another, as a share of their terms.
const TOLERANCE: f64 = 1e-6;

/// Factors by alternating least squares: their root mean squared error is the one that is told, and
/// at the items, which solved last, the error is at its least: there what pulls factors up and what
/// pulls them down is the same.
pub(super) fn als(run: &Run<'_>) -> Verdict {
    let rank = run.argument("rank", 10)?;
    let lambda = run.argument("lambda", 0.1)?;
    let rows = run.rows()?.collect()?;
    let columns = (1..=rank).map(|column| run.float_column(&rows, column));
    let columns: Vec<Vec<f64>> = columns.collect::<Verdict<_>>()?;
    let count = run.graph.vertex_count();
    let mut squares = 0.0;
    let mut ratings = vec![0.0; count];
    let mut pull = vec![vec![0.0; count]; rank];
    let mut size = vec![0.0; count];
    run.graph.for_each_arc(|user, item, rating| {
        let product: f64 = columns.iter().map(|factors| factors[user] * factors[item]).sum();
        let error = rating - product;
        squares += error * error;
        ratings[item] += 1.0;
        for (pull, factors) in pull.iter_mut().zip(&columns) {
            pull[item] += error * factors[user];
            size[item] += (rating.abs() + product.abs()) * factors[user].abs();
        }
    });
    for item in (0..count).filter(|item| ratings[*item] > 0.0) {
        for (pull, factors) in pull.iter().zip(&columns) {
            let back = lambda * ratings[item] * factors[item];
            let allowed = TOLERANCE * (size[item] + back.abs());
            if (pull[item] - back).abs() > allowed {
                let id = run.graph.id(item);
                return broken(format!("other factors of vertex {id} would fit better"));
            }
        }
    }
    let all: f64 = ratings.iter().sum();
    let rmse = if all > 0.0 { (squares / all).sqrt() } else { 0.0 };
    let mut scale = 0.0_f64;
    run.graph.for_each_arc(|_, _, rating| scale = scale.max(rating.abs()));
    run.figure_near("rmse", Some(rmse), TOLERANCE * scale.max(1.0))
}
