//! Bagel's rules: the original suite, and a test for each case in which implementations differ.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use superstep::bagel::{Aggregator, Bagel, Combiner, Outcome, Vertex};
use superstep::event::Event;
use superstep::prelude::*;
use superstep::{Data, ErrorKind, Result, StopReason};

/// A vertex that counts its supersteps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Person {
    active: bool,
    age: usize,
}

impl Vertex for Person {
    fn is_active(&self) -> bool {
        self.active
    }
}

impl Person {
    fn older(self, active: bool) -> Self {
        let age = self.age + 1;
        Self { active, age }
    }
}

/// A message to `.0`.
type Letter = (String, u64);

fn people(ctx: &Context, active: bool) -> Rdd<(String, Person)> {
    let names = ["a", "b", "c", "d"].map(str::to_owned);
    ctx.parallelize(names.map(|name| (name, Person { active, age: 0 })), 2)
}

fn letters(ctx: &Context, targets: &[&str]) -> Rdd<(String, Letter)> {
    let letters = targets.iter().zip(0..);
    let keyed = letters.map(|(to, number)| ((*to).to_owned(), ((*to).to_owned(), number)));
    ctx.parallelize(keyed, 2)
}

fn ages(outcome: &Outcome<String, Person>) -> Result<Vec<usize>> {
    let people = outcome.vertices.collect()?;
    Ok(people.into_iter().map(|(_, person)| person.age).collect())
}

fn sorted<K: Data + Ord, V: Data>(vertices: &Rdd<(K, V)>) -> Result<BTreeMap<K, V>> {
    Ok(vertices.collect()?.into_iter().collect())
}

/// A context with a record of what it reports.
fn recorded(threads: usize) -> Result<(Context, Arc<Mutex<Vec<Event>>>)> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&events);
    let listener = move |event: &Event| {
        if let Ok(mut events) = record.lock() {
            events.push(event.clone());
        }
    };
    let builder = Context::builder().threads(threads).listener(listener);
    Ok((builder.build()?, events))
}

// The four cases of the original suite.

#[test]
fn halting_by_voting() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, true), &letters(&ctx, &[]))
        .run(|person, _, _, superstep| (person.older(superstep < 4), vec![]))?;
    assert_eq!(ages(&outcome)?, [5; 4]);
    assert_eq!(outcome.supersteps(), 5);
    assert_eq!(outcome.stop_reason, StopReason::Converged);
    Ok(())
}

#[test]
fn halting_by_message_silence() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, false), &letters(&ctx, &["a"])).run(
        |person, received, _, superstep| {
            let sent = received.filter(|_| superstep < 4).unwrap_or_default();
            (person.older(false), sent)
        },
    )?;
    assert_eq!(ages(&outcome)?, [5; 4]);
    assert_eq!(outcome.stop_reason, StopReason::Converged);
    Ok(())
}

#[test]
fn a_large_number_of_iterations() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, true), &letters(&ctx, &[]))
        .run(|person, _, _, superstep| (person.older(superstep < 49), vec![]))?;
    assert_eq!(ages(&outcome)?, [50; 4]);
    Ok(())
}

#[test]
fn using_a_non_default_storage_level() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, true), &letters(&ctx, &[]))
        .storage_level(StorageLevel::DISK_ONLY)
        .run(|person, _, _, superstep| (person.older(superstep < 49), vec![]))?;
    assert_eq!(ages(&outcome)?, [50; 4]);
    Ok(())
}

// One test for each case in which implementations differ.

#[test]
fn an_inactive_vertex_computes_in_every_superstep() -> Result<()> {
    let ctx = Context::local(2)?;
    let idle = people(&ctx, false);
    let clock = ctx.parallelize([("clock".to_owned(), Person { active: true, age: 0 })], 1);
    let outcome =
        Bagel::new(&idle.union(&clock), &letters(&ctx, &[])).run(|person, _, _, superstep| {
            let goes_on = person.active && superstep < 2;
            (person.older(goes_on), vec![])
        })?;
    assert_eq!(ages(&outcome)?, [3; 5]);
    Ok(())
}

#[test]
fn a_message_to_a_missing_vertex_is_dropped_and_costs_one_more_superstep() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, false), &letters(&ctx, &["nobody"])).run(
        |person, received, _, superstep| {
            assert!(received.is_none());
            let lost = ("nobody".to_owned(), 7);
            let sent = if superstep == 0 { vec![lost] } else { vec![] };
            (person.older(false), sent)
        },
    )?;
    let sent: Vec<_> = outcome.stats.iter().map(|step| step.messages).collect();
    assert_eq!(sent, [4, 0]);
    assert_eq!(outcome.vertices.count()?, 4);
    Ok(())
}

#[test]
fn initial_messages_arrive_in_superstep_0_and_do_not_count_as_sent() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, false), &letters(&ctx, &["a", "b", "a"])).run(
        |_, received, _, superstep| {
            assert_eq!(superstep, 0);
            let age = received.map_or(0, |letters| letters.len());
            (Person { active: false, age }, vec![])
        },
    )?;
    assert_eq!(outcome.supersteps(), 1);
    assert_eq!(outcome.stats[0].messages, 0);
    let received = sorted(&outcome.vertices)?;
    assert_eq!(received.values().map(|p| p.age).collect::<Vec<_>>(), [2, 1, 0, 0]);
    Ok(())
}

#[test]
fn a_vertex_without_messages_gets_none_and_never_an_empty_run() -> Result<()> {
    let ctx = Context::local(2)?;
    let empty = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&empty);
    Bagel::new(&people(&ctx, false), &letters(&ctx, &["a"])).run(
        move |person, received, _, superstep| {
            if received.as_ref().is_some_and(Vec::is_empty) {
                seen.fetch_add(1, Ordering::Relaxed);
            }
            (person.older(false), received.filter(|_| superstep < 3).unwrap_or_default())
        },
    )?;
    assert_eq!(empty.load(Ordering::Relaxed), 0);
    Ok(())
}

#[test]
fn a_duplicate_vertex_id_is_an_error_that_names_it() -> Result<()> {
    let ctx = Context::local(2)?;
    let twice = people(&ctx, true).union(&people(&ctx, true).filter(|(name, _)| name == "c"));
    for vertices in [twice.clone(), twice.partition_by(3)] {
        let error = Bagel::new(&vertices, &letters(&ctx, &[]))
            .run(|person, _, _, _| (person, vec![]))
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::DuplicateVertex { id } if id == "\"c\""),
            "{error}"
        );
    }
    drop(twice);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn messages_to_oneself_and_several_to_one_target_are_all_delivered() -> Result<()> {
    let ctx = Context::local(2)?;
    let outcome = Bagel::new(&people(&ctx, false), &letters(&ctx, &["a"])).run(
        |person, received, _, superstep| match (received, superstep) {
            // To itself, and three times to b.
            (Some(_), 0) => {
                let sent = ["a", "b", "b", "b"].map(|to| (to.to_owned(), 0));
                (person, sent.to_vec())
            }
            (received, _) => {
                let age = received.map_or(person.age, |letters| letters.len());
                (Person { active: false, age }, vec![])
            }
        },
    )?;
    let received = sorted(&outcome.vertices)?;
    assert_eq!(received.values().map(|p| p.age).collect::<Vec<_>>(), [1, 3, 0, 0]);
    Ok(())
}

/// Adds the ages, and counts who contributes.
struct Ages;

impl Aggregator<Person> for Ages {
    type Aggregate = (usize, usize);

    fn create(&self, person: &Person) -> (usize, usize) {
        (person.age, 1)
    }

    fn merge(&self, left: (usize, usize), right: (usize, usize)) -> (usize, usize) {
        (left.0 + right.0, left.1 + right.1)
    }
}

#[test]
fn an_empty_vertex_set_takes_one_superstep_and_aggregates_to_nothing() -> Result<()> {
    let ctx = Context::local(2)?;
    let nobody = people(&ctx, true).filter(|_| false);
    let outcome = Bagel::new(&nobody, &letters(&ctx, &["a"]))
        .aggregator(Ages)
        .run(|person, _, _, _| (person, vec![]))?;
    assert_eq!(outcome.supersteps(), 1);
    assert_eq!(outcome.stop_reason, StopReason::Converged);
    assert_eq!(outcome.vertices.count()?, 0);
    Ok(())
}

#[test]
fn a_superstep_sees_the_aggregate_of_the_states_before_it() -> Result<()> {
    let ctx = Context::local(2)?;
    let born = people(&ctx, true).map_values(|person| Person { age: 10, ..person });
    let outcome = Bagel::new(&born, &letters(&ctx, &[])).aggregator(Ages).run(
        |person, _, ages, superstep| {
            assert_eq!(ages, Some(&(4 * (10 + superstep), 4)));
            (person.older(superstep < 3), vec![])
        },
    )?;
    assert_eq!(outcome.supersteps(), 4);
    Ok(())
}

#[test]
fn without_an_aggregator_there_is_no_aggregate() -> Result<()> {
    let ctx = Context::local(2)?;
    Bagel::new(&people(&ctx, false), &letters(&ctx, &[])).run(|person, _, ages, _| {
        assert!(ages.is_none());
        (person, vec![])
    })?;
    Ok(())
}

#[test]
fn a_run_that_never_ends_stops_at_the_limit_and_says_so() -> Result<()> {
    let ctx = Context::local(2)?;
    let endless = Bagel::new(&people(&ctx, true), &letters(&ctx, &[])).max_supersteps(7);
    let outcome = endless.run(|person, _, _, _| (person.older(true), vec![]))?;
    assert_eq!(outcome.stop_reason, StopReason::MaxSupersteps);
    assert_eq!(outcome.supersteps(), 7);
    assert_eq!(ages(&outcome)?, [7; 4]);
    Ok(())
}

#[test]
fn a_run_that_ends_at_the_limit_has_converged() -> Result<()> {
    let ctx = Context::local(2)?;
    let run = Bagel::new(&people(&ctx, true), &letters(&ctx, &[])).max_supersteps(3);
    let outcome = run.run(|person, _, _, superstep| (person.older(superstep < 2), vec![]))?;
    assert_eq!(outcome.stop_reason, StopReason::Converged);
    Ok(())
}

#[test]
fn a_run_without_supersteps_or_without_storage_is_refused() -> Result<()> {
    let ctx = Context::local(2)?;
    let run = || Bagel::new(&people(&ctx, true), &letters(&ctx, &[]));
    for refused in [run().max_supersteps(0), run().storage_level(StorageLevel::NONE)] {
        let error = refused.run(|person, _, _, _| (person, vec![])).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Argument(_)), "{error}");
    }
    Ok(())
}

#[test]
fn a_retried_task_counts_once() -> Result<()> {
    let ctx = Context::local(2)?;
    let failures = AtomicUsize::new(0);
    let outcome = Bagel::new(&people(&ctx, false), &letters(&ctx, &["a"])).aggregator(Ages).run(
        move |person, received, ages, superstep| {
            assert_eq!(ages, Some(&(4 * superstep, 4)));
            // The receiver fails twice, after other vertices of its partition may have computed.
            if received.is_some() && superstep == 1 && failures.fetch_add(1, Ordering::Relaxed) < 2
            {
                panic!("not yet");
            }
            let sent = received.filter(|_| superstep < 3).unwrap_or_default();
            (person.older(false), sent)
        },
    )?;
    let counts: Vec<_> = outcome.stats.iter().map(|s| (s.vertices, s.messages)).collect();
    assert_eq!(counts, [(4, 1), (4, 1), (4, 1), (4, 0)]);
    assert_eq!(ages(&outcome)?, [4; 4]);
    Ok(())
}

#[test]
fn a_task_that_keeps_failing_fails_the_run_and_leaves_nothing_behind() -> Result<()> {
    let ctx = Context::local(2)?;
    let error = Bagel::new(&people(&ctx, true), &letters(&ctx, &["a"]))
        .run(|person, _, _, superstep| {
            assert!(superstep < 2, "superstep 2 is too many");
            (person, vec![("a".to_owned(), 1)])
        })
        .unwrap_err();
    let task = matches!(error.kind(), ErrorKind::Task { attempt: 4, .. });
    assert!(task && error.to_string().contains("superstep 2 is too many"), "{error}");
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn the_default_combiner_delivers_all_messages_of_a_hub_in_sending_order() -> Result<()> {
    for partitions in [1, 3] {
        let ctx = Context::local(4)?;
        let vertices = (0..3000_u64).map(|id| (id, Person { active: false, age: 0 }));
        let vertices = ctx.parallelize(vertices, partitions).partition_by(partitions);
        let ids = vertices.map(|(id, _)| id).collect()?;
        let wakes = vertices.map(|(id, _)| (id, (id, id)));
        let expected = ids.clone();
        let outcome =
            Bagel::new(&vertices, &wakes).run(move |person, received, _, superstep| {
                let received = received.unwrap_or_default();
                if superstep == 0 {
                    let sent = received.iter().map(|(id, _)| (0, *id)).collect();
                    return (person, sent);
                }
                let senders: Vec<_> = received.into_iter().map(|(_, sender)| sender).collect();
                assert!(senders.is_empty() || senders == expected);
                let age = senders.len();
                (Person { active: false, age }, vec![])
            })?;
        assert_eq!(outcome.vertices.lookup(&0)?[0].age, 3000);
        assert_eq!(outcome.vertices.map(|(id, _)| id).collect()?, ids, "the order of vertices");
    }
    Ok(())
}

#[test]
fn the_partitioner_is_honoured_and_kept() -> Result<()> {
    let ctx = Context::local(2)?;
    let (people, letters) = (people(&ctx, true), letters(&ctx, &[]));
    let placed = people.partition_by(5);
    let runs = [
        (Bagel::new(&people, &letters), "hash(2)"),
        (Bagel::new(&people, &letters).partitioner(7), "hash(7)"),
        (Bagel::new(&placed, &letters), "hash(5)"),
        (Bagel::new(&placed, &letters).partitioner(3), "hash(3)"),
    ];
    for (run, expected) in runs {
        let outcome = run.run(|person, _, _, superstep| (person.older(superstep < 2), vec![]))?;
        assert_eq!(outcome.vertices.partitioner().as_deref(), Some(expected));
    }
    Ok(())
}

#[test]
fn a_superstep_shuffles_its_messages_and_nothing_else() -> Result<()> {
    let (ctx, events) = recorded(2)?;
    let people = people(&ctx, false).partition_by(2);
    people.count()?;
    events.lock().unwrap().clear();
    Bagel::new(&people, &letters(&ctx, &["a"])).run(|person, received, _, superstep| {
        (person.older(false), received.filter(|_| superstep < 5).unwrap_or_default())
    })?;
    let events = events.lock().unwrap();
    let supersteps: Vec<_> =
        events.split_inclusive(|event| matches!(event, Event::SuperstepEnded { .. })).collect();
    assert_eq!(supersteps.len(), 6);
    for superstep in supersteps {
        let stages: Vec<_> = superstep
            .iter()
            .filter_map(|event| match event {
                Event::StageStarted { rdd, .. } => rdd.split(' ').next(),
                _ => None,
            })
            .collect();
        assert!(matches!(stages[..], ["parallelize" | "messages", "bagel"]), "{stages:?}");
    }
    Ok(())
}

#[test]
fn at_most_two_generations_are_alive_and_the_last_is_freed_with_the_outcome() -> Result<()> {
    const PARTITIONS: usize = 4;
    let (ctx, most) = (Context::local(2)?, Arc::new(AtomicUsize::new(0)));
    let (inside, peak) = (ctx.clone(), Arc::clone(&most));
    let outcome = Bagel::new(&people(&ctx, false), &letters(&ctx, &["a", "b", "c"]))
        .partitioner(PARTITIONS)
        .run(move |person, received, _, superstep| {
            peak.fetch_max(inside.block_count(), Ordering::Relaxed);
            (person.older(false), received.filter(|_| superstep < 30).unwrap_or_default())
        })?;
    // Besides the two generations: the outputs of the messages' shuffle.
    let allowed = 2 * PARTITIONS + PARTITIONS * PARTITIONS;
    assert!(most.load(Ordering::Relaxed) <= allowed);
    assert_eq!(ctx.block_count(), PARTITIONS);
    assert_eq!(ages(&outcome)?, [31; 4]);
    drop(outcome);
    assert_eq!(ctx.block_count(), 0);
    Ok(())
}

#[test]
fn the_lineage_does_not_grow() -> Result<()> {
    let ctx = Context::local(2)?;
    let drawing = |supersteps| -> Result<String> {
        let outcome = Bagel::new(&people(&ctx, true), &letters(&ctx, &[]))
            .max_supersteps(supersteps)
            .run(|person, _, _, _| (person.older(true), vec![]))?;
        Ok(outcome.vertices.explain())
    };
    assert_eq!(drawing(1)?.lines().count(), 2);
    assert_eq!(drawing(100)?.lines().count(), 2);
    Ok(())
}

#[test]
fn each_superstep_is_reported() -> Result<()> {
    let (ctx, events) = recorded(1)?;
    Bagel::new(&people(&ctx, false), &letters(&ctx, &["a"])).run(
        |person, received, _, superstep| {
            (person, received.filter(|_| superstep < 1).unwrap_or_default())
        },
    )?;
    let events = events.lock().unwrap();
    let reported: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::SuperstepEnded { index, active, messages, .. } => {
                Some((*index, *active, *messages))
            }
            _ => None,
        })
        .collect();
    assert_eq!(reported, [(0, 4, 1), (1, 4, 0)]);
    Ok(())
}

// Whole programs against sequential twins.

/// Out-edges of a graph of `count` vertices, some without any; the same in every run.
fn random_graph(count: u64) -> Vec<(u64, Vec<u64>)> {
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 33
    };
    (0..count)
        .map(|id| {
            let degree = next() % 5;
            (id, (0..degree).map(|_| next() % count).collect())
        })
        .collect()
}

/// The runs whose results must not differ: threads, storage level.
const WAYS: [(usize, StorageLevel); 6] = [
    (1, StorageLevel::MEMORY_AND_DISK),
    (2, StorageLevel::MEMORY_ONLY),
    (4, StorageLevel::MEMORY_ONLY_SER),
    (1, StorageLevel::DISK_ONLY),
    (2, StorageLevel::MEMORY_AND_DISK_SER_2),
    (4, StorageLevel::DISK_ONLY_2),
];

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Page {
    rank: f64,
    links: Vec<u64>,
    active: bool,
}

impl Vertex for Page {
    fn is_active(&self) -> bool {
        self.active
    }
}

struct SumOfRanks;

impl Combiner<(u64, f64)> for SumOfRanks {
    type Combined = f64;

    fn create(&self, message: (u64, f64)) -> f64 {
        message.1
    }

    fn merge_message(&self, combined: f64, message: (u64, f64)) -> f64 {
        combined + message.1
    }

    fn merge_combined(&self, left: f64, right: f64) -> f64 {
        left + right
    }
}

struct DanglingRank;

impl Aggregator<Page> for DanglingRank {
    type Aggregate = f64;

    fn create(&self, page: &Page) -> f64 {
        if page.links.is_empty() { page.rank } else { 0.0 }
    }

    fn merge(&self, left: f64, right: f64) -> f64 {
        left + right
    }
}

const ITERATIONS: usize = 10;

fn page_rank(ctx: &Context, partitions: usize, level: StorageLevel) -> Result<BTreeMap<u64, f64>> {
    let graph = random_graph(60);
    let n = graph.len() as f64;
    let pages = graph.into_iter().map(|(id, links)| {
        let active = true;
        (id, Page { rank: 1.0 / n, links, active })
    });
    let pages = ctx.parallelize(pages, partitions);
    let outcome = Bagel::new(&pages, &ctx.parallelize([], 1))
        .combiner(SumOfRanks)
        .aggregator(DanglingRank)
        .storage_level(level)
        .run(move |mut page, received, dangling, superstep| {
            if superstep > 0 {
                let dangling = dangling.copied().unwrap_or(0.0);
                page.rank = 0.15 / n + 0.85 * (received.unwrap_or(0.0) + dangling / n);
            }
            page.active = superstep < ITERATIONS;
            let share = page.rank / page.links.len() as f64;
            let links = page.links.iter().filter(|_| superstep < ITERATIONS);
            let sent = links.map(|to| (*to, share)).collect();
            (page, sent)
        })?;
    assert_eq!(outcome.supersteps(), ITERATIONS + 1);
    sorted(&outcome.vertices.map_values(|page| page.rank))
}

fn sequential_page_rank(graph: &[(u64, Vec<u64>)]) -> Vec<f64> {
    let n = graph.len() as f64;
    let mut ranks = vec![1.0 / n; graph.len()];
    for _ in 0..ITERATIONS {
        let mut sums = vec![0.0; graph.len()];
        let mut dangling = 0.0;
        for ((_, links), rank) in graph.iter().zip(&ranks) {
            for to in links {
                sums[*to as usize] += rank / links.len() as f64;
            }
            dangling += if links.is_empty() { *rank } else { 0.0 };
        }
        ranks = sums.iter().map(|sum| 0.15 / n + 0.85 * (sum + dangling / n)).collect();
    }
    ranks
}

#[test]
fn page_rank_agrees_with_its_sequential_twin_however_it_runs() -> Result<()> {
    let expected = sequential_page_rank(&random_graph(60));
    for partitions in [1, 2, 3, 8] {
        let mut first: Option<BTreeMap<u64, f64>> = None;
        for (threads, level) in WAYS {
            let ranks = page_rank(&Context::local(threads)?, partitions, level)?;
            for (rank, expected) in ranks.values().zip(&expected) {
                // Sums are made in another order than the twin's.
                assert!((rank - expected).abs() <= 1e-12 * expected, "{rank} {expected}");
            }
            let first = first.get_or_insert_with(|| ranks.clone());
            let bits = |ranks: &BTreeMap<u64, f64>| -> Vec<_> {
                ranks.values().map(|rank| rank.to_bits()).collect()
            };
            assert_eq!(bits(first), bits(&ranks), "{partitions} partitions, {level}");
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    id: u64,
    distance: Option<u64>,
    roads: Vec<u64>,
}

impl Vertex for Place {
    fn is_active(&self) -> bool {
        false
    }
}

struct Nearest;

impl Combiner<(u64, u64)> for Nearest {
    type Combined = u64;

    fn create(&self, message: (u64, u64)) -> u64 {
        message.1
    }

    fn merge_message(&self, combined: u64, message: (u64, u64)) -> u64 {
        combined.min(message.1)
    }

    fn merge_combined(&self, left: u64, right: u64) -> u64 {
        left.min(right)
    }
}

/// The length of a road, made up from where it leads.
fn length(from: u64, to: u64) -> u64 {
    1 + (from * 7 + to * 13) % 10
}

#[test]
fn shortest_paths_agree_with_their_sequential_twin_however_they_run() -> Result<()> {
    let graph = random_graph(80);
    let mut expected: Vec<Option<u64>> = vec![None; graph.len()];
    expected[0] = Some(0);
    for _ in 0..graph.len() {
        for (from, roads) in &graph {
            let Some(distance) = expected[*from as usize] else {
                continue;
            };
            for to in roads {
                let through = distance + length(*from, *to);
                let best = &mut expected[*to as usize];
                *best = Some(best.map_or(through, |best| best.min(through)));
            }
        }
    }
    for partitions in [1, 2, 3, 8] {
        for (threads, level) in WAYS {
            let ctx = Context::local(threads)?;
            let places = graph.iter().map(|(id, roads)| {
                let (id, roads) = (*id, roads.clone());
                (id, Place { id, distance: None, roads })
            });
            let places = ctx.parallelize(places, 3);
            let outcome = Bagel::new(&places, &ctx.parallelize([(0, (0, 0))], 1))
                .combiner(Nearest)
                .partitioner(partitions)
                .storage_level(level)
                .run(|mut at, received, _, _| {
                    let nearer = received.filter(|new| at.distance.is_none_or(|d| *new < d));
                    let Some(distance) = nearer else {
                        return (at, vec![]);
                    };
                    at.distance = Some(distance);
                    let roads = at.roads.iter();
                    let sent = roads.map(|to| (*to, distance + length(at.id, *to))).collect();
                    (at, sent)
                })?;
            let distances = sorted(&outcome.vertices.map_values(|at| at.distance))?;
            assert_eq!(distances.into_values().collect::<Vec<_>>(), expected);
        }
    }
    Ok(())
}
