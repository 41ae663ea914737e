//! Graphs in documents that are read as a whole: nodes, and edges between them by their ids.

use std::ops::ControlFlow;
use std::sync::Arc;

use indexmap::IndexMap;
use memchr::memrchr;

use crate::error::{Error, Result};
use crate::graph::Edge;
use crate::input::{Split, input_error, read_before};
use crate::rdd::Context;

use super::fields::{quoted, whole_number};
use super::graph_input::GraphInput;
use super::names::Names;

/// How many edges a partition gets.
const PARTITION_EDGES: usize = 1 << 20;

/// What a document says of a graph.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The nodes' ids, and their labels where they have any.
    nodes: IndexMap<String, Option<String>>,
    /// Ends by the places of their nodes, and the weight.
    edges: Vec<(usize, usize, Option<f64>)>,
    pub(super) directed: bool,
}

/// What is wrong at a byte of a document.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) at: u64,
    pub(super) found: String,
    pub(super) expected: String,
}

impl Misfit {
    pub(super) fn new(at: u64, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { at, found: found.into(), expected: expected.into() }
    }

    /// Gives it its line and column.
    pub(super) fn in_file(self, file: &Split) -> Error {
        let (mut read, mut line) = (0, 0);
        let counted = read_before(file, self.at, |bytes| {
            if let Some(end) = memrchr(b'\n', bytes) {
                line = read + end as u64 + 1;
            }
            read += bytes.len() as u64;
            ControlFlow::Continue(())
        });
        match counted {
            Ok(()) => {
                input_error(file, line, self.at.saturating_sub(line) + 1, self.found, self.expected)
            }
            Err(error) => error,
        }
    }
}

impl Document {
    /// Adds a node.
    pub(super) fn node(
        &mut self,
        at: u64,
        id: String,
        label: Option<String>,
    ) -> Result<(), Misfit> {
        if let Some((id, _)) = self.nodes.get_key_value(&id) {
            let found = format!("node {} again", quoted(id.as_bytes()));
            return Err(Misfit::new(at, found, "each node once"));
        }
        self.nodes.insert(id, label);
        Ok(())
    }

    /// Adds an edge between nodes that are there.
    pub(super) fn edge(
        &mut self,
        at: u64,
        [source, target]: [&str; 2],
        weight: Option<f64>,
    ) -> Result<(), Misfit> {
        let place = |id: &str| {
            let found = || format!("an edge of node {}", quoted(id.as_bytes()));
            let missing = || Misfit::new(at, found(), "edges of nodes that the file has");
            self.nodes.get_index_of(id).ok_or_else(missing)
        };
        let edge = (place(source)?, place(target)?, weight);
        self.edges.push(edge);
        Ok(())
    }

    /// Makes a graph of it. Nodes whose ids are all whole numbers keep them; else, or if names are
    /// asked for, they get names: their labels, where all have one of their own, else their ids.
    pub(super) fn into_input(
        self,
        context: &Context,
        (weighted, named): (bool, bool),
    ) -> Result<GraphInput> {
        let numbers: Option<Vec<u64>> =
            self.nodes.keys().map(|id| whole_number(id.as_bytes())).collect();
        let distinct = numbers.filter(|numbers| {
            // Such as 1 and 01.
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            !named && sorted.windows(2).all(|pair| pair[0] != pair[1])
        });
        let (ids, names) = match distinct {
            Some(ids) => (ids, None),
            None => {
                let (ids, names) = self.names()?;
                (ids, Some(Arc::new(names)))
            }
        };
        let partitions = self.edges.len() / PARTITION_EDGES + 1;
        let any_weight = self.edges.iter().any(|(_, _, weight)| weight.is_some());
        let mut input = if weighted && any_weight {
            let edges = self.edges.iter().map(|(source, target, weight)| {
                Edge::new(ids[*source], ids[*target], weight.unwrap_or(1.0))
            });
            GraphInput::new(context.parallelize(edges, partitions))
        } else {
            let edges = self.edges.iter().map(|(s, t, _)| Edge::from((ids[*s], ids[*t])));
            GraphInput::new(context.parallelize(edges, partitions))
        };
        let all = ids.into_iter().map(|id| (id, ()));
        input.vertices = Some(context.parallelize(all, partitions));
        input.directed = Some(self.directed);
        input.names = names;
        Ok(input)
    }

    /// The names of the nodes and the number of each.
    fn names(&self) -> Result<(Vec<u64>, Names)> {
        let labels: Option<Vec<&String>> = self.nodes.values().map(Option::as_ref).collect();
        let labels = labels.filter(|labels| {
            let mut sorted = labels.clone();
            sorted.sort_unstable();
            sorted.windows(2).all(|pair| pair[0] != pair[1])
        });
        let texts = labels.unwrap_or_else(|| self.nodes.keys().collect());
        let names = Names::new(texts.iter().map(|text| (*text).clone()).collect())?;
        let ids = texts.iter().filter_map(|text| names.id(text)).collect();
        Ok((ids, names))
    }
}
