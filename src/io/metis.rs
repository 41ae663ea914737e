//! Graphs as METIS, KaHIP, the 10th DIMACS challenge and GAP's `.graph` have them.
//!
//! A line `n m [fmt [ncon]]`, then a line for each vertex, from 1: its neighbours, which `fmt` may
//! have follow a weight of their edge (`1`), and may have the vertex's size (`100`) and `ncon`
//! weights (`10`) precede. Lines that begin with `%` are comments; an empty line is a vertex without
//! neighbours. Edges go both ways and stand in the lines of both ends, which is checked.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::hash::stable_hash;
use crate::input::Split;
use crate::rdd::{Context, Rdd};

use super::fields::{Fault, Fields, error_at_end, read_lines};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::single_file::{file_splits, only_file, vertex_range};
use super::write::{Put, Size, WriteOptions, push_number, push_weight, put_rows};

/// METIS files.
pub(super) struct MetisFormat;

impl Format for MetisFormat {
    fn name(&self) -> &'static str {
        "metis"
    }

    fn summary(&self) -> &'static str {
        "A line of neighbours for each vertex, as METIS, KaHIP and the 10th DIMACS challenge have it"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["graph", "metis"]
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let header = Header::read(&Split::whole(&file)?)?;
        let splits = file_splits(&file)?;
        let rows = first_rows(context, &splits, header.start)?;
        let lists = Lists { header, rows: Arc::new(rows) };
        let reader = lists.clone();
        let tallies = context.parsed_splits("tallies", splits.clone(), move |split, tallies| {
            let mut tally = Tally::default();
            reader.read(split, |source, target, _| {
                tally.add(source, target);
                ControlFlow::Continue(())
            })?;
            let _last = tallies.push((tally.ends, tally.loops, tally.balance));
            Ok(())
        });
        let tally =
            tallies.fold((0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2.wrapping_add(b.2)))?;
        let both = options.directed == Some(true);
        header.check(&file, lists.count(), tally, both)?;

        let mut input = if options.weighted && header.weighted {
            GraphInput::new(lists.edges(context, splits, both, Edge::new))
        } else {
            GraphInput::new(
                lists
                    .edges(context, splits, both, |source, target, _| Edge::from((source, target))),
            )
        };
        input.vertices = Some(vertex_range(context, 1, header.vertices));
        input.directed = Some(false);
        Ok(input)
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        if !graph.is_undirected() {
            let reason =
                "the format metis holds edges that go both ways; --undirected takes them so";
            return Err(Error::argument(reason));
        }
        let size = Size::of(graph, self, self.first_id())?;
        size.check_rows(self)?;
        let weights = if graph.is_weighted() { " 1" } else { "" };
        put(format!("{} {}{weights}\n", size.vertices, size.edges).into_bytes())?;
        let neighbor = |text: &mut Vec<u8>, neighbor: u64, weight: Option<f64>| {
            if text.last().is_some_and(|last| *last != b'\n') {
                text.push(b' ');
            }
            push_number(text, neighbor);
            if let Some(weight) = weight {
                text.push(b' ');
                push_weight(text, weight);
            }
        };
        put_rows(graph, (self.first_id(), size.vertices), |_, _| {}, neighbor, put)
    }
}

/// What the first line says.
#[derive(Debug, Clone, Copy)]
struct Header {
    vertices: u64,
    edges: u64,
    weighted: bool,
    /// Numbers before the neighbours.
    skipped: u64,
    /// Where the line of the first vertex starts.
    start: u64,
}

impl Header {
    fn read(file: &Split) -> Result<Self> {
        let mut header = None;
        read_lines(file, |line| {
            let fields = Fields::new(line.bytes);
            if matches!(fields.peek(), None | Some(b'%')) {
                return Ok(ControlFlow::Continue(()));
            }
            header = Some(Self::parse(fields, line.next)?);
            Ok(ControlFlow::Break(()))
        })?;
        let missing = || error_at_end(&file.path, "end of file".to_owned(), FIRST.to_owned());
        header.ok_or_else(missing)
    }

    fn parse(mut fields: Fields<'_>, start: u64) -> Result<Self, Fault> {
        let vertices = fields.vertex_count(FIRST)?;
        let edges = fields.number(FIRST)?;
        let mut header = Self { vertices, edges, weighted: false, skipped: 0, start };
        if fields.is_done() {
            return Ok(header);
        }
        let fault =
            fields.fault("up to three digits 0 and 1: vertex sizes, vertex weights, edge weights");
        let format = fields.word();
        if format.len() > 3 || !format.iter().all(|digit| matches!(digit, b'0' | b'1')) {
            return Err(fault);
        }
        let digit = |place: usize| {
            let index = format.len().checked_sub(place);
            index.and_then(|index| format.get(index)) == Some(&b'1')
        };
        header.weighted = digit(1);
        let constraints =
            if fields.is_done() { 1 } else { fields.number("the number of vertex weights")? };
        header.skipped = u64::from(digit(3)) + if digit(2) { constraints } else { 0 };
        fields.end()?;
        Ok(header)
    }

    /// Compares what there is with what the first line announces.
    ///
    /// GAP's graphs have the numbers of arcs in their first lines, which need not be in both
    /// directions; they are read so where edges are said to go one way.
    fn check(
        &self,
        file: &Path,
        lines: u64,
        (ends, loops, balance): (u64, u64, u64),
        one_way: bool,
    ) -> Result<()> {
        let (found, expected) = if lines < self.vertices {
            (format!("{lines} lines of vertices"), format!("{} of them", self.vertices))
        } else if one_way && ends == self.edges {
            return Ok(());
        } else if balance != 0 {
            let found = "an edge that only one of its ends lists";
            (found.to_owned(), "each edge in the lines of both ends".to_owned())
        } else if Some(ends) != self.edges.checked_mul(2)
            && Some(ends + loops) != self.edges.checked_mul(2)
        {
            let expected = format!("twice the {} edges of the first line", self.edges);
            (format!("{ends} neighbours"), expected)
        } else {
            return Ok(());
        };
        Err(error_at_end(file, found, expected))
    }
}

/// What is counted to tell whether each edge stands in the lines of both ends.
#[derive(Default)]
struct Tally {
    ends: u64,
    loops: u64,
    /// A sum over edges that is 0 if each is there in both directions.
    balance: u64,
}

impl Tally {
    fn add(&mut self, source: u64, target: u64) {
        self.ends += 1;
        self.loops += u64::from(source == target);
        self.balance = match source.cmp(&target) {
            std::cmp::Ordering::Less => self.balance.wrapping_add(stable_hash(&(source, target))),
            std::cmp::Ordering::Greater => {
                self.balance.wrapping_sub(stable_hash(&(target, source)))
            }
            std::cmp::Ordering::Equal => self.balance,
        };
    }
}

/// Returns for each split how many lines of vertices precede it, by its start, and the number of
/// all under the end of the file.
pub(super) fn first_rows(
    context: &Context,
    splits: &[Split],
    start: u64,
) -> Result<BTreeMap<u64, u64>> {
    let counts = context.parsed_splits("lines", splits.to_vec(), move |split, counts| {
        let mut count = 0_u64;
        read_lines(split, |line| {
            count += u64::from(is_row(line.bytes, line.offset, start));
            Ok(ControlFlow::Continue(()))
        })?;
        let _last = counts.push(count);
        Ok(())
    });
    let mut rows = BTreeMap::new();
    let mut before = 0;
    for (split, count) in splits.iter().zip(counts.collect()?) {
        rows.insert(split.start, before);
        before += count;
    }
    rows.insert(splits.last().map_or(0, |split| split.end), before);
    Ok(rows)
}

/// True for the line of a vertex, which may be empty.
fn is_row(line: &[u8], offset: u64, start: u64) -> bool {
    offset >= start && line.first() != Some(&b'%')
}

/// The lines of the vertices.
#[derive(Debug, Clone)]
struct Lists {
    header: Header,
    rows: Arc<BTreeMap<u64, u64>>,
}

impl Lists {
    /// The number of lines after the first.
    fn count(&self) -> u64 {
        self.rows.values().next_back().copied().unwrap_or_default()
    }

    /// Hands over what the lines of a split list, in their order.
    fn read(
        &self,
        split: &Split,
        mut each: impl FnMut(u64, u64, f64) -> ControlFlow<()>,
    ) -> Result<()> {
        let header = self.header;
        let mut vertex = self.rows.get(&split.start).copied().unwrap_or_default();
        read_lines(split, |line| {
            if !is_row(line.bytes, line.offset, header.start) {
                return Ok(ControlFlow::Continue(()));
            }
            let mut fields = Fields::new(line.bytes);
            vertex += 1;
            if vertex > header.vertices {
                // Empty lines may follow.
                let expected = "end of file after the lines of all vertices";
                let more = if fields.is_done() { Ok(()) } else { Err(fields.fault(expected)) };
                return more.map(|()| ControlFlow::Continue(()));
            }
            if !fields.is_done() {
                for _ in 0..header.skipped {
                    fields.number("a vertex's size or weight, a whole number")?;
                }
            }
            while !fields.is_done() {
                let neighbor = fields.id_up_to(header.vertices)?;
                let weight = if header.weighted { fields.weight()? } else { 1.0 };
                if each(vertex, neighbor, weight).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Returns the edges, each once or from both ends.
    fn edges<E: Data>(
        self,
        context: &Context,
        splits: Vec<Split>,
        both: bool,
        make: impl Fn(u64, u64, f64) -> Edge<E> + Copy + Send + Sync + 'static,
    ) -> Rdd<Edge<E>> {
        context.parsed_splits("metis", splits, move |split, rows| {
            self.read(split, |vertex, neighbor, weight| {
                if both || vertex <= neighbor {
                    rows.push(make(vertex, neighbor, weight))
                } else {
                    ControlFlow::Continue(())
                }
            })
        })
    }
}

const FIRST: &str = "a line of the numbers of vertices and edges";
