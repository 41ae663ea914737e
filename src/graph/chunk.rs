//! The edges of one input partition as columns: what a graph is built from.
//!
//! A chunk is a list of pieces of about equal length, so that it grows without copying what is there
//! and takes no more memory than its edges do. Between ids of 32 bits they are
//! [compact](super::compact): a piece is wide only where ids ask for it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::rdd::{Gathering, Rdd};

use super::compact::CompactEdges;
use super::edge_block::{pack, unpack};
use super::{Edge, VertexId};

/// Edges of a piece: two ids of 32 bits of each are 512 KiB.
const PIECE_EDGES: usize = 1 << 16;

/// Sources and targets of some edges.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Piece {
    /// Ids of at most 32 bits.
    Narrow(CompactEdges),
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
            Self::Narrow(edges) => edges.for_each(|edge| {
                let (source, target) = unpack(edge);
                visit(source.into(), target.into());
            }),
            Self::Wide(ids) => {
                for pair in ids.chunks_exact(2) {
                    visit(pair[0], pair[1]);
                }
            }
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
    /// Calls `visit` with each piece, in order.
    pub(super) fn for_each_piece(&self, visit: impl FnMut(&Piece)) {
        self.pieces.iter().for_each(visit);
    }

    /// Calls `visit` with the source and the target of each edge.
    #[inline]
    pub(super) fn for_each_edge(&self, mut visit: impl FnMut(VertexId, VertexId)) {
        self.for_each_piece(|piece| piece.for_each_edge(&mut visit));
    }
}

/// A chunk that grows.
struct ChunkDraft<E> {
    chunk: EdgeChunk<E>,
    /// The ids of the edges that are in no piece yet, as far as these are narrow: [`pack`]ed.
    narrow: Vec<u64>,
    /// Likewise, where the last ones are wide: source and target by turns.
    wide: Vec<VertexId>,
}

impl<E> ChunkDraft<E> {
    /// Edges with values stay in the order of these.
    const IN_ORDER: bool = size_of::<E>() > 0;

    fn new() -> Self {
        let chunk =
            EdgeChunk { pieces: Vec::new(), values: Vec::new(), summary: ChunkSummary::default() };
        Self { chunk, narrow: Vec::new(), wide: Vec::new() }
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
        self.chunk.summary = self.chunk.summary.merge(summary);
        if all > u64::from(u32::MAX) {
            self.end_narrow();
            self.wide.extend(edges.iter().flat_map(|edge| [edge.source, edge.target]));
            if self.wide.len() >= 2 * PIECE_EDGES {
                self.end_wide();
            }
        } else {
            self.end_wide();
            let ids = edges.iter().map(|edge| pack(edge.source as u32, edge.target as u32));
            self.narrow.extend(ids);
            if self.narrow.len() >= PIECE_EDGES {
                self.end_narrow();
            }
        }
    }

    /// Makes a piece of the narrow edges, if there are any.
    fn end_narrow(&mut self) {
        if !self.narrow.is_empty() {
            let edges = CompactEdges::of(&self.narrow, Self::IN_ORDER);
            self.chunk.pieces.push(Piece::Narrow(edges));
            self.narrow.clear();
        }
    }

    /// Makes a piece of the wide edges, if there are any.
    fn end_wide(&mut self) {
        if !self.wide.is_empty() {
            let mut ids = std::mem::take(&mut self.wide);
            ids.shrink_to_fit();
            self.chunk.pieces.push(Piece::Wide(ids));
        }
    }
}

impl<E: Data> Gathering<Edge<E>> for ChunkDraft<E> {
    type Whole = Arc<EdgeChunk<E>>;

    fn add(&mut self, edges: &mut Vec<Edge<E>>) {
        self.append(edges);
        self.chunk.values.extend(edges.drain(..).map(|edge| edge.value));
    }

    fn finish(mut self) -> Arc<EdgeChunk<E>> {
        self.end_narrow();
        self.end_wide();
        self.chunk.values.shrink_to_fit();
        Arc::new(self.chunk)
    }
}

/// Collects each partition of edges into a chunk.
pub(super) fn edge_chunks<E: Data>(edges: &Rdd<Edge<E>>) -> Rdd<Arc<EdgeChunk<E>>> {
    edges.gather("edge_chunks", ChunkDraft::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_gives_back_its_edges_in_order_whatever_their_width() {
        let mut chunk = ChunkDraft::new();
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
