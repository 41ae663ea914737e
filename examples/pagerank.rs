//! Learn how to read a graph from a file, run an algorithm of the library, and use its result.
//!
//! `cargo run --example pagerank [EDGE_LIST]`, by default on the friendships of a karate club.

#![expect(clippy::print_stdout, reason = "an example shows its result")]

use superstep::algorithms::page_rank;
use superstep::io::edge_list;
use superstep::prelude::*;

fn main() -> superstep::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "datasets/karate.txt".to_owned());
    let ctx = Context::local(0)?;
    let graph = Graph::builder().undirected(true).edges(&edge_list(&ctx, &path)?)?;
    println!("{} vertices, {} directed edges", graph.vertex_count(), graph.edge_count());

    let outcome = page_rank(&graph).damping(0.85).tolerance(1e-10).run()?;
    println!("{} after {} supersteps", outcome.stop_reason(), outcome.supersteps().len());

    // The result is an RDD of (id, rank): keep the best five of each partition, then of all.
    let best = outcome.states().map_partitions(|rows| top(rows, 5)).collect()?;
    for (id, rank) in top(best, 5) {
        println!("{id:>4} {rank:.6}");
    }
    Ok(())
}

fn top(rows: impl IntoIterator<Item = (VertexId, f64)>, count: usize) -> Vec<(VertexId, f64)> {
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    rows.truncate(count);
    rows
}
