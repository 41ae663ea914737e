//! The same edges between other vertices: what is left of a graph when groups of vertices become
//! one, or when edges go.

use std::sync::{Arc, OnceLock};

use crate::data::Data;
use crate::error::Result;

use super::blocks::{block_partitioner, vertex_blocks};
use super::dictionary::Dictionary;
use super::edge_block::{EdgeBlock, pack, unpack};
use super::hubs::Hubs;
use super::layout::Layout;
use super::radix::sort_keys;
use super::{Graph, Shape};

/// Edges that wait for others with the same ends, as a power of two: as many as a second-level cache
/// holds.
const WAITING: u32 = 15;

/// Edges with their values.
type Rows<E> = Vec<(u64, E)>;

impl<V: Data, E: Data> Graph<V, E> {
    /// Returns the graph between the vertices of a dictionary whose edges are this graph's with
    /// other ends: `to` tells by dense number which, or that an edge goes. Edges that have the same
    /// ends then become one, of the values merged in the order of this graph's partitions.
    ///
    /// Where the graph is undirected, both directions of an edge have to go to directions of one
    /// edge. Costs a pass over the edges, a shuffle of those that cannot be merged on the way,
    /// and sorting them.
    pub(crate) fn rewired(
        &self,
        dictionary: Arc<Dictionary>,
        to: impl Fn(u32, u32) -> Option<(u32, u32)> + Send + Sync + 'static,
        merge: impl Fn(&mut E, E) + Send + Sync + 'static,
    ) -> Result<Graph<(), E>> {
        let (before, hubs) = (self.shape.layout, Arc::clone(&self.hubs));
        let layout = Layout::dense(dictionary.len(), self.edge_count());
        let (to, merge) = (Arc::new(to), Arc::new(merge));
        let merges = Arc::clone(&merge);
        let rows = self.edges.narrow("rewired_rows", None, move |partition, blocks| {
            let first = before.range(partition).start;
            let mut sorter = Sorter::new(layout, &*merges);
            for block in blocks {
                block.grid.for_each_edge(|origin, source, target, place| {
                    let source = hubs.dense(&before, origin, source);
                    if let Some((source, target)) = to(source, (first + target) as u32) {
                        sorter.put(source, target, &block.values[place]);
                    }
                });
            }
            Ok(Box::new(sorter.finish().into_iter()))
        });
        let placed = rows.partition_by(block_partitioner(layout));
        let placement = placed.partitioning().cloned();
        let sorted = placed.narrow("rewired", placement, move |_, rows| {
            let parts: Vec<Arc<Rows<E>>> = rows.map(|(_, rows)| rows).collect();
            Ok(Box::new(std::iter::once(Arc::new(merged(parts, &layout, &*merge)))))
        });
        let level = self.shape.storage_level;
        let sorted = sorted.persist(level)?;
        // The messages of those that most edges leave take a way of their own.
        let sources = sorted.map(|rows| {
            let mut counts: Vec<(u32, u32)> = Vec::new();
            for (edge, _) in rows.iter() {
                let (source, _) = unpack(*edge);
                match counts.last_mut() {
                    Some((last, count)) if *last == source => *count += 1,
                    _ => counts.push((source, 1)),
                }
            }
            Arc::new(counts)
        });
        let mut degrees = vec![0_u32; dictionary.len()];
        for (source, count) in sources.collect()?.iter().flat_map(|counts| counts.iter()) {
            degrees[*source as usize] += count;
        }
        let hubs = Arc::new(Hubs::of_counts(self.shape.asked_hubs, &layout, &degrees));
        let laid_out = Arc::clone(&hubs);
        let edges =
            sorted.narrow("edge_blocks", sorted.partitioning().cloned(), move |at, rows| {
                let (hubs, vertices) = (Arc::clone(&laid_out), layout.range(at).len());
                Ok(Box::new(rows.map(move |rows| {
                    let keys: Vec<u64> = rows.iter().map(|(edge, _)| *edge).collect();
                    let values = rows.iter().map(|(_, value)| value.clone()).collect();
                    Arc::new(EdgeBlock::from_sorted(&keys, values, (&layout, &hubs), vertices))
                })))
            });
        let edges = edges.persist(level)?;
        let edge_count = edges.map(|block| block.grid.edge_count() as u64).fold(0, |a, b| a + b)?;
        edges.release_shuffles();
        sorted.unpersist();
        let undirected = self.shape.undirected;
        let vertices = vertex_blocks(&edges, &dictionary, (layout, &hubs), undirected);
        let vertices = vertices.persist(level)?;
        vertices.count()?;
        vertices.release_shuffles();
        let values = vertices.map(|block| Arc::new(vec![(); block.len()]));
        let shape = Shape {
            dictionary,
            layout,
            undirected,
            storage_level: level,
            edge_count,
            // Not offered to a builder: nothing was left out by its policies.
            dropped_edges: 0,
            asked_hubs: self.shape.asked_hubs,
            mostly_local: OnceLock::new(),
        };
        Ok(Graph::of_blocks(shape, vertices, values, edges, hubs))
    }
}

/// Where an edge waits: the high bits of a product (Knuth, *The Art of Computer Programming*, volume
/// 3, section 6.4).
fn place_of(edge: u64) -> usize {
    (edge.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - WAITING)) as usize
}

/// Sorts edges by the partitions they enter. Each waits in a place that depends on its ends, until
/// another one needs it; those with the same ends that come meanwhile are merged.
struct Sorter<'a, E, F> {
    layout: Layout,
    merge: &'a F,
    waiting: Vec<Option<(u64, E)>>,
    rows: Vec<Rows<E>>,
}

impl<'a, E: Clone, F: Fn(&mut E, E)> Sorter<'a, E, F> {
    fn new(layout: Layout, merge: &'a F) -> Self {
        let rows = vec![Vec::new(); layout.partition_count()];
        Self { layout, merge, waiting: vec![None; 1 << WAITING], rows }
    }

    fn put(&mut self, source: u32, target: u32, value: &E) {
        let edge = pack(source, target);
        let place = &mut self.waiting[place_of(edge)];
        match place {
            Some((same, merged)) if *same == edge => (self.merge)(merged, value.clone()),
            _ => {
                if let Some(other) = place.replace((edge, value.clone())) {
                    Self::send(&self.layout, &mut self.rows, other);
                }
            }
        }
    }

    fn send(layout: &Layout, rows: &mut [Rows<E>], (edge, value): (u64, E)) {
        let (source, target) = unpack(edge);
        let (partition, local) = layout.place(target);
        rows[partition].push((pack(source, local), value));
    }

    /// The edges into each partition.
    fn finish(mut self) -> Vec<(usize, Arc<Rows<E>>)> {
        for row in self.waiting.into_iter().flatten() {
            Self::send(&self.layout, &mut self.rows, row);
        }
        let rows = self.rows.into_iter().enumerate();
        rows.filter(|(_, rows)| !rows.is_empty()).map(|(to, rows)| (to, Arc::new(rows))).collect()
    }
}

/// Sorts the edges into a partition; those that have the same ends become one, merged in their order.
fn merged<E: Clone>(
    parts: Vec<Arc<Rows<E>>>,
    layout: &Layout,
    merge: &impl Fn(&mut E, E),
) -> Rows<E> {
    let rows: Rows<E> = parts.iter().flat_map(|rows| rows.iter().cloned()).collect();
    drop(parts);
    let bits = |count: usize| usize::BITS - count.leading_zeros();
    let (source_bits, target_bits) = (bits(layout.vertex_count()), bits(layout.partition_size()));
    let (key_bits, place_bits) = (source_bits + target_bits, bits(rows.len()));
    // A key has its place below it, where both fit a word.
    let places: Vec<u64> = if key_bits + place_bits <= u64::BITS {
        let keys = rows.iter().zip(0..).map(|((edge, _), place): (_, u64)| {
            let (source, target) = unpack(*edge);
            (u64::from(source) << target_bits | u64::from(target)) << place_bits | place
        });
        let mut keys = keys.collect();
        sort_keys(&mut keys, &mut Vec::new(), place_bits, key_bits);
        keys.iter_mut().for_each(|key| *key &= (1 << place_bits) - 1);
        keys
    } else {
        let mut places: Vec<u64> = (0..rows.len() as u64).collect();
        places.sort_by_key(|place| rows[*place as usize].0);
        places
    };
    let mut merged: Rows<E> = Vec::new();
    for place in places {
        let (edge, value) = &rows[place as usize];
        match merged.last_mut() {
            Some((same, kept)) if same == edge => merge(kept, value.clone()),
            _ => merged.push((*edge, value.clone())),
        }
    }
    merged.shrink_to_fit();
    merged
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::graph::Edge;
    use crate::rdd::Context;

    #[test]
    fn groups_become_vertices_and_the_values_of_their_edges_are_merged() -> Result<()> {
        let ctx = Context::local(2)?;
        // More different edges than can wait, and groups between which many edges lead.
        for (vertices, groups) in [(40_000_u64, 39_999_u64), (3_000, 7), (5, 1)] {
            let rows =
                (0..150_000_u64).map(|n| (n * n * 7 % vertices, (n * 31 + n / 9) % vertices, n));
            for partitions in [1, 3] {
                let edges = rows.clone().map(|(from, to, value)| Edge::new(from, to, value));
                let edges = ctx.parallelize(edges.collect::<Vec<_>>(), 4);
                let graph = Graph::builder().partitions(partitions).hubs(5).edges(&edges)?;
                let id = |vertex: u32| graph.id_at(vertex).unwrap_or_default();
                let of: Vec<u32> = (0..graph.vertex_count() as u32)
                    .map(|vertex| (id(vertex) % groups) as u32)
                    .collect();
                let to = move |source: u32, target: u32| {
                    let ends = (of[source as usize], of[target as usize]);
                    (ends.0 != ends.1).then_some(ends)
                };
                let dictionary = Arc::new(Dictionary::from_ids((0..groups).collect())?);
                let rewired = graph.rewired(dictionary, to, |sum, value| *sum += value)?;
                let mut expected = BTreeMap::new();
                for (from, to, value) in rows.clone() {
                    if from % groups != to % groups {
                        *expected.entry((from % groups, to % groups)).or_insert(0) += value;
                    }
                }
                for _ in 0..2 {
                    let found =
                        rewired.edges().map(|edge| ((edge.source, edge.target), edge.value));
                    let mut found = found.collect()?;
                    found.sort_unstable();
                    assert!(found.into_iter().eq(expected.clone()), "{groups} groups");
                    assert_eq!(rewired.edge_count(), expected.len() as u64);
                    assert_eq!(rewired.vertex_count(), groups);
                    let leaving: u32 = rewired.out_degrees().values().fold(0, |a, b| a + b)?;
                    assert_eq!(leaving as usize, expected.len());
                    // Once more, with the blocks computed again.
                    ctx.stop()?;
                }
            }
        }
        Ok(())
    }
}
