//! What a message costs, by kind: `cargo bench --bench messages -- [--scale 20] [--threads 2]`.
//!
//! Each kind of message travels along all edges of a Kronecker graph, or to ids anywhere, ten
//! supersteps long; printed are JSON lines with the median of five runs, in nanoseconds a message.
//! Then: what a superstep costs in which one vertex is active, and how busy the threads are on a
//! star, whose centre has all of the edges.

use std::error::Error;
use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use superstep::algorithms::connected_components;
use superstep::algorithms::page_rank::{Variant, page_rank};
use superstep::data::Data;
use superstep::graph::generate::Kronecker;
use superstep::prelude::*;

const ROUNDS: usize = 5;
const SUPERSTEPS: usize = 10;
/// Leaves of the star.
const LEAVES: u64 = 10_000_000;
/// Clock ticks a second in `/proc/self/stat`.
const TICKS: f64 = 100.0;

/// Sends what `message` makes of a number along all edges, superstep after superstep.
struct Talk<M, C, E, F, G> {
    message: F,
    along: G,
    types: PhantomData<fn() -> (M, C, E)>,
}

impl<M, C, E, F, G> VertexProgram for Talk<M, C, E, F, G>
where
    M: Data,
    C: Combiner<M>,
    E: Data,
    F: Fn(u32) -> M + Send + Sync + 'static,
    G: Fn(&M, &E) -> M + Send + Sync + 'static,
{
    type State = u32;
    type Edge = E;
    type Message = M;
    type Combiner = C;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> u32 {
        seed.index
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<C::Combined>) {
        black_box(&inbox);
        if vertex.superstep() < SUPERSTEPS {
            vertex.send_to_neighbors((self.message)(*vertex.state()));
        } else {
            vertex.vote_to_halt();
        }
    }

    #[inline]
    fn along(&self, message: &M, edge: &E) -> M {
        (self.along)(message, edge)
    }
}

/// Eight numbers that add up one by one.
struct Each;

impl Combiner<[f64; 8]> for Each {
    type Combined = [f64; 8];

    fn lift(message: [f64; 8]) -> [f64; 8] {
        message
    }

    #[inline]
    fn merge(into: &mut [f64; 8], message: [f64; 8]) {
        into.iter_mut().zip(message).for_each(|(sum, more)| *sum += more);
    }

    const NEUTRAL: Option<fn() -> [f64; 8]> = Some(|| [0.0; 8]);
}

/// Everybody sends eight messages to ids that have nothing to do with its edges.
struct Letters {
    vertices: u64,
}

impl VertexProgram for Letters {
    type State = u64;
    type Edge = ();
    type Message = u64;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> u64 {
        seed.id
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u64>) {
        *vertex.state_mut() = inbox.unwrap_or_default();
        if vertex.superstep() < SUPERSTEPS {
            for number in 0..8_u64 {
                let far = (vertex.id() ^ number << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
                vertex.send(far % self.vertices, number);
            }
        } else {
            vertex.vote_to_halt();
        }
    }
}

/// A token that goes along a chain.
struct Token;

impl VertexProgram for Token {
    type State = ();
    type Edge = ();
    type Message = ();
    type Combiner = Any;
    type Aggregate = ();

    fn init(&self, _: &Seed) {}

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<()>) {
        if inbox.is_some() || vertex.superstep() == 0 && vertex.index() == 0 {
            vertex.send_to_neighbors(());
        }
        vertex.vote_to_halt();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: usize| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let (scale, threads) = (number("--scale", 20), number("--threads", 2));
    let ctx = Context::local(threads)?;

    let kronecker = Kronecker::new(scale as u32)?.seed(1);
    let blocks = kronecker.block_count();
    let edges = ctx.parallelize(0..blocks, blocks as usize);
    let edges = edges.flat_map(move |block| kronecker.block(block).map(Edge::from));
    let graph = Graph::from_edges(&edges)?;
    let name = format!("kron{scale}, {threads} threads");
    let dense = SUPERSTEPS as f64 * graph.edge_count() as f64;

    let same = |message: &f64, _: &()| *message;
    talk::<_, Sum, _>(&name, "f64, summed", &graph, f64::from, same, dense)?;
    let wide = |number: u32| [f64::from(number); 8];
    talk::<_, Each, _>(&name, "[f64; 8], summed", &graph, wide, |message, ()| *message, dense)?;
    let weighted = graph.map_edges(|()| 0.5_f32)?;
    let times = |message: &f64, edge: &f32| message * f64::from(*edge);
    talk::<_, Sum, _>(
        &name,
        "f64 times f32 of the edge, summed",
        &weighted,
        f64::from,
        times,
        dense,
    )?;
    drop(weighted);
    talk::<_, Collect, _>(&name, "u32, collected", &graph, |n| n, |n, ()| *n, dense)?;
    let list = |number: u32| Arc::new(vec![number; 16]);
    talk::<_, Collect, _>(
        &name,
        "shared lists, collected",
        &graph,
        list,
        |l, ()| l.clone(),
        dense,
    )?;

    let ids = graph.vertices().map(|(id, ())| id).collect()?;
    let named = ids.last().map_or(1, |last| last + 1);
    let sent = 8.0 * (SUPERSTEPS * ids.len()) as f64;
    let run = Pregel::new(Letters { vertices: named })
        .unknown_target(superstep::pregel::UnknownTarget::Drop);
    let seconds = median(|| run.run(&graph).map(drop))?;
    print(&name, "u64 to ids anywhere, summed", "ns a message", seconds * 1e9 / sent);
    drop(graph);

    for (vertices, partitions) in [(1_000, 1), (1_000_000, 31)] {
        let chain = ctx.parallelize(0..vertices - 1, 8).map(|id| Edge::from((id, id + 1)));
        let chain = Graph::builder().partitions(partitions).edges(&chain)?;
        let run = Pregel::new(Token).max_supersteps(900);
        let seconds = median(|| run.run(&chain).map(drop))?;
        let name = format!("chain of {vertices}, {partitions} partitions, {threads} threads");
        print(&name, "a superstep with one active vertex", "us", seconds * 1e6 / 900.0);
    }

    let star = ctx.parallelize(1..=LEAVES, 32).map(|leaf| Edge::from((0, leaf)));
    let star = Graph::builder().undirected(true).edges(&star)?;
    let name = format!("star of {LEAVES} leaves, both ways, {threads} threads");
    let (cpu, start) = (cpu_seconds()?, Instant::now());
    drop(page_rank(&star).variant(Variant::Gap).iterations(SUPERSTEPS).run()?);
    let seconds = start.elapsed().as_secs_f64();
    let busy = (cpu_seconds()? - cpu) / seconds / threads as f64;
    print(&name, "PageRank, an iteration", "ms", seconds * 1e3 / SUPERSTEPS as f64);
    print(&name, "PageRank, share of the threads' time that is used", "", busy);
    drop(connected_components(&star)?);
    let (cpu, start) = (cpu_seconds()?, Instant::now());
    for _ in 0..ROUNDS {
        drop(connected_components(&star)?);
    }
    let seconds = start.elapsed().as_secs_f64();
    let busy = (cpu_seconds()? - cpu) / seconds / threads as f64;
    print(&name, "components", "ms", seconds * 1e3 / ROUNDS as f64);
    print(&name, "components, share of the threads' time that is used", "", busy);
    Ok(())
}

fn talk<M: Data, C: Combiner<M>, E: Data>(
    graph_name: &str,
    kind: &str,
    graph: &Graph<(), E>,
    message: impl Fn(u32) -> M + Send + Sync + 'static,
    along: impl Fn(&M, &E) -> M + Send + Sync + 'static,
    messages: f64,
) -> superstep::Result<()> {
    let run = Pregel::new(Talk { message, along, types: PhantomData::<fn() -> (M, C, E)> });
    let seconds = median(|| run.run(graph).map(drop))?;
    print(graph_name, kind, "ns a message", seconds * 1e9 / messages);
    Ok(())
}

fn median(mut run: impl FnMut() -> superstep::Result<()>) -> superstep::Result<f64> {
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        run()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[ROUNDS / 2])
}

/// Time that all threads of this process have spent on a processor.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: Vec<f64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

#[expect(clippy::print_stdout, reason = "the output of the bench")]
fn print(graph: &str, what: &str, unit: &str, value: f64) {
    println!(
        "{}",
        serde_json::json!({ "graph": graph, "what": what, "unit": unit, "median": value })
    );
}
