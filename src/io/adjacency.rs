//! Lists of neighbours: a vertex and where its edges lead, in a line.
//!
//! In an adjacency list a line begins with the vertex, as `NetworkX` and others write it. In the
//! text format of `WebGraph` it does not: a line with the number of vertices comes first, then a
//! line of successors for each vertex, from 0, which is empty where there are none.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::{iter, mem};

use crate::error::Result;
use crate::graph::{Edge, VertexId};
use crate::input::{DEFAULT_SPLIT_BYTES, Split, plan_splits};
use crate::rdd::Context;

use super::fields::{AN_ID, Fields, error_at_end, read_lines, read_pieces};
use super::format::Format;
use super::graph_input::GraphInput;
use super::metis::first_rows;
use super::read_options::ReadOptions;
use super::single_file::{file_splits, only_file, vertex_range};
use super::write::{
    PIECE_BYTES, Put, Size, WriteOptions, push_number, put_rows, refuse_names, refuse_weights,
};

/// Hands over the ids of the lines that a split owns, and of each whether its line begins with it.
fn read_ids(split: &Split, mut each: impl FnMut(VertexId, bool) -> ControlFlow<()>) -> Result<()> {
    let mut in_comment = false;
    let mut begins = true;
    read_pieces(split, |piece| {
        let mut fields = Fields::new(piece.bytes);
        if piece.begins {
            begins = true;
            in_comment = matches!(fields.peek(), Some(b'#' | b'%'));
        }
        while !in_comment && !fields.is_done() {
            if each(fields.number(AN_ID)?, std::mem::take(&mut begins)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Adjacency lists whose lines begin with their vertex.
pub(super) struct AdjacencyListFormat;

impl Format for AdjacencyListFormat {
    fn name(&self) -> &'static str {
        "adjacency-list"
    }

    fn summary(&self) -> &'static str {
        "A line for each vertex: its id, then the ids its edges lead to, with blanks between"
    }

    fn first_id(&self) -> VertexId {
        0
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["adj", "adjlist"]
    }

    fn open(&self, context: &Context, paths: &[&Path], _: &ReadOptions) -> Result<GraphInput> {
        let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
        let edges = context.parsed_splits("adjacency_list", splits.clone(), |split, rows| {
            let mut source = None;
            read_ids(split, |id, begins| {
                if begins {
                    source = None;
                }
                match source {
                    Some(source) => rows.push(Edge::from((source, id))),
                    None => {
                        source = Some(id);
                        ControlFlow::Continue(())
                    }
                }
            })
        });
        let ids = context.parsed_splits("adjacency_list_ids", splits, |split, ids| {
            read_ids(split, |id, _| ids.push(id))
        });
        let partitions = ids.partition_count();
        let mut input = GraphInput::new(edges);
        // A vertex without edges has a line with nothing else.
        input.vertices = Some(ids.distinct(partitions).map(|id| (id, ())));
        Ok(input)
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        refuse_names(self, graph)?;
        refuse_weights(self, graph)?;
        let both = graph.is_undirected();
        let edges = graph.plain_edges();
        let partitions = edges.partition_count();
        let mut rows = edges.flat_map(move |Edge { source, target, .. }| {
            let turned = (both && source != target).then_some(((target, Some(source)), ()));
            iter::once(((source, Some(target)), ())).chain(turned)
        });
        if let Some(vertices) = &graph.vertices {
            rows = rows.union(&vertices.map(|(id, ())| ((id, None), ())));
        }
        let mut text = Vec::new();
        let mut begun = None;
        for row in rows.sort_by_key(partitions)?.to_local_iterator()? {
            let ((id, neighbor), ()) = row?;
            if begun != Some(id) {
                if begun.replace(id).is_some() {
                    text.push(b'\n');
                }
                if text.len() >= PIECE_BYTES {
                    put(mem::take(&mut text))?;
                }
                push_number(&mut text, id);
            }
            if let Some(neighbor) = neighbor {
                text.push(b' ');
                push_number(&mut text, neighbor);
            }
        }
        if begun.is_some() {
            text.push(b'\n');
        }
        put(text)
    }
}

/// `WebGraph`'s text format.
pub(super) struct WebGraphTextFormat;

impl Format for WebGraphTextFormat {
    fn name(&self) -> &'static str {
        "webgraph-ascii"
    }

    fn summary(&self) -> &'static str {
        "The number of vertices, then a line of successors for each vertex, from 0, as WebGraph has it"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["graph-txt"]
    }

    fn open(&self, context: &Context, paths: &[&Path], _: &ReadOptions) -> Result<GraphInput> {
        let file = only_file(self, paths)?;
        let mut header = None;
        read_lines(&Split::whole(&file)?, |line| {
            let mut fields = Fields::new(line.bytes);
            header = Some((fields.vertex_count(COUNT)?, line.next));
            fields.end()?;
            Ok(ControlFlow::Break(()))
        })?;
        let Some((vertices, start)) = header else {
            return Err(error_at_end(&file, "end of file".to_owned(), COUNT.to_owned()));
        };
        let splits = file_splits(&file)?;
        let rows: Arc<BTreeMap<u64, u64>> = Arc::new(first_rows(context, &splits, start)?);
        let lines = rows.values().next_back().copied().unwrap_or_default();
        if lines < vertices {
            let expected = format!("{vertices} of them, as the first line says");
            return Err(error_at_end(&file, format!("{lines} lines of successors"), expected));
        }
        let edges = context.parsed_splits("webgraph_ascii", splits, move |split, edges| {
            let mut source = rows.get(&split.start).copied().unwrap_or_default();
            read_pieces(split, |piece| {
                if piece.line < start {
                    return Ok(ControlFlow::Continue(()));
                }
                let mut fields = Fields::new(piece.bytes);
                if source >= vertices && !fields.is_done() {
                    return Err(fields.fault("end of file after the lines of all vertices"));
                }
                while !fields.is_done() {
                    let fault = fields.fault(format!("a vertex below {vertices}"));
                    let target = fields.number(AN_ID)?;
                    if target >= vertices {
                        return Err(fault);
                    }
                    if edges.push(Edge::from((source, target))).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                source += u64::from(piece.ends);
                Ok(ControlFlow::Continue(()))
            })
        });
        let mut input = GraphInput::new(edges);
        input.vertices = Some(vertex_range(context, 0, vertices));
        input.directed = Some(true);
        Ok(input)
    }

    fn first_id(&self) -> VertexId {
        0
    }

    fn can_write(&self) -> bool {
        true
    }

    fn write(&self, graph: &GraphInput, _: &WriteOptions, put: &mut Put<'_>) -> Result<()> {
        let size = Size::of(graph, self, self.first_id())?;
        size.check_rows(self)?;
        refuse_weights(self, graph)?;
        put(format!("{}\n", size.vertices).into_bytes())?;
        let neighbor = |text: &mut Vec<u8>, neighbor: u64, _: Option<f64>| {
            if text.last().is_some_and(|last| *last != b'\n') {
                text.push(b' ');
            }
            push_number(text, neighbor);
        };
        put_rows(graph, (self.first_id(), size.vertices), neighbor, put)
    }
}

const COUNT: &str = "a line of the number of vertices";
