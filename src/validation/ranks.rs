//! Scores that are fixed points of walks along edges.

use crate::error::Result;
use crate::graph::VertexId;
use crate::stop::StopReason;

use super::plain_graph::PlainGraph;
use super::run::{Run, Verdict, broken};

/// How far the sum of ranks may be from what it should be, as a share of it: sums of millions of
/// floats in different orders differ by less.
const SUM_TOLERANCE: f64 = 1e-9;

/// What rounding may change in the ranks of a vertex in an iteration, as a share of the sum.
const ROUNDING: f64 = 1e-15;

/// How much scores may differ from those of the same iterations run again, as a share of each: sums
/// of numbers of one sign keep their precision.
const AGAIN: f64 = 1e-9;

/// Scores below this share one precision: what is left of them has fewer digits.
const TINY: f64 = 1e-290;

/// Checks PageRank: ranks are positive, sum to 1 (of the variant `graphx` to the number of
/// vertices, of `gap` to at most 1), and one more iteration changes them by at most `residual`
/// altogether (L1 norm; of `graphx` for each vertex on average).
///
/// # Errors
/// The first property that does not hold, in words.
pub fn verify_ranks(
    graph: &PlainGraph,
    ranks: &[(VertexId, f64)],
    damping: f64,
    variant: &str,
    residual: f64,
) -> Result<(), String> {
    let ranks = graph.ordered(ranks)?;
    if ranks.is_empty() {
        return Ok(());
    }
    let count = ranks.len() as f64;
    let graphx = variant == "graphx";
    if let Some(vertex) = ranks.iter().position(|rank| !(*rank >= 0.0 && rank.is_finite())) {
        return Err(format!("vertex {} has the rank {}", graph.id(vertex), ranks[vertex]));
    }
    let (sum, expected) = (ranks.iter().sum::<f64>(), if graphx { count } else { 1.0 });
    let excess = (sum - expected) / expected;
    if excess > SUM_TOLERANCE || variant != "gap" && excess < -SUM_TOLERANCE {
        return Err(format!("ranks sum to {sum} and not to {expected}"));
    }
    let mut next = vec![0.0; ranks.len()];
    let mut lost = 0.0;
    for (vertex, rank) in ranks.iter().enumerate() {
        let arcs = graph.arcs(vertex);
        if arcs.is_empty() {
            lost += rank;
        }
        for (target, _) in arcs {
            next[*target as usize] += damping * rank / arcs.len() as f64;
        }
    }
    let base = match variant {
        "gap" => (1.0 - damping) / count,
        // Scaled at the end, by a factor that is not told; what every vertex gets follows from it.
        "graphx" => (sum - next.iter().sum::<f64>()) / count,
        _ => (1.0 - damping + damping * lost) / count,
    };
    let changes = ranks.iter().zip(&next).map(|(rank, next)| (base + next - rank).abs());
    let change = changes.sum::<f64>() / if graphx { count } else { 1.0 };
    let allowed = residual + ROUNDING * if graphx { 1.0 } else { count };
    if change > allowed {
        return Err(format!(
            "another iteration would change ranks by {change:e}, more than {allowed:e}"
        ));
    }
    Ok(())
}

/// PageRank.
pub(super) fn page_rank(run: &Run<'_>) -> Verdict {
    let damping = run.argument("damping", 0.85)?;
    let variant = run.argument("variant", "graphalytics".to_owned())?;
    // An iteration shrinks the change by the damping, and the first changes ranks by at most 2
    // altogether.
    let residual = match run.table.stop_reason {
        StopReason::Stopped => run.argument("tolerance", 1e-12)?,
        _ => 2.0 * power(damping, run.table.supersteps.len().saturating_sub(1)),
    };
    Ok(verify_ranks(run.graph, &run.floats()?, damping, &variant, residual)?)
}

fn power(base: f64, exponent: usize) -> f64 {
    f64::powi(base, i32::try_from(exponent).unwrap_or(i32::MAX))
}

/// Personalized PageRank: the ranks of each column are not negative, sum to 1, and change in one
/// more iteration by no more than the iterations that ran leave to change.
pub(super) fn personalized_page_rank(run: &Run<'_>) -> Verdict {
    let mut sources = run.places("sources")?.unwrap_or_default();
    let damping = run.argument("damping", 0.85)?;
    let tolerance = run.arguments.get("tolerance")?;
    let iterations: Option<usize> = run.arguments.get("iterations")?;
    let default_tolerance = if iterations.is_none() { 1e-12 } else { 0.0 };
    let shrunk = 2.0 * power(damping, iterations.unwrap_or(1000));
    let residual = f64::max(tolerance.unwrap_or(default_tolerance), shrunk);
    if !run.arguments.is_set("each") {
        sources.sort_unstable();
        sources.dedup();
        return restarted(run, &run.ordered_floats()?, &sources, damping, residual);
    }
    let rows = run.rows()?.collect()?;
    for (column, source) in sources.iter().enumerate() {
        restarted(run, &run.float_column(&rows, column + 1)?, &[*source], damping, residual)?;
    }
    Ok(())
}

fn restarted(
    run: &Run<'_>,
    ranks: &[f64],
    sources: &[usize],
    damping: f64,
    residual: f64,
) -> Verdict {
    if let Some(vertex) = ranks.iter().position(|rank| *rank < 0.0) {
        return run.wrong(vertex, ranks[vertex], "a rank of at least 0");
    }
    let sum: f64 = ranks.iter().sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        return broken(format!("ranks sum to {sum} and not to 1"));
    }
    let mut next = vec![0.0; ranks.len()];
    let mut returns = 1.0 - damping;
    for (vertex, rank) in ranks.iter().enumerate() {
        let arcs = run.graph.arcs(vertex);
        if arcs.is_empty() {
            returns += damping * rank;
        }
        for (target, _) in arcs {
            next[*target as usize] += damping * rank / arcs.len() as f64;
        }
    }
    sources.iter().for_each(|source| next[*source] += returns / sources.len() as f64);
    let change: f64 = ranks.iter().zip(&next).map(|(rank, next)| (next - rank).abs()).sum();
    let allowed = residual + ROUNDING * ranks.len() as f64;
    if change > allowed {
        return broken(format!(
            "another iteration would change ranks by {change:e}, more than {allowed:e}"
        ));
    }
    Ok(())
}

/// Eigenvector centrality: what as many iterations as ran make of equal scores.
pub(super) fn eigenvector(run: &Run<'_>) -> Verdict {
    let found = run.ordered_floats()?;
    let count = found.len();
    let mut scores = vec![1.0 / (count as f64).sqrt(); count];
    for _ in 2..run.table.supersteps.len() {
        let mut next = scores.clone();
        run.graph.for_each_arc(|from, to, _| next[to] += scores[from]);
        let length = next.iter().map(|score| score * score).sum::<f64>().sqrt();
        scores = next.into_iter().map(|score| score / length).collect();
    }
    run.near(&found, &scores, AGAIN, TINY)
}

/// HITS: what as many iterations as ran make of equal hubs.
pub(super) fn hits(run: &Run<'_>) -> Verdict {
    let rows = run.rows()?.collect()?;
    let (hubs, authorities) = (run.float_column(&rows, 1)?, run.float_column(&rows, 2)?);
    let scale = run.argument("scale", "sum".to_owned())?;
    let scaled = |scores: Vec<f64>| -> Vec<f64> {
        let size = match scale.as_str() {
            "squares" => scores.iter().map(|score| score * score).sum::<f64>().sqrt(),
            "largest" => scores.iter().copied().fold(0.0, f64::max),
            _ => scores.iter().sum(),
        };
        let divisor = if size > 0.0 { size } else { 1.0 };
        scores.into_iter().map(|score| score / divisor).collect()
    };
    let count = hubs.len();
    let (mut hub, mut authority) = (vec![1.0 / count as f64; count], vec![0.0; count]);
    for _ in 0..run.table.supersteps.len() / 4 {
        let mut next = vec![0.0; count];
        run.graph.for_each_arc(|from, to, _| next[to] += hub[from]);
        authority = scaled(next);
        let mut next = vec![0.0; count];
        run.graph.for_each_arc(|from, to, _| next[from] += authority[to]);
        hub = scaled(next);
    }
    run.near(&hubs, &hub, AGAIN, TINY)?;
    run.near(&authorities, &authority, AGAIN, TINY)
}

/// Katz centrality: what as many iterations as ran make of β everywhere.
pub(super) fn katz(run: &Run<'_>) -> Verdict {
    let found = run.ordered_floats()?;
    let count = found.len();
    let most = |degrees: Vec<u64>| degrees.into_iter().max().unwrap_or_default();
    let outgoing = (0..count).map(|vertex| run.graph.arcs(vertex).len() as u64).collect();
    let degree = most(run.graph.in_degrees()).min(most(outgoing));
    let alpha = run.argument("alpha", 1.0 / (degree as f64 + 1.0))?;
    let beta = run.argument("beta", 1.0)?;
    let mut scores = vec![beta; count];
    for _ in 1..run.table.supersteps.len() {
        let mut next = vec![0.0; count];
        run.graph.for_each_arc(|from, to, _| next[to] += scores[from]);
        scores = next.into_iter().map(|sum| alpha * sum + beta).collect();
    }
    if run.arguments.is_set("normalized") {
        let length = scores.iter().map(|score| score * score).sum::<f64>().sqrt();
        scores.iter_mut().for_each(|score| *score /= length);
    }
    run.near(&found, &scores, AGAIN, TINY)
}
