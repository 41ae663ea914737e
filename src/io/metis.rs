//! Graphs as METIS, KaHIP, the 10th DIMACS challenge and GAP's `.graph` have them.
//!
//! A line `n m [fmt [ncon]]`, then a line for each vertex, from 1: its neighbours, which `fmt` may
//! have follow a weight of their edge (`1`), and may have the vertex's size (`100`) and `ncon`
//! weights (`10`) precede. Lines that begin with `%` are comments; an empty line is a vertex without
//! neighbours. Edges go both ways and stand in the lines of both ends, with the same weight, which is
//! checked.
//!
//! Where edges are said to go one way, each neighbour is an edge from the vertex of its line, as
//! GAP's benchmark suite takes such files: an edge may stand in the line of one end only, and the
//! first line may have the number of neighbours. GAP has a format of `100` for lines without any
//! size, which are taken so where the first line then has the number of all that stands in lines.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::hash::stable_hash;
use crate::input::{Split, input_error};
use crate::rdd::{Context, Rdd};

use super::fields::{Fault, Fields, Piece, error_at_end, read_lines, read_pieces};
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
        let whole = Split::whole(&file)?;
        let header = Header::read(&whole)?;
        let splits = file_splits(&file)?;
        let rows = first_rows(context, &splits, header.start)?;
        let mut lists = Lists { header, rows: Arc::new(rows) };
        let both = options.directed == Some(true);
        let weighted = options.weighted && header.weighted;
        let check = Check { context, file: &whole, splits: &splits, weighted };
        if both {
            check.one_way(&mut lists)?;
        } else {
            check.both_ways(&lists)?;
        }

        let mut input = if weighted {
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
        put_rows(graph, (self.first_id(), size.vertices), neighbor, put)
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
    /// Whether these are sizes and no weights, which GAP says for nothing at all.
    only_sizes: bool,
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
        let mut header =
            Self { vertices, edges, weighted: false, skipped: 0, only_sizes: false, start };
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
        header.only_sizes = format == b"100";
        fields.end()?;
        Ok(header)
    }
}

/// Compares what there is with what the first line announces.
struct Check<'a> {
    context: &'a Context,
    file: &'a Split,
    splits: &'a [Split],
    /// Whether weights are to be the same at both ends.
    weighted: bool,
}

impl Check<'_> {
    fn tally(&self, lists: &Lists) -> Result<Tally> {
        let reader = lists.clone();
        let tallies = self.context.parsed_splits("tallies", self.splits.to_vec(), {
            let weighted = self.weighted;
            move |split, tallies| {
                let mut tally = Tally::default();
                tally.sizes = reader.read(split, |neighbor| {
                    tally.add(neighbor, weighted);
                    ControlFlow::Continue(())
                })?;
                let _last = tallies.push(tally.counts());
                Ok(())
            }
        });
        let tally =
            Tally::of(tallies.fold([0; 4], |a, b| {
                std::array::from_fn(|place| a[place].wrapping_add(b[place]))
            })?);
        let (lines, vertices) = (lists.count(), lists.header.vertices);
        if lines < vertices {
            return Err(
                self.at_end(format!("{lines} lines of vertices"), format!("{vertices} of them"))
            );
        }
        Ok(tally)
    }

    /// Of edges that go both ways.
    fn both_ways(&self, lists: &Lists) -> Result<()> {
        let tally = self.tally(lists)?;
        if tally.balance != 0 {
            return Err(self.stray(lists)?);
        }
        let twice = lists.header.edges.checked_mul(2);
        if Some(tally.ends) == twice || Some(tally.ends + tally.loops) == twice {
            return Ok(());
        }
        let expected = format!("twice the {} edges of the first line", lists.header.edges);
        Err(self.at_end(format!("{} neighbours", tally.ends), expected))
    }

    /// Of edges that go one way.
    fn one_way(&self, lists: &mut Lists) -> Result<()> {
        let tally = self.tally(lists)?;
        let edges = lists.header.edges;
        let twice = edges.checked_mul(2);
        if tally.ends == edges
            || Some(tally.ends) == twice
            || Some(tally.ends + tally.loops) == twice
        {
            return Ok(());
        }
        if lists.header.only_sizes && tally.ends + tally.sizes == edges {
            lists.header.skipped = 0;
            return Ok(());
        }
        let expected = format!("the {edges} edges of the first line, or twice as many");
        Err(self.at_end(format!("{} neighbours", tally.ends), expected))
    }

    fn at_end(&self, found: String, expected: String) -> Error {
        error_at_end(&self.file.path, found, expected)
    }

    /// Makes an error of the first neighbour in the file whose line does not have the same of the
    /// vertex.
    fn stray(&self, lists: &Lists) -> Result<Error> {
        let (reader, weighted) = (lists.clone(), self.weighted);
        let all =
            self.context.parsed_splits("neighbors", self.splits.to_vec(), move |split, all| {
                reader.read(split, |neighbor| {
                    let Neighbor { vertex, neighbor, weight, place } = neighbor;
                    if vertex == neighbor {
                        return ControlFlow::Continue(());
                    }
                    let weight = if weighted { bits_of(weight) } else { 0 };
                    let ends = (vertex.min(neighbor), vertex.max(neighbor), weight);
                    // The first place in the lines of the smaller ends, and of the larger.
                    let (sum, places) = if vertex < neighbor {
                        (1, [place, NOWHERE])
                    } else {
                        (-1, [NOWHERE, place])
                    };
                    all.push((ends, (sum, places)))
                })?;
                Ok(())
            });
        let sums = all.reduce_by_key(
            |(sum, [low, high]): (i64, [Place; 2]), (other_sum, [other_low, other_high])| {
                (sum + other_sum, [low.min(other_low), high.min(other_high)])
            },
            self.splits.len().max(1),
        );
        let strays = sums.filter(|(_, (sum, _))| *sum != 0);
        let strays = strays.map(|((least, most, weight), (sum, [low, high]))| {
            // Where there are more of them.
            if sum > 0 { (low, (least, most), weight) } else { (high, (most, least), weight) }
        });
        let first = strays.fold((NOWHERE, (0, 0), 0), |a, b| if a.0 <= b.0 { a } else { b });
        let ((line, column), (vertex, neighbor), weight) = first?;
        let other_weight = weighted && self.lists_other_weight(lists, (neighbor, vertex))?;
        let (found, expected) = if other_weight {
            let weight = f64::from_bits(weight);
            (
                format!("an edge to {neighbor} with the weight {weight}"),
                format!("the weight that the line of vertex {neighbor} has for it"),
            )
        } else {
            (
                "an edge that only one of its ends lists".to_owned(),
                "each edge in the lines of both ends (or --directed)".to_owned(),
            )
        };
        Ok(input_error(self.file, line, column, found, expected))
    }

    /// True when a vertex lists a neighbour.
    fn lists_other_weight(&self, lists: &Lists, (from, to): (u64, u64)) -> Result<bool> {
        for split in self.splits {
            let mut has = false;
            lists.read(split, |neighbor| {
                has = (neighbor.vertex, neighbor.neighbor) == (from, to);
                if has { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if has {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A neighbour in the line of a vertex.
#[derive(Debug, Clone, Copy)]
struct Neighbor {
    vertex: u64,
    neighbor: u64,
    weight: f64,
    place: Place,
}

/// Where a line starts, and the column.
type Place = (u64, u64);

/// A place behind all others.
const NOWHERE: Place = (u64::MAX, u64::MAX);

/// The bits of a weight, of which equal ones have the same.
fn bits_of(weight: f64) -> u64 {
    (weight + 0.0).to_bits()
}

/// What is counted to tell whether each edge stands in the lines of both ends.
#[derive(Default)]
struct Tally {
    ends: u64,
    loops: u64,
    /// A sum over edges that is 0 if each is there in both directions.
    balance: u64,
    /// Numbers before the neighbours.
    sizes: u64,
}

impl Tally {
    fn add(&mut self, Neighbor { vertex, neighbor, weight, .. }: Neighbor, weighted: bool) {
        self.ends += 1;
        self.loops += u64::from(vertex == neighbor);
        let weight = if weighted { bits_of(weight) } else { 0 };
        self.balance = match vertex.cmp(&neighbor) {
            std::cmp::Ordering::Less => {
                self.balance.wrapping_add(stable_hash(&(vertex, neighbor, weight)))
            }
            std::cmp::Ordering::Greater => {
                self.balance.wrapping_sub(stable_hash(&(neighbor, vertex, weight)))
            }
            std::cmp::Ordering::Equal => self.balance,
        };
    }

    fn counts(&self) -> [u64; 4] {
        [self.ends, self.loops, self.balance, self.sizes]
    }

    fn of([ends, loops, balance, sizes]: [u64; 4]) -> Self {
        Self { ends, loops, balance, sizes }
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
        read_pieces(split, |piece| {
            count += u64::from(piece.begins && is_row(piece, start));
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

/// True for the line of a vertex, which may be empty, by its first piece.
fn is_row(piece: Piece<'_>, start: u64) -> bool {
    piece.line >= start && piece.bytes.first() != Some(&b'%')
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

    /// Hands over what the lines of a split list, in their order, and returns how many numbers
    /// precede the neighbours.
    fn read(
        &self,
        split: &Split,
        mut each: impl FnMut(Neighbor) -> ControlFlow<()>,
    ) -> Result<u64> {
        let header = self.header;
        let mut vertex = self.rows.get(&split.start).copied().unwrap_or_default();
        let mut is_skipped = false;
        let mut sizes = 0;
        // A neighbour whose weight is in the next piece of the line.
        let mut waiting = None;
        let mut all_sizes = 0;
        read_pieces(split, |piece| {
            let mut fields = Fields::new(piece.bytes);
            if piece.begins {
                is_skipped = !is_row(piece, header.start);
                vertex += u64::from(!is_skipped);
                // A line without anything is a vertex without neighbours.
                sizes = if piece.ends && fields.is_done() { 0 } else { header.skipped };
            }
            if is_skipped {
                return Ok(ControlFlow::Continue(()));
            }
            if vertex > header.vertices && !fields.is_done() {
                // Empty lines may follow.
                return Err(fields.fault("end of file after the lines of all vertices"));
            }
            while sizes > 0 && (piece.ends || !fields.is_done()) {
                fields.number("a vertex's size or weight, a whole number")?;
                sizes -= 1;
                all_sizes += 1;
            }
            while waiting.is_some() || !fields.is_done() {
                let (neighbor, column) = match waiting.take() {
                    Some(waiting) => waiting,
                    None => {
                        let column = piece.offset - piece.line + fields.position() as u64 + 1;
                        (fields.id_up_to(header.vertices)?, column)
                    }
                };
                if header.weighted && fields.is_done() && !piece.ends {
                    waiting = Some((neighbor, column));
                    break;
                }
                let weight = if header.weighted { fields.weight()? } else { 1.0 };
                let place = (piece.line, column);
                if each(Neighbor { vertex, neighbor, weight, place }).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all_sizes)
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
            self.read(split, |Neighbor { vertex, neighbor, weight, .. }| {
                if both || vertex <= neighbor {
                    rows.push(make(vertex, neighbor, weight))
                } else {
                    ControlFlow::Continue(())
                }
            })?;
            Ok(())
        })
    }
}

const FIRST: &str = "a line of the numbers of vertices and edges";
