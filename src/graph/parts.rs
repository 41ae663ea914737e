//! A graph as plain vectors, the form in which it enters and leaves other libraries.

use std::fmt;

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Context;

use super::{Edge, Graph, GraphBuilder, VertexId};

/// Partitions of the vectors on their way into a graph: enough to keep some threads busy, and the
/// same on every machine.
const SLICES: usize = 8;

/// A graph in two vectors: its vertices with their values, and the edges between them.
///
/// [`Graph::to_parts`] and [`load`](Self::load) lead from a [`Graph`] to its parts and back;
/// conversions between the parts and [`petgraph::Graph`] are in both directions, for directed and
/// undirected graphs. An undirected graph lists each of its edges once, in either direction.
///
/// ```
/// use petgraph::graph::DiGraph;
/// use superstep::graph::GraphParts;
/// use superstep::prelude::*;
///
/// let mut cities: DiGraph<&str, u32> = DiGraph::new();
/// let (oslo, rome) = (cities.add_node("Oslo"), cities.add_node("Rome"));
/// cities.add_edge(oslo, rome, 2005);
///
/// // A vertex's id is its index.
/// let parts = GraphParts::from(&cities.map(|_, name| name.to_string(), |_, km| *km));
/// assert_eq!(parts.vertices[1], (1, "Rome".to_owned()));
/// assert_eq!(parts.edges, [Edge::new(0, 1, 2005)]);
///
/// let ctx = Context::local(2)?;
/// let graph = parts.load(&ctx)?;
/// assert_eq!(graph.out_degrees().collect()?, [(0, 1), (1, 0)]);
///
/// // On the way back, nodes carry the id and the value.
/// let back = DiGraph::<(VertexId, String), u32>::try_from(graph.to_parts()?)?;
/// assert_eq!(back[rome], (1, "Rome".to_owned()));
/// assert_eq!(back.find_edge(oslo, rome).map(|edge| back[edge]), Some(2005));
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct GraphParts<V = (), E = ()> {
    /// The vertices with their values; each id occurs once.
    pub vertices: Vec<(VertexId, V)>,
    /// The edges, parallel ones and self-loops included.
    pub edges: Vec<Edge<E>>,
    /// True when every edge goes both ways.
    pub undirected: bool,
}

impl<V, E> fmt::Debug for GraphParts<V, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphParts")
            .field("vertices", &self.vertices.len())
            .field("edges", &self.edges.len())
            .field("undirected", &self.undirected)
            .finish()
    }
}

impl<V: Data, E: Data> GraphParts<V, E> {
    /// Builds the graph, with the defaults of [`GraphBuilder`].
    ///
    /// # Errors
    /// As [`GraphBuilder::parts`].
    pub fn load(self, context: &Context) -> Result<Graph<V, E>> {
        self.load_with(context, Graph::builder())
    }

    /// Builds the graph as a builder says, apart from its direction, which is that of the parts.
    ///
    /// # Errors
    /// As [`GraphBuilder::parts`].
    pub fn load_with(self, context: &Context, builder: GraphBuilder) -> Result<Graph<V, E>> {
        let vertices = context.parallelize(self.vertices, SLICES);
        let edges = context.parallelize(self.edges, SLICES);
        builder.undirected(self.undirected).parts(&vertices, &edges)
    }
}

impl<V: Data, E: Data> Graph<V, E> {
    /// Returns the graph as plain vectors: vertices in id order, and edges in the order of
    /// [`edges`](Self::edges), of an undirected graph each once with the smaller id as its source.
    ///
    /// # Errors
    /// When computing the vertices or edges fails.
    pub fn to_parts(&self) -> Result<GraphParts<V, E>> {
        let edges = self.edges();
        let edges = if self.shape.undirected {
            edges.filter(|edge| edge.source <= edge.target).collect()?
        } else {
            edges.collect()?
        };
        let vertices = self.vertices().collect()?;
        Ok(GraphParts { vertices, edges, undirected: self.shape.undirected })
    }
}
