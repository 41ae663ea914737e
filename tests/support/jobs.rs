//! Jobs of every kind whose results must be the same whatever happens on the way.

use superstep::Result;
use superstep::algorithms::{connected_components, page_rank};
use superstep::graph::generate::Kronecker;
use superstep::prelude::*;

/// A job on about `rows` rows; returns its result as text, floats to their last bit.
pub(crate) type Job = fn(&Context, u64) -> Result<String>;

/// The jobs with their names.
pub(crate) const JOBS: &[(&str, Job)] = &[
    ("word count", word_count),
    ("float sums", float_sums),
    ("group", group),
    ("join", join),
    ("outer join", outer_join),
    ("cogroup of three", cogroup3),
    ("sort", sort),
    ("distinct", distinct),
    ("subtract", subtract),
    ("repartition", repartition),
    ("cartesian", cartesian),
    ("persisted", persisted),
    ("pagerank", pagerank),
    ("components", components),
];

/// Rows with keys of which some are frequent, scattered over the partitions.
fn pairs(ctx: &Context, rows: u64) -> Rdd<(u64, u64)> {
    let parts = 7;
    ctx.parallelize(0..parts, parts as usize).flat_map(move |part| {
        (part * rows / parts..(part + 1) * rows / parts).map(move |n| {
            let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            (if n % 5 == 0 { mixed % 3 } else { mixed % (rows / 4 + 1) }, n)
        })
    })
}

fn word_count(ctx: &Context, rows: u64) -> Result<String> {
    let words = pairs(ctx, rows).map(|(key, _)| (format!("word number {key}"), 1_u64));
    Ok(format!("{:?}", words.reduce_by_key(|a, b| a + b, 5).collect()?))
}

fn float_sums(ctx: &Context, rows: u64) -> Result<String> {
    let values = pairs(ctx, rows).map(|(key, n)| (key, 1.0 / (n as f64 + 0.1)));
    Ok(format!("{:?}", values.reduce_by_key(|a, b| a + b, 4).collect()?))
}

fn group(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", pairs(ctx, rows).group_by_key(3).collect()?))
}

/// The right side of joins: without the frequent keys, whose products would be huge.
fn partners(ctx: &Context, rows: u64) -> Rdd<(u64, String)> {
    pairs(ctx, rows / 2).filter(|(key, _)| *key > 2).map(|(key, n)| (key + 1, format!("{n}")))
}

fn join(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", pairs(ctx, rows).join(&partners(ctx, rows), 4).collect()?))
}

fn outer_join(ctx: &Context, rows: u64) -> Result<String> {
    let joined = partners(ctx, rows).full_outer_join(&pairs(ctx, rows), 6);
    Ok(format!("{:?}", joined.collect()?))
}

fn cogroup3(ctx: &Context, rows: u64) -> Result<String> {
    let (a, b) = (pairs(ctx, rows), partners(ctx, rows));
    Ok(format!("{:?}", a.cogroup3(&b, &a.map_values(|n| n as f32), 3).collect()?))
}

fn sort(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", pairs(ctx, rows).sort_by_key(4)?.collect()?))
}

fn distinct(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", pairs(ctx, rows).keys().distinct(3).collect()?))
}

fn subtract(ctx: &Context, rows: u64) -> Result<String> {
    let all = pairs(ctx, rows).values();
    Ok(format!("{:?}", all.subtract(&all.filter(|n| n % 3 == 0), 4).collect()?))
}

fn repartition(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", pairs(ctx, rows).repartition(11).coalesce(4).glom().collect()?))
}

fn cartesian(ctx: &Context, rows: u64) -> Result<String> {
    let few = ctx.parallelize([1_u64, 2], 2);
    Ok(format!("{:?}", few.cartesian(&pairs(ctx, rows).keys()).collect()?))
}

/// Reads rows twice that are kept at each level in turn.
fn persisted(ctx: &Context, rows: u64) -> Result<String> {
    let mut text = String::new();
    for (name, level) in StorageLevel::ALL {
        let kept = pairs(ctx, rows / 8).map(|(key, n)| (key, vec![n; 3])).persist(*level)?;
        let (count, sum) = (kept.count()?, kept.map(|(key, n)| key + n[2]).sum()?);
        text += &format!("{count} {sum} {}\n", kept.count()?);
        assert_eq!(kept.storage_level().name(), *name);
    }
    Ok(text)
}

fn graph(ctx: &Context, rows: u64) -> Result<Graph> {
    let scale = (rows / 8).max(16).ilog2();
    let kronecker = Kronecker::new(scale)?.edge_factor(8).seed(3);
    let blocks = kronecker.block_count();
    let edges = ctx.parallelize(0..blocks, blocks as usize).flat_map(move |block| {
        kronecker.block(block).map(|(source, target)| Edge::new(source, target, ()))
    });
    Graph::builder().partitions(5).edges(&edges)
}

fn pagerank(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", page_rank(&graph(ctx, rows)?).iterations(8).run()?.states().collect()?))
}

fn components(ctx: &Context, rows: u64) -> Result<String> {
    Ok(format!("{:?}", connected_components(&graph(ctx, rows)?)?.collect()?))
}
