//! Graphs as the DIMACS challenges have them: shortest paths (`.gr`) and colouring (`.col`).
//!
//! `p sp n m` and `a source target weight` lines, or `p edge n m` and `e one other` lines; `c` begins
//! comments. Arcs go one way, edges both. With a problem line, the vertices are 1 to n and the
//! number of lines is checked; without one, they are those that lines name.

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

/// DIMACS files.
pub(super) struct DimacsFormat;

impl Format for DimacsFormat {
    fn name(&self) -> &'static str {
        "dimacs"
    }

    fn summary(&self) -> &'static str {
        "Arcs as `a source target weight` (.gr) or edges as `e one other` (.col) of DIMACS challenges"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gr", "col", "dimacs"]
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let problem = Problem::read(&Split::whole(&file)?)?;
        let splits = file_splits(&file)?;
        if splits.len() > 1 && problem.size.is_some() {
            let counts = context.parsed_splits("arcs", splits.clone(), move |split, counts| {
                let mut count = 0_u64;
                problem.read_lines(split, |_| {
                    count += 1;
                    Ok(ControlFlow::Continue(()))
                })?;
                let _last = counts.push(count);
                Ok(())
            });
            problem.check(&file, counts.fold(0, |a, b| a + b)?)?;
        }
        let alone = splits.len() == 1;
        let mut input =
            if options.weighted && problem.arcs {
                GraphInput::new(problem.edges(context, splits, alone, Edge::new))
            } else {
                GraphInput::new(problem.edges(context, splits, alone, |source, target, _| {
                    Edge::from((source, target))
                }))
            };
        input.vertices = problem.size.map(|(vertices, _)| vertex_range(context, 1, vertices));
        input.directed = Some(problem.arcs);
        Ok(input)
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let Size { vertices, edges, loops } = Size::of(graph, self, self.first_id())?;
        let both = graph.is_undirected();
        let arcs = if both { 2 * edges - loops } else { edges };
        put(format!("p sp {vertices} {arcs}\n").into_bytes())?;
        let line = |text: &mut Vec<u8>, source: u64, target: u64, weight: Option<f64>| {
            text.extend_from_slice(b"a ");
            push_number(text, source);
            text.push(b' ');
            push_number(text, target);
            text.push(b' ');
            push_weight(text, weight.unwrap_or(1.0));
            text.push(b'\n');
        };
        put_edges(graph, true, line, put)
    }
}

/// What the lines before the first arc say.
#[derive(Debug, Clone, Copy)]
struct Problem {
    /// Arcs with weights; else edges without.
    arcs: bool,
    /// Vertices and lines, if there is a problem line.
    size: Option<(u64, u64)>,
    /// Where the lines after these start.
    start: u64,
}

impl Problem {
    fn read(file: &Split) -> Result<Self> {
        let mut problem = Self { arcs: true, size: None, start: 0 };
        read_lines(file, |line| {
            let mut fields = Fields::new(line.bytes);
            match fields.peek() {
                None | Some(b'c') => return Ok(ControlFlow::Continue(())),
                Some(b'p') => {}
                first => {
                    problem.arcs = first != Some(b'e');
                    problem.start = line.offset;
                    return Ok(ControlFlow::Break(()));
                }
            }
            fields.word();
            let fault = fields.fault("sp, edge or col");
            problem.arcs = match fields.word() {
                b"sp" => true,
                b"edge" | b"col" => false,
                _ => return Err(fault),
            };
            let vertices = fields.vertex_count("the number of vertices")?;
            problem.size = Some((vertices, fields.number("the number of arcs")?));
            fields.end()?;
            problem.start = line.next;
            Ok(ControlFlow::Break(()))
        })?;
        Ok(problem)
    }

    /// Hands over the lines with arcs that a split owns.
    fn read_lines(
        &self,
        split: &Split,
        mut each: impl FnMut(Fields<'_>) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<()> {
        read_lines(split, |line| {
            let fields = Fields::new(line.bytes);
            if line.offset < self.start || matches!(fields.peek(), None | Some(b'c')) {
                return Ok(ControlFlow::Continue(()));
            }
            each(fields)
        })
    }

    fn check(&self, file: &Path, found: u64) -> Result<()> {
        match self.size {
            Some((_, lines)) if lines != found => {
                let expected = format!("{lines} of them, as the problem line says");
                Err(error_at_end(file, format!("{found} arcs"), expected))
            }
            _ => Ok(()),
        }
    }

    fn edges<E: Data>(
        self,
        context: &Context,
        splits: Vec<Split>,
        alone: bool,
        make: impl Fn(u64, u64, f64) -> Edge<E> + Copy + Send + Sync + 'static,
    ) -> Rdd<Edge<E>> {
        context.parsed_splits("dimacs", splits, move |split, rows| {
            let mut count = 0;
            let mut ended = false;
            self.read_lines(split, |mut fields| {
                count += 1;
                let (source, target, weight) = self.line(&mut fields)?;
                let flow = rows.push(make(source, target, weight));
                ended = flow.is_break();
                Ok(flow)
            })?;
            if alone && !ended { self.check(&split.path, count) } else { Ok(()) }
        })
    }

    fn line(&self, fields: &mut Fields<'_>) -> Result<(u64, u64, f64), Fault> {
        let (kind, expected) = if self.arcs {
            (b"a", "an arc, `a source target weight`")
        } else {
            (b"e", "an edge, `e one other`")
        };
        let fault = fields.fault(expected);
        if fields.word() != kind {
            return Err(fault);
        }
        let mut id = || match self.size {
            Some((vertices, _)) => fields.id_up_to(vertices),
            None => fields.number(AN_ID),
        };
        let (source, target) = (id()?, id()?);
        let weight = if self.arcs { fields.weight()? } else { 1.0 };
        fields.end()?;
        Ok((source, target, weight))
    }
}
