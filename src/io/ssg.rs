//! Graphs that were built already, in superstep's own format.
//!
//! They are opened and not built, unless other edges are asked for than they have: then their edges
//! are read as those of any other format. See [`GraphFile`] for the layout.

use std::path::Path;
use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::graph::{Edge, GRAPH_FILE_EXTENSION, Graph, GraphFile};
use crate::rdd::{Context, Rdd};

use super::format::Format;
use super::graph_input::{Built, GraphInput};
use super::names::Names;
use super::read_options::ReadOptions;
use super::single_file::only_file;

/// Graphs in files that [`Graph::save`](crate::graph::Graph::save) or the command wrote.
pub(super) struct SsgFormat;

impl Format for SsgFormat {
    fn name(&self) -> &'static str {
        "ssg"
    }

    fn summary(&self) -> &'static str {
        "A graph that is built already, to be opened in no time (superstep's own)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[GRAPH_FILE_EXTENSION]
    }

    fn can_have_names(&self) -> bool {
        true
    }

    fn knows_names(&self) -> bool {
        true
    }

    fn recognizes(&self, beginning: &[u8]) -> bool {
        GraphFile::recognizes(beginning)
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
        let path = only_file(self, paths)?;
        let file = GraphFile::open(&path)?;
        let mut input = if file.is_weighted() {
            let graph: Graph<(), f64> = file.graph(context)?;
            let mut input = if options.weighted {
                GraphInput::new(each_once(&graph))
            } else {
                GraphInput::new(
                    each_once(&graph).map(|edge| Edge::from((edge.source, edge.target))),
                )
            };
            input.vertices = Some(graph.vertices());
            input.built = Some(Built::Weighted(graph));
            input
        } else {
            let graph: Graph = file.graph(context)?;
            let mut input = GraphInput::new(each_once(&graph));
            input.vertices = Some(graph.vertices());
            input.built = Some(Built::Plain(graph));
            input
        };
        input.directed = Some(!file.is_undirected());
        input.names = file.beside::<Names>()?.map(Arc::new);
        if options.names && input.names.is_none() {
            let path = path.display();
            return Err(Error::argument(format!("{path}: the vertices have no names")));
        }
        Ok(input)
    }
}

/// The edges of a graph; those that go both ways, once.
fn each_once<E: Data>(graph: &Graph<(), E>) -> Rdd<Edge<E>> {
    let undirected = graph.is_undirected();
    graph.edges().filter(move |edge| !undirected || edge.source <= edge.target)
}
