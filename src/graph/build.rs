//! From edges as users write them to co-partitioned blocks: RDD operations and two shuffles.
//!
//! ```text
//! Rdd<Edge> ─▶ chunks (columns) ─▶ dictionary of ids
//!                  │ dense ids, by target partition
//!                  ▼ shuffle
//!              edge blocks ──▶ degrees ──shuffle──▶ vertex blocks
//! ```
//!
//! The blocks keep their whole lineage, back to the input: a lost block is recomputed. What only
//! served the building (chunks, shuffle outputs) is freed when the blocks stand.

use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Instant;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::{ErrorKind, Result};
use crate::event::Event;
use crate::exec::raise;
use crate::rdd::{Partitioner, Rdd};
use crate::storage::StorageLevel;

use super::dictionary::{Dictionary, IdBitmap};
use super::edge_block::{EdgeBlock, Grid, pack};
use super::layout::Layout;
use super::vertex_block::VertexBlock;
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
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is given edges"]
pub struct GraphBuilder {
    undirected: bool,
    partitions: Option<usize>,
    self_loops: SelfLoops,
    duplicates: Duplicates,
    storage_level: StorageLevel,
}

impl Default for GraphBuilder {
    fn default() -> Self {
        Self {
            undirected: false,
            partitions: None,
            self_loops: SelfLoops::default(),
            duplicates: Duplicates::default(),
            storage_level: StorageLevel::MEMORY_AND_DISK,
        }
    }
}

/// Ids in 32 bits as long as they fit.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum IdColumn {
    Narrow(Vec<u32>),
    Wide(Vec<VertexId>),
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

    fn len(&self) -> usize {
        match self {
            Self::Narrow(ids) => ids.len(),
            Self::Wide(ids) => ids.len(),
        }
    }
}

/// The edges of one input partition as columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct EdgeChunk<E> {
    sources: IdColumn,
    targets: IdColumn,
    values: Vec<E>,
    largest: VertexId,
}

/// Edges from one chunk into one partition.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct EdgeRun<E> {
    edges: Vec<u64>,
    values: Vec<E>,
}

/// Places blocks by their partition number.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockPartitioner(pub(super) usize);

impl Partitioner<usize> for BlockPartitioner {
    fn partition_count(&self) -> usize {
        self.0
    }

    fn partition(&self, key: &usize) -> usize {
        *key
    }

    fn description(&self) -> String {
        format!("block({})", self.0)
    }
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

    /// Sets how the graph's blocks are kept, by default
    /// [`MEMORY_AND_DISK`](StorageLevel::MEMORY_AND_DISK).
    pub fn storage_level(mut self, level: StorageLevel) -> Self {
        self.storage_level = level;
        self
    }

    /// Builds a graph of the vertices that the edges name.
    ///
    /// Reads the edges once. While it builds, it holds 8 bytes an edge for the input (16 with ids
    /// beyond 32 bits) and 8 a directed edge in the shuffle, besides the result.
    ///
    /// # Errors
    /// When computing the edges fails, or with [`ErrorKind::Argument`](crate::ErrorKind) for more
    /// than 2^32 - 1 vertices.
    pub fn edges<E: Data>(self, edges: &Rdd<Edge<E>>) -> Result<Graph<(), E>> {
        let (dictionary, ids, chunks) = self.read(None, edges)?;
        let layout = Layout::new(ids.len(), self.partitions);
        let values = edges.derived_source("vertex_values", layout.partition_count(), move |p| {
            Ok(Box::new(std::iter::once(Arc::new(vec![(); layout.range(p).len()]))))
        });
        self.assemble(dictionary, ids, layout, values, &chunks)
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
        let (dictionary, ids, chunks) = self.read(Some(&given), edges)?;
        if ids.len() > given.len() {
            let unknown = ids.iter().find(|id| given.binary_search(id).is_err());
            let id = unknown.map(ToString::to_string).unwrap_or_default();
            return Err(ErrorKind::UnknownVertex { what: "an edge", id }.into());
        }
        let layout = Layout::new(ids.len(), self.partitions);
        let places = Arc::clone(&dictionary);
        let placed = vertices.flat_map(move |(id, value)| {
            places.dense(id).map(|dense| {
                let (partition, local) = layout.place(dense);
                (partition, (local, value))
            })
        });
        let values = placed
            .partition_by(Arc::new(BlockPartitioner(layout.partition_count())) as Arc<_>)
            .narrow("vertex_values", None, |_, rows| {
                let mut placed: Vec<(u32, V)> = rows.map(|(_, placed)| placed).collect();
                placed.sort_by_key(|(local, _)| *local);
                let values: Vec<V> = placed.into_iter().map(|(_, value)| value).collect();
                Ok(Box::new(std::iter::once(Arc::new(values))))
            });
        let graph = self.assemble(dictionary, ids, layout, values, &chunks)?;
        vertices.unpersist();
        Ok(graph)
    }

    /// Reads the edges into chunks and numbers the ids in them and in `given`.
    fn read<E: Data>(
        &self,
        given: Option<&[VertexId]>,
        edges: &Rdd<Edge<E>>,
    ) -> Result<(Arc<Dictionary>, Arc<Vec<VertexId>>, Rdd<Arc<EdgeChunk<E>>>)> {
        let chunks = edges.narrow("edge_chunks", None, |_, rows| {
            let mut chunk = EdgeChunk {
                sources: IdColumn::Narrow(Vec::new()),
                targets: IdColumn::Narrow(Vec::new()),
                values: Vec::new(),
                largest: 0,
            };
            for edge in rows {
                chunk.largest = chunk.largest.max(edge.source).max(edge.target);
                chunk.sources.push(edge.source);
                chunk.targets.push(edge.target);
                chunk.values.push(edge.value);
            }
            Ok(Box::new(std::iter::once(Arc::new(chunk))))
        });
        let chunks = chunks.persist(StorageLevel::MEMORY_ONLY)?;
        let start = Instant::now();
        let (largest, count) = chunks
            .map(|chunk| (chunk.largest, chunk.sources.len() as u64))
            .fold((0, 0), |(largest, count), (chunk_largest, chunk_count)| {
                (largest.max(chunk_largest), count + chunk_count)
            })?;
        edges.runtime().tell(|| Event::EdgesRead { edges: count, duration: start.elapsed() });
        let given = given.unwrap_or_default();
        let largest = given.last().map_or(largest, |last| largest.max(*last));
        let (dictionary, ids) =
            if let Some(bitmap) = IdBitmap::for_ids(largest, 2 * count + given.len() as u64) {
                given.iter().for_each(|id| bitmap.insert(*id));
                chunks.foreach(|chunk| {
                    for index in 0..chunk.sources.len() {
                        bitmap.insert(chunk.sources.get(index));
                        bitmap.insert(chunk.targets.get(index));
                    }
                })?;
                Dictionary::from_bitmap(bitmap)?
            } else {
                let found = chunks.map(|chunk| {
                    let indexes = 0..chunk.sources.len();
                    let ends = indexes.flat_map(|i| [chunk.sources.get(i), chunk.targets.get(i)]);
                    let mut ids: Vec<_> = ends.collect();
                    ids.sort_unstable();
                    ids.dedup();
                    ids
                });
                let mut ids: Vec<_> = found.collect()?.into_iter().flatten().collect();
                ids.extend_from_slice(given);
                edges.runtime().pool.install(|| ids.par_sort_unstable());
                ids.dedup();
                let ids = Arc::new(ids);
                (Dictionary::from_sorted(Arc::clone(&ids))?, ids)
            };
        Ok((Arc::new(dictionary), ids, chunks))
    }

    /// Makes the blocks, waits until they stand, and frees what they were made from.
    fn assemble<V: Data, E: Data>(
        self,
        dictionary: Arc<Dictionary>,
        ids: Arc<Vec<VertexId>>,
        layout: Layout,
        values: Rdd<Arc<Vec<V>>>,
        chunks: &Rdd<Arc<EdgeChunk<E>>>,
    ) -> Result<Graph<V, E>> {
        if layout.partition_size() > 1 << 31 {
            return Err(crate::Error::argument("a partition has at most 2^31 vertices: use more"));
        }
        let runs = self.distribute(chunks, &dictionary, layout);
        let edges = edge_blocks(&runs, layout, self.duplicates).persist(self.storage_level)?;
        let stored = edges.map(|block| block.grid.edge_count() as u64).fold(0, |a, b| a + b)?;
        edges.release_shuffles();
        let read = chunks.map(|chunk| chunk.sources.len() as u64).fold(0, |a, b| a + b)?;
        let loops = chunks.map(|chunk| {
            let same = |i: &usize| chunk.sources.get(*i) == chunk.targets.get(*i);
            (0..chunk.sources.len()).filter(same).count() as u64
        });
        let loops = loops.fold(0, |a, b| a + b)?;
        chunks.unpersist();
        let offered = if self.undirected { 2 * read - loops } else { read };

        let vertices = vertex_blocks(&edges, ids, layout, self.undirected);
        let vertices = vertices.persist(self.storage_level)?;
        vertices.count()?;
        vertices.release_shuffles();
        let values = values.persist(self.storage_level)?;
        values.count()?;
        values.release_shuffles();
        Ok(Graph {
            shape: Arc::new(Shape {
                dictionary,
                layout,
                undirected: self.undirected,
                storage_level: self.storage_level,
                edge_count: stored,
                dropped_edges: offered - stored,
            }),
            vertices,
            values,
            reversed: Arc::new(OnceLock::new()),
            edges,
        })
    }

    /// Maps the chunks' edges to dense ids and sends them to the partitions they enter.
    fn distribute<E: Data>(
        &self,
        chunks: &Rdd<Arc<EdgeChunk<E>>>,
        dictionary: &Arc<Dictionary>,
        layout: Layout,
    ) -> Rdd<(usize, Arc<EdgeRun<E>>)> {
        let dictionary = Arc::clone(dictionary);
        let (undirected, drop_loops) = (self.undirected, self.self_loops == SelfLoops::Drop);
        let runs = chunks.narrow("edge_runs", None, move |_, chunks| {
            let mut runs = Vec::new();
            for chunk in chunks {
                let dense = |id| match dictionary.dense(id) {
                    Some(dense) => dense,
                    None => raise(
                        ErrorKind::UnknownVertex { what: "an edge", id: id.to_string() }.into(),
                    ),
                };
                let ends =
                    |index| (dense(chunk.sources.get(index)), dense(chunk.targets.get(index)));
                let mut lengths = vec![0; layout.partition_count()];
                for index in 0..chunk.sources.len() {
                    let (source, target) = ends(index);
                    lengths[layout.place(target).0] += 1;
                    if undirected {
                        lengths[layout.place(source).0] += 1;
                    }
                }
                let mut parts: Vec<EdgeRun<E>> = lengths
                    .into_iter()
                    .map(|length| EdgeRun {
                        edges: Vec::with_capacity(length),
                        values: Vec::with_capacity(length),
                    })
                    .collect();
                for index in 0..chunk.sources.len() {
                    let (source, target) = ends(index);
                    if source == target && drop_loops {
                        continue;
                    }
                    let mut put = |source, target| {
                        let (partition, local) = layout.place(target);
                        parts[partition].edges.push(pack(source, local));
                        parts[partition].values.push(chunk.values[index].clone());
                    };
                    put(source, target);
                    if undirected && source != target {
                        put(target, source);
                    }
                }
                let filled = parts.into_iter().enumerate().filter(|(_, run)| !run.edges.is_empty());
                runs.extend(filled.map(|(partition, run)| (partition, Arc::new(run))));
            }
            Ok(Box::new(runs.into_iter()))
        });
        runs.partition_by(Arc::new(BlockPartitioner(layout.partition_count())) as Arc<_>)
    }
}

/// Sorts the runs of each partition into its edge block.
fn edge_blocks<E: Data>(
    runs: &Rdd<(usize, Arc<EdgeRun<E>>)>,
    layout: Layout,
    duplicates: Duplicates,
) -> Rdd<Arc<EdgeBlock<E>>> {
    runs.narrow("edge_blocks", runs.partitioning().cloned(), move |partition, runs| {
        let runs: Vec<_> = runs.map(|(_, run)| run).collect();
        let length = runs.iter().map(|run| run.edges.len()).sum();
        let vertices = layout.range(partition).len();
        let (edges, values) = if std::mem::size_of::<E>() == 0 {
            // Without values equal edges cannot be told apart, and plain keys sort fastest.
            let mut edges = Vec::with_capacity(length);
            runs.iter().for_each(|run| edges.extend_from_slice(&run.edges));
            edges.sort_unstable();
            if duplicates == Duplicates::Drop {
                edges.dedup();
            }
            let value = runs.first().and_then(|run| run.values.first());
            let values = value.map_or_else(Vec::new, |value| vec![value.clone(); edges.len()]);
            (edges, values)
        } else {
            let mut rows: Vec<(u64, E)> = Vec::with_capacity(length);
            for run in &runs {
                rows.extend(run.edges.iter().copied().zip(run.values.iter().cloned()));
            }
            rows.sort_by_key(|(edge, _)| *edge);
            if duplicates == Duplicates::Drop {
                rows.dedup_by_key(|(edge, _)| *edge);
            }
            rows.into_iter().unzip()
        };
        let grid = Arc::new(Grid::from_sorted(&edges, &layout, vertices));
        Ok(Box::new(std::iter::once(Arc::new(EdgeBlock { grid, values }))))
    })
}

/// Makes the vertex blocks: degrees are read off the edge blocks, those of the sources after
/// gathering each partition's cells.
fn vertex_blocks<E: Data>(
    edges: &Rdd<Arc<EdgeBlock<E>>>,
    ids: Arc<Vec<VertexId>>,
    layout: Layout,
    undirected: bool,
) -> Rdd<Arc<VertexBlock>> {
    let count = layout.partition_count();
    let entering = edges.narrow("in_degrees", edges.partitioning().cloned(), move |p, blocks| {
        let mut degrees = vec![0_u32; layout.range(p).len()];
        for block in blocks {
            block.grid.for_each_edge(|_, _, target, _| degrees[target] += 1);
        }
        Ok(Box::new(std::iter::once(Arc::new(degrees))))
    });
    let leaving = if undirected {
        entering.clone()
    } else {
        let grids = edges.flat_map(|block| {
            let sources: Vec<_> = block.grid.source_partitions().collect();
            sources.into_iter().map(move |source| (source, Arc::clone(&block.grid)))
        });
        let gathered = grids.partition_by(Arc::new(BlockPartitioner(count)) as Arc<_>);
        gathered.narrow("out_degrees", gathered.partitioning().cloned(), move |p, grids| {
            let mut degrees = vec![0_u32; layout.range(p).len()];
            for (_, grid) in grids {
                grid.for_each_edge_from(p, |source| degrees[source] += 1);
            }
            Ok(Box::new(std::iter::once(Arc::new(degrees))))
        })
    };
    let placement = edges.partitioning().cloned();
    let degrees =
        entering.zip_nodes(&leaving, "degrees", placement.clone(), |entering, leaving| {
            Ok(Box::new(entering.zip(leaving)))
        });
    degrees.narrow("vertex_blocks", placement, move |partition, degrees| {
        let range = layout.range(partition);
        let ids = Arc::clone(&ids);
        Ok(Box::new(degrees.map(move |(entering, leaving)| {
            Arc::new(VertexBlock {
                first: range.start as u32,
                ids: ids[range.clone()].to_vec(),
                out_degrees: leaving.to_vec(),
                in_degrees: entering.to_vec(),
            })
        })))
    })
}

/// Turns every edge around: the blocks of the reversed graph.
pub(super) fn reversed_blocks<E: Data>(
    edges: &Rdd<Arc<EdgeBlock<E>>>,
    layout: Layout,
) -> Rdd<Arc<EdgeBlock<E>>> {
    let runs = edges.narrow("reversed_runs", None, move |partition, blocks| {
        let first = layout.range(partition).start;
        let mut runs: Vec<EdgeRun<E>> = Vec::new();
        runs.resize_with(layout.partition_count(), || EdgeRun {
            edges: Vec::new(),
            values: Vec::new(),
        });
        for block in blocks {
            block.grid.for_each_edge(|source_partition, source, target, place| {
                let run = &mut runs[source_partition];
                run.edges.push(pack((first + target) as u32, source as u32));
                run.values.push(block.values[place].clone());
            });
        }
        let filled = runs.into_iter().enumerate().filter(|(_, run)| !run.edges.is_empty());
        Ok(Box::new(filled.map(|(partition, run)| (partition, Arc::new(run)))))
    });
    let placed = runs.partition_by(Arc::new(BlockPartitioner(layout.partition_count())) as Arc<_>);
    edge_blocks(&placed, layout, Duplicates::Keep)
}

/// The edges of a block as users write them, in the block's order.
pub(super) fn edges_of<E: Clone>(
    block: &EdgeBlock<E>,
    layout: &Layout,
    partition: usize,
    ids: &[Arc<VertexBlock>],
) -> Vec<Edge<E>> {
    let mut edges = Vec::with_capacity(block.grid.edge_count());
    block.grid.for_each_edge(|source_partition, source, target, place| {
        debug_assert!(source < layout.range(source_partition).len());
        edges.push(Edge {
            source: ids[source_partition].ids[source],
            target: ids[partition].ids[target],
            value: block.values[place].clone(),
        });
    });
    edges
}

#[cfg(test)]
mod tests {
    use super::super::edge_block::unpack;
    use super::*;

    #[test]
    fn an_id_column_widens_at_the_first_large_id() {
        let mut column = IdColumn::Narrow(Vec::new());
        let ids = [1, u64::from(u32::MAX), u64::from(u32::MAX) + 1, 2];
        ids.iter().for_each(|id| column.push(*id));
        assert_eq!((0..column.len()).map(|index| column.get(index)).collect::<Vec<_>>(), ids);
        assert!(matches!(column, IdColumn::Wide(_)));
    }

    #[test]
    fn packing_keeps_source_before_target() {
        assert_eq!(unpack(pack(7, 9)), (7, 9));
        assert!(pack(1, u32::MAX) < pack(2, 0));
    }
}
