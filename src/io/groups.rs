//! Groups of vertices: a line for each, as of the actors of a film.
//!
//! Each group becomes a clique: all who share a group are neighbours, once however many groups they
//! share. Edges go both ways. Who shares no group with anybody is not part of the graph.

use std::ops::ControlFlow;
use std::path::Path;

use crate::error::Result;
use crate::graph::Edge;
use crate::input::{DEFAULT_SPLIT_BYTES, plan_splits};
use crate::rdd::Context;

use super::fields::{AN_ID, Fields, read_most_lines};
use super::format::Format;
use super::graph_input::GraphInput;
use super::read_options::ReadOptions;

/// The least number of partitions in which equal pairs are brought together.
const PAIR_PARTITIONS: usize = 16;

/// Groups, to be asked for by name.
pub(super) struct GroupsFormat;

impl Format for GroupsFormat {
    fn name(&self) -> &'static str {
        "groups"
    }

    fn summary(&self) -> &'static str {
        "A line for each group of vertices, who are neighbours of each other, such as a film's actors"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["groups"]
    }

    fn can_skip_lines(&self) -> bool {
        true
    }

    fn open(
        &self,
        context: &Context,
        paths: &[&Path],
        options: &ReadOptions,
    ) -> Result<GraphInput> {
        let bad_lines = options.bad_lines.clone();
        let splits = plan_splits(paths, DEFAULT_SPLIT_BYTES)?;
        let groups = context.parsed_splits("groups", splits, move |split, rows| {
            read_most_lines(split, bad_lines.as_ref(), |line| {
                let mut fields = Fields::new(line.bytes);
                if matches!(fields.peek(), None | Some(b'#' | b'%')) {
                    return Ok(ControlFlow::Continue(()));
                }
                let mut group = Vec::new();
                while !fields.is_done() {
                    group.push(fields.number(AN_ID)?);
                }
                group.sort_unstable();
                group.dedup();
                Ok(rows.push(group))
            })
        });
        let partitions = groups.partition_count().max(PAIR_PARTITIONS);
        let pairs = groups.flat_map(|group| {
            (0..group.len()).flat_map(move |one| {
                let group = group.clone();
                (one + 1..group.len()).map(move |other| (group[one], group[other]))
            })
        });
        let mut input = GraphInput::new(pairs.distinct(partitions).map(Edge::from));
        input.directed = Some(false);
        Ok(input)
    }
}
