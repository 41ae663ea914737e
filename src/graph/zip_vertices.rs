//! Vertex values that were computed for the same graph.

use std::sync::Arc;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};
use crate::rdd::Rdd;

use super::{Graph, VertexId};

impl<V: Data, E: Data> Graph<V, E> {
    /// Returns the graph with other vertex values: a row for every vertex, in the partitions and
    /// the order in which [`vertices`](Self::vertices) has them. The states of an
    /// [outcome](crate::pregel::Outcome) on this graph are of this kind, and what `map_values` makes
    /// of them, so that one program can start from what another found. Nothing moves.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let edges = ctx.parallelize([(1, 2), (1, 3)].map(Edge::from), 2);
    /// let graph = Graph::from_edges(&edges)?;
    /// let graph = graph.zip_vertices(&graph.out_degrees())?;
    /// assert_eq!(graph.vertices().collect()?, [(1, 2), (2, 0), (3, 0)]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::UnequalPartitions`] or an argument error when the rows are not of this graph's
    /// vertices in their order; otherwise when computing them fails.
    pub fn zip_vertices<W: Data>(&self, rows: &Rdd<(VertexId, W)>) -> Result<Graph<W, E>> {
        let (left, right) = (self.vertices.partition_count(), rows.partition_count());
        if left != right {
            let operation = "zip_vertices";
            return Err(ErrorKind::UnequalPartitions { operation, left, right }.into());
        }
        let values = self.vertices.zip_nodes(rows, "zip_vertices", None, |blocks, rows| {
            let (mut ids, mut values) = (Vec::new(), Vec::new());
            for (id, value) in rows {
                ids.push(id);
                values.push(value);
            }
            let own: Vec<_> = blocks.collect();
            if !own.iter().flat_map(|block| &block.ids).eq(&ids) {
                return Err(Error::argument(
                    "zip_vertices: the rows are not those of the graph's vertices in their order",
                ));
            }
            Ok(Box::new(std::iter::once(Arc::new(values))))
        });
        let graph = self.with_values(values)?;
        graph.values.count()?;
        Ok(graph)
    }
}
