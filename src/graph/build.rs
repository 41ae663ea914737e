//! From edges as users write them to co-partitioned blocks: RDD operations and two shuffles.
//!
//! ```text
//! Rdd<Edge> ─▶ chunks (columns) ─▶ dictionary of ids
//!                  │ keys, by target partition and group of sources
//!                  ▼ shuffle
//!              edge blocks ──▶ degrees ──shuffle──▶ vertex blocks
//! ```
//!
//! The blocks keep their whole lineage, back to the input: a lost block is recomputed. What only
//! served the building is freed on the way: each chunk when its edges are sent, the shuffle's
//! outputs when the blocks stand.

use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Instant;

use rayon::prelude::*;

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::event::Event;
use crate::rdd::Rdd;
use crate::storage::StorageLevel;

use super::blocks::{block_partitioner, edge_blocks, edge_runs, vertex_blocks};
use super::chunk::{ChunkSummary, EdgeChunk, edge_chunks};
use super::deal::Sending;
use super::dictionary::{Dictionary, IdBitmap};
use super::hubs::Hubs;
use super::keys::Keying;
use super::layout::Layout;
use super::{Edge, Graph, Shape, VertexId};

/// What to do with edges from a vertex to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SelfLoops {
    /// They stay; in an undirected graph a self-loop counts once.
    #[default]
    Keep,
    /// They are left out, and counted in [`Graph::dropped_edges`].
    Drop,
}

/// What to do with several edges from the same source to the same target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// Each stays an edge of its own and carries its own message.
    #[default]
    Keep,
    /// The first in input order stays; the others are left out, and counted in
    /// [`Graph::dropped_edges`].
    Drop,
}

/// Describes how a [`Graph`] is built.
#[derive(Default, Debug, Clone)]
#[must_use = "a builder does nothing until it is given edges"]
pub struct GraphBuilder {
    undirected: bool,
    partitions: Option<usize>,
    self_loops: SelfLoops,
    duplicates: Duplicates,
    hubs: Option<usize>,
    storage_level: Option<StorageLevel>,
}

impl GraphBuilder {
    /// Takes every edge as going both ways, stored once in each direction.
    pub fn undirected(mut self, undirected: bool) -> Self {
        self.undirected = undirected;
        self
    }

    /// Sets the number of partitions; by default it follows from the number of vertices. Results
    /// do not depend on it, except that sums of floats may differ in the last digits.
    pub fn partitions(mut self, partitions: usize) -> Self {
        self.partitions = Some(partitions);
        self
    }

    /// Sets what happens to self-loops.
    pub fn self_loops(mut self, policy: SelfLoops) -> Self {
        self.self_loops = policy;
        self
    }

    /// Sets what happens to parallel edges.
    pub fn duplicates(mut self, policy: Duplicates) -> Self {
        self.duplicates = policy;
        self
    }

    /// Sets how many of the vertices that most edges leave may be *hubs*, whose messages take a way
    /// of their own in supersteps in which most vertices send; 0 for none, and never more than
    /// 2^16. By default as many as a partition has vertices, in graphs of several partitions in
    /// which such vertices have 40 % of the edges. Results do not depend on it, except that messages of hubs merge before
    /// those of others: sums of floats may differ in the last digits, and
    /// [`Any`](crate::pregel::Any) may keep another message.
    pub fn hubs(mut self, most: usize) -> Self {
        self.hubs = Some(most);
        self
    }

    /// Sets how the graph's blocks are kept, by default as the
    /// [context](crate::rdd::ContextBuilder::storage_level) says.
    pub fn storage_level(mut self, level: StorageLevel) -> Self {
        self.storage_level = Some(level);
        self
    }

    /// True when nothing is asked for that a graph of the same direction may not have.
    pub(crate) fn asks_nothing(&self) -> bool {
        let Self { undirected: _, partitions, self_loops, duplicates, hubs, storage_level } = self;
        (*self_loops, *duplicates) == (SelfLoops::Keep, Duplicates::Keep)
            && partitions.is_none()
            && hubs.is_none()
            && storage_level.is_none()
    }

    /// Builds a graph of the vertices that the edges name.
    ///
    /// Reads the edges once. While it reads, it holds 4 or 5 bytes an edge in graphs of millions of
    /// vertices (8 at most with ids of 32 bits, 16 with larger ones), and the edges' values. These become
    /// 4 bytes a directed edge in the shuffle (8 beyond some ten million vertices), which go as the
    /// result comes, partition by partition.
    ///
    /// # Errors
    /// When computing the edges fails, or with [`ErrorKind::Argument`](crate::ErrorKind) for more
    /// than 2^32 - 1 vertices.
    pub fn edges<E: Data>(self, edges: &Rdd<Edge<E>>) -> Result<Graph<(), E>> {
        let (dictionary, read, chunks) = self.read(None, edges)?;
        let layout = Layout::new(dictionary.len(), self.partitions);
        let values = edges.derived_source("vertex_values", layout.partition_count(), move |p| {
            Ok(Box::new(std::iter::once(Arc::new(vec![(); layout.range(p).len()]))))
        });
        self.assemble(dictionary, read, layout, values, &chunks)
    }

    /// Builds a graph from vertices with values and from edges between them; vertices without
    /// edges are part of it.
    ///
    /// # Errors
    /// [`ErrorKind::DuplicateVertex`] when an id occurs twice among the vertices,
    /// [`ErrorKind::UnknownVertex`] when an edge names an id that is not among them; otherwise as
    /// [`edges`](Self::edges).
    pub fn parts<V: Data, E: Data>(
        self,
        vertices: &Rdd<(VertexId, V)>,
        edges: &Rdd<Edge<E>>,
    ) -> Result<Graph<V, E>> {
        let vertices = vertices.map(|row| row).persist(StorageLevel::MEMORY_ONLY)?;
        let mut given = vertices.map(|(id, _)| id).collect()?;
        given.sort_unstable();
        if let Some(pair) = given.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ErrorKind::DuplicateVertex { id: pair[0].to_string() }.into());
        }
        let (dictionary, read, chunks) = self.read(Some(&given), edges)?;
        if dictionary.len() > given.len() {
            let unknown = dictionary.ids(0..dictionary.len());
            let unknown = unknown.iter().find(|id| given.binary_search(id).is_err());
            let id = unknown.map(ToString::to_string).unwrap_or_default();
            return Err(ErrorKind::UnknownVertex { what: "an edge", id }.into());
        }
        let layout = Layout::new(dictionary.len(), self.partitions);
        let places = Arc::clone(&dictionary);
        let placed = vertices.flat_map(move |(id, value)| {
            places.dense(id).map(|dense| {
                let (partition, local) = layout.place(dense);
                (partition, (local, value))
            })
        });
        let values = placed.partition_by(block_partitioner(layout)).narrow(
            "vertex_values",
            None,
            |_, rows| {
                let mut placed: Vec<(u32, V)> = rows.map(|(_, placed)| placed).collect();
                placed.sort_by_key(|(local, _)| *local);
                let values: Vec<V> = placed.into_iter().map(|(_, value)| value).collect();
                Ok(Box::new(std::iter::once(Arc::new(values))))
            },
        );
        let graph = self.assemble(dictionary, read, layout, values, &chunks)?;
        vertices.unpersist();
        Ok(graph)
    }

    /// Reads the edges into chunks and numbers the ids in them and in `given`.
    fn read<E: Data>(
        &self,
        given: Option<&[VertexId]>,
        edges: &Rdd<Edge<E>>,
    ) -> Result<(Arc<Dictionary>, ChunkSummary, Rdd<Arc<EdgeChunk<E>>>)> {
        let chunks = edge_chunks(edges).persist(StorageLevel::MEMORY_ONLY)?;
        let start = Instant::now();
        let summaries = chunks.map(|chunk| chunk.summary);
        let summary = summaries.fold(ChunkSummary::default(), ChunkSummary::merge)?;
        let count = summary.edges;
        let self_loops = summary.self_loops;
        let duration = start.elapsed();
        edges.runtime().tell(|| Event::EdgesRead { edges: count, self_loops, duration });
        let given = given.unwrap_or_default();
        let largest = given.last().map_or(summary.largest, |last| summary.largest.max(*last));
        let dictionary =
            if let Some(bitmap) = IdBitmap::for_ids(largest, 2 * count + given.len() as u64) {
                given.iter().for_each(|id| bitmap.insert(*id));
                chunks.foreach(|chunk| {
                    chunk.for_each_edge(|source, target| {
                        bitmap.insert(source);
                        bitmap.insert(target);
                    });
                })?;
                Dictionary::from_bitmap(bitmap)?
            } else {
                let found = chunks.map(|chunk| {
                    let mut ids = Vec::with_capacity(2 * chunk.values.len());
                    chunk.for_each_edge(|source, target| ids.extend([source, target]));
                    ids.sort_unstable();
                    ids.dedup();
                    ids
                });
                let mut ids: Vec<_> = found.collect()?.into_iter().flatten().collect();
                ids.extend_from_slice(given);
                edges.runtime().pool.install(|| {
                    ids.par_sort_unstable();
                    ids.dedup();
                    Dictionary::from_sorted(ids)
                })?
            };
        Ok((Arc::new(dictionary), summary, chunks))
    }

    /// Makes the blocks, waits until they stand, and frees what they were made from.
    fn assemble<V: Data, E: Data>(
        self,
        dictionary: Arc<Dictionary>,
        read: ChunkSummary,
        layout: Layout,
        values: Rdd<Arc<Vec<V>>>,
        chunks: &Rdd<Arc<EdgeChunk<E>>>,
    ) -> Result<Graph<V, E>> {
        if layout.partition_size() > 1 << 31 {
            return Err(crate::Error::argument("a partition has at most 2^31 vertices: use more"));
        }
        let level = self.storage_level.unwrap_or(chunks.runtime().storage_level);
        let keying = Arc::new(Keying::of_ids(layout, &dictionary));
        let self_loops = self.self_loops == SelfLoops::Keep;
        let sending = Sending { both_ways: self.undirected, self_loops };
        let runs = edge_runs(chunks, &dictionary, &keying, sending);
        let hubs =
            Hubs::of_edges(self.hubs, &layout, &dictionary, chunks, read.edges, self.undirected)?;
        let hubs = Arc::new(hubs);
        let edges = edge_blocks(&runs, &keying, &hubs, self.duplicates).persist(level)?;
        // Each block takes the place of what it was made from.
        let counts = edges.narrow("edge_counts", None, move |partition, blocks| {
            let count = blocks.map(|block| block.grid.edge_count() as u64).sum::<u64>();
            runs.release_reduced(partition);
            Ok(Box::new(std::iter::once(count)))
        });
        let stored = counts.fold(0, |a, b| a + b)?;
        edges.release_shuffles();
        chunks.unpersist();
        let offered = if self.undirected { 2 * read.edges - read.self_loops } else { read.edges };

        let vertices = vertex_blocks(&edges, &dictionary, (layout, &hubs), self.undirected);
        let vertices = vertices.persist(level)?;
        vertices.count()?;
        vertices.release_shuffles();
        let values = values.persist(level)?;
        values.count()?;
        values.release_shuffles();
        let shape = Shape {
            dictionary,
            layout,
            undirected: self.undirected,
            storage_level: level,
            edge_count: stored,
            dropped_edges: offered - stored,
            asked_hubs: self.hubs,
            mostly_local: OnceLock::new(),
        };
        Ok(Graph::of_blocks(shape, vertices, values, edges, hubs))
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::rdd::Context;

    type Row = (VertexId, VertexId, u32);

    /// What a builder should keep, in the order of dense ids.
    fn expected(input: &[Row], builder: &GraphBuilder) -> Vec<Row> {
        let mut rows = Vec::new();
        for &(source, target, value) in input {
            if source == target && builder.self_loops == SelfLoops::Drop {
                continue;
            }
            rows.push((source, target, value));
            if builder.undirected && source != target {
                rows.push((target, source, value));
            }
        }
        rows.sort_by_key(|(source, target, _)| (*source, *target));
        if builder.duplicates == Duplicates::Drop {
            rows.dedup_by_key(|(source, target, _)| (*source, *target));
        }
        rows
    }

    fn built<E: Data>(graph: &Graph<(), E>, value: impl Fn(&E) -> u32) -> Result<Vec<Row>> {
        let edges = graph.edges().collect()?;
        let rows = edges.iter().map(|edge| (edge.source, edge.target, value(&edge.value)));
        let mut rows: Vec<Row> = rows.collect();
        // A stable sort: the order of equal edges is the graph's.
        rows.sort_by_key(|(source, target, _)| (*source, *target));
        Ok(rows)
    }

    #[test]
    fn any_ids_and_policies_give_the_edges_that_they_should_and_again_when_blocks_are_lost()
    -> Result<()> {
        let ctx = Context::local(2)?;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let same = |n: u64| n;
        let close = |n: u64| n + n / 3;
        let ranked = |n: u64| n * 9;
        let sparse = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for id in [same, close, ranked, sparse] {
            let mut pick = || id(random.next_u64() % 400 * (random.next_u64() % 5) / 4);
            let rows: Vec<Row> = (0..3000).map(|n| (pick(), pick(), n)).collect();
            for (undirected, self_loops, duplicates, partitions, hubs) in [
                (false, SelfLoops::Keep, Duplicates::Keep, None, None),
                (false, SelfLoops::Drop, Duplicates::Drop, Some(3), Some(40)),
                (true, SelfLoops::Keep, Duplicates::Drop, Some(500), None),
                (true, SelfLoops::Drop, Duplicates::Keep, Some(7), Some(100)),
            ] {
                let builder = GraphBuilder {
                    undirected,
                    partitions,
                    self_loops,
                    duplicates,
                    hubs,
                    ..GraphBuilder::default()
                };
                let valued = rows.iter().map(|(s, t, value)| Edge::new(*s, *t, *value));
                let valued = builder.clone().edges(&ctx.parallelize(valued, 5))?;
                let plain = rows.iter().map(|(source, target, _)| Edge::from((*source, *target)));
                let plain = builder.clone().edges(&ctx.parallelize(plain, 5))?;
                let expected = expected(&rows, &builder);
                let without_values: Vec<Row> =
                    expected.iter().map(|row| (row.0, row.1, 0)).collect();
                for _ in 0..2 {
                    assert_eq!(built(&valued, |value| *value)?, expected);
                    assert_eq!(built(&plain, |()| 0)?, without_values);
                    let degrees: u64 =
                        plain.out_degrees().collect()?.iter().map(|row| u64::from(row.1)).sum();
                    assert_eq!(degrees, plain.edge_count());
                    ctx.stop()?;
                }
            }
        }
        Ok(())
    }
}
