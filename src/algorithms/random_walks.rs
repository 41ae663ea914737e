//! Random walks from every vertex along edges, also with node2vec's bias.
//!
//! A walker is a message. At each vertex it takes one of the edges that leave, every edge as likely;
//! with a bias, after a step from t to v, it goes on to x with a probability in proportion to
//!
//! ```text
//! 1/p  when x is t        1  when an edge leads from t to x        1/q  otherwise
//! ```
//!
//! by rejection: it draws an edge, and draws again with a probability that makes up for the weight.
//! What is drawn depends on the seed, the start, the number of the walk and the step alone, so walks
//! are the same for any number of threads and partitions.
//!
//! - **State**: the vertices to which edges lead, 8 bytes an edge, and the visits of the walks at
//!   hand, 8 bytes each. The neighbors of t travel with a biased walker, shared and not copied.
//! - **Supersteps**: two to tell every vertex where its edges lead, and for every walk from each
//!   vertex one more than its steps. **Messages**: a letter for every step of every walker.
//! - **Source**: Perozzi, Al-Rfou, Skiena, *DeepWalk* (KDD 2014), section 4; Grover and Leskovec,
//!   *node2vec* (KDD 2016), section 3.2; Yang et al., *KnightKing* (SOSP 2019), section 4, for
//!   rejection.

use std::sync::Arc;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Graph, VertexId};
use crate::hash::stable_hash;
use crate::pregel::{Collect, Direction, Pregel, Seed, SuperstepStats, Vertex, VertexProgram};
use crate::rdd::{Partitioner, Rdd};

use super::ranges::{at_least_one, given, positive};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape};
use super::table::{Table, Values};

/// The steps of a walk, when none are set.
pub const DEFAULT_STEPS: u32 = 80;
/// Draws after which the weights of all neighbors are added up instead.
const DRAWS: usize = 64;

/// The ids to which the edges of a vertex lead, in order, as often as they do.
type Targets = Arc<[VertexId]>;

/// Tells every vertex where its edges lead.
#[derive(Debug, Clone, Copy)]
struct Ask;

impl VertexProgram for Ask {
    type State = Targets;
    type Edge = ();
    type Message = VertexId;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Targets {
        Arc::new([])
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<VertexId>>) {
        match inbox {
            None => vertex.send_to_neighbors(vertex.id()),
            Some(mut targets) => {
                targets.sort_unstable();
                *vertex.state_mut() = targets.into();
            }
        }
        vertex.vote_to_halt();
    }

    fn direction(&self) -> Direction {
        Direction::In
    }
}

/// A walker on its way to a vertex.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Walker {
    /// The dense number of the vertex where it started.
    start: u32,
    /// The vertex it comes from, and where the edges of that lead; where there is no bias nobody
    /// asks.
    before: Option<(VertexId, Targets)>,
}

/// A vertex on which walkers walk.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    targets: Targets,
    /// The starts of the walkers that came by, each with its step.
    visits: Vec<(u32, u32)>,
}

/// The vertex program: one walk from every vertex.
#[derive(Debug, Clone, Copy)]
struct Walk {
    seed: u64,
    /// Which of the walks from every vertex it is.
    number: u64,
    steps: u32,
    /// p and q, unless both are 1.
    bias: Option<(f64, f64)>,
}

impl Walk {
    /// The next vertex of a walker, if an edge leads anywhere.
    fn draw(&self, walker: &Walker, step: u32, targets: &Targets) -> Option<VertexId> {
        let hash = stable_hash(&(self.seed, self.number, walker.start, step));
        let mut random = Xoshiro256PlusPlus::seed_from_u64(hash);
        let mut any = || {
            // The upper half of the product is a number below the length.
            let place = (u128::from(random.next_u64()) * targets.len() as u128) >> 64;
            let chance = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
            (targets.get(place as usize).copied(), chance)
        };
        let (Some((p, q)), Some((before, theirs))) = (self.bias, &walker.before) else {
            return any().0;
        };
        let weight = |target: VertexId| {
            if target == *before {
                1.0 / p
            } else if theirs.binary_search(&target).is_ok() {
                1.0
            } else {
                1.0 / q
            }
        };
        let most = (1.0 / p).max(1.0).max(1.0 / q);
        for _ in 0..DRAWS {
            let (target, chance) = any();
            if chance * most < weight(target?) {
                return target;
            }
        }
        // Nearly all weight is with few neighbors.
        let (_, chance) = any();
        let mut left = chance * targets.iter().map(|target| weight(*target)).sum::<f64>();
        let taken = targets.iter().find(|target| {
            left -= weight(**target);
            left < 0.0
        });
        taken.or(targets.last()).copied()
    }
}

impl VertexProgram for Walk {
    type State = Place;
    type Edge = ();
    type Message = Walker;
    type Combiner = Collect;
    type Aggregate = ();

    fn init(&self, _seed: &Seed) -> Place {
        Place { targets: Arc::new([]), visits: Vec::new() }
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Vec<Walker>>) {
        vertex.vote_to_halt();
        let step = vertex.superstep() as u32;
        let walkers = match inbox {
            Some(walkers) => walkers,
            None => vec![Walker { start: vertex.index(), before: None }],
        };
        for walker in walkers {
            vertex.state_mut().visits.push((walker.start, step));
            if step == self.steps {
                continue;
            }
            let targets = Arc::clone(&vertex.state().targets);
            if let Some(next) = self.draw(&walker, step, &targets) {
                let before = self.bias.map(|_| (vertex.id(), targets));
                vertex.send(next, Walker { before, ..walker });
            }
        }
    }
}

/// Starts random walks on a graph.
///
/// ```
/// use superstep::algorithms::random_walks;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// let edges = ctx.parallelize([(1, 2), (2, 3), (3, 1), (3, 4)].map(Edge::from), 2);
/// let graph = Graph::from_edges(&edges)?;
/// let walks = random_walks(&graph).steps(2).seed(7).run()?.collect()?;
/// assert_eq!(walks[0], (1, vec![1, 2, 3]));
/// assert_eq!(walks[3], (4, vec![4]));
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn random_walks<V: Data, E: Data>(graph: &Graph<V, E>) -> RandomWalksRun<'_, V, E> {
    RandomWalksRun { graph, walks: 1, steps: DEFAULT_STEPS, seed: 1, p: 1.0, q: 1.0 }
}

/// Random walks on a graph, with their settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct RandomWalksRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    walks: usize,
    steps: u32,
    seed: u64,
    p: f64,
    q: f64,
}

impl<V: Data, E: Data> RandomWalksRun<'_, V, E> {
    /// Sets how many walks start from every vertex, by default 1.
    pub fn walks(mut self, walks: usize) -> Self {
        self.walks = walks;
        self
    }

    /// Sets how many steps a walk takes, by default 80. A walk ends earlier at a vertex that no edge
    /// leaves.
    pub fn steps(mut self, steps: u32) -> Self {
        self.steps = steps;
        self
    }

    /// Sets what is drawn, by default 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets node2vec's parameters, by default 1 and 1: the larger `p`, the more seldom a walker goes
    /// back where it comes from; the larger `q`, the more it keeps to the neighborhood.
    pub fn bias(mut self, p: f64, q: f64) -> Self {
        (self.p, self.q) = (p, q);
        self
    }

    /// Walks: a row `(start, ids on the way)` for every walk, the start included, in the order of the
    /// starts' ids, and that for one walk from each vertex after another.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for no walks or a bias that is not above
    /// 0; otherwise when a run fails.
    pub fn run(&self) -> Result<Rdd<(VertexId, Vec<VertexId>)>> {
        Ok(self.walk()?.0)
    }

    /// The walks and the supersteps behind them.
    fn walk(&self) -> Result<(Rdd<(VertexId, Vec<VertexId>)>, Vec<SuperstepStats>)> {
        at_least_one("walks", self.walks)?;
        positive("p", self.p)?;
        positive("q", self.q)?;
        let walk = Walk {
            seed: self.seed,
            number: 0,
            steps: self.steps,
            bias: (self.p != 1.0 || self.q != 1.0).then_some((self.p, self.q)),
        };
        walks(&self.graph.structure()?, walk, self.walks)
    }
}

fn walks(
    graph: &Graph,
    walk: Walk,
    count: usize,
) -> Result<(Rdd<(VertexId, Vec<VertexId>)>, Vec<SuperstepStats>)> {
    let asked = Pregel::new(Ask).run(graph)?;
    let mut supersteps = asked.supersteps().to_vec();
    let graph = graph.with_rows(&asked.states())?;
    let by_start =
        Arc::new(ByStart { partitions: graph.partition_count(), vertices: graph.vertex_count() });
    let mut all: Option<Rdd<(VertexId, Vec<VertexId>)>> = None;
    for number in 0..count as u64 {
        let run = Pregel::new(Walk { number, ..walk });
        let place = |_: &Seed, targets: &Targets| Place {
            targets: Arc::clone(targets),
            visits: Vec::new(),
        };
        let done = run.run_from(&graph, place)?;
        supersteps.extend_from_slice(done.supersteps());
        let visits = done.states().flat_map(|(id, place)| {
            place.visits.into_iter().map(move |(start, step)| (start, (step, id)))
        });
        let by_start: Arc<dyn Partitioner<u32>> = Arc::clone(&by_start) as _;
        let walks = visits.partition_by(by_start).map_partitions(|visits| {
            let mut visits: Vec<_> = visits.collect();
            visits.sort_unstable();
            let walks = visits.chunk_by(|(a, _), (b, _)| a == b);
            let walks = walks.map(|walk| walk.iter().map(|(_, (_, id))| *id).collect());
            walks.map(|walk: Vec<VertexId>| (walk[0], walk)).collect::<Vec<_>>()
        });
        all = Some(all.map_or(walks.clone(), |before| before.union(&walks)));
    }
    let none = || Error::argument("walks 0: expected at least 1");
    Ok((all.ok_or_else(none)?, supersteps))
}

/// Brings walks together in the order of where they started.
#[derive(Debug)]
struct ByStart {
    partitions: usize,
    vertices: u64,
}

impl Partitioner<u32> for ByStart {
    fn partition_count(&self) -> usize {
        self.partitions
    }

    fn partition(&self, start: &u32) -> usize {
        (u64::from(*start) * self.partitions as u64 / self.vertices.max(1)) as usize
    }

    fn description(&self) -> String {
        format!("start({}, {})", self.partitions, self.vertices)
    }
}

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "random-walks"
    }

    fn summary(&self) -> &'static str {
        "Random walks from every vertex, also with node2vec's bias"
    }

    fn parameters(&self) -> &'static [Parameter] {
        const fn parameter(
            name: &'static str,
            value: &'static str,
            help: &'static str,
            default: &'static str,
        ) -> Parameter {
            Parameter { name, value, help, default, choices: &[] }
        }
        const {
            &[
                parameter("walks", "COUNT", "Walks from every vertex", "1"),
                parameter("steps", "COUNT", "Steps of a walk", "80"),
                parameter("seed", "SEED", "What is drawn", "1"),
                parameter(
                    "p",
                    "NUMBER",
                    "node2vec's p: the larger, the more seldom a walker goes back",
                    "1",
                ),
                parameter(
                    "q",
                    "NUMBER",
                    "node2vec's q: the larger, the more a walker keeps to the neighborhood",
                    "1",
                ),
            ]
        }
    }

    fn memory(&self, arguments: &Arguments) -> Memory {
        let count = |name, default| {
            let count: Option<u64> = arguments.get(name).ok().flatten();
            count.unwrap_or(default)
        };
        let steps = count("walks", 1).saturating_mul(count("steps", DEFAULT_STEPS.into()));
        // As found: ids travel, are sorted into walks and written as text.
        Memory { vertex: steps.saturating_mul(80).saturating_add(1792), edge: 40 }
    }

    fn shape(&self, _arguments: &Arguments) -> Option<Shape> {
        Some(Shape::new(&["start"], ["walk".to_owned()]))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, "walks", at_least_one)?;
        given(arguments, "p", positive)?;
        given(arguments, "q", positive)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        let mut run = random_walks(graph);
        run.walks = arguments.get("walks")?.unwrap_or(run.walks);
        run.steps = arguments.get("steps")?.unwrap_or(run.steps);
        run.seed = arguments.get("seed")?.unwrap_or(run.seed);
        run.p = arguments.get("p")?.unwrap_or(run.p);
        run.q = arguments.get("q")?.unwrap_or(run.q);
        let (walks, supersteps) = run.walk()?;
        let table = Table::without_run(&["start", "walk"], Values::rows(&walks));
        Ok(table.with_supersteps(&supersteps))
    }
}
