//! The RDD operations that turn chunks of edges into edge blocks and vertex blocks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::ErrorKind;
use crate::exec::raise;
use crate::rdd::{Partitioner, Rdd};

use super::build::{Duplicates, SelfLoops};
use super::chunk::EdgeChunk;
use super::dictionary::Dictionary;
use super::edge_block::{EdgeBlock, pack};
use super::layout::Layout;
use super::vertex_block::VertexBlock;
use super::{Edge, VertexId};

/// Edges from one chunk into one partition.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct EdgeRun<E> {
    #[serde(with = "crate::codec::packed")]
    edges: Vec<u64>,
    values: Vec<E>,
}

impl<E: Clone> EdgeRun<E> {
    fn with_capacity(edges: usize) -> Self {
        Self { edges: Vec::with_capacity(edges), values: Vec::with_capacity(edges) }
    }

    fn push(&mut self, source: u32, target: u32, value: &E) {
        self.edges.push(pack(source, target));
        self.values.push(value.clone());
    }
}

/// Places blocks by their partition number.
#[derive(Debug, Clone, Copy)]
struct BlockPartitioner(usize);

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

/// Places blocks where their partition is.
pub(super) fn block_partitioner(layout: Layout) -> Arc<dyn Partitioner<usize>> {
    Arc::new(BlockPartitioner(layout.partition_count()))
}

/// Maps the chunks' edges to dense ids and sends them to the partitions they enter.
pub(super) fn edge_runs<E: Data>(
    chunks: &Rdd<Arc<EdgeChunk<E>>>,
    dictionary: &Arc<Dictionary>,
    layout: Layout,
    undirected: bool,
    self_loops: SelfLoops,
) -> Rdd<(usize, Arc<EdgeRun<E>>)> {
    let dictionary = Arc::clone(dictionary);
    let runs = chunks.narrow("edge_runs", None, move |_, chunks| {
        let mut runs = Vec::new();
        for chunk in chunks {
            let dense = |id| match dictionary.dense(id) {
                Some(dense) => dense,
                None => {
                    raise(ErrorKind::UnknownVertex { what: "an edge", id: id.to_string() }.into())
                }
            };
            let ends = || chunk.ends().map(|(source, target)| (dense(source), dense(target)));
            let mut lengths = vec![0; layout.partition_count()];
            for (source, target) in ends() {
                lengths[layout.place(target).0] += 1;
                if undirected {
                    lengths[layout.place(source).0] += 1;
                }
            }
            let mut parts: Vec<_> = lengths.into_iter().map(EdgeRun::with_capacity).collect();
            for ((source, target), value) in ends().zip(&chunk.values) {
                if source == target && self_loops == SelfLoops::Drop {
                    continue;
                }
                let mut put = |source, target| {
                    let (partition, local) = layout.place(target);
                    parts[partition].push(source, local, value);
                };
                put(source, target);
                if undirected && source != target {
                    put(target, source);
                }
            }
            runs.extend(filled(parts));
        }
        Ok(Box::new(runs.into_iter()))
    });
    runs.partition_by(block_partitioner(layout))
}

/// The runs that have edges, with their partitions.
fn filled<E>(runs: Vec<EdgeRun<E>>) -> impl Iterator<Item = (usize, Arc<EdgeRun<E>>)> {
    let runs = runs.into_iter().enumerate().filter(|(_, run)| !run.edges.is_empty());
    runs.map(|(partition, run)| (partition, Arc::new(run)))
}

/// Sorts the runs of each partition into its edge block.
pub(super) fn edge_blocks<E: Data>(
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
        let block = EdgeBlock::from_sorted(&edges, values, &layout, vertices);
        Ok(Box::new(std::iter::once(Arc::new(block))))
    })
}

/// Makes the vertex blocks: degrees are read off the edge blocks, those of the sources after
/// gathering each partition's cells.
pub(super) fn vertex_blocks<E: Data>(
    edges: &Rdd<Arc<EdgeBlock<E>>>,
    ids: Arc<Vec<VertexId>>,
    layout: Layout,
    undirected: bool,
) -> Rdd<Arc<VertexBlock>> {
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
        // Each cell tells its source partition how many edges leave which vertices.
        let counts = edges.flat_map(move |block| {
            let grid = Arc::clone(&block.grid);
            let sources: Vec<_> = grid.source_partitions().collect();
            sources.into_iter().map(move |source| {
                let mut degrees = vec![0_u32; layout.range(source).len()];
                grid.for_each_edge_from(source, |local| degrees[local] += 1);
                let counts = degrees.into_iter().enumerate().filter(|(_, degree)| *degree > 0);
                let counts: Vec<_> = counts.map(|(local, degree)| (local as u32, degree)).collect();
                (source, counts)
            })
        });
        let gathered = counts.partition_by(block_partitioner(layout));
        gathered.narrow("out_degrees", gathered.partitioning().cloned(), move |p, counts| {
            let mut degrees = vec![0_u32; layout.range(p).len()];
            for (local, degree) in counts.flat_map(|(_, counts)| counts) {
                degrees[local as usize] += degree;
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
            let (first, ids) = (range.start as u32, ids[range.clone()].to_vec());
            Arc::new(VertexBlock::new(first, ids, leaving.to_vec(), entering.to_vec()))
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
        let counts = vec![0; layout.partition_count()];
        let mut runs: Vec<_> = counts.into_iter().map(EdgeRun::with_capacity).collect();
        for block in blocks {
            block.grid.for_each_edge(|source_partition, source, target, place| {
                let value = &block.values[place];
                runs[source_partition].push((first + target) as u32, source as u32, value);
            });
        }
        Ok(Box::new(filled(runs)))
    });
    let placed = runs.partition_by(block_partitioner(layout));
    edge_blocks(&placed, layout, Duplicates::Keep)
}

/// The edges of a block as users write them, in the order of their sources.
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
    // Ids ascend with dense ids; parallel edges keep their order.
    edges.sort_by_key(|edge| (edge.source, edge.target));
    edges
}
