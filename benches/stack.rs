//! The floors of the stack, each on its own: `cargo bench --bench stack [-- load]`.
//!
//! Sizes are fixed by seed (a Kronecker graph of scale 16, a million records), so figures of two
//! versions compare; throughput is in edges, records or vertices.

use std::fs::File;
use std::hint::black_box;
use std::io::BufWriter;
use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use superstep::Result;
use superstep::algorithms::connected_components;
use superstep::algorithms::page_rank::page_rank;
use superstep::graph::generate::Kronecker;
use superstep::io::edge_list;
use superstep::prelude::*;

const SCALE: u32 = 16;
const EDGES: u64 = 16 << SCALE;
const RECORDS: u64 = 1_000_000;

fn edge_file() -> Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("superstep-bench-kron{SCALE}.txt"));
    let file = File::create(&path).map_err(|error| superstep::Error::io(&path, "create", error))?;
    let written = Kronecker::new(SCALE)?.seed(1).write_edge_list(&mut BufWriter::new(file));
    written.map_err(|error| superstep::Error::io(&path, "write", error))?;
    Ok(path)
}

fn kronecker(ctx: &Context) -> Result<Graph> {
    Graph::from_edges(&edge_list(ctx, edge_file()?)?)
}

/// Every vertex sends a number to all its neighbours in every superstep.
struct Chatter;

impl VertexProgram for Chatter {
    type State = u64;
    type Edge = ();
    type Message = u64;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> u64 {
        seed.id
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u64>) {
        *vertex.state_mut() ^= inbox.unwrap_or(1);
        vertex.send_to_neighbors(*vertex.state());
    }
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10).throughput(Throughput::Elements(EDGES));
    let Ok((ctx, path)) = Context::local(0).and_then(|ctx| Ok((ctx, edge_file()?))) else { return };
    group.bench_function("parse", |bench| {
        bench.iter(|| edge_list(&ctx, &path).and_then(|edges| edges.count()));
    });
    group.bench_function("parse and build", |bench| {
        bench.iter(|| edge_list(&ctx, &path).and_then(|edges| Graph::from_edges(&edges)));
    });
}

fn shuffle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("shuffle");
    group.sample_size(10).throughput(Throughput::Elements(RECORDS));
    let Ok(ctx) = Context::local(0) else { return };
    let pairs = ctx.parallelize((0..RECORDS).map(|n| (n * 7919 % 100_003, n)), 8);
    group.bench_function("partition_by", |bench| {
        bench.iter(|| pairs.map(|pair| pair).partition_by(8).count());
    });
    group.bench_function("reduce_by_key", |bench| {
        bench.iter(|| pairs.reduce_by_key(|a, b| a + b, 8).count());
    });
    group.bench_function("join", |bench| {
        let keys = ctx.parallelize((0..100_003_u64).map(|n| (n, n)), 8);
        bench.iter(|| pairs.join(&keys, 8).count());
    });
    group.bench_function("sort_by_key", |bench| {
        bench.iter(|| pairs.sort_by_key(8).and_then(|sorted| sorted.count()));
    });
}

fn superstep(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("superstep");
    group.sample_size(10);
    let Ok(ctx) = Context::local(0) else { return };
    let ring = ctx.parallelize((0..10).map(|id| Edge::from((id, (id + 1) % 10))), 1);
    let Ok(ring) = Graph::from_edges(&ring) else { return };
    group.throughput(Throughput::Elements(1000));
    group.bench_function("a thousand on ten vertices", |bench| {
        bench.iter(|| Pregel::new(Chatter).max_supersteps(1000).run(&ring));
    });
    let Ok(graph) = kronecker(&ctx) else { return };
    group.throughput(Throughput::Elements(EDGES * 10));
    group.bench_function("ten on a kronecker graph", |bench| {
        bench.iter(|| Pregel::new(Chatter).max_supersteps(11).run(&graph));
    });
}

fn pagerank(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pagerank");
    group.sample_size(10).throughput(Throughput::Elements(EDGES * 20));
    let Ok(graph) = Context::local(0).and_then(|ctx| kronecker(&ctx)) else { return };
    group.bench_function("twenty iterations", |bench| {
        bench.iter(|| black_box(page_rank(&graph).iterations(20).run()));
    });
}

fn components(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("connected_components");
    group.sample_size(10).throughput(Throughput::Elements(EDGES));
    let Ok(graph) = Context::local(0).and_then(|ctx| kronecker(&ctx)) else { return };
    group.bench_function("labels", |bench| {
        bench.iter(|| black_box(connected_components(&graph)));
    });
}

criterion_group!(stack, load, shuffle, superstep, pagerank, components);
criterion_main!(stack);
