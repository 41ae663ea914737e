//! How messages travel changes no bit: every path and every hint gives what plain supersteps give,
//! for any number of partitions and threads, and what sequential twins find.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use proptest::prelude::{Strategy, any, prop};
use proptest::test_runner::Config;
use proptest::{prop_assert_eq, proptest};
use superstep::algorithms::{bfs, connected_components, shortest_paths};
use superstep::pregel::{Direction, Path};
use superstep::prelude::*;
use superstep::{ErrorKind, Result};

const PATHS: [Option<Path>; 4] = [None, Some(Path::Dense), Some(Path::Push), Some(Path::Pull)];

/// Multigraphs with self-loops, parallel edges, isolated vertices, and lengths with ties and zeros.
fn edges() -> impl Strategy<Value = Vec<(u64, u64, u8)>> {
    (1_u64..64, 0_usize..160).prop_flat_map(|(vertices, edges)| {
        let length = any::<u8>().prop_map(|length| length % 8);
        prop::collection::vec((0..vertices, 0..vertices, length), edges)
    })
}

fn graph_of(
    ctx: &Context,
    edges: &[(u64, u64, u8)],
    partitions: usize,
    undirected: bool,
) -> Result<Graph<(), u8>> {
    graph_with_hubs(ctx, edges, partitions, undirected, 0)
}

fn graph_with_hubs(
    ctx: &Context,
    edges: &[(u64, u64, u8)],
    partitions: usize,
    undirected: bool,
    hubs: usize,
) -> Result<Graph<(), u8>> {
    let vertices = ctx.parallelize((0..64).map(|id| (id, ())), 2);
    let edges = edges.iter().map(|(source, target, length)| Edge::new(*source, *target, *length));
    let edges = ctx.parallelize(edges, 3);
    let builder = Graph::builder().partitions(partitions).undirected(undirected).hubs(hubs);
    builder.parts(&vertices, &edges)
}

/// The neighbors of each vertex with lengths.
fn adjacency(edges: &[(u64, u64, u8)], undirected: bool) -> BTreeMap<u64, Vec<(u64, u8)>> {
    let mut adjacency: BTreeMap<u64, Vec<(u64, u8)>> = (0..64).map(|id| (id, vec![])).collect();
    for (source, target, length) in edges {
        adjacency.entry(*source).or_default().push((*target, *length));
        if undirected {
            adjacency.entry(*target).or_default().push((*source, *length));
        }
    }
    adjacency
}

/// As many hubs as there are vertices.
const ALL: usize = 64;

/// Depths by a queue; the parent is the smallest vertex one level up, or the one with the most
/// edges where all are hubs.
fn twin_bfs(
    edges: &[(u64, u64, u8)],
    source: u64,
    undirected: bool,
    all_hubs: bool,
) -> Vec<Option<(u32, u64)>> {
    let adjacency = adjacency(edges, undirected);
    let mut edges_of = vec![0; 64];
    for (source, target, _) in edges {
        edges_of[*source as usize] += 1;
        if undirected && source != target {
            edges_of[*target as usize] += 1;
        }
    }
    let mut depths = vec![None; 64];
    depths[source as usize] = Some(0);
    let mut queue = VecDeque::from([source]);
    while let Some(vertex) = queue.pop_front() {
        for (next, _) in &adjacency[&vertex] {
            if depths[*next as usize].is_none() {
                depths[*next as usize] = depths[vertex as usize].map(|depth: u32| depth + 1);
                queue.push_back(*next);
            }
        }
    }
    let parent = |vertex: u64, depth: u32| {
        if depth == 0 {
            return vertex;
        }
        let above = |from: &u64| depths[*from as usize] == depth.checked_sub(1);
        let leads = |from: &u64| adjacency[from].iter().any(|(next, _)| *next == vertex);
        let order =
            |from: &u64| if all_hubs { Reverse(edges_of[*from as usize]) } else { Reverse(0) };
        let above = (0..64).filter(|from| above(from) && leads(from));
        above.min_by_key(order).unwrap_or(vertex)
    };
    let found = depths.iter().zip(0..);
    found.map(|(depth, vertex)| depth.map(|depth| (depth, parent(vertex, depth)))).collect()
}

/// Dijkstra's algorithm; lengths are small whole numbers, so sums are exact.
fn twin_distances(edges: &[(u64, u64, u8)], source: u64) -> Vec<f64> {
    let adjacency = adjacency(edges, false);
    let mut distances = vec![u64::MAX; 64];
    let mut heap = BinaryHeap::from([Reverse((0, source))]);
    while let Some(Reverse((distance, vertex))) = heap.pop() {
        if distance < distances[vertex as usize] {
            distances[vertex as usize] = distance;
            let next = adjacency[&vertex].iter();
            heap.extend(next.map(|(next, length)| Reverse((distance + u64::from(*length), *next))));
        }
    }
    let finite = |distance: u64| if distance == u64::MAX { f64::INFINITY } else { distance as f64 };
    distances.into_iter().map(finite).collect()
}

/// Labels by painting whoever has the label of one end with that of the other.
fn twin_components(edges: &[(u64, u64, u8)]) -> Vec<u64> {
    let mut labels: Vec<u64> = (0..64).collect();
    for (source, target, _) in edges {
        let (a, b) = (labels[*source as usize], labels[*target as usize]);
        for label in &mut labels {
            if *label == a.max(b) {
                *label = a.min(b);
            }
        }
    }
    labels
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_search_finds_the_same_depths_and_parents_on_every_path(
        edges in edges(), source in 0_u64..64, undirected in any::<bool>()
    ) {
        let expected = [false, true].map(|all| twin_bfs(&edges, source, undirected, all));
        for (partitions, threads, hubs) in
            [(1, 1, 0), (2, 2, 0), (3, 1, 0), (8, 2, 0), (1, 2, ALL), (3, 2, ALL), (8, 1, ALL)]
        {
            let expected = &expected[usize::from(hubs == ALL)];
            let ctx = Context::local(threads).unwrap();
            let graph = graph_with_hubs(&ctx, &edges, partitions, undirected, hubs).unwrap();
            for by_level in [true, false] {
                for path in PATHS {
                    let mut search = bfs(&graph, source).by_level(by_level);
                    if let Some(path) = path {
                        search = search.path(path);
                    }
                    let found = search.run().unwrap().states().collect().unwrap();
                    let found: Vec<_> = found.iter().map(|(_, reached)| {
                        let parent = reached.parent().and_then(|index| graph.id_at(index));
                        reached.depth().zip(parent)
                    }).collect();
                    prop_assert_eq!(
                        &found, expected, "{} partitions, {} hubs, {:?}, by level: {}",
                        partitions, hubs, path, by_level
                    );
                }
            }
        }
    }

    #[test]
    fn shortest_paths_are_the_same_for_every_path_bucket_and_order(
        edges in edges(), source in 0_u64..64
    ) {
        let expected = twin_distances(&edges, source);
        for (partitions, threads, hubs) in [(1, 1, 0), (3, 2, 0), (8, 1, 0), (3, 1, 9), (8, 2, ALL)] {
            let ctx = Context::local(threads).unwrap();
            let graph = graph_with_hubs(&ctx, &edges, partitions, false, hubs).unwrap();
            for (delta, path) in [(None, None), (Some(0.5), Some(Path::Push)),
                (Some(3.0), Some(Path::Dense)), (Some(1e9), None)] {
                for local_rounds in [true, false] {
                    let mut run = shortest_paths(&graph, source).local_rounds(local_rounds);
                    run = delta.map_or(run, |delta| run.delta(delta));
                    run = path.map_or(run, |path| run.path(path));
                    let found = run.run().unwrap().states().map(|(_, distance)| distance);
                    prop_assert_eq!(
                        &found.collect().unwrap(), &expected,
                        "{} partitions, {:?}, {:?}, {}", partitions, delta, path, local_rounds
                    );
                }
            }
        }
    }

    #[test]
    fn components_are_those_of_painting_labels(edges in edges()) {
        let expected = twin_components(&edges);
        for (partitions, threads, hubs) in [(1, 2, 0), (2, 1, 0), (3, 2, 0), (8, 1, 0), (3, 1, 9)] {
            let ctx = Context::local(threads).unwrap();
            for undirected in [false, true] {
                let graph =
                    graph_with_hubs(&ctx, &edges, partitions, undirected, hubs).unwrap();
                let found = connected_components(&graph).unwrap().map(|(_, label)| label);
                prop_assert_eq!(&found.collect().unwrap(), &expected, "{} partitions", partitions);
            }
        }
    }

    #[test]
    fn sums_of_floats_are_the_same_bits_on_every_path(
        edges in edges(), every in 1_u32..5, hubs in prop::sample::select(vec![0, 3, 20, ALL]),
        against in any::<bool>(),
    ) {
        let mut bits: Vec<Vec<u64>> = Vec::new();
        for threads in [1, 2, 4, 8] {
            let ctx = Context::local(threads).unwrap();
            let graph = graph_with_hubs(&ctx, &edges, 3, false, hubs).unwrap();
            for path in PATHS {
                let mut run = Pregel::new(Mixing { every, against });
                if let Some(path) = path {
                    run = run.path(path);
                }
                let states = run.run(&graph).unwrap().states();
                bits.push(states.map(|(_, sum)| sum.to_bits()).collect().unwrap());
            }
        }
        prop_assert_eq!(bits.iter().collect::<BTreeSet<_>>().len(), 1);
    }
}

/// Some vertices send in each superstep, and all that they receive matters to the last bit.
struct Mixing {
    every: u32,
    /// Sends against the edges, too.
    against: bool,
}

impl VertexProgram for Mixing {
    type State = f64;
    type Edge = u8;
    type Message = f64;
    type Combiner = Sum;
    type Aggregate = ();

    fn init(&self, seed: &Seed) -> f64 {
        1.0 / f64::from(seed.index + 3)
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<f64>) {
        if let Some(sum) = inbox {
            *vertex.state_mut() = *vertex.state() * 0.7 + sum;
        }
        if vertex.superstep() == 7 {
            vertex.vote_to_halt();
        } else if (vertex.index() + vertex.superstep() as u32).is_multiple_of(self.every) {
            vertex.send_to_neighbors(*vertex.state() / 3.0);
        }
    }

    fn along(&self, message: &f64, edge: &u8) -> f64 {
        message * (f64::from(*edge) + 0.1)
    }

    fn direction(&self) -> Direction {
        if self.against { Direction::Both } else { Direction::Out }
    }
}

/// Components by labels alone, with one hint or none.
struct Labels<const SETTLES: bool, const MONOTONE: bool>;

impl<const SETTLES: bool, const MONOTONE: bool> VertexProgram for Labels<SETTLES, MONOTONE> {
    type State = u32;
    type Edge = u8;
    type Message = u32;
    type Combiner = Min;
    type Aggregate = ();

    const SETTLES: bool = SETTLES;
    const MONOTONE: bool = MONOTONE;

    fn init(&self, seed: &Seed) -> u32 {
        seed.index
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        let smaller = inbox.filter(|label| label < vertex.state());
        if let Some(label) = smaller {
            *vertex.state_mut() = label;
        }
        if smaller.is_some() || inbox.is_none() {
            vertex.send_to_neighbors(*vertex.state());
        }
        vertex.vote_to_halt();
    }

    fn accepts(&self, label: &u32) -> bool {
        *label > 0
    }
}

/// Final states, and how many supersteps it took.
fn labels<const SETTLES: bool, const MONOTONE: bool>(
    graph: &Graph<(), u8>,
) -> Result<(Vec<(u64, u32)>, usize)> {
    let done = Pregel::new(Labels::<SETTLES, MONOTONE>).run(graph)?;
    Ok((done.states().collect()?, done.supersteps().len()))
}

#[test]
fn hints_change_no_final_state() -> Result<()> {
    let ctx = Context::local(2)?;
    let chain: Vec<_> = (0..63).map(|id| (id, id + 1, 1)).collect();
    for partitions in [1, 4, 64] {
        let graph = graph_of(&ctx, &chain, partitions, true)?;
        let (plain, steps) = labels::<false, false>(&graph)?;
        assert_eq!(steps, 65);
        assert_eq!(labels::<true, false>(&graph)?, (plain.clone(), 65));
        let (monotone, fewer) = labels::<false, true>(&graph)?;
        assert_eq!(monotone, plain);
        // Partitions that go on by themselves: as many supersteps as partitions, and one more.
        if partitions < 64 {
            assert_eq!(fewer, partitions + 1);
        }
        assert_eq!(labels::<true, true>(&graph)?.0, plain);
    }
    Ok(())
}

/// Everybody tells all neighbors its number four times over and keeps what it hears, in order; those
/// with an odd number listen only once, if they settle.
struct Chorus<const SETTLES: bool>(Direction);

impl<const SETTLES: bool> VertexProgram for Chorus<SETTLES> {
    type State = Vec<Vec<u64>>;
    type Edge = u8;
    type Message = u64;
    type Combiner = Collect;
    type Aggregate = ();

    const SETTLES: bool = SETTLES;

    fn init(&self, _seed: &Seed) -> Vec<Vec<u64>> {
        Vec::new()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u64>>) {
        vertex.state_mut().extend(inbox);
        if vertex.superstep() < 4 {
            vertex.send_to_neighbors(vertex.id() * 10 + vertex.superstep() as u64);
        } else {
            vertex.vote_to_halt();
        }
    }

    fn along(&self, message: &u64, length: &u8) -> u64 {
        message * 10 + u64::from(*length)
    }

    fn direction(&self) -> Direction {
        self.0
    }

    fn accepts(&self, heard: &Vec<Vec<u64>>) -> bool {
        heard.first().and_then(|first| first.first()).is_none_or(|first| first % 2 == 0)
    }
}

proptest! {
    #![proptest_config(Config { cases: 12, failure_persistence: None, ..Config::default() })]

    #[test]
    fn messages_that_merge_late_come_in_the_same_order_on_every_path(
        edges in edges(), undirected in any::<bool>()
    ) {
        let ctx = Context::local(2).unwrap();
        for direction in [Direction::Out, Direction::In, Direction::Both] {
            for hubs in [0, 5] {
                let mut first: [Option<_>; 2] = [None, None];
                for partitions in [1, 3, 8] {
                    let graph = graph_with_hubs(&ctx, &edges, partitions, undirected, hubs).unwrap();
                    for path in PATHS {
                        let settling = heard(Chorus::<true>(direction), path, &graph).unwrap();
                        let open = heard(Chorus::<false>(direction), path, &graph).unwrap();
                        for (found, first) in [settling, open].into_iter().zip(&mut first) {
                            let first = first.get_or_insert_with(|| found.clone());
                            prop_assert_eq!(&found, &*first, "{:?}, {:?}", direction, path);
                        }
                    }
                }
            }
        }
    }
}

fn heard<const SETTLES: bool>(
    program: Chorus<SETTLES>,
    path: Option<Path>,
    graph: &Graph<(), u8>,
) -> Result<Vec<(u64, Vec<Vec<u64>>)>> {
    let mut run = Pregel::new(program);
    if let Some(path) = path {
        run = run.path(path);
    }
    run.run(graph)?.states().collect()
}

/// In each of three phases the vertex with its number searches; whoever is reached is settled until
/// the phase ends.
struct Searches;

impl VertexProgram for Searches {
    /// The depth in each phase.
    type State = Vec<Option<u32>>;
    type Edge = u8;
    type Message = u32;
    type Combiner = Any;
    type Aggregate = ();

    const SETTLES: bool = true;
    const SETTLES_FOR_PHASE: bool = true;

    fn init(&self, _seed: &Seed) -> Vec<Option<u32>> {
        Vec::new()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<u32>) {
        vertex.vote_to_halt();
        let starts = vertex.id() == vertex.phase() as u64;
        let depth = match inbox {
            Some(depth) => vertex.state_mut().pop().and(Some(depth)),
            None => starts.then_some(0),
        };
        vertex.state_mut().push(depth);
        if let Some(depth) = depth {
            vertex.send_to_neighbors(depth + 1);
        }
    }

    fn accepts(&self, depths: &Vec<Option<u32>>) -> bool {
        depths.last().is_none_or(Option::is_none)
    }

    fn next_phase(&self, _step: &Superstep<'_, ()>, phase: usize) -> bool {
        phase < 2
    }
}

#[test]
fn vertices_that_settle_for_a_phase_are_reached_once_in_each_on_every_path() -> Result<()> {
    let ctx = Context::local(2)?;
    let edges: Vec<_> = (0..200).map(|n| (n * n % 59, n * 7 % 61, 1)).collect();
    for hubs in [0, 5] {
        let graph = graph_with_hubs(&ctx, &edges, 3, false, hubs)?;
        let mut expected = vec![Vec::new(); 64];
        for source in 0..3 {
            let found = twin_bfs(&edges, source, false, false);
            let depths = found.iter().map(|reached| reached.map(|(depth, _)| depth));
            expected.iter_mut().zip(depths).for_each(|(all, depth)| all.push(depth));
        }
        let reached = expected.iter().flatten().flatten().count();
        assert!(reached > 100, "{reached}");
        for path in PATHS {
            let mut run = Pregel::new(Searches);
            if let Some(path) = path {
                run = run.path(path);
            }
            let done = run.run(&graph)?;
            assert_eq!(done.states().values().collect()?, expected, "{path:?}");
            // All in the first superstep of a phase, and then whoever is reached.
            let active: u64 = done.supersteps().iter().map(|step| step.active).sum();
            assert_eq!(active, 3 * 64 + reached as u64 - 3, "{path:?}");
        }
    }
    Ok(())
}

#[test]
fn where_everybody_sends_again_and_again_vertices_look_their_messages_up() -> Result<()> {
    let ctx = Context::local(2)?;
    let edges: Vec<_> = (0..640).map(|n| (n % 64, n * 7 % 64, 1)).collect();
    let graph = graph_of(&ctx, &edges, 3, false)?;
    let done = Pregel::new(Chorus::<false>(Direction::Out)).run(&graph)?;
    let paths: Vec<_> = done.supersteps().iter().filter_map(|step| step.path).collect();
    assert_eq!(paths, [Path::Dense, Path::Dense, Path::Dense, Path::Pull]);
    // The edges stay sorted for later runs.
    let done = Pregel::new(Chorus::<false>(Direction::Out)).run(&graph)?;
    assert!(done.supersteps()[1..5].iter().all(|step| step.path == Some(Path::Pull)));
    Ok(())
}

#[test]
fn settled_vertices_neither_wake_nor_count() -> Result<()> {
    let ctx = Context::local(2)?;
    // Everybody hears of 0 from 0 itself; what they say to one another reaches nobody.
    let star: Vec<_> = (1..64).flat_map(|id| [(0, id, 1), (id, id % 63 + 1, 1)]).collect();
    let graph = graph_of(&ctx, &star, 3, false)?;
    for path in [Path::Dense, Path::Push, Path::Pull] {
        let done = Pregel::new(Labels::<true, false>).path(path).run(&graph)?;
        let active: Vec<_> = done.supersteps().iter().map(|step| step.active).collect();
        assert_eq!(active, [64, 63, 0], "{path}");
        let paths: Vec<_> = done.supersteps().iter().map(|step| step.path).collect();
        assert_eq!(paths, [None, Some(path), Some(path)]);
    }
    Ok(())
}

#[test]
fn a_search_pushes_narrow_frontiers_and_pulls_wide_ones() -> Result<()> {
    let ctx = Context::local(2)?;
    // A path into a dense middle and out of it again.
    let mut edges: Vec<_> = (0..10).map(|id| (id, id + 1, 1)).collect();
    edges.extend((11..60).map(|id| (10, id, 1)));
    edges.extend((11..60).flat_map(|id| (11..60).map(move |other| (id, other, 1))));
    edges.extend([(59, 61, 1), (61, 62, 1)]);
    let graph = graph_of(&ctx, &edges, 2, false)?;
    let paths_of = |search: &Outcome<_, ()>| -> Vec<Path> {
        search.supersteps().iter().filter_map(|step| step.path).collect()
    };
    // Until sorting the edges would have paid, all of them are walked.
    let search = bfs(&graph, 0).by_level(true);
    let first = paths_of(&search.run()?);
    assert!(first[..10].iter().all(|path| *path == Path::Dense), "{first:?}");
    for path in [Path::Push, Path::Pull] {
        let states = search.path(path).run()?.states();
        assert_eq!(states.lookup(&62)?[0].depth(), Some(13));
    }
    let done = bfs(&graph, 0).by_level(true).run()?;
    let paths = paths_of(&done);
    assert_eq!(paths[0], Path::Push);
    assert!(paths.contains(&Path::Pull), "{paths:?}");
    assert!(done.supersteps().iter().all(|step| !step.reason.is_empty()));
    assert_eq!(done.states().lookup(&62)?[0].depth(), Some(13));
    Ok(())
}

#[test]
fn nothing_stays_of_a_graph_with_values_and_of_the_forms_of_its_edges() -> Result<()> {
    let ctx = Context::local(2)?;
    let edges: Vec<_> = (0..60).map(|id| (id, id * 7 % 60, 1)).collect();
    let graph = graph_of(&ctx, &edges, 3, false)?;
    for path in [Path::Push, Path::Pull] {
        drop(bfs(&graph, 1).path(path).by_level(true).run()?);
    }
    let kept = ctx.block_count();
    drop(bfs(&graph.map_edges(|_| ())?, 1).path(Path::Pull).by_level(true).run()?);
    // What was made of the edges served again, for a graph with other values, too.
    assert_eq!(ctx.block_count(), kept);
    drop(graph);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn few_active_vertices_cost_no_walk_over_the_graph_after_a_while() -> Result<()> {
    let ctx = Context::local(2)?;
    // A chain on which labels travel for long, and a star with many edges that soon falls silent.
    let mut edges: Vec<_> = (0..30).map(|id| (id, id + 1, 1)).collect();
    edges.extend((0..20).flat_map(|_| (32..64).map(|id| (31, id, 1))));
    let done = Pregel::new(Labels::<false, false>).run(&graph_of(&ctx, &edges, 4, true)?)?;
    let paths: Vec<_> = done.supersteps().iter().filter_map(|step| step.path).collect();
    let push = paths.iter().position(|path| *path == Path::Push).expect("no push");
    assert!(paths[push..].iter().all(|path| *path == Path::Push), "{paths:?}");
    Ok(())
}

/// Each phase, everybody who is odd adds one to the number of phases it saw.
struct Phases;

impl VertexProgram for Phases {
    type State = Vec<(usize, usize)>;
    type Edge = u8;
    type Message = ();
    type Combiner = Any;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Self::State {
        Vec::new()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<()>) {
        let seen = (vertex.phase(), vertex.superstep());
        vertex.state_mut().push(seen);
        if inbox.is_none() {
            vertex.send_to_neighbors(());
        }
        vertex.vote_to_halt();
    }

    fn next_phase(&self, step: &Superstep<'_, ()>, phase: usize) -> bool {
        assert_eq!(step.messages, 0);
        phase < 2
    }
}

#[test]
fn a_phase_begins_when_nothing_is_left_to_do_and_wakes_everybody() -> Result<()> {
    let ctx = Context::local(2)?;
    let done = Pregel::new(Phases).run(&graph_of(&ctx, &[(0, 1, 1)], 2, false)?)?;
    assert_eq!(done.states().lookup(&0)?, [vec![(0, 0), (1, 2), (2, 4)]]);
    let woken = vec![(0, 0), (0, 1), (1, 2), (1, 3), (2, 4), (2, 5)];
    assert_eq!(done.states().lookup(&1)?, [woken]);
    assert_eq!(done.stop_reason(), StopReason::Converged);
    Ok(())
}

#[test]
fn searches_refuse_sources_and_lengths_that_make_no_sense() -> Result<()> {
    let ctx = Context::local(1)?;
    let edges = |lengths: &[f64]| {
        let edges = lengths.iter().zip(0..).map(|(length, id)| Edge::new(id, id + 1, *length));
        Graph::from_edges(&ctx.parallelize(edges.collect::<Vec<_>>(), 1))
    };
    let graph = edges(&[1.0, 0.0])?;
    for error in [bfs(&graph, 9).run().unwrap_err(), shortest_paths(&graph, 9).run().unwrap_err()] {
        assert!(matches!(error.kind(), ErrorKind::UnknownVertex { .. }), "{error}");
        assert!(error.to_string().contains('9'), "{error}");
    }
    for (length, named) in [(-0.5, "-0.5"), (f64::NAN, "NaN")] {
        let error = shortest_paths(&edges(&[1.0, length])?, 0).run().unwrap_err();
        assert!(error.to_string().contains(named), "{error}");
    }
    assert!(shortest_paths(&graph, 0).delta(0.0).run().is_err());
    let endless = shortest_paths(&edges(&[1.0, f64::INFINITY])?, 0).run()?;
    assert_eq!(endless.states().collect()?, [(0, 0.0), (1, 1.0), (2, f64::INFINITY)]);
    Ok(())
}

/// What everybody heard, in the order of merging.
struct Hearsay<const LATE: bool> {
    every: u32,
}

/// [`Collect`] with a vector a vertex from the first message on.
struct Early;

impl Combiner<u64> for Early {
    type Combined = Vec<u64>;

    fn lift(message: u64) -> Vec<u64> {
        vec![message]
    }

    fn merge(into: &mut Vec<u64>, message: u64) {
        into.push(message);
    }
}

macro_rules! hearsay {
    ($late:literal, $combiner:ty) => {
        impl VertexProgram for Hearsay<$late> {
            type State = Vec<u64>;
            type Edge = u8;
            type Message = u64;
            type Combiner = $combiner;
            type Aggregate = ();

            fn init(&self, _seed: &Seed) -> Vec<u64> {
                Vec::new()
            }

            fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<u64>>) {
                vertex.state_mut().extend(inbox.unwrap_or_default());
                let own = vertex.id() * 100 + vertex.superstep() as u64;
                if vertex.superstep() == 4 {
                    vertex.vote_to_halt();
                } else if (vertex.index() + vertex.superstep() as u32).is_multiple_of(self.every) {
                    vertex.send_to_neighbors(own);
                    if vertex.id() % 7 == 3 {
                        vertex.send(vertex.id() / 2, own + 50);
                    }
                }
            }

            fn along(&self, message: &u64, edge: &u8) -> u64 {
                message * 1000 + u64::from(*edge)
            }

            fn direction(&self) -> Direction {
                Direction::Both
            }
        }
    };
}

hearsay!(true, Collect);
hearsay!(false, Early);

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn messages_that_merge_late_are_those_that_merge_at_once(
        edges in edges(), every in 1_u32..40, hubs in prop::sample::select(vec![0, 5, ALL]),
    ) {
        let ctx = Context::local(2).unwrap();
        for partitions in [1, 3] {
            let graph = graph_with_hubs(&ctx, &edges, partitions, false, hubs).unwrap();
            for path in [Path::Dense, Path::Push] {
                let late = Pregel::new(Hearsay::<true> { every }).path(path).run(&graph).unwrap();
                let early = Pregel::new(Hearsay::<false> { every }).path(path).run(&graph).unwrap();
                let [late, early] = [late, early].map(|done| done.states().collect().unwrap());
                prop_assert_eq!(late, early);
            }
        }
    }
}
