//! Alternating least squares: factors of users and items whose products come close to ratings.
//!
//! Edges lead from users to items and carry ratings. The factors x of users and y of items minimise
//!
//! ```text
//! Σ over ratings r of (r - x·y)² + λ · (Σ over users of n |x|² + Σ over items of n |y|²)
//! ```
//!
//! where n is the number of ratings of the user or of the item. With the items' factors given, each
//! user's factors are the solution of a small system of equations, and the other way round: in the
//! even phases items send their factors against the edges and users solve, in the odd ones users
//! send along the edges and items solve. What is minimised never grows.
//!
//! Factors are the same bits for any number of threads and any storage level. Between numbers of
//! partitions, their last digits may differ: messages of [hubs](crate::graph::GraphBuilder::hubs)
//! merge before others, a small graph has them from 8 partitions on, and what that changes in the
//! last digit of a sum, solving equations multiplies by up to (largest eigenvalue + λn) / λn. Without
//! hubs, by `Graph::builder().hubs(0)`, the order of merging is that of the ids, and the factors are
//! the same bits for any partitions.
//!
//! - **State**: the factors, `rank` `f64`s. The equations of a vertex, rank (rank + 3) / 2 numbers,
//!   are added up on the way in.
//! - **Supersteps**: four an iteration. **Messages**: every edge twice an iteration; all edges of a
//!   vertex share its factors.
//! - **Source**: Zhou, Wilkinson, Schreiber, Pan, *Large-scale parallel collaborative filtering for
//!   the Netflix prize* (AAIM 2008), section 3; Koren, Bell, Volinsky, *Matrix factorization
//!   techniques for recommender systems* (Computer 42, 2009).

use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::hash::stable_hash;
use crate::pregel::{
    Aggregate, Combiner, Direction, Outcome, Pregel, Seed, Superstep, Vertex, VertexProgram,
};

use super::ranges::{at_least_one, given, positive};
use super::registry::{Algorithm, Arguments, Memory, Parameter, Shape, Weights};
use super::table::Table;
use super::weights::check_weights;

/// The number of factors, when none is set.
pub const DEFAULT_RANK: usize = 10;
/// Their equations take 4 MB.
const MAX_RANK: usize = 1000;
/// λ, when none is set.
pub const DEFAULT_LAMBDA: f64 = 0.1;
/// The number of iterations, when none is set.
pub const DEFAULT_ITERATIONS: usize = 10;

/// Factors on their way over an edge, and its rating.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Rated {
    factors: Arc<[f64]>,
    rating: f64,
}

/// What the ratings of a vertex ask of its factors.
#[derive(Debug, Clone)]
struct Equations {
    /// The lower half, row by row, of the sum of the products of all pairs of factors.
    products: Vec<f64>,
    /// The sum of the factors times the ratings.
    right: Vec<f64>,
    /// The sum of the squares of the ratings.
    squares: f64,
    ratings: f64,
}

/// Adds up equations.
#[derive(Debug, Clone, Copy)]
struct AddUp;

impl Combiner<Rated> for AddUp {
    type Combined = Equations;

    fn lift(message: Rated) -> Equations {
        let rank = message.factors.len();
        let mut equations = Equations {
            products: vec![0.0; rank * (rank + 1) / 2],
            right: vec![0.0; rank],
            squares: 0.0,
            ratings: 0.0,
        };
        Self::merge(&mut equations, message);
        equations
    }

    fn merge(into: &mut Equations, Rated { factors, rating }: Rated) {
        let mut products = into.products.iter_mut();
        for (row, factor) in factors.iter().enumerate() {
            let others = products.by_ref().take(row + 1);
            others.zip(&*factors).for_each(|(product, other)| *product += factor * other);
        }
        into.right.iter_mut().zip(&*factors).for_each(|(sum, factor)| *sum += rating * factor);
        into.squares += rating * rating;
        into.ratings += 1.0;
    }
}

impl Equations {
    /// The factors that come closest (Cholesky's decomposition), and the sum of their squared
    /// errors.
    fn solve(self, lambda: f64) -> (Vec<f64>, f64) {
        let at = |row: usize, column: usize| row * (row + 1) / 2 + column;
        let rank = self.right.len();
        let mut lower = self.products.clone();
        let mut factors = self.right.clone();
        for row in 0..rank {
            lower[at(row, row)] += lambda * self.ratings;
            for column in 0..=row {
                let known: f64 =
                    (0..column).map(|k| lower[at(row, k)] * lower[at(column, k)]).sum();
                let rest = lower[at(row, column)] - known;
                lower[at(row, column)] =
                    if row == column { rest.sqrt() } else { rest / lower[at(column, column)] };
            }
            let known: f64 = (0..row).map(|k| lower[at(row, k)] * factors[k]).sum();
            factors[row] = (factors[row] - known) / lower[at(row, row)];
        }
        for row in (0..rank).rev() {
            let known: f64 = (row + 1..rank).map(|k| lower[at(k, row)] * factors[k]).sum();
            factors[row] = (factors[row] - known) / lower[at(row, row)];
        }
        // Σ (r - x·y)² = Σ r² - 2 x·Σ r y + Σ (x·y)²
        let mut error = self.squares;
        for (row, factor) in factors.iter().enumerate() {
            error -= 2.0 * factor * self.right[row];
            let before = factors[..row].iter().enumerate();
            let mixed: f64 = before.map(|(k, other)| self.products[at(row, k)] * other).sum();
            error += factor * (self.products[at(row, row)] * factor + 2.0 * mixed);
        }
        // Rounding may take it below 0; what is no number stays so.
        (factors, if error < 0.0 { 0.0 } else { error })
    }
}

/// How close the factors come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The sum of the squares of the errors, over all ratings.
    pub squared_error: f64,
    /// λ times the squares of the factors, each vertex's as often as it has ratings.
    pub penalty: f64,
    /// The number of ratings.
    pub ratings: f64,
}

impl Fit {
    /// The root of the mean squared error; 0 without ratings.
    #[must_use]
    pub fn rmse(&self) -> f64 {
        if self.ratings > 0.0 { (self.squared_error / self.ratings).sqrt() } else { 0.0 }
    }

    /// What is minimised.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.squared_error + self.penalty
    }
}

impl Aggregate for Fit {
    fn merge(&mut self, other: Self) {
        self.squared_error += other.squared_error;
        self.penalty += other.penalty;
        self.ratings += other.ratings;
    }
}

/// The vertex program. Every phase has two supersteps: one side sends, the other solves.
#[derive(Debug, Clone, Copy)]
struct Als<E> {
    rank: usize,
    lambda: f64,
    iterations: usize,
    seed: u64,
    edge: PhantomData<fn() -> E>,
}

impl<E: Data + Copy + Into<f64>> VertexProgram for Als<E> {
    type State = Arc<[f64]>;
    type Edge = E;
    type Message = Rated;
    type Combiner = AddUp;
    type Aggregate = Fit;

    /// Factors from 0 to 1 / √rank, so that products are of the order of 1 at most.
    fn init(&self, seed: &Seed) -> Arc<[f64]> {
        let scale = 1.0 / (self.rank as f64).sqrt();
        let draw = |factor| {
            let hash = stable_hash(&(self.seed, seed.index, factor));
            (hash >> 11) as f64 / (1_u64 << 53) as f64 * scale
        };
        (0..self.rank as u32).map(draw).collect()
    }

    fn compute(&self, vertex: &mut Vertex<'_, Self>, inbox: Option<Equations>) {
        if vertex.superstep().is_multiple_of(2) {
            // Without ratings there is nothing to tell or to be told.
            let factors = Arc::clone(vertex.state());
            vertex.send_to_neighbors(Rated { factors, rating: 0.0 });
            return;
        }
        vertex.vote_to_halt();
        if let Some(equations) = inbox {
            let ratings = equations.ratings;
            let (factors, squared_error) = equations.solve(self.lambda);
            *vertex.state_mut() = factors.into();
            let fit = vertex.aggregate();
            fit.squared_error += squared_error;
            fit.ratings += ratings;
        }
        let ratings = f64::from(vertex.out_degree()) + f64::from(vertex.in_degree());
        let squares: f64 = vertex.state().iter().map(|factor| factor * factor).sum();
        vertex.aggregate().penalty += self.lambda * ratings * squares;
    }

    fn along(&self, message: &Rated, rating: &E) -> Rated {
        Rated { factors: Arc::clone(&message.factors), rating: (*rating).into() }
    }

    fn direction_in(&self, phase: usize) -> Direction {
        if phase.is_multiple_of(2) { Direction::In } else { Direction::Out }
    }

    fn next_phase(&self, _step: &Superstep<'_, Fit>, phase: usize) -> bool {
        phase + 1 < 2 * self.iterations
    }
}

/// Starts alternating least squares on a graph whose edges lead from users to items and whose edge
/// values are ratings: `f64`, `f32`, or integers of up to 32 bits.
///
/// ```
/// use superstep::algorithms::als;
/// use superstep::prelude::*;
///
/// let ctx = Context::local(2)?;
/// // What user u gives item i is u · (i - 9).
/// let ratings = [(1, 10), (1, 11), (1, 12), (2, 10), (2, 11), (3, 11), (3, 12)];
/// let ratings = ratings.map(|(u, i)| Edge::new(u, i, u as f64 * (i as f64 - 9.0)));
/// let graph = Graph::from_edges(&ctx.parallelize(ratings, 2))?;
/// let outcome = als(&graph).rank(1).lambda(1e-6).run()?;
/// assert!(outcome.aggregate().rmse() < 0.01);
/// // User 2 and item 12, which were not rated.
/// let factors = outcome.states();
/// let (user, item) = (factors.lookup(&2)?, factors.lookup(&12)?);
/// assert!((user[0][0] * item[0][0] - 6.0).abs() < 0.1);
/// # Ok::<(), superstep::Error>(())
/// ```
pub fn als<V, E>(ratings: &Graph<V, E>) -> AlsRun<'_, V, E>
where
    V: Data,
    E: Data + Copy + Into<f64>,
{
    AlsRun {
        graph: ratings,
        rank: DEFAULT_RANK,
        lambda: DEFAULT_LAMBDA,
        iterations: DEFAULT_ITERATIONS,
        seed: 1,
    }
}

/// Alternating least squares on a graph, with its settings.
#[derive(Debug, Clone, Copy)]
#[must_use = "nothing is computed until `run`"]
pub struct AlsRun<'a, V: 'static, E: 'static> {
    graph: &'a Graph<V, E>,
    rank: usize,
    lambda: f64,
    iterations: usize,
    seed: u64,
}

impl<V: Data, E: Data + Copy + Into<f64>> AlsRun<'_, V, E> {
    /// Sets the number of factors of each vertex, from 1 to 1000; by default 10. A vertex that solves
    /// holds its square, halved, in memory.
    pub fn rank(mut self, rank: usize) -> Self {
        self.rank = rank;
        self
    }

    /// Sets how much large factors cost, above 0; by default 0.1.
    pub fn lambda(mut self, lambda: f64) -> Self {
        self.lambda = lambda;
        self
    }

    /// Sets how often users and items solve, at least 1; by default 10.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Sets what the factors of items are at first, by default 1.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Factorises: an outcome whose states are `(id, factors)` in id order, and whose aggregate is
    /// the fit that the last iteration reached. The factors of vertices without ratings mean nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) for a parameter out of its range;
    /// [`ErrorKind::UnsuitableGraph`](crate::ErrorKind::UnsuitableGraph) for a vertex that both
    /// gives and receives ratings, and for a rating that is not a finite number; otherwise when the
    /// run fails.
    pub fn run(&self) -> Result<Outcome<Vec<f64>, Fit>> {
        at_least_one("rank", self.rank)?;
        if self.rank > MAX_RANK {
            let rank = self.rank;
            return Err(Error::argument(format!("rank {rank}: expected at most {MAX_RANK}")));
        }
        at_least_one("iterations", self.iterations)?;
        positive("lambda", self.lambda)?;
        self.check_ratings()?;
        let program = Als {
            rank: self.rank,
            lambda: self.lambda,
            iterations: self.iterations,
            seed: self.seed,
            edge: PhantomData,
        };
        let outcome = Pregel::new(program).run(self.graph)?;
        if !outcome.aggregate().loss().is_finite() {
            let lambda = self.lambda;
            return Err(Error::argument(format!(
                "lambda {lambda}: the factors are beyond what floats hold; a larger lambda keeps them small"
            )));
        }
        Ok(outcome.map_states(|factors| factors.to_vec()))
    }

    fn check_ratings(&self) -> Result<()> {
        let degrees = self.graph.in_degrees().zip(&self.graph.out_degrees())?;
        let both = degrees.filter(|((_, incoming), (_, outgoing))| *incoming > 0 && *outgoing > 0);
        if let Some(((id, _), _)) = both.take(1)?.first() {
            return Err(Error::unsuitable_graph(
                "vertex {} has edges in and out: expected edges that lead from users to items",
                [*id],
            ));
        }
        check_weights(self.graph, "rating", "a finite number", f64::is_finite)
    }
}

/// The most factors whose columns are told before there are any.
const MOST_TOLD: usize = 1 << 12;

/// The entry of the registry.
pub(super) struct Entry;

impl Algorithm for Entry {
    fn name(&self) -> &'static str {
        "als"
    }

    fn summary(&self) -> &'static str {
        "Factors of users and items whose products come close to the ratings on the edges"
    }

    fn parameters(&self) -> &'static [Parameter] {
        &[
            Parameter {
                name: "rank",
                value: "COUNT",
                help: "Factors of each vertex",
                default: "10",
                choices: &[],
            },
            Parameter {
                name: "lambda",
                value: "NUMBER",
                help: "How much large factors cost, above 0",
                default: "0.1",
                choices: &[],
            },
            Parameter {
                name: "iterations",
                value: "COUNT",
                help: "How often users and items solve",
                default: "10",
                choices: &[],
            },
            Parameter {
                name: "seed",
                value: "SEED",
                help: "What the factors of items are at first",
                default: "1",
                choices: &[],
            },
        ]
    }

    fn weights(&self) -> Weights {
        Weights::Needed
    }

    fn memory(&self, arguments: &Arguments) -> Memory {
        let rank: Option<usize> = arguments.get("rank").ok().flatten();
        let rank = rank.unwrap_or(DEFAULT_RANK).min(MAX_RANK) as u64;
        // The equations of those who solve.
        Memory { vertex: 1024 + 10 * rank * rank, edge: 160 }
    }

    fn shape(&self, arguments: &Arguments) -> Option<Shape> {
        let rank = arguments.get("rank").ok()?.unwrap_or(DEFAULT_RANK);
        let factors = |rank| (1..=rank).map(|factor| format!("factor {factor}"));
        (rank <= MOST_TOLD).then(|| Shape::new(&["id"], factors(rank)))
    }

    fn check(&self, arguments: &Arguments) -> Result<()> {
        given(arguments, "rank", at_least_one)?;
        given(arguments, "iterations", at_least_one)?;
        given(arguments, "lambda", positive)
    }

    fn run(&self, graph: &Graph, arguments: &Arguments) -> Result<Table> {
        self.run_weighted(&graph.map_edges(|()| 1.0)?, arguments)
    }

    fn run_weighted(&self, graph: &Graph<(), f64>, arguments: &Arguments) -> Result<Table> {
        let mut run = als(graph);
        run.rank = arguments.get("rank")?.unwrap_or(run.rank);
        run.lambda = arguments.get("lambda")?.unwrap_or(run.lambda);
        run.iterations = arguments.get("iterations")?.unwrap_or(run.iterations);
        run.seed = arguments.get("seed")?.unwrap_or(run.seed);
        let outcome = run.run()?;
        let names = (1..=run.rank).map(|factor| format!("factor {factor}"));
        let table = Table::of_vectors(names, &outcome.states()).with_run(&outcome);
        Ok(table.figure("rmse", outcome.aggregate().rmse()))
    }
}
