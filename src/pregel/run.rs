//! The loop over supersteps.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::exec::guard;
use crate::graph::{Bits, Graph, Hubs};
use crate::rdd::Rdd;
use crate::stop::StopReason;
use crate::storage::StorageLevel;

use super::aggregate::Aggregate;
use super::blocks::{Forms, GraphBlocks, graph_blocks};
use super::combiner::Combiner;
use super::gather::{Mail, Way};
use super::generation::{Generation, Summary, last_due};
use super::held::Held;
use super::inbox::SlotPool;
use super::outbox::Outbox;
use super::outcome::{Outcome, SuperstepStats};
use super::plan::{Choice, Path, Plan};
use super::program::{Combined, Direction, Seed, Superstep, VertexProgram};
use super::states::States;
use super::step::{GenerationOf, Setting, superstep};

/// The superstep limit of a run that sets none: a guard against programs that never end.
pub const DEFAULT_MAX_SUPERSTEPS: usize = 10_000_000;

/// What happens to a message for an id that the graph does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownTarget {
    /// The run fails with [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex).
    #[default]
    Error,
    /// The message is dropped, and counted in [`SuperstepStats::dropped`].
    Drop,
    /// The vertex is created, without edges, with the state that
    /// [`init`](VertexProgram::init) gives it, and receives the message. It takes part from the
    /// next superstep on.
    Create,
}

/// A vertex program with the settings of a run.
#[derive(Debug, Clone)]
#[must_use = "nothing is computed until `run`"]
pub struct Pregel<P> {
    pub(super) program: Arc<P>,
    max_supersteps: usize,
    storage_level: Option<StorageLevel>,
    unknown_target: UnknownTarget,
    path: Option<Path>,
    local_rounds: Option<bool>,
}

impl<P: VertexProgram> Pregel<P> {
    /// Starts from a program and the default settings.
    pub fn new(program: P) -> Self {
        Self {
            program: Arc::new(program),
            max_supersteps: DEFAULT_MAX_SUPERSTEPS,
            storage_level: None,
            unknown_target: UnknownTarget::default(),
            path: None,
            local_rounds: None,
        }
    }

    /// Sets how many supersteps may run, by default [`DEFAULT_MAX_SUPERSTEPS`]. Superstep 0
    /// always runs.
    pub fn max_supersteps(mut self, supersteps: usize) -> Self {
        self.max_supersteps = supersteps;
        self
    }

    /// Sets how states and messages are kept between supersteps, by default as the
    /// [context](crate::rdd::ContextBuilder::storage_level) says.
    pub fn storage_level(mut self, level: StorageLevel) -> Self {
        self.storage_level = Some(level);
        self
    }

    /// Sets what happens to messages for ids that the graph does not have.
    pub fn unknown_target(mut self, policy: UnknownTarget) -> Self {
        self.unknown_target = policy;
        self
    }

    /// Sets the way messages travel in every superstep, which the engine otherwise chooses for each.
    /// Results do not depend on it. [`Path::Pull`] is for programs whose vertices
    /// [settle](VertexProgram::SETTLES), and for messages that merge [late](Combiner::LATE) where
    /// every vertex sent; others then take [`Path::Dense`].
    pub fn path(mut self, path: Path) -> Self {
        self.path = Some(path);
        self
    }

    /// Sets whether partitions go on by themselves with a [monotone](VertexProgram::MONOTONE)
    /// program; by default they do where at least half of the partitions receive most of their
    /// edges from themselves. Final states do not depend on it.
    pub fn local_rounds(mut self, local_rounds: bool) -> Self {
        self.local_rounds = Some(local_rounds);
        self
    }

    /// Runs the program on a graph.
    ///
    /// A superstep costs a pass over the edges of the vertices that sent, and exchanges one block a
    /// partition. Two generations of states and messages live at a time.
    ///
    /// # Errors
    /// [`ErrorKind::Task`](crate::ErrorKind::Task) when the program panics,
    /// [`ErrorKind::UnknownVertex`](crate::ErrorKind::UnknownVertex) when it sends to an id that
    /// does not exist and the policy says so, [`ErrorKind::Argument`](crate::ErrorKind::Argument)
    /// when a vertex sends to its neighbours twice in a superstep.
    pub fn run<V: Data>(
        &self,
        graph: &Graph<V, P::Edge>,
    ) -> Result<Outcome<P::State, P::Aggregate>> {
        let program = Arc::clone(&self.program);
        self.run_from(graph, move |seed, _| program.init(seed))
    }

    /// Runs the program on a graph, with initial states made from the graph's vertex values in
    /// place of [`init`](VertexProgram::init). Otherwise as [`run`](Self::run).
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_from<V: Data>(
        &self,
        graph: &Graph<V, P::Edge>,
        init: impl Fn(&Seed, &V) -> P::State + Send + Sync + 'static,
    ) -> Result<Outcome<P::State, P::Aggregate>> {
        if !self.level(&graph.vertices).is_persistent() {
            return Err(Error::argument("a run needs a storage level that keeps states"));
        }
        let mut forms = Forms::default();
        let mut direction = self.direction(graph, 0);
        let mut blocks = graph_blocks(graph, direction, forms)?;
        let mut generation = self.first_generation(graph, &blocks, init)?;
        let local_rounds = self.goes_on_locally(graph)?;
        let mut plan = Plan::new(travelled_edges(graph, direction), P::SETTLES, self.path);
        if P::Combiner::LATE {
            plan = plan.merges_late();
        }
        plan.has(Forms::of(graph, direction));
        let walked = graph.edges_walked();
        plan.walked_before(walked.each_ref().map(|edges| edges.load(Ordering::Relaxed)));
        if local_rounds {
            plan.has_by_source();
        } else if !self.sorted_edges_fit(graph, direction) {
            plan = plan.without_forms();
        }
        let slots = SlotPool::new(
            P::Combiner::NEUTRAL.map(|make| make()),
            graph.shape.layout.partition_size(),
        );
        let mut hubs = hubs_of(graph, direction)?;
        let mut created = BTreeSet::new();
        let mut aggregate = P::Aggregate::default();
        let mut supersteps = Vec::new();
        let mut bucket = if P::PRIORITISED && !local_rounds { 0 } else { u64::MAX };
        let (mut messages, mut sent) = (0, 0);
        let (mut phase, mut wakes) = (0, false);
        let stop_reason = loop {
            let start = Instant::now();
            let index = supersteps.len();
            let vertex_count = graph.vertex_count() + created.len() as u64;
            let choice = if self.unknown_target == UnknownTarget::Create {
                Choice { path: Path::Dense, reason: "messages may create vertices" }
            } else {
                plan.choose(messages)
            };
            // What was sorted once stays for the rest of the run.
            let wanted = Forms {
                by_source: forms.by_source || local_rounds || choice.path == Path::Push,
                by_target: forms.by_target || choice.path == Path::Pull,
            };
            if wanted != forms && (messages > 0 || local_rounds) {
                forms = wanted;
                blocks = graph_blocks(graph, direction, forms)?;
            }
            let setting = Setting {
                superstep: index,
                previous: aggregate,
                layout: graph.shape.layout,
                dictionary: Arc::clone(&graph.shape.dictionary),
                vertex_count,
                edge_count: graph.edge_count(),
                direction,
                unknown: self.unknown_target,
                path: choice.path,
                local_rounds,
                bucket,
                phase,
                wakes,
            };
            let arrived = messages > 0;
            let (next, summary) = self.superstep(&blocks, &generation, setting, &hubs, &slots)?;
            // The generation before is freed here, now that its successor stands.
            std::mem::replace(&mut generation, next).release_on_workers();
            aggregate = summary.aggregate;
            messages = summary.messages;
            sent += messages;
            plan.settle(summary.settled_edges);
            if index == 0 && messages > 0 {
                plan.starts_with(messages);
            }
            let stats = SuperstepStats {
                index,
                active: summary.computed,
                messages,
                dropped: summary.dropped,
                path: arrived.then_some(choice.path),
                reason: if arrived { choice.reason } else { "nothing was sent" },
                duration: start.elapsed(),
            };
            supersteps.push(stats);
            graph.vertices.runtime().tell(|| Event::SuperstepEnded {
                index,
                active: stats.active,
                messages: stats.messages,
                duration: stats.duration,
            });
            let step = Superstep {
                index,
                aggregate: &aggregate,
                active: stats.active,
                begins_phase: index == 0 || wakes,
                messages: stats.messages,
                vertex_count,
            };
            let done = guard("after_superstep", || self.program.after_superstep(&step))?;
            if done == ControlFlow::Break(()) {
                break StopReason::Stopped;
            }
            wakes = false;
            if messages == 0 {
                match summary.next_bucket {
                    Some(next) if 2 * sent < travelled_edges(graph, direction) => bucket = next,
                    Some(next) => bucket = last_due(&generation, next, vertex_count)?,
                    None if summary.awake == 0 => {
                        if !guard("next_phase", || self.program.next_phase(&step, phase))? {
                            break StopReason::Converged;
                        }
                        phase += 1;
                        wakes = true;
                        if P::SETTLES_FOR_PHASE {
                            plan.unsettle();
                        }
                        let turned = self.direction(graph, phase);
                        if turned != direction {
                            if !created.is_empty() {
                                return Err(Error::argument(
                                    "a run cannot turn around after it created vertices",
                                ));
                            }
                            direction = turned;
                            blocks = graph_blocks(graph, direction, forms)?;
                            hubs = hubs_of(graph, direction)?;
                            plan.travels(
                                travelled_edges(graph, direction),
                                Forms::of(graph, direction),
                            );
                        }
                    }
                    None => {}
                }
            }
            if supersteps.len() >= self.max_supersteps {
                break StopReason::MaxSupersteps;
            }
            if self.unknown_target == UnknownTarget::Create {
                (blocks, generation) =
                    self.create(blocks, generation, &mut created, vertex_count)?;
            }
        };
        for (all, edges) in walked.iter().zip(plan.walked()) {
            all.store(edges, Ordering::Relaxed);
        }
        let states = generation.map(|generation| generation.states);
        let states = states.local_checkpoint(self.level(&graph.vertices))?;
        // Without their lineage, the ids keep neither the edges nor the input alive.
        let ids = blocks.map(|(vertices, _, _)| vertices);
        let ids = ids.local_checkpoint(self.level(&graph.vertices))?;
        let mut states = ids.zip_nodes(&states, "states", None, |blocks, states| {
            Ok(Box::new(blocks.zip(states).flat_map(|(block, states)| {
                let rows = block.ids.iter().copied().zip(states.iter().cloned());
                rows.collect::<Vec<_>>()
            })))
        });
        if !created.is_empty() {
            // Created vertices are in partitions of their own, behind the graph's.
            states = states.sort_by_key(states.partition_count())?;
        }
        Ok(Outcome { states, stop_reason, supersteps, aggregate })
    }

    /// How what a run makes is kept.
    pub(super) fn level<T>(&self, rdd: &Rdd<T>) -> StorageLevel {
        self.storage_level.unwrap_or(rdd.runtime().storage_level)
    }

    /// The edges that messages follow; those of an undirected graph are the same both ways.
    fn direction<V>(&self, graph: &Graph<V, P::Edge>, phase: usize) -> Direction {
        match self.program.direction_in(phase) {
            _ if graph.shape.undirected => Direction::Out,
            direction => direction,
        }
    }

    /// Whether the memory budget has room for the edges sorted by source and by target, besides what
    /// is held already.
    fn sorted_edges_fit<V>(&self, graph: &Graph<V, P::Edge>, direction: Direction) -> bool {
        let store = &graph.vertices.runtime().store;
        let bytes_an_edge = (size_of::<u32>() + size_of::<P::Edge>()) as u64;
        let wanted = 2 * bytes_an_edge * travelled_edges(graph, direction);
        store.used().0 as u64 + wanted <= store.limit() as u64
    }

    /// Whether partitions go on by themselves: where the program allows it and most edges are within
    /// partitions.
    fn goes_on_locally<V: Data>(&self, graph: &Graph<V, P::Edge>) -> Result<bool> {
        if !P::MONOTONE || self.unknown_target == UnknownTarget::Create {
            return Ok(false);
        }
        if let Some(told) = self.local_rounds {
            return Ok(told);
        }
        graph.is_mostly_local()
    }

    /// The generation before superstep 0: whoever starts is awake, and nothing was sent.
    fn first_generation<V: Data>(
        &self,
        graph: &Graph<V, P::Edge>,
        blocks: &Rdd<GraphBlocks<P::Edge>>,
        init: impl Fn(&Seed, &V) -> P::State + Send + Sync + 'static,
    ) -> Result<Rdd<GenerationOf<P>>> {
        let vertex_count = graph.vertex_count();
        let (init, program) = (Arc::new(init), Arc::clone(&self.program));
        let first = blocks.zip_nodes(&graph.values, "init", None, move |blocks, values| {
            let (init, program) = (Arc::clone(&init), Arc::clone(&program));
            Ok(Box::new(blocks.zip(values).map(move |((block, _, connected), values)| {
                let vertices = block.len();
                let mut halted = Bits::new(vertices);
                let mut settled = Bits::new(if P::SETTLES { vertices } else { 0 });
                let states = States::new(vertices, |local| {
                    let seed = Seed {
                        id: block.ids[local],
                        index: block.first + local as u32,
                        out_degree: block.out_degrees[local],
                        in_degree: block.in_degrees[local],
                        vertex_count,
                    };
                    let state = init(&seed, &values[local]);
                    if !program.starts(&seed) {
                        halted.insert(local);
                        if P::SETTLES && !program.accepts(&state) {
                            settled.insert(local);
                        }
                    }
                    state
                });
                Generation {
                    states: Arc::new(states),
                    halted: Arc::new(halted),
                    settled: Arc::new(settled),
                    held: Arc::new(Held::default()),
                    outbox: Arc::new(Outbox::silent(vertices, connected == 0)),
                    summary: Summary::default(),
                }
            })))
        });
        first.local_checkpoint(self.level(blocks))
    }

    /// Computes the next generation and keeps it, without its lineage; what the partitions report
    /// is merged in their order.
    fn superstep(
        &self,
        blocks: &Rdd<GraphBlocks<P::Edge>>,
        before: &Rdd<GenerationOf<P>>,
        setting: Setting<P::Aggregate>,
        hubs: &[Arc<Hubs>],
        slots: &Arc<SlotPool<Combined<P>>>,
    ) -> Result<(Rdd<GenerationOf<P>>, Summary<P::Aggregate>)> {
        let (setting, slots) = (Arc::new(setting), Arc::clone(slots));
        let program = Arc::clone(&self.program);
        let outboxes = before.map(|generation| generation.outbox).all_gather();
        // What the hubs sent is put together by the first task that needs it.
        let sources: Arc<Vec<_>> =
            Arc::new(hubs.iter().map(|hubs| (Arc::clone(hubs), OnceLock::new())).collect());
        // So is the set of all who sent, where vertices look for messages.
        let everywhere: Arc<OnceLock<Bits>> = Arc::default();
        let inputs = blocks.zip_nodes(before, "vertices_and_states", None, |blocks, before| {
            Ok(Box::new(blocks.zip(before)))
        });
        let numbered = inputs.narrow("numbered", None, |partition, rows| {
            Ok(Box::new(rows.map(move |row| (partition, row))))
        });
        let next = numbered.zip_nodes(&outboxes, "superstep", None, move |rows, outboxes| {
            let outboxes: Vec<_> = outboxes.collect();
            let (program, setting) = (Arc::clone(&program), Arc::clone(&setting));
            let (slots, sources) = (Arc::clone(&slots), Arc::clone(&sources));
            let everywhere = Arc::clone(&everywhere);
            Ok(Box::new(rows.map(move |(partition, ((block, edges, connected), before))| {
                let outboxes: Vec<_> =
                    outboxes.iter().flat_map(|part| part.iter()).map(|outbox| &**outbox).collect();
                let ways: Vec<_> = edges
                    .iter()
                    .zip(sources.iter())
                    .map(|(edges, (hubs, sent))| Way {
                        edges,
                        hubs,
                        sent_by_hubs: sent.get_or_init(|| match setting.path {
                            Path::Pull if P::SETTLES => Outbox::silent(0, true),
                            _ => Outbox::of_hubs(hubs, &setting.layout, &outboxes),
                        }),
                    })
                    .collect();
                let sent = everywhere.get_or_init(|| match setting.path {
                    Path::Pull if P::SETTLES => Outbox::sent_everywhere(&outboxes, &setting.layout),
                    _ => Bits::default(),
                });
                let mail = Mail {
                    sent,
                    program: &*program,
                    path: setting.path,
                    layout: setting.layout,
                    partition,
                    block: &block,
                    created: partition >= setting.layout.partition_count(),
                    delivered_within: setting.local_rounds,
                    ways: &ways,
                    outboxes: &outboxes,
                    settled: &before.settled,
                };
                let inbox = mail.gather(&slots);
                let place = (partition, &*block, &edges[..], connected);
                superstep(&*program, &setting, place, &before, inbox)
            })))
        });
        let (next, parts) = next.local_checkpoint_with(self.level(blocks), |generations| {
            generations.iter().map(|generation| generation.summary.clone()).collect::<Vec<_>>()
        })?;
        let parts = parts.into_iter().flatten();
        let merge = |mut all: Summary<P::Aggregate>, part: Summary<P::Aggregate>| {
            all.aggregate.merge(part.aggregate);
            all.computed += part.computed;
            all.awake += part.awake;
            all.messages += part.messages;
            all.dropped += part.dropped;
            all.settled_edges += part.settled_edges;
            let buckets = [all.next_bucket, part.next_bucket];
            all.next_bucket = buckets.into_iter().flatten().min();
            all
        };
        let summary = guard("the aggregate", || parts.fold(Summary::default(), merge))?;
        Ok((next, summary))
    }
}

/// How many edges messages can travel in a superstep.
fn travelled_edges<V, E>(graph: &Graph<V, E>, direction: Direction) -> u64 {
    let ways = if direction == Direction::Both { 2 } else { 1 };
    graph.edge_count() * ways
}

/// The hubs among the sources of edges, for each way that messages travel.
fn hubs_of<V: Data, E: Data>(graph: &Graph<V, E>, direction: Direction) -> Result<Vec<Arc<Hubs>>> {
    let ways = direction.reversals().iter();
    ways.map(|reversed| Ok(graph.edges_and_hubs(*reversed)?.1)).collect()
}
