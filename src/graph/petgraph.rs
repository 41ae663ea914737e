//! Conversions between [`GraphParts`] and [`petgraph::Graph`], directed or undirected, with any
//! index type.
//!
//! From petgraph nothing can fail: a vertex's id is its node's index, and edges keep their order.
//! To petgraph, nodes come in the order of the vertices and carry `(id, value)`; it fails where
//! petgraph would panic or the meaning would change.

use std::collections::HashMap;

use petgraph::EdgeType;
use petgraph::graph::{IndexType, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::error::{Error, ErrorKind};

use super::{Edge, GraphParts, VertexId};

impl<V, E, Ty, Ix> From<&petgraph::Graph<V, E, Ty, Ix>> for GraphParts<V, E>
where
    V: Clone,
    E: Clone,
    Ty: EdgeType,
    Ix: IndexType,
{
    fn from(graph: &petgraph::Graph<V, E, Ty, Ix>) -> Self {
        let id = |node: NodeIndex<Ix>| node.index() as VertexId;
        let vertices = graph.node_indices().zip(graph.node_weights());
        let edges = graph.edge_references();
        Self {
            vertices: vertices.map(|(node, value)| (id(node), value.clone())).collect(),
            edges: edges
                .map(|edge| Edge::new(id(edge.source()), id(edge.target()), edge.weight().clone()))
                .collect(),
            undirected: !graph.is_directed(),
        }
    }
}

impl<V, E, Ty, Ix> TryFrom<GraphParts<V, E>> for petgraph::Graph<(VertexId, V), E, Ty, Ix>
where
    Ty: EdgeType,
    Ix: IndexType,
{
    type Error = Error;

    /// # Errors
    /// [`ErrorKind::Argument`] when one graph is directed and the other is not, or when the index
    /// type is too small; [`ErrorKind::DuplicateVertex`] and [`ErrorKind::UnknownVertex`] when the
    /// parts do not fit together.
    fn try_from(parts: GraphParts<V, E>) -> Result<Self, Error> {
        if parts.undirected == Ty::is_directed() {
            let (from, to) = if parts.undirected { ("an un", "a ") } else { ("a ", "an un") };
            return Err(Error::argument(format!(
                "{from}directed graph cannot become {to}directed one without changing its meaning"
            )));
        }
        let full = |error| Error::argument(format!("too large for petgraph's index: {error}"));
        let mut graph = Self::default();
        let mut nodes = HashMap::with_capacity(parts.vertices.len());
        for (id, value) in parts.vertices {
            let node = graph.try_add_node((id, value)).map_err(full)?;
            if nodes.insert(id, node).is_some() {
                return Err(ErrorKind::DuplicateVertex { id: id.to_string() }.into());
            }
        }
        let node = |id: VertexId| {
            let unknown = || ErrorKind::UnknownVertex { what: "an edge", id: id.to_string() };
            nodes.get(&id).copied().ok_or_else(unknown)
        };
        for edge in parts.edges {
            let (source, target) = (node(edge.source)?, node(edge.target)?);
            graph.try_add_edge(source, target, edge.value).map_err(full)?;
        }
        Ok(graph)
    }
}
