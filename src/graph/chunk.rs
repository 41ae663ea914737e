//! The edges of one input partition as columns: what a graph is built from.
//!
//! A chunk is a list of pieces of equal length, so that it grows without copying what is there and
//! takes no more memory than its edges do. Two ids of 32 bits share a word: a piece is wide only
//! where ids ask for it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::rdd::{Gathering, Rdd};

use super::edge_block::{pack, unpack};
use super::{Edge, VertexId};

/// Edges of a piece: 512 KiB of narrow ones.
const PIECE_EDGES: usize = 1 << 16;

/// Sources and targets of some edges.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Piece {
    /// Ids of at most 32 bits, [`pack`]ed.
    Narrow(#[serde(with = "crate::codec::packed")] Vec<u64>),
    /// Any ids, source and target by turns.
    Wide(#[serde(with = "crate::codec::packed")] Vec<VertexId>),
}

impl Piece {
    pub(super) fn edge_count(&self) -> usize {
        match self {
            Self::Narrow(edges) => edges.len(),
            Self::Wide(ids) => ids.len() / 2,
        }
    }

    #[inline]
    pub(super) fn for_each_edge(&self, mut visit: impl FnMut(VertexId, VertexId)) {
        match self {
            Self::Narrow(edges) => {
                for edge in edges {
                    let (source, target) = unpack(*edge);
                    visit(source.into(), target.into());
                }
            }
            Self::Wide(ids) => {
                for pair in ids.chunks_exact(2) {
                    visit(pair[0], pair[1]);
                }
            }
        }
    }

    /// True when the piece may take edges that are wide or are not.
    fn takes(&self, wide: bool) -> bool {
        self.edge_count() < PIECE_EDGES && (!wide || matches!(self, Self::Wide(_)))
    }

    fn shrink(&mut self) {
        match self {
            Self::Narrow(column) | Self::Wide(column) => column.shrink_to_fit(),
        }
    }
}

/// The edges of one input partition as columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EdgeChunk<E> {
    pieces: Vec<Piece>,
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

impl<E> EdgeChunk<E> {
    fn new() -> Self {
        Self { pieces: Vec::new(), values: Vec::new(), summary: ChunkSummary::default() }
    }

    /// Calls `visit` with each piece, in order.
    pub(super) fn for_each_piece(&self, visit: impl FnMut(&Piece)) {
        self.pieces.iter().for_each(visit);
    }

    /// Calls `visit` with the source and the target of each edge.
    #[inline]
    pub(super) fn for_each_edge(&self, mut visit: impl FnMut(VertexId, VertexId)) {
        self.for_each_piece(|piece| piece.for_each_edge(&mut visit));
    }

    /// Puts the ids of some edges at the end.
    fn append(&mut self, edges: &[Edge<E>]) {
        let mut all = 0;
        let mut summary = ChunkSummary { edges: edges.len() as u64, ..ChunkSummary::default() };
        for Edge { source, target, .. } in edges {
            all |= source | target;
            summary.largest = summary.largest.max(*source).max(*target);
            summary.self_loops += u64::from(source == target);
        }
        self.summary = self.summary.merge(summary);
        let wide = all > u64::from(u32::MAX);
        if !self.pieces.last().is_some_and(|piece| piece.takes(wide)) {
            if let Some(cut_short) = self.pieces.last_mut() {
                cut_short.shrink();
            }
            self.pieces.push(if wide {
                Piece::Wide(Vec::new())
            } else {
                Piece::Narrow(Vec::new())
            });
        }
        match self.pieces.last_mut() {
            Some(Piece::Narrow(column)) => {
                column
                    .extend(edges.iter().map(|edge| pack(edge.source as u32, edge.target as u32)));
            }
            Some(Piece::Wide(column)) => {
                column.extend(edges.iter().flat_map(|edge| [edge.source, edge.target]));
            }
            None => {}
        }
    }
}

impl<E: Data> Gathering<Edge<E>> for EdgeChunk<E> {
    type Whole = Arc<Self>;

    fn add(&mut self, edges: &mut Vec<Edge<E>>) {
        self.append(edges);
        self.values.extend(edges.drain(..).map(|edge| edge.value));
    }

    fn finish(mut self) -> Arc<Self> {
        if let Some(last) = self.pieces.last_mut() {
            last.shrink();
        }
        self.values.shrink_to_fit();
        Arc::new(self)
    }
}

/// Collects each partition of edges into a chunk.
pub(super) fn edge_chunks<E: Data>(edges: &Rdd<Edge<E>>) -> Rdd<Arc<EdgeChunk<E>>> {
    edges.gather("edge_chunks", EdgeChunk::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_gives_back_its_edges_in_order_whatever_their_width() {
        let mut chunk = EdgeChunk::new();
        let mut edges = Vec::new();
        let large = u64::from(u32::MAX) + 1;
        for (batch, widest) in [1, large - 1, large, 1, u64::MAX, 7].into_iter().enumerate() {
            for length in [1, 1000, PIECE_EDGES] {
                let mut rows: Vec<_> =
                    (0..length as u64).map(|n| Edge::new(n % widest, widest, batch)).collect();
                edges.extend(rows.iter().copied());
                chunk.add(&mut rows);
            }
        }
        let chunk = chunk.finish();
        let mut found = Vec::new();
        chunk.for_each_edge(|source, target| found.push((source, target)));
        assert_eq!(found, edges.iter().map(|edge| (edge.source, edge.target)).collect::<Vec<_>>());
        assert_eq!(chunk.values, edges.iter().map(|edge| edge.value).collect::<Vec<_>>());
        assert_eq!(chunk.summary.edges, edges.len() as u64);
        assert_eq!(chunk.summary.largest, u64::MAX);
        let loops = edges.iter().filter(|edge| edge.source == edge.target).count();
        assert_eq!(chunk.summary.self_loops, loops as u64);
        let narrow = chunk.pieces.iter().filter(|piece| matches!(piece, Piece::Narrow(_))).count();
        assert!(narrow > 0 && narrow < chunk.pieces.len());
    }
}
