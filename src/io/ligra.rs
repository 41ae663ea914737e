//! Adjacency graphs of the Problem Based Benchmark Suite, Ligra and GBBS, as text.
//!
//! The word `AdjacencyGraph` or `WeightedAdjacencyGraph`, the numbers of vertices and of edges, for
//! each vertex where its edges begin, for each edge its target, from 0, and then the weights of all:
//! a number a line. Edges go one way; a graph whose edges go both ways has each of them twice.
//! Weights are held in memory while the edges are read, and so are the places where edges begin.
//!
//! Source: <https://www.cs.cmu.edu/~pbbs/benchmarks/graphIO.html>.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::Data;
use crate::error::Result;
use crate::graph::Edge;
use crate::input::Split;
use crate::rdd::{Context, Rdd};

use super::fields::{Fields, error_at_end, expected_weight, read_lines, weight_of, whole_number};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::single_file::{file_splits, only_file, vertex_range};

const PLAIN: &[u8] = b"AdjacencyGraph";
const WEIGHTED: &[u8] = b"WeightedAdjacencyGraph";

/// Words before the offsets.
const HEAD_WORDS: u64 = 3;

/// Adjacency graphs.
pub(super) struct LigraFormat;

impl Format for LigraFormat {
    fn name(&self) -> &'static str {
        "ligra"
    }

    fn summary(&self) -> &'static str {
        "AdjacencyGraph or WeightedAdjacencyGraph of PBBS, Ligra and GBBS, as text"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["ligra", "pbbs"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        let first = beginning.split(u8::is_ascii_whitespace).next();
        matches!(first, Some(PLAIN | WEIGHTED))
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let splits = file_splits(&file)?;
        let head = Head::read(&Split::whole(&file)?)?;
        let words = Words::count(context, &splits)?;
        if words.all != head.words() {
            let (found, expected) = (words.all - 1, head.words() - 1);
            let expected =
                format!("{expected} for {} vertices, {} edges", head.vertices, head.edges);
            return Err(error_at_end(&file, format!("{found} numbers"), expected));
        }
        let starts = head.starts(context, &splits, &words)?;
        if let Some(place) = wrong_place(&starts) {
            return Err(words.error(
                &file,
                HEAD_WORDS + place,
                "numbers from 0 on that do not fall",
            ));
        }
        let graph = Adjacency { head, words, starts: Arc::new(starts) };
        let mut input = if options.weighted && head.weighted {
            let weights = Arc::new(graph.weights(context, &splits)?);
            GraphInput::new(graph.edges(context, splits, move |source, target, place| {
                Edge::new(source, target, weights.get(place as usize).copied().unwrap_or(1.0))
            }))
        } else {
            GraphInput::new(
                graph.edges(context, splits, |source, target, _| Edge::from((source, target))),
            )
        };
        input.vertices = Some(vertex_range(context, 0, head.vertices));
        Ok(input)
    }
}

/// What the first three words say.
#[derive(Debug, Clone, Copy)]
struct Head {
    weighted: bool,
    vertices: u64,
    edges: u64,
}

impl Head {
    fn read(file: &Split) -> Result<Self> {
        let mut head = Self { weighted: false, vertices: 0, edges: 0 };
        let mut read = 0;
        read_lines(file, |line| {
            let mut fields = Fields::new(line.bytes);
            while !fields.is_done() && read < HEAD_WORDS {
                match read {
                    0 => {
                        let fault = fields.fault("AdjacencyGraph or WeightedAdjacencyGraph");
                        head.weighted = match fields.word() {
                            PLAIN => false,
                            WEIGHTED => true,
                            _ => return Err(fault),
                        };
                    }
                    1 => head.vertices = fields.vertex_count("a number of vertices")?,
                    _ => {
                        let fault = fields.fault("a number of edges below 2^48");
                        let edges = fields.number("a number of edges")?;
                        head.edges = if edges < 1 << 48 { edges } else { return Err(fault) };
                    }
                }
                read += 1;
            }
            Ok(if read < HEAD_WORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        if read < HEAD_WORDS {
            let expected = "the kind of graph and the numbers of vertices and edges";
            return Err(error_at_end(&file.path, "end of file".to_owned(), expected.to_owned()));
        }
        Ok(head)
    }

    /// How many words there are in all.
    fn words(&self) -> u64 {
        HEAD_WORDS + self.vertices + self.edges * if self.weighted { 2 } else { 1 }
    }

    /// Where the edges of each vertex begin.
    fn starts(&self, context: &Context, splits: &[Split], words: &Words) -> Result<Vec<u64>> {
        let (head, words) = (*self, words.clone());
        let starts = context.parsed_splits("starts", splits.to_vec(), move |split, starts| {
            words.each(split, |place, word| {
                if !(HEAD_WORDS..HEAD_WORDS + head.vertices).contains(&place) {
                    return Ok(ControlFlow::Continue(()));
                }
                match whole_number(word) {
                    Some(start) if start <= head.edges => Ok(starts.push(start)),
                    _ => Err(format!("a number of edges up to {}", head.edges)),
                }
            })
        });
        starts.collect()
    }
}

/// Returns the first place whose number is below the one before, or else no beginning.
fn wrong_place(starts: &[u64]) -> Option<u64> {
    if starts.first().is_some_and(|first| *first > 0) {
        return Some(0);
    }
    let falls = starts.windows(2).position(|pair| pair[0] > pair[1]);
    falls.map(|place| place as u64 + 1)
}

/// How many words precede each split, by its start.
#[derive(Debug, Clone)]
struct Words {
    before: Arc<BTreeMap<u64, u64>>,
    all: u64,
}

impl Words {
    fn count(context: &Context, splits: &[Split]) -> Result<Self> {
        let counts = context.parsed_splits("words", splits.to_vec(), |split, counts| {
            let mut count = 0_u64;
            read_lines(split, |line| {
                let mut fields = Fields::new(line.bytes);
                while !fields.is_done() {
                    fields.word();
                    count += 1;
                }
                Ok(ControlFlow::Continue(()))
            })?;
            let _last = counts.push(count);
            Ok(())
        });
        let mut all = 0;
        let mut before = BTreeMap::new();
        for (split, count) in splits.iter().zip(counts.collect()?) {
            before.insert(split.start, all);
            all += count;
        }
        Ok(Self { before: Arc::new(before), all })
    }

    /// Hands over the words of a split, each with its place in the file; what is wrong with one is
    /// told by what was expected.
    fn each(
        &self,
        split: &Split,
        mut each: impl FnMut(u64, &[u8]) -> Result<ControlFlow<()>, String>,
    ) -> Result<()> {
        let mut place = self.before.get(&split.start).copied().unwrap_or_default();
        read_lines(split, |line| {
            let mut fields = Fields::new(line.bytes);
            while !fields.is_done() {
                let fault = fields.clone();
                let flow = each(place, fields.word());
                if flow.map_err(|expected| fault.fault(expected))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                place += 1;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Makes an error of a word.
    fn error(&self, file: &Path, wrong: u64, expected: &str) -> crate::error::Error {
        let found = Split::whole(file).and_then(|split| {
            let all = Self { before: Arc::default(), all: self.all };
            all.each(&split, |place, _| {
                if place < wrong { Ok(ControlFlow::Continue(())) } else { Err(expected.to_owned()) }
            })
        });
        let missing = || error_at_end(file, "end of file".to_owned(), expected.to_owned());
        found.err().unwrap_or_else(missing)
    }
}

/// A graph whose beginnings are known.
#[derive(Debug, Clone)]
struct Adjacency {
    head: Head,
    words: Words,
    starts: Arc<Vec<u64>>,
}

impl Adjacency {
    /// The weights of all edges.
    fn weights(&self, context: &Context, splits: &[Split]) -> Result<Vec<f64>> {
        let (words, first) =
            (self.words.clone(), HEAD_WORDS + self.head.vertices + self.head.edges);
        let weights = context.parsed_splits("weights", splits.to_vec(), move |split, weights| {
            words.each(split, |place, word| {
                if place < first {
                    return Ok(ControlFlow::Continue(()));
                }
                weight_of(word)
                    .map(|weight| weights.push(weight))
                    .ok_or_else(|| expected_weight(word).to_owned())
            })
        });
        weights.collect()
    }

    /// The edges, made of source, target and place among all edges.
    fn edges<E: Data>(
        self,
        context: &Context,
        splits: Vec<Split>,
        make: impl Fn(u64, u64, u64) -> Edge<E> + Clone + Send + Sync + 'static,
    ) -> Rdd<Edge<E>> {
        context.parsed_splits("ligra", splits, move |split, rows| {
            let Head { vertices, edges, .. } = self.head;
            let first = HEAD_WORDS + vertices;
            let mut source = None;
            self.words.each(split, |place, word| {
                let Some(edge) = place.checked_sub(first).filter(|edge| *edge < edges) else {
                    return Ok(ControlFlow::Continue(()));
                };
                let target = whole_number(word).filter(|target| *target < vertices);
                let target = target
                    .ok_or_else(|| format!("a vertex from 0 to {}", vertices.saturating_sub(1)))?;
                // The last whose edges begin at or before this one.
                let mut of = match source {
                    Some(source) => source,
                    None => self.starts.partition_point(|start| *start <= edge).saturating_sub(1),
                };
                while self.starts.get(of + 1).is_some_and(|start| *start <= edge) {
                    of += 1;
                }
                source = Some(of);
                Ok(rows.push(make(of as u64, target, edge)))
            })
        })
    }
}
