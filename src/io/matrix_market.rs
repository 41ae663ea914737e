//! Adjacency matrices as the Matrix Market and the SuiteSparse collection publish them.
//!
//! A banner, `%%MatrixMarket matrix coordinate real symmetric`, comments, a line of rows, columns
//! and entries, and a `row column [value]` line for each entry. Vertices are the rows, counted from
//! 1, isolated ones included. A symmetric matrix has each edge once and makes an undirected graph;
//! a skew-symmetric one stands for its mirror image with the sign turned, too. Of a dense
//! (`array`) matrix, column after column, the entries other than zero are edges.

use std::ops::ControlFlow;
use std::path::Path;

use crate::data::Data;
use crate::error::Result;
use crate::graph::Edge;
use crate::input::Split;
use crate::rdd::{Context, Rdd};

use super::fields::{Fault, Fields, error_at_end, read_lines};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::single_file::{file_splits, only_file, vertex_range};
use super::write::{Put, Size, WriteOptions, push_number, push_weight, put_edges};

/// Matrix Market files.
pub(super) struct MatrixMarketFormat;

impl Format for MatrixMarketFormat {
    fn name(&self) -> &'static str {
        "matrix-market"
    }

    fn summary(&self) -> &'static str {
        "An adjacency matrix of the Matrix Market: pattern, real or integer; general or symmetric"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["mtx"]
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        beginning.starts_with(b"%%MatrixMarket ")
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let matrix = Matrix::describe(&Split::whole(&file)?)?;
        let mut splits = file_splits(&file)?;
        if matrix.dense {
            // The place of an entry follows from how many precede it.
            splits = vec![Split::whole(&file)?];
        }
        if splits.len() > 1 {
            // What one split cannot see.
            let counts = context.parsed_splits("entries", splits.clone(), move |split, counts| {
                let mut count = 0_u64;
                matrix.read_lines(split, |_| {
                    count += 1;
                    Ok(ControlFlow::Continue(()))
                })?;
                let _last = counts.push(count);
                Ok(())
            });
            matrix.check(&file, counts.fold(0, |a, b| a + b)?)?;
        }
        let alone = splits.len() == 1;
        let mut input =
            if options.weighted && !matrix.pattern {
                GraphInput::new(matrix.edges(context, splits, alone, Edge::new))
            } else {
                GraphInput::new(matrix.edges(context, splits, alone, |source, target, _| {
                    Edge::from((source, target))
                }))
            };
        input.vertices = Some(vertex_range(context, 1, matrix.size));
        input.directed = Some(matrix.symmetry != Symmetry::Symmetric);
        Ok(input)
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let size = Size::of(graph, self, self.first_id())?;
        let kind = if graph.is_weighted() { "real" } else { "pattern" };
        let both = graph.is_undirected();
        let symmetry = if both { "symmetric" } else { "general" };
        let Size { vertices, edges, .. } = size;
        let head = format!(
            "%%MatrixMarket matrix coordinate {kind} {symmetry}\n{vertices} {vertices} {edges}\n"
        );
        put(head.into_bytes())?;
        let line = move |text: &mut Vec<u8>, source: u64, target: u64, weight: Option<f64>| {
            // Of a symmetric matrix the lower triangle is written.
            let (row, column) =
                if both && source < target { (target, source) } else { (source, target) };
            push_number(text, row);
            text.push(b' ');
            push_number(text, column);
            if let Some(weight) = weight {
                text.push(b' ');
                push_weight(text, weight);
            }
            text.push(b'\n');
        };
        put_edges(graph, false, line, put)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Symmetry {
    General,
    Symmetric,
    Skew,
}

/// What the first lines of a file say.
#[derive(Debug, Clone, Copy)]
struct Matrix {
    dense: bool,
    pattern: bool,
    symmetry: Symmetry,
    /// Rows, which are as many as columns.
    size: u64,
    /// Lines with an entry.
    entries: u64,
    /// Where the lines with entries start.
    start: u64,
}

impl Matrix {
    /// Reads the lines before the entries.
    fn describe(file: &Split) -> Result<Self> {
        let mut matrix: Option<Self> = None;
        let mut sized = false;
        read_lines(file, |line| {
            let Some(matrix) = &mut matrix else {
                matrix = Some(Self::banner(line.bytes)?);
                return Ok(ControlFlow::Continue(()));
            };
            let fields = Fields::new(line.bytes);
            if matches!(fields.peek(), None | Some(b'%')) {
                return Ok(ControlFlow::Continue(()));
            }
            matrix.take_size(fields)?;
            matrix.start = line.next;
            sized = true;
            Ok(ControlFlow::Break(()))
        })?;
        match matrix {
            Some(matrix) if sized => Ok(matrix),
            found => {
                let expected = if found.is_some() { SIZE } else { BANNER };
                Err(error_at_end(&file.path, "end of file".to_owned(), expected.to_owned()))
            }
        }
    }

    fn banner(line: &[u8]) -> Result<Self, Fault> {
        let lower = line.to_ascii_lowercase();
        let mut words = Fields::new(&lower);
        let mut choose = |choices: &[&str], expected: &'static str| {
            let fault = words.fault(expected);
            let word = words.word();
            choices.iter().position(|choice| choice.as_bytes() == word).ok_or(fault)
        };
        choose(&["%%matrixmarket"], BANNER)?;
        choose(&["matrix"], "matrix")?;
        let dense = choose(&["coordinate", "array"], "coordinate or array")? == 1;
        let kinds: &[&str] = if dense { &["real", "integer"] } else { KINDS };
        let kind = choose(kinds, "pattern, real or integer (an array has no pattern)")?;
        let symmetry = choose(
            &["general", "symmetric", "skew-symmetric"],
            "general, symmetric or skew-symmetric",
        )?;
        words.end()?;
        let pattern = !dense && kind == 2;
        let symmetry = match symmetry {
            0 => Symmetry::General,
            1 => Symmetry::Symmetric,
            _ => Symmetry::Skew,
        };
        Ok(Self { dense, pattern, symmetry, size: 0, entries: 0, start: 0 })
    }

    fn take_size(&mut self, mut fields: Fields<'_>) -> Result<(), Fault> {
        let begin = fields.fault("a square matrix, whose rows and columns are the vertices");
        self.size = fields.vertex_count(SIZE)?;
        let columns = fields.number(SIZE)?;
        if columns != self.size {
            return Err(begin.found(format!("{} rows and {columns} columns", self.size)));
        }
        self.entries = if self.dense {
            let all = match self.symmetry {
                Symmetry::General => self.size.checked_mul(self.size),
                Symmetry::Symmetric => self.size.checked_mul(self.size + 1).map(|twice| twice / 2),
                Symmetry::Skew => {
                    self.size.checked_mul(self.size.saturating_sub(1)).map(|twice| twice / 2)
                }
            };
            all.ok_or_else(|| fields.fault("a matrix that can be"))?
        } else {
            fields.number("the number of entries")?
        };
        fields.end()
    }

    /// Hands over the lines with entries that a split owns.
    fn read_lines(
        &self,
        split: &Split,
        mut each: impl FnMut(Fields<'_>) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<()> {
        read_lines(split, |line| {
            let fields = Fields::new(line.bytes);
            if line.offset < self.start || matches!(fields.peek(), None | Some(b'%')) {
                return Ok(ControlFlow::Continue(()));
            }
            each(fields)
        })
    }

    fn check(&self, file: &Path, found: u64) -> Result<()> {
        if found == self.entries {
            return Ok(());
        }
        let expected = format!("{} entries, as the line of sizes says", self.entries);
        Err(error_at_end(file, format!("{found} entries"), expected))
    }

    /// Returns the edges, made of source, target and weight; the weight of a pattern is 1.
    fn edges<E: Data>(
        self,
        context: &Context,
        splits: Vec<Split>,
        alone: bool,
        make: impl Fn(u64, u64, f64) -> Edge<E> + Copy + Send + Sync + 'static,
    ) -> Rdd<Edge<E>> {
        context.parsed_splits("matrix_market", splits, move |split, rows| {
            let mut count = 0;
            let mut place = Place { row: 0, column: 0 };
            let mut ended = false;
            self.read_lines(split, |fields| {
                count += 1;
                let entry = if self.dense {
                    self.dense_entry(fields, &mut place, count)?
                } else {
                    self.entry(fields)?
                };
                let Some((row, column, value)) = entry else {
                    return Ok(ControlFlow::Continue(()));
                };
                let mut flow = rows.push(make(row, column, value));
                if self.symmetry == Symmetry::Skew && flow.is_continue() {
                    flow = rows.push(make(column, row, -value));
                }
                ended = flow.is_break();
                Ok(flow)
            })?;
            if alone && !ended { self.check(&split.path, count) } else { Ok(()) }
        })
    }

    fn entry(&self, mut fields: Fields<'_>) -> Result<Option<(u64, u64, f64)>, Fault> {
        let row = fields.id_up_to(self.size)?;
        let column = fields.id_up_to(self.size)?;
        if self.symmetry == Symmetry::Skew && row == column {
            return Err(fields
                .fault("no diagonal in a skew-symmetric matrix")
                .found("an entry of it"));
        }
        let value = if self.pattern { 1.0 } else { fields.weight()? };
        fields.end()?;
        Ok(Some((row, column, value)))
    }

    fn dense_entry(
        &self,
        mut fields: Fields<'_>,
        place: &mut Place,
        count: u64,
    ) -> Result<Option<(u64, u64, f64)>, Fault> {
        if count > self.entries {
            return Err(fields.fault(format!("end of file after {} entries", self.entries)));
        }
        let value = fields.weight()?;
        fields.end()?;
        if count > 1 {
            place.row += 1;
        } else if self.symmetry == Symmetry::Skew {
            place.row = 1;
        }
        if place.row == self.size {
            place.column += 1;
            place.row = match self.symmetry {
                Symmetry::General => 0,
                Symmetry::Symmetric => place.column,
                Symmetry::Skew => place.column + 1,
            };
        }
        Ok((value != 0.0).then_some((place.row + 1, place.column + 1, value)))
    }
}

/// A place in a dense matrix, from 0.
struct Place {
    row: u64,
    column: u64,
}

const KINDS: &[&str] = &["real", "integer", "pattern"];
const BANNER: &str = "%%MatrixMarket matrix coordinate …";
const SIZE: &str = "a line of rows, columns and entries";
