//! Serialized graphs of the GAP Benchmark Suite, `.sg` and, with weights, `.wsg`.
//!
//! A byte that tells whether edges go one way, the numbers of edges and of vertices, where the edges
//! of each vertex begin (8 bytes each), then the targets from 0 (4 bytes each, and as many for a
//! whole weight in between), and all that again for the edges that lead to each vertex, if edges go
//! one way. Numbers are little-endian. A file is as long as its head says, which also tells whether
//! it has weights.
//!
//! Source: `writer.h` of <https://github.com/sbeamer/gapbs>.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::graph::Edge;
use crate::input::Split;
use crate::rdd::{Context, Rdd};

use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;
use super::single_file::{only_file, vertex_range};

/// Bytes before the first beginning.
const HEAD_BYTES: u64 = 17;

/// The bytes of a beginning.
const START_BYTES: u64 = 8;

/// Vertices whose edges a task reads.
const SPLIT_VERTICES: u64 = 1 << 18;

/// Serialized graphs.
pub(super) struct GapFormat;

impl Format for GapFormat {
    fn name(&self) -> &'static str {
        "gap"
    }

    fn summary(&self) -> &'static str {
        "A serialized graph of the GAP Benchmark Suite"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["sg", "wsg"]
    }

    fn can_be_compressed(&self) -> bool {
        false
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let whole = Split::whole(&file)?;
        let head = Head::read(&whole)?;
        let starts = (0..head.vertices).step_by(SPLIT_VERTICES as usize);
        let splits = starts.map(|start| Split {
            start,
            end: head.vertices.min(start + SPLIT_VERTICES),
            ..whole.clone()
        });
        let splits = splits.collect();
        let mut input = if options.weighted && head.weighted {
            GraphInput::new(head.edges(context, splits, Edge::new))
        } else {
            GraphInput::new(
                head.edges(context, splits, |source, target, _| Edge::from((source, target))),
            )
        };
        input.vertices = Some(vertex_range(context, 0, head.vertices));
        input.directed = Some(head.directed);
        Ok(input)
    }
}

/// What the first bytes say.
#[derive(Debug, Clone, Copy)]
struct Head {
    directed: bool,
    /// Edges as they are listed: where they go both ways, from both ends.
    listed: u64,
    vertices: u64,
    weighted: bool,
}

/// Makes an error of a byte of a part.
fn wrong(path: &Path, byte: u64, part: &str, found: String, expected: String) -> Error {
    let (path, part) = (path.display().to_string(), part.to_owned());
    ErrorKind::BinaryInput { path, byte, part, found, expected }.into()
}

/// The part of a file before the first list.
const HEAD: &str = "the head";

impl Head {
    fn read(whole: &Split) -> Result<Self> {
        let path = &whole.path;
        let of_gap = || "a serialized graph of GAP".to_owned();
        if whole.compression.is_some() {
            let expected = format!("{} that is not compressed", of_gap());
            return Err(wrong(path, 0, HEAD, "a compressed file".to_owned(), expected));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
        let read = file.take(HEAD_BYTES).read_to_end(&mut bytes);
        read.map_err(|error| Error::io(path, "read", error))?;
        let number = |at: usize| {
            let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
            bytes.map(|bytes| i64::from_le_bytes(*bytes))
        };
        let (Some(&direction), Some(edges), Some(vertices)) = (bytes.first(), number(1), number(9))
        else {
            let found = format!("{} bytes", bytes.len());
            return Err(wrong(path, bytes.len() as u64, HEAD, found, of_gap()));
        };
        if direction > 1 {
            let expected = "0 or 1, for edges that go both ways or one".to_owned();
            return Err(wrong(path, 0, HEAD, format!("the byte {direction}"), expected));
        }
        let most = i64::from(i32::MAX);
        let (Ok(listed), Ok(vertices), true) =
            (u64::try_from(edges), u64::try_from(vertices), vertices <= most && edges < 1 << 48)
        else {
            let found = format!("{edges} edges and {vertices} vertices");
            let expected = format!("no more than 2^48 edges and {most} vertices");
            return Err(wrong(path, 1, HEAD, found, expected));
        };
        let mut head = Self { directed: direction == 1, listed, vertices, weighted: false };
        let plain = head.file_bytes();
        head.weighted = true;
        let weighted = head.file_bytes();
        if whole.end == plain {
            head.weighted = false;
        } else if whole.end != weighted {
            let expected = format!(
                "{plain} or, with weights, {weighted} for {vertices} vertices and {edges} edges"
            );
            return Err(wrong(
                path,
                whole.end,
                "the end",
                format!("{} bytes", whole.end),
                expected,
            ));
        }
        Ok(head)
    }

    fn target_bytes(&self) -> u64 {
        if self.weighted { 8 } else { 4 }
    }

    fn targets_at(&self) -> u64 {
        HEAD_BYTES + START_BYTES * (self.vertices + 1)
    }

    fn file_bytes(&self) -> u64 {
        let lists = START_BYTES * (self.vertices + 1) + self.listed * self.target_bytes();
        HEAD_BYTES + lists * if self.directed { 2 } else { 1 }
    }

    /// The edges; those that go both ways, once.
    fn edges<E: Data>(
        self,
        context: &Context,
        splits: Vec<Split>,
        make: impl Fn(u64, u64, f64) -> Edge<E> + Copy + Send + Sync + 'static,
    ) -> Rdd<Edge<E>> {
        context.parsed_splits("gap", splits, move |split, rows| {
            self.each_listed(split, |source, target, weight| {
                if self.directed || source <= target {
                    rows.push(make(source, target, weight))
                } else {
                    ControlFlow::Continue(())
                }
            })
        })
    }

    /// Hands over what is listed for the vertices of a split.
    fn each_listed(
        &self,
        split: &Split,
        mut each: impl FnMut(u64, u64, f64) -> ControlFlow<()>,
    ) -> Result<()> {
        let path = &split.path;
        let failed = |error| Error::io(path, "read", error);
        let file = File::open(path).map_err(|error| Error::io(path, "open", error))?;
        let mut file = BufReader::with_capacity(1 << 16, file);

        let starts_at = HEAD_BYTES + START_BYTES * split.start;
        file.seek(SeekFrom::Start(starts_at)).map_err(failed)?;
        let mut starts = Vec::new();
        for place in 0..=split.end - split.start {
            let mut bytes = [0; START_BYTES as usize];
            file.read_exact(&mut bytes).map_err(failed)?;
            let before = starts.last().copied();
            let least = before.unwrap_or_default();
            let start = i64::from_le_bytes(bytes);
            let good = u64::try_from(start).ok();
            let good = good.filter(|start| (least..=self.listed).contains(start));
            // The first vertex's edges begin the list, and the last one's end it.
            let good = good.filter(|start| split.start + place > 0 || *start == 0);
            let is_last = split.start + place == self.vertices;
            let good = good.filter(|start| !is_last || *start == self.listed);
            let Some(good) = good else {
                let expected = if is_last {
                    format!("{}, the number of edges", self.listed)
                } else {
                    format!("where edges begin, from {least} to {}", self.listed)
                };
                let byte = starts_at + START_BYTES * place;
                return Err(wrong(path, byte, "the beginnings", start.to_string(), expected));
            };
            starts.push(good);
        }

        let first = starts.first().copied().unwrap_or_default();
        let mut at = self.targets_at() + first * self.target_bytes();
        file.seek(SeekFrom::Start(at)).map_err(failed)?;
        for (source, ends) in (split.start..).zip(starts.windows(2)) {
            for _ in ends[0]..ends[1] {
                let mut bytes = [0; 4];
                file.read_exact(&mut bytes).map_err(failed)?;
                let target = i32::from_le_bytes(bytes);
                let mut weight = 1.0;
                if self.weighted {
                    file.read_exact(&mut bytes).map_err(failed)?;
                    weight = f64::from(i32::from_le_bytes(bytes));
                }
                let Some(target) = u64::try_from(target).ok().filter(|id| *id < self.vertices)
                else {
                    let expected = format!("a vertex from 0 to {}", self.vertices - 1);
                    let part = format!("the edges of vertex {source}");
                    return Err(wrong(path, at, &part, target.to_string(), expected));
                };
                if each(source, target, weight).is_break() {
                    return Ok(());
                }
                at += self.target_bytes();
            }
        }
        Ok(())
    }
}
