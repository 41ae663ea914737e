//! The edges of one input partition as columns: what a graph is built from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::rdd::Rdd;

use super::{Edge, VertexId};

/// Ids in 32 bits as long as they fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum IdColumn {
    Narrow(#[serde(with = "crate::codec::packed")] Vec<u32>),
    Wide(#[serde(with = "crate::codec::packed")] Vec<VertexId>),
}

impl IdColumn {
    fn push(&mut self, id: VertexId) {
        match self {
            Self::Narrow(ids) => match u32::try_from(id) {
                Ok(id) => ids.push(id),
                Err(_) => {
                    let mut wide: Vec<_> = ids.drain(..).map(u64::from).collect();
                    wide.push(id);
                    *self = Self::Wide(wide);
                }
            },
            Self::Wide(ids) => ids.push(id),
        }
    }

    fn get(&self, index: usize) -> VertexId {
        match self {
            Self::Narrow(ids) => u64::from(ids[index]),
            Self::Wide(ids) => ids[index],
        }
    }
}

/// The edges of one input partition as columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EdgeChunk<E> {
    sources: IdColumn,
    targets: IdColumn,
    pub(super) values: Vec<E>,
    pub(super) summary: ChunkSummary,
}

/// What building needs to know before it looks at single edges.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct ChunkSummary {
    pub(super) edges: u64,
    pub(super) self_loops: u64,
    pub(super) largest: VertexId,
}

impl ChunkSummary {
    pub(super) fn merge(self, other: Self) -> Self {
        Self {
            edges: self.edges + other.edges,
            self_loops: self.self_loops + other.self_loops,
            largest: self.largest.max(other.largest),
        }
    }
}

impl<E: Data> EdgeChunk<E> {
    fn from_edges(edges: impl Iterator<Item = Edge<E>>) -> Self {
        let mut sources = IdColumn::Narrow(Vec::new());
        let mut targets = IdColumn::Narrow(Vec::new());
        let mut values = Vec::new();
        let mut summary = ChunkSummary::default();
        for edge in edges {
            summary.edges += 1;
            summary.self_loops += u64::from(edge.source == edge.target);
            summary.largest = summary.largest.max(edge.source).max(edge.target);
            sources.push(edge.source);
            targets.push(edge.target);
            values.push(edge.value);
        }
        Self { sources, targets, values, summary }
    }

    /// The source and the target of each edge.
    pub(super) fn ends(&self) -> impl Iterator<Item = (VertexId, VertexId)> {
        let count = self.values.len();
        (0..count).map(|index| (self.sources.get(index), self.targets.get(index)))
    }
}

/// Collects each partition of edges into a chunk.
pub(super) fn edge_chunks<E: Data>(edges: &Rdd<Edge<E>>) -> Rdd<Arc<EdgeChunk<E>>> {
    edges.narrow("edge_chunks", None, |_, rows| {
        Ok(Box::new(std::iter::once(Arc::new(EdgeChunk::from_edges(rows)))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_column_widens_at_the_first_large_id() {
        let mut column = IdColumn::Narrow(Vec::new());
        let ids = [1, u64::from(u32::MAX), u64::from(u32::MAX) + 1, 2];
        ids.iter().for_each(|id| column.push(*id));
        assert_eq!((0..ids.len()).map(|index| column.get(index)).collect::<Vec<_>>(), ids);
        assert!(matches!(column, IdColumn::Wide(_)));
    }
}
