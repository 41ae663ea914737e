//! Graphs as KONECT, the Koblenz network collection, publishes them (`out.*`).
//!
//! `% sym unweighted` says that edges go both ways, `asym` that they go one way, `bip` that they
//! join two kinds of vertices; `% edges left right` may follow. Then an `one other [weight [time]]`
//! line for each edge, from 1; the number of edges is compared with the lines. Where edges have
//! multiplicities (`positive`), their sum may be what it says. Of a bipartite graph, vertex `i` of
//! the second kind gets the id `left + i`, for which the second line is needed.

use std::ops::ControlFlow;
use std::path::Path;

use crate::data::Data;
use crate::error::Result;
use crate::graph::Edge;
use crate::input::Split;
use crate::rdd::{Context, Rdd};

use super::fields::{AN_ID, Fault, Fields, error_at_end, read_lines};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::single_file::{file_splits, only_file, vertex_range};
use super::write::{Put, Size, WriteOptions, push_number, push_weight, put_edges};

/// KONECT's files.
pub(super) struct KonectFormat;

impl Format for KonectFormat {
    fn name(&self) -> &'static str {
        "konect"
    }

    fn summary(&self) -> &'static str {
        "A list of edges below `% sym`, `% asym` or `% bip`, as the KONECT collection has it"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["konect"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Network::kind(&mut Fields::new(line)).is_ok()
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let network = Network::describe(&Split::whole(&file)?)?;
        let splits = file_splits(&file)?;
        if splits.len() > 1 && network.edges.is_some() {
            let counts =
                context.parsed_splits("relations", splits.clone(), move |split, counts| {
                    let mut count = Count::default();
                    network.read(split, |_, _, weight| {
                        count.add(weight);
                        ControlFlow::Continue(())
                    })?;
                    let _last = counts.push((count.lines, count.sum));
                    Ok(())
                });
            let (lines, sum) = counts.fold((0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1))?;
            network.check(&file, Count { lines, sum })?;
        }
        let alone = splits.len() == 1;
        let mut input =
            if options.weighted && network.weighted {
                GraphInput::new(network.edges(context, splits, alone, Edge::new))
            } else {
                GraphInput::new(network.edges(context, splits, alone, |source, target, _| {
                    Edge::from((source, target))
                }))
            };
        input.vertices = network.sizes.map(|(left, right)| {
            let vertices = if network.bipartite { left + right } else { left.max(right) };
            vertex_range(context, 1, vertices)
        });
        input.directed = Some(network.directed);
        Ok(input)
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let Size { vertices, edges, .. } = Size::of(graph, self, self.first_id())?;
        let direction = if graph.is_undirected() { "sym" } else { "asym" };
        let weights = if graph.is_weighted() { "weighted" } else { "unweighted" };
        let head = format!("% {direction} {weights}\n% {edges} {vertices} {vertices}\n");
        put(head.into_bytes())?;
        let line = |text: &mut Vec<u8>, source: u64, target: u64, weight: Option<f64>| {
            push_number(text, source);
            text.push(b' ');
            push_number(text, target);
            if let Some(weight) = weight {
                text.push(b' ');
                push_weight(text, weight);
            }
            text.push(b'\n');
        };
        put_edges(graph, false, line, put)
    }
}

/// What the first lines say.
#[derive(Debug, Clone, Copy)]
struct Network {
    directed: bool,
    bipartite: bool,
    weighted: bool,
    line: LineOf,
    edges: Option<u64>,
    /// Vertices of the first and of the second kind.
    sizes: Option<(u64, u64)>,
}

impl Network {
    fn describe(file: &Split) -> Result<Self> {
        let mut network = None;
        read_lines(file, |line| {
            let mut fields = Fields::new(line.bytes);
            let Some(network) = &mut network else {
                network = Some(Self::kind(&mut fields)?);
                return Ok(ControlFlow::Continue(()));
            };
            if fields.word() == b"%" {
                network.take_sizes(fields)?;
            }
            Ok(ControlFlow::Break(()))
        })?;
        let Some(network) = network else {
            return Err(error_at_end(&file.path, "end of file".to_owned(), KIND.to_owned()));
        };
        if network.bipartite && network.sizes.is_none() {
            let found = "no numbers of vertices of either kind".to_owned();
            let expected = "a second line, `% edges left right`, in a bipartite graph".to_owned();
            return Err(error_at_end(&file.path, found, expected));
        }
        Ok(network)
    }

    fn kind(fields: &mut Fields<'_>) -> Result<Self, Fault> {
        let begin = fields.fault(KIND);
        if fields.word() != b"%" {
            return Err(begin);
        }
        let fault = fields.fault("sym, asym or bip");
        let (directed, bipartite) = match fields.word() {
            b"sym" => (false, false),
            b"asym" => (true, false),
            b"bip" => (false, true),
            _ => return Err(fault),
        };
        let fault = fields.fault("unweighted, positive, posweighted, signed, weighted, …");
        let word = fields.word();
        let weighted = match word {
            b"unweighted" => false,
            b"positive" | b"posweighted" | b"signed" | b"multisigned" | b"weighted"
            | b"multiweighted" | b"multiposweighted" | b"dynamic" => true,
            _ => return Err(fault),
        };
        let line = match word {
            b"positive" => LineOf::Multiplicity,
            b"dynamic" => LineOf::Change,
            _ => LineOf::Edge,
        };
        Ok(Self { directed, bipartite, weighted, line, edges: None, sizes: None })
    }

    /// Takes the second line if it has the numbers of edges and vertices.
    fn take_sizes(&mut self, mut fields: Fields<'_>) -> Result<(), Fault> {
        if !fields.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(());
        }
        self.edges = Some(fields.number("the number of edges")?);
        if fields.is_done() {
            return Ok(());
        }
        let left = fields.vertex_count("the number of vertices of the first kind")?;
        let right = if fields.is_done() {
            left
        } else {
            fields.vertex_count("the number of vertices of the second kind")?
        };
        self.sizes = Some((left, right));
        Ok(())
    }

    /// Hands over the edges that a split owns, with their weights.
    fn read(
        &self,
        split: &Split,
        mut each: impl FnMut(u64, u64, f64) -> ControlFlow<()>,
    ) -> Result<()> {
        read_lines(split, |line| {
            let mut fields = Fields::new(line.bytes);
            if matches!(fields.peek(), None | Some(b'%' | b'#')) {
                return Ok(ControlFlow::Continue(()));
            }
            let (source, target) = match self.sizes {
                Some((left, right)) if self.bipartite => {
                    (fields.id_up_to(left)?, left + fields.id_up_to(right)?)
                }
                Some((left, right)) => {
                    let most = left.max(right);
                    (fields.id_up_to(most)?, fields.id_up_to(most)?)
                }
                None => (fields.number(AN_ID)?, fields.number(AN_ID)?),
            };
            let weight = if self.weighted && !fields.is_done() { fields.weight()? } else { 1.0 };
            Ok(each(source, target, weight))
        })
    }

    fn check(&self, file: &Path, found: Count) -> Result<()> {
        let Some(edges) = self.edges else { return Ok(()) };
        let agrees = match self.line {
            LineOf::Edge => found.lines == edges,
            LineOf::Multiplicity => found.lines == edges || found.sum == edges as f64,
            LineOf::Change => true,
        };
        if agrees {
            return Ok(());
        }
        let expected = format!("{edges} of them, as the second line says");
        Err(error_at_end(file, format!("{} edges", found.lines), expected))
    }

    fn edges<E: Data>(
        self,
        context: &Context,
        splits: Vec<Split>,
        alone: bool,
        make: impl Fn(u64, u64, f64) -> Edge<E> + Copy + Send + Sync + 'static,
    ) -> Rdd<Edge<E>> {
        context.parsed_splits("konect", splits, move |split, rows| {
            let mut count = Count::default();
            let mut ended = false;
            self.read(split, |source, target, weight| {
                count.add(weight);
                let flow = rows.push(make(source, target, weight));
                ended = flow.is_break();
                flow
            })?;
            if alone && !ended { self.check(&split.path, count) } else { Ok(()) }
        })
    }
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineOf {
    Edge,
    /// An edge, or as many as its weight says.
    Multiplicity,
    /// An edge that comes or goes.
    Change,
}

/// The lines with edges, and the sum of their weights.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    lines: u64,
    sum: f64,
}

impl Count {
    fn add(&mut self, weight: f64) {
        self.lines += 1;
        self.sum += weight;
    }
}

const KIND: &str = "a first line such as `% sym unweighted`";
