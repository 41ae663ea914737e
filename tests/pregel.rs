//! The Pregel engine: halting, messages, aggregates, policies, failures, and the same bits for any
//! threads, storage level and partitions.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use proptest::prelude::{Strategy, any, prop};
use proptest::{prop_assert_eq, proptest};
use serde::{Deserialize, Serialize};
use superstep::event::Event;
use superstep::pregel::{Path, UnknownTarget};
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

fn graph_of(ctx: &Context, edges: &[(u64, u64)], partitions: usize) -> Result<Graph> {
    let edges = ctx.parallelize(edges.iter().copied().map(Edge::from), 2);
    Graph::builder().partitions(partitions).edges(&edges)
}

/// A graph of ids `0..count` with the edges given.
fn graph_with(ctx: &Context, count: u64, edges: &[(u64, u64)], partitions: usize) -> Result<Graph> {
    let vertices = ctx.parallelize((0..count).map(|id| (id, ())), 2);
    let edges = ctx.parallelize(edges.iter().copied().map(Edge::from), 2);
    Graph::builder().partitions(partitions).parts(&vertices, &edges)
}

/// Makes a program out of closures' worth of code: the parts most tests share.
macro_rules! program {
    ($name:ident, $state:ty, $message:ty, $combiner:ty, $aggregate:ty, $init:expr, $compute:expr $(, $more:item)*) => {
        struct $name;

        impl VertexProgram for $name {
            type State = $state;
            type Edge = ();
            type Message = $message;
            type Combiner = $combiner;
            type Aggregate = $aggregate;

            fn init(&self, seed: &Seed) -> $state {
                let init: fn(&Seed) -> $state = $init;
                init(seed)
            }

            fn compute(
                &self,
                vertex: &mut Vertex<'_, Self>,
                inbox: Option<superstep::pregel::Combined<Self>>,
            ) {
                let compute: fn(&mut Vertex<'_, Self>, Option<superstep::pregel::Combined<Self>>) =
                    $compute;
                compute(vertex, inbox);
            }

            $($more)*
        }
    };
}

program!(CountsSteps, u32, (), Any, (), |_| 0, |vertex, _| {
    *vertex.state_mut() += 1;
    if vertex.superstep() as u64 == vertex.id() {
        vertex.vote_to_halt();
    }
});

#[test]
fn a_vertex_runs_until_it_votes_to_halt_and_the_run_ends_with_the_last() -> Result<()> {
    let ctx = Context::local(2)?;
    let done = Pregel::new(CountsSteps).run(&graph_with(&ctx, 5, &[], 2)?)?;
    assert_eq!(done.states().collect()?, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]);
    assert_eq!(done.stop_reason(), StopReason::Converged);
    let active: Vec<_> = done.supersteps().iter().map(|step| step.active).collect();
    assert_eq!(active, [5, 4, 3, 2, 1]);
    Ok(())
}

program!(Relay, Vec<usize>, (), Any, (), |_| Vec::new(), |vertex, inbox| {
    let step = vertex.superstep();
    vertex.state_mut().push(step);
    if inbox.is_some() || vertex.id() == 0 {
        vertex.send_to_neighbors(());
    }
    vertex.vote_to_halt();
});

#[test]
fn a_message_wakes_a_halted_vertex_in_the_next_superstep() -> Result<()> {
    let ctx = Context::local(2)?;
    let done = Pregel::new(Relay).run(&graph_of(&ctx, &[(0, 1), (1, 2), (2, 3)], 3)?)?;
    let ran: Vec<_> = done.states().map(|(_, steps)| steps).collect()?;
    assert_eq!(ran, [vec![0], vec![0, 1], vec![0, 2], vec![0, 3]]);
    let messages: Vec<_> = done.supersteps().iter().map(|step| step.messages).collect();
    assert_eq!(messages, [1, 1, 1, 0]);
    Ok(())
}

program!(Endless, u64, u64, Sum, (), |_| 0, |vertex, inbox| {
    *vertex.state_mut() += inbox.unwrap_or(0);
    vertex.send_to_neighbors(1);
});

/// Counts how often each vertex computed; a token goes along edges from where it starts.
struct Token {
    start: u64,
}

impl VertexProgram for Token {
    type State = u64;
    type Edge = ();
    type Message = u64;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> u64 {
        0
    }

    fn starts(&self, seed: &Seed) -> bool {
        seed.id == self.start
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, _inbox: Option<u64>) {
        *vertex.state_mut() += 1;
        vertex.send_to_neighbors(1);
        vertex.vote_to_halt();
    }
}

#[test]
fn a_vertex_that_does_not_start_computes_only_when_a_message_arrives() -> Result<()> {
    let ctx = Context::local(2)?;
    for partitions in [1, 2, 3] {
        let graph = graph_of(&ctx, &[(1, 2), (2, 3), (3, 4), (9, 1)], partitions)?;
        let done = Pregel::new(Token { start: 2 }).run(&graph)?;
        let active: Vec<_> = done.supersteps().iter().map(|step| step.active).collect();
        assert_eq!(active, [1, 1, 1]);
        assert_eq!(done.states().collect()?, [(1, 0), (2, 1), (3, 1), (4, 1), (9, 0)]);
        let nobody = Pregel::new(Token { start: 77 }).run(&graph)?;
        assert_eq!((nobody.supersteps().len(), nobody.supersteps()[0].active), (1, 0));
    }
    Ok(())
}

#[test]
fn the_superstep_limit_ends_a_run_and_is_named_as_the_reason() -> Result<()> {
    let ctx = Context::local(2)?;
    let graph = graph_of(&ctx, &[(0, 1), (1, 0), (1, 0)], 2)?;
    for (limit, steps) in [(0, 1), (1, 1), (7, 7)] {
        let done = Pregel::new(Endless).max_supersteps(limit).run(&graph)?;
        assert_eq!(done.stop_reason(), StopReason::MaxSupersteps);
        assert_eq!(done.supersteps().len(), steps, "superstep 0 always runs");
        // Parallel edges carry a message each.
        let last = steps as u64 - 1;
        assert_eq!(done.states().collect()?, [(0, 2 * last), (1, last)]);
    }
    Ok(())
}

/// How many vertices ran, and what the vertices saw of the superstep before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tally {
    ran: u64,
}

impl Aggregate for Tally {
    fn merge(&mut self, other: Self) {
        self.ran += other.ran;
    }
}

struct Census {
    seen: Arc<Mutex<Vec<u64>>>,
}

impl VertexProgram for Census {
    type State = Vec<u64>;
    type Edge = ();
    type Message = ();
    type Combiner = Any;
    type Aggregate = Tally;

    fn init(&self, _seed: &Seed) -> Vec<u64> {
        Vec::new()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, _inbox: Option<()>) {
        let before = vertex.previous().ran;
        vertex.state_mut().push(before);
        vertex.aggregate().ran += 1;
        if vertex.superstep() as u64 >= vertex.id() {
            vertex.vote_to_halt();
        }
    }

    fn after_superstep(&self, step: &Superstep<'_, Tally>) -> ControlFlow<()> {
        if let Ok(mut seen) = self.seen.lock() {
            seen.push(step.aggregate.ran);
        }
        if step.index == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn an_aggregate_is_seen_by_the_master_at_once_and_by_vertices_one_superstep_later() -> Result<()> {
    let ctx = Context::local(2)?;
    for partitions in [1, 2, 3, 8] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let graph = graph_with(&ctx, 6, &[], partitions)?;
        let done = Pregel::new(Census { seen: Arc::clone(&seen) }).run(&graph)?;
        assert_eq!(*seen.lock().unwrap(), [6, 5, 4]);
        assert_eq!(done.states().lookup(&5)?, [vec![0, 6, 5]]);
        assert_eq!(done.stop_reason(), StopReason::Stopped);
        assert_eq!(done.aggregate().ran, 4);
    }
    Ok(())
}

program!(Senders, Vec<u64>, u64, Collect, (), |_| Vec::new(), |vertex, inbox| {
    if vertex.superstep() == 0 {
        let id = vertex.id();
        vertex.send_to_neighbors(id);
        vertex.send(3, 100 + id);
    }
    vertex.state_mut().extend(inbox.unwrap_or_default());
    vertex.vote_to_halt();
});

#[test]
fn uncombined_messages_come_in_the_order_of_their_sources_letters_last() -> Result<()> {
    let ctx = Context::local(2)?;
    let edges = [(5, 3), (1, 3), (9, 3), (1, 3), (3, 3), (9, 1)];
    for partitions in [1, 2, 3, 8] {
        let done = Pregel::new(Senders).run(&graph_of(&ctx, &edges, partitions)?)?;
        let expected = vec![1, 1, 3, 5, 9, 101, 103, 105, 109];
        assert_eq!(done.states().lookup(&3)?, [expected], "{partitions} partitions");
        assert_eq!(done.states().lookup(&1)?, [vec![9]]);
        assert_eq!(done.supersteps()[0].messages, 6 + 4);
    }
    Ok(())
}

program!(ToNobody, u64, u64, Sum, (), |_| 0, |vertex, _| {
    if vertex.superstep() == 0 {
        vertex.send(77, 1);
    }
    vertex.vote_to_halt();
});

#[test]
fn a_message_to_an_unknown_id_is_an_error_or_dropped_and_counted() -> Result<()> {
    let ctx = Context::local(2)?;
    let graph = graph_of(&ctx, &[(0, 1)], 2)?;
    let error = Pregel::new(ToNobody).run(&graph).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnknownVertex { id, .. } if id == "77"), "{error}");
    let done = Pregel::new(ToNobody).unknown_target(UnknownTarget::Drop).run(&graph)?;
    assert_eq!(done.supersteps()[0].dropped, 2);
    assert_eq!(done.stop_reason(), StopReason::Converged);
    Ok(())
}

program!(Postal, Vec<u64>, u64, Collect, (), |seed| vec![seed.vertex_count], |vertex, inbox| {
    let (step, id) = (vertex.superstep(), vertex.id());
    if id < 2 && step == 0 {
        // Two senders name the same new vertex, and each another one.
        vertex.send(50, id);
        vertex.send(5 - id, 10 + id);
    }
    if let Some(letters) = inbox {
        if id > 2 && step < 3 {
            // A created vertex answers, and writes to one that a message created before.
            vertex.send(0, id);
            vertex.send(50, 100 * id);
        }
        vertex.state_mut().extend(letters);
    }
    vertex.vote_to_halt();
});

#[test]
fn a_message_to_an_unknown_id_can_create_the_vertex() -> Result<()> {
    let ctx = Context::local(2)?;
    for partitions in [1, 2, 3, 8] {
        for level in [StorageLevel::MEMORY_ONLY, StorageLevel::DISK_ONLY] {
            let graph = graph_with(&ctx, 3, &[(0, 1)], partitions)?;
            let run = Pregel::new(Postal).unknown_target(UnknownTarget::Create);
            let done = run.storage_level(level).run(&graph)?;
            let expected = [
                (0, vec![3, 4, 5, 50, 50]),
                (1, vec![3]),
                (2, vec![3]),
                (4, vec![6, 11]),
                (5, vec![6, 10]),
                (50, vec![6, 0, 1, 400, 500, 5000, 5000]),
            ];
            assert_eq!(done.states().collect()?, expected, "{partitions} partitions, {level}");
            assert_eq!(done.stop_reason(), StopReason::Converged);
            assert_eq!(graph.vertex_count(), 3, "the graph itself stays as it was");
        }
    }
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

program!(Twice, u64, u64, Sum, (), |_| 0, |vertex, _| {
    vertex.send_to_neighbors(1);
    vertex.send_to_neighbors(2);
});

#[test]
fn sending_to_neighbors_twice_in_a_superstep_fails_with_the_vertex() -> Result<()> {
    let ctx = Context::local(2)?;
    let error = Pregel::new(Twice).run(&graph_of(&ctx, &[(8, 9)], 1)?).unwrap_err();
    assert!(error.to_string().contains("vertex 8"), "{error}");
    Ok(())
}

program!(Panics, u64, u64, Sum, (), |_| 0, |vertex, _| {
    assert!(vertex.superstep() < 2, "gives up");
    vertex.send_to_neighbors(1);
});

#[test]
fn a_panic_in_compute_fails_the_run_and_not_the_process() -> Result<()> {
    let ctx = Context::local(2)?;
    let graph = graph_of(&ctx, &[(0, 1), (1, 0)], 2)?;
    let error = Pregel::new(Panics).run(&graph).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Task { attempt: 4, .. }), "{error}");
    let message = error.to_string();
    assert!(message.contains("superstep 2, vertex 0: panicked: gives up"), "{message}");
    // The context goes on.
    assert_eq!(Pregel::new(Endless).max_supersteps(2).run(&graph)?.states().count()?, 2);
    Ok(())
}

#[test]
fn a_panic_of_the_master_step_is_an_error_too() -> Result<()> {
    struct Master;
    impl VertexProgram for Master {
        type State = ();
        type Edge = ();
        type Message = ();
        type Combiner = Any;
        type Aggregate = ();

        fn init(&self, _seed: &Seed) {}

        fn compute(&self, _vertex: &mut Vertex<'_, Self>, _inbox: Option<()>) {}

        fn after_superstep(&self, _step: &Superstep<'_, ()>) -> ControlFlow<()> {
            panic!("no more")
        }
    }
    let ctx = Context::local(1)?;
    let error = Pregel::new(Master).run(&graph_of(&ctx, &[(0, 1)], 2)?).unwrap_err();
    assert_eq!(error.to_string(), "after_superstep panicked: no more");
    let merged = ctx.parallelize(0..4, 4).reduce(|_, _| panic!("no sum"));
    assert_eq!(merged.unwrap_err().to_string(), "reduce panicked: no sum");
    Ok(())
}

#[test]
fn an_outcome_keeps_its_states_and_not_the_graph() -> Result<()> {
    let ctx = Context::local(2)?;
    let graph = graph_of(&ctx, &random_edges(300, 40), 3)?;
    let done = Pregel::new(Flood).run(&graph)?;
    let labels = superstep::algorithms::connected_components(&graph)?;
    drop(graph);
    // Three blocks of states and three of ids, for the outcome and for the labels.
    assert_eq!(ctx.block_count(), 12);
    assert_eq!((done.states().count()?, labels.count()?), (40, 40));
    Ok(())
}

/// Spreads ids along edges of a direction.
struct Spread(Direction);

impl VertexProgram for Spread {
    type State = Vec<u64>;
    type Edge = ();
    type Message = u64;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Vec<u64> {
        Vec::new()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u64>>) {
        if vertex.superstep() == 0 {
            vertex.send_to_neighbors(vertex.id());
        }
        vertex.state_mut().extend(inbox.unwrap_or_default());
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        self.0
    }
}

#[test]
fn messages_follow_edges_out_in_or_both_ways() -> Result<()> {
    let ctx = Context::local(2)?;
    for partitions in [1, 2, 4] {
        let graph = graph_of(&ctx, &[(1, 2), (3, 2), (2, 4)], partitions)?;
        let at_two = |direction| -> Result<(Vec<u64>, u64)> {
            let done = Pregel::new(Spread(direction)).run(&graph)?;
            Ok((done.states().lookup(&2)?.concat(), done.supersteps()[0].messages))
        };
        assert_eq!(at_two(Direction::Out)?, (vec![1, 3], 3));
        assert_eq!(at_two(Direction::In)?, (vec![4], 3));
        assert_eq!(at_two(Direction::Both)?, (vec![1, 3, 4], 6));
        let reversed = Pregel::new(Spread(Direction::Out)).run(&graph.reverse()?)?;
        assert_eq!(reversed.states().lookup(&2)?, [vec![4]]);
    }
    let edges = ctx.parallelize([(1, 2), (2, 2)].map(Edge::from), 1);
    let graph = Graph::builder().undirected(true).edges(&edges)?;
    let done = Pregel::new(Spread(Direction::Both)).run(&graph)?;
    assert_eq!(done.states().collect()?, [(1, vec![2]), (2, vec![1, 2])]);
    Ok(())
}

/// Spreads ids out in the first phase, against the edges in the second, and both ways in the last.
struct ThereAndBack;

impl VertexProgram for ThereAndBack {
    type State = Vec<Vec<u64>>;
    type Edge = ();
    type Message = u64;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Vec<Vec<u64>> {
        Vec::new()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u64>>) {
        match inbox {
            Some(ids) => vertex.state_mut().push(ids),
            None => vertex.send_to_neighbors(vertex.id()),
        }
        vertex.vote_to_halt();
    }

    fn direction_in(&self, phase: usize) -> Direction {
        [Direction::Out, Direction::In, Direction::Both][phase]
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase < 2
    }
}

#[test]
fn each_phase_may_have_a_direction_of_its_own() -> Result<()> {
    let ctx = Context::local(2)?;
    for partitions in [1, 2, 4] {
        let graph = graph_of(&ctx, &[(1, 2), (3, 2), (2, 4)], partitions)?;
        for path in [None, Some(Path::Dense), Some(Path::Push)] {
            let run = Pregel::new(ThereAndBack);
            let run = path.into_iter().fold(run, Pregel::path);
            let done = run.run(&graph)?;
            assert_eq!(done.states().lookup(&2)?, [[vec![1, 3], vec![4], vec![1, 3, 4]]]);
            assert_eq!(done.states().lookup(&1)?, [[vec![2], vec![2]]]);
            let messages: Vec<_> = done.supersteps().iter().map(|step| step.messages).collect();
            assert_eq!(messages, [3, 0, 3, 0, 6, 0]);
        }
    }
    Ok(())
}

/// Shortest distances over weighted edges, from states made of the graph's vertex values.
struct Distances;

impl VertexProgram for Distances {
    type State = f64;
    type Edge = f64;
    type Message = f64;
    type Combiner = Min;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> f64 {
        f64::INFINITY
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        let start = vertex.superstep() == 0 && vertex.state().is_finite();
        let shorter = inbox.filter(|distance| distance < vertex.state());
        if let Some(distance) = shorter {
            *vertex.state_mut() = distance;
        }
        if start || shorter.is_some() {
            vertex.send_to_neighbors(*vertex.state());
        }
        vertex.vote_to_halt();
    }

    fn along(&self, distance: &f64, length: &f64) -> f64 {
        distance + length
    }
}

#[test]
fn edge_values_change_messages_and_vertex_values_make_the_first_states() -> Result<()> {
    let ctx = Context::local(2)?;
    let edges = [(1, 2, 0.5), (2, 3, 0.25), (1, 3, 1.0), (3, 1, 9.0), (4, 1, 0.0)];
    for partitions in [1, 2, 3, 8] {
        let edges = ctx.parallelize(edges.map(|(a, b, length)| Edge::new(a, b, length)), 2);
        let starts = ctx.parallelize((1..=5).map(|id| (id, id == 1)), 2);
        let graph = Graph::builder().partitions(partitions).parts(&starts, &edges)?;
        let done = Pregel::new(Distances)
            .run_from(&graph, |_, start: &bool| if *start { 0.0 } else { f64::INFINITY })?;
        let distances: Vec<_> = done.states().map(|(_, distance)| distance).collect()?;
        assert_eq!(distances, [0.0, 0.5, 0.75, f64::INFINITY, f64::INFINITY]);
    }
    Ok(())
}

#[test]
fn an_empty_graph_runs_one_superstep() -> Result<()> {
    let ctx = Context::local(2)?;
    let done = Pregel::new(Endless).run(&graph_of(&ctx, &[], 1)?)?;
    assert_eq!((done.states().count()?, done.supersteps().len()), (0, 1));
    assert_eq!(done.stop_reason(), StopReason::Converged);
    Ok(())
}

/// Float sums whose bits show any change in the order of merging.
struct Sums;

impl VertexProgram for Sums {
    type State = f64;
    type Edge = ();
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> f64 {
        1.0 / (seed.id as f64 + 3.7)
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        let state = *vertex.state();
        *vertex.state_mut() = state.sin() + inbox.unwrap_or(0.1);
        // Only some send in each superstep, so that all densities occur.
        if !(vertex.id() + vertex.superstep() as u64).is_multiple_of(3) {
            vertex.send_to_neighbors(state / 3.0);
        }
    }
}

fn random_edges(count: u64, vertices: u64) -> Vec<(u64, u64)> {
    let mut state = 42_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % vertices
    };
    (0..count).map(|_| (next(), next())).collect()
}

#[test]
fn results_are_the_same_bits_for_any_threads_partitions_and_storage_level() -> Result<()> {
    let edges = random_edges(3000, 200);
    let mut expected: Option<Vec<(u64, u64)>> = None;
    let levels =
        [StorageLevel::MEMORY_ONLY, StorageLevel::MEMORY_ONLY_SER, StorageLevel::DISK_ONLY];
    for threads in [1, 2, 4] {
        let ctx = Context::local(threads)?;
        for partitions in [1, 2, 3, 8] {
            for level in levels {
                let graph = graph_of(&ctx, &edges, partitions)?;
                let run = Pregel::new(Sums).max_supersteps(8).storage_level(level);
                let states = run.run(&graph)?.states();
                let bits = states.map(|(id, state)| (id, state.to_bits())).collect()?;
                assert_eq!(
                    expected.get_or_insert(bits.clone()),
                    &bits,
                    "{threads} threads, {partitions} partitions, {level}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn ten_thousand_supersteps_keep_memory_lineage_and_work_a_step_flat() -> Result<()> {
    // At each thousandth superstep: the blocks held, and the stages run since the last look.
    let looks = Arc::new(Mutex::new(Vec::new()));
    let stages = Arc::new(Mutex::new(0));
    let context: Arc<Mutex<Option<Context>>> = Arc::new(Mutex::new(None));
    let (seen, counted, owner) = (Arc::clone(&looks), Arc::clone(&stages), Arc::clone(&context));
    let ctx = Context::builder()
        .threads(1)
        .listener(move |event: &Event| match event {
            Event::StageStarted { .. } => *counted.lock().unwrap() += 1,
            Event::SuperstepEnded { index, .. } if index % 1000 == 999 => {
                let blocks = owner.lock().unwrap().as_ref().map_or(0, Context::block_count);
                let ran = std::mem::take(&mut *counted.lock().unwrap());
                seen.lock().unwrap().push((blocks, ran));
            }
            _ => {}
        })
        .build()?;
    *context.lock().unwrap() = Some(ctx.clone());
    let graph = graph_of(&ctx, &random_edges(60, 20), 2)?;
    let before = ctx.block_count();
    let lineage = |supersteps| -> Result<usize> {
        let done = Pregel::new(Endless).max_supersteps(supersteps).run(&graph)?;
        assert_eq!(done.supersteps().len(), supersteps);
        Ok(done.states().explain().lines().count())
    };
    let short = lineage(2)?;
    *stages.lock().unwrap() = 0;
    assert_eq!(lineage(10_000)?, short, "the lineage does not grow");
    let looks = looks.lock().unwrap().clone();
    assert_eq!(looks.len(), 10);
    // A generation of two blocks, and the handles on the graph's blocks, at every look; the first
    // thousand also ran the stages before superstep 0.
    assert!(looks.iter().all(|(blocks, _)| *blocks == before + 2), "{looks:?} after {before}");
    assert!(looks[1..].iter().all(|(_, stages)| stages == &looks[1].1), "{looks:?}");
    *context.lock().unwrap() = None;
    drop(graph);
    assert_eq!(ctx.block_count(), 0, "everything is freed");
    Ok(())
}

program!(Flood, u64, u64, Max, (), |seed| seed.id * 7 % 64, |vertex, inbox| {
    let larger = inbox.filter(|value| value > vertex.state());
    if let Some(value) = larger {
        *vertex.state_mut() = value;
    }
    if larger.is_some() || vertex.superstep() == 0 {
        vertex.send_to_neighbors(*vertex.state());
    }
    vertex.vote_to_halt();
});

fn multigraph() -> impl Strategy<Value = (u64, Vec<(u64, u64)>)> {
    (1_u64..64).prop_flat_map(|count| {
        (proptest::strategy::Just(count), prop::collection::vec((0..count, 0..count), 0..200))
    })
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn the_largest_value_that_can_reach_a_vertex_reaches_it(
        (count, edges) in multigraph(),
        partitions in 1_usize..9,
        undirected in any::<bool>(),
    ) {
        let ctx = Context::local(2)?;
        let vertices = ctx.parallelize((0..count).map(|id| (id, ())), 2);
        let rows = ctx.parallelize(edges.iter().copied().map(Edge::from), 3);
        let builder = Graph::builder().partitions(partitions).undirected(undirected);
        let graph = builder.parts(&vertices, &rows)?;
        let found = Pregel::new(Flood).run(&graph)?.states().collect()?;
        let mut twin: Vec<u64> = (0..count).map(|id| id * 7 % 64).collect();
        loop {
            let before = twin.clone();
            for (u, v) in &edges {
                let (u, v) = (*u as usize, *v as usize);
                twin[v] = twin[v].max(twin[u]);
                if undirected {
                    twin[u] = twin[u].max(twin[v]);
                }
            }
            if twin == before {
                break;
            }
        }
        let twin: Vec<_> = (0..count).zip(twin).collect();
        prop_assert_eq!(found, twin);
    }
}
