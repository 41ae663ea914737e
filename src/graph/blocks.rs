//! The RDD operations that turn chunks of edges into edge blocks and vertex blocks.

use std::sync::Arc;

use crate::data::Data;
use crate::rdd::{Partitioner, Rdd};

use super::Edge;
use super::build::Duplicates;
use super::chunk::EdgeChunk;
use super::counts::Counts;
use super::deal::{NumberedEdges, Places, Sending, cut};
use super::dictionary::Dictionary;
use super::edge_block::{EdgeBlock, pack};
use super::hubs::{Hubs, Origin};
use super::keys::Keying;
use super::layout::Layout;
use super::runs::EdgeRun;
use super::vertex_block::VertexBlock;

/// A chunk's edges.
struct Numbered<'a, E> {
    chunk: &'a EdgeChunk<E>,
    dictionary: &'a Dictionary,
    keying: &'a Keying,
}

impl<E> NumberedEdges<E> for Numbered<'_, E> {
    fn values(&self) -> &[E] {
        &self.chunk.values
    }

    fn for_each_batch(&self, mut visit: impl FnMut(&[u64], Places<'_>)) {
        let mut place = 0;
        let mut numbered = Vec::new();
        self.chunk.for_each_piece(|piece| {
            let largest = self.chunk.summary.largest;
            self.keying.number(piece, largest, self.dictionary, &mut numbered);
            visit(&numbered, Places::From(place));
            place += numbered.len();
        });
    }
}

/// A block's edges turned around.
struct Reversed<'a, E> {
    block: &'a EdgeBlock<E>,
    layout: Layout,
    hubs: &'a Hubs,
    /// The dense id of the first vertex that the edges enter.
    first: usize,
}

impl<E> NumberedEdges<E> for Reversed<'_, E> {
    fn values(&self) -> &[E] {
        &self.block.values
    }

    fn for_each_batch(&self, mut visit: impl FnMut(&[u64], Places<'_>)) {
        let grid = &self.block.grid;
        let mut edges = Vec::with_capacity(grid.edge_count());
        let mut places = Vec::with_capacity(grid.edge_count());
        grid.for_each_edge(|origin, source, target, place| {
            let source = self.hubs.dense(&self.layout, origin, source);
            edges.push(pack((self.first + target) as u32, source));
            places.push(place);
        });
        visit(&edges, Places::Listed(&places));
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

/// Sends the chunks' edges to the partitions they enter. The chunks are
/// freed as they are read: what was made of them is all that is needed from then on.
pub(super) fn edge_runs<E: Data>(
    chunks: &Rdd<Arc<EdgeChunk<E>>>,
    dictionary: &Arc<Dictionary>,
    keying: &Arc<Keying>,
    sending: Sending,
) -> Rdd<(usize, Arc<EdgeRun<E>>)> {
    let layout = keying.layout;
    let keying = Arc::clone(keying);
    let dictionary = Arc::clone(dictionary);
    let kept = chunks.clone();
    let runs = chunks.narrow("edge_runs", None, move |partition, mut chunks| {
        let mut runs = Vec::new();
        for chunk in &mut chunks {
            let edges = Numbered { chunk: &chunk, dictionary: &dictionary, keying: &keying };
            runs.extend(cut(&edges, &keying, sending));
        }
        drop(chunks);
        kept.release_partition(partition);
        Ok(Box::new(runs.into_iter()))
    });
    runs.partition_by(block_partitioner(layout))
}

/// Puts the runs of each partition together to its edge block.
pub(super) fn edge_blocks<E: Data>(
    runs: &Rdd<(usize, Arc<EdgeRun<E>>)>,
    keying: &Arc<Keying>,
    hubs: &Arc<Hubs>,
    duplicates: Duplicates,
) -> Rdd<Arc<EdgeBlock<E>>> {
    let (keying, hubs) = (Arc::clone(keying), Arc::clone(hubs));
    runs.narrow("edge_blocks", runs.partitioning().cloned(), move |partition, runs| {
        let runs: Vec<_> = runs.map(|(_, run)| run).collect();
        let block = EdgeBlock::from_runs(runs, partition, &keying, &hubs, duplicates);
        Ok(Box::new(std::iter::once(Arc::new(block))))
    })
}

/// Makes the vertex blocks: degrees are read off the edge blocks, those of the sources after
/// gathering each partition's cells.
pub(super) fn vertex_blocks<E: Data>(
    edges: &Rdd<Arc<EdgeBlock<E>>>,
    dictionary: &Arc<Dictionary>,
    (layout, hubs): (Layout, &Arc<Hubs>),
    undirected: bool,
) -> Rdd<Arc<VertexBlock>> {
    let entering = edges.narrow("in_degrees", edges.partitioning().cloned(), move |p, blocks| {
        let mut degrees = vec![0_u32; layout.range(p).len()];
        for block in blocks {
            block.grid.for_each_row(|target, edges| degrees[target] += edges.len() as u32);
        }
        Ok(Box::new(std::iter::once(Arc::new(degrees))))
    });
    let leaving = if undirected {
        entering.clone()
    } else {
        // Each block tells every source partition how many edges leave which vertices.
        let hubs = Arc::clone(hubs);
        let counts = edges.flat_map(move |block| {
            let (grid, hubs) = (Arc::clone(&block.grid), Arc::clone(&hubs));
            let mut of_hubs = vec![0_u32; hubs.len()];
            grid.for_each_edge_from(Origin::Hubs, |number| of_hubs[number] += 1);
            (0..layout.partition_count()).filter_map(move |source| {
                let range = layout.range(source);
                let own_hubs = || hubs.within(&layout, source);
                if !grid.has(Origin::Partition(source))
                    && own_hubs().all(|(number, _)| of_hubs[number] == 0)
                {
                    return None;
                }
                let mut degrees = vec![0; range.len()];
                grid.for_each_edge_from(Origin::Partition(source), |local| degrees[local] += 1);
                for (number, hub) in own_hubs() {
                    degrees[hub as usize - range.start] += of_hubs[number];
                }
                Some((source, Counts::new(&degrees)))
            })
        });
        let gathered = counts.partition_by(block_partitioner(layout));
        gathered.narrow("out_degrees", gathered.partitioning().cloned(), move |p, counts| {
            let mut degrees = vec![0_u32; layout.range(p).len()];
            counts.for_each(|(_, counts)| counts.add_to(&mut degrees));
            Ok(Box::new(std::iter::once(Arc::new(degrees))))
        })
    };
    let placement = edges.partitioning().cloned();
    let degrees =
        entering.zip_nodes(&leaving, "degrees", placement.clone(), |entering, leaving| {
            Ok(Box::new(entering.zip(leaving)))
        });
    let dictionary = Arc::clone(dictionary);
    degrees.narrow("vertex_blocks", placement, move |partition, degrees| {
        let range = layout.range(partition);
        let dictionary = Arc::clone(&dictionary);
        Ok(Box::new(degrees.map(move |(entering, leaving)| {
            let (first, ids) = (range.start as u32, dictionary.ids(range.clone()));
            Arc::new(VertexBlock::new(first, ids, leaving.to_vec(), entering.to_vec()))
        })))
    })
}

/// Turns every edge around: the blocks of the reversed graph. The hubs before and after are given.
pub(super) fn reversed_blocks<E: Data>(
    edges: &Rdd<Arc<EdgeBlock<E>>>,
    layout: Layout,
    [before, after]: [&Arc<Hubs>; 2],
) -> Rdd<Arc<EdgeBlock<E>>> {
    let keying = Arc::new(Keying::of_dense_ids(layout));
    let (cutting, hubs) = (Arc::clone(&keying), Arc::clone(before));
    let runs = edges.narrow("reversed_runs", None, move |partition, blocks| {
        let first = layout.range(partition).start;
        let mut runs = Vec::new();
        let sending = Sending { both_ways: false, self_loops: true };
        for block in blocks {
            let edges = Reversed { block: &block, layout, hubs: &hubs, first };
            runs.extend(cut(&edges, &cutting, sending));
        }
        Ok(Box::new(runs.into_iter()))
    });
    let placed = runs.partition_by(block_partitioner(layout));
    edge_blocks(&placed, &keying, after, Duplicates::Keep)
}

/// The edges of a block as users write them, in the order of their sources.
pub(super) fn edges_of<E: Clone>(
    block: &EdgeBlock<E>,
    (layout, hubs): (&Layout, &Hubs),
    partition: usize,
    ids: &[Arc<VertexBlock>],
) -> Vec<Edge<E>> {
    let mut edges = Vec::with_capacity(block.grid.edge_count());
    block.grid.for_each_edge(|origin, source, target, place| {
        let (source_partition, source) = layout.place(hubs.dense(layout, origin, source));
        edges.push(Edge {
            source: ids[source_partition].ids[source as usize],
            target: ids[partition].ids[target],
            value: block.values[place].clone(),
        });
    });
    // Ids ascend with dense ids; parallel edges keep their order.
    edges.sort_by_key(|edge| (edge.source, edge.target));
    edges
}
