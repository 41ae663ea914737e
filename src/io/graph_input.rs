//! A graph as a format reads it, before it is built.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::codec;
use crate::error::Result;
use crate::graph::{Edge, Graph, GraphBuilder, VertexId};
use crate::rdd::Rdd;

use super::names::Names;

/// What files say of a graph.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GraphInput {
    /// The edges; where they go both ways, each once.
    pub edges: Edges,
    /// All vertices, those without edges included, where the format lists or counts them; else the
    /// vertices are those that edges name.
    pub vertices: Option<Rdd<(VertexId, ())>>,
    /// Whether edges go one way, where the files or the options say.
    pub directed: Option<bool>,
    /// The vertices' names, where they have names for ids: vertex `i` has the `i`-th.
    pub names: Option<Arc<Names>>,
    /// The graph itself, where the files hold one that was built already.
    pub(super) built: Option<Built>,
}

/// A graph that need not be built.
#[derive(Debug, Clone)]
pub(super) enum Built {
    Plain(Graph),
    Weighted(Graph<(), f64>),
}

/// Edges, with weights where they were asked for.
#[derive(Debug, Clone)]
pub enum Edges {
    /// Edges without a value.
    Plain(Rdd<Edge>),
    /// Edges with a weight.
    Weighted(Rdd<Edge<f64>>),
}

impl From<Rdd<Edge>> for Edges {
    fn from(edges: Rdd<Edge>) -> Self {
        Self::Plain(edges)
    }
}

impl From<Rdd<Edge<f64>>> for Edges {
    fn from(edges: Rdd<Edge<f64>>) -> Self {
        Self::Weighted(edges)
    }
}

impl GraphInput {
    /// Makes an input of edges, of which nothing else is known.
    #[must_use]
    pub fn new(edges: impl Into<Edges>) -> Self {
        Self { edges: edges.into(), vertices: None, directed: None, names: None, built: None }
    }

    /// The graph itself, unless other edges or vertices are asked for than it has.
    fn built(&self, builder: &GraphBuilder) -> Option<&Built> {
        let built = self.built.as_ref().filter(|_| builder.asks_nothing())?;
        let undirected = match built {
            Built::Plain(graph) => graph.is_undirected(),
            Built::Weighted(graph) => graph.is_undirected(),
        };
        (undirected == self.is_undirected()).then_some(built)
    }

    /// Sets all vertices, those without edges included.
    #[must_use]
    pub fn with_vertices(self, vertices: Rdd<(VertexId, ())>) -> Self {
        Self { vertices: Some(vertices), built: None, ..self }
    }

    /// True when edges are known to go both ways.
    #[must_use]
    pub fn is_undirected(&self) -> bool {
        self.directed == Some(false)
    }

    /// Builds a graph without weights; those that were read are dropped. The builder says all but
    /// the direction of the edges, which go one way unless the files or the options say otherwise.
    ///
    /// # Errors
    /// As [`GraphBuilder::parts`], and for what is wrong in the files.
    pub fn plain_graph(&self, builder: GraphBuilder) -> Result<Graph> {
        match self.built(&builder) {
            Some(Built::Plain(graph)) => return Ok(graph.clone()),
            Some(Built::Weighted(graph)) => return graph.structure(),
            None => {}
        }
        let builder = builder.undirected(self.is_undirected());
        let plain = match &self.edges {
            Edges::Plain(edges) => edges.clone(),
            Edges::Weighted(edges) => edges.map(|edge| Edge::from((edge.source, edge.target))),
        };
        match &self.vertices {
            Some(vertices) => builder.parts(vertices, &plain),
            None => builder.edges(&plain),
        }
    }

    /// Builds a graph with weights; where none were read, each is 1. The rest as
    /// [`plain_graph`](Self::plain_graph).
    ///
    /// # Errors
    /// As [`plain_graph`](Self::plain_graph).
    pub fn weighted_graph(&self, builder: GraphBuilder) -> Result<Graph<(), f64>> {
        match self.built(&builder) {
            Some(Built::Plain(graph)) => return graph.map_edges(|()| 1.0),
            Some(Built::Weighted(graph)) => return Ok(graph.clone()),
            None => {}
        }
        let builder = builder.undirected(self.is_undirected());
        let weighted = match &self.edges {
            Edges::Plain(edges) => edges.map(|edge| Edge::new(edge.source, edge.target, 1.0)),
            Edges::Weighted(edges) => edges.clone(),
        };
        match &self.vertices {
            Some(vertices) => builder.parts(vertices, &weighted),
            None => builder.edges(&weighted),
        }
    }

    /// Builds the graph and writes it in the format of [`Graph::save`], with the names of its
    /// vertices, to any sink; `path` names it in errors.
    ///
    /// # Errors
    /// As [`plain_graph`](Self::plain_graph) and [`Graph::write_to`].
    pub fn save_to(&self, builder: GraphBuilder, sink: impl Write, path: &Path) -> Result<u64> {
        let names = self.names.as_ref().map(|names| codec::encode(&[(**names).clone()]));
        let names = names.transpose()?;
        match self.edges {
            Edges::Plain(_) => {
                self.plain_graph(builder)?.write_beside(sink, path, names.as_deref())
            }
            Edges::Weighted(_) => {
                self.weighted_graph(builder)?.write_beside(sink, path, names.as_deref())
            }
        }
    }
}
