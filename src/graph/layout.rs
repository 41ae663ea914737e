//! How dense vertex ids are cut into partitions.
//!
//! Vertices are numbered 0, 1, 2, … in the order of their ids, and partition `p` holds an equally
//! long run of them. The cut is a function of the graph and the configuration, never of the
//! machine: results rely on it to be the same for any number of threads.

use std::ops::Range;

/// The smallest default size: the values of a partition, of 8 bytes, take a quarter of a
/// second-level cache of 1 MiB.
const SMALLEST_PARTITION: usize = 1 << 15;
/// The largest default size: beyond it values leave the second-level cache altogether.
const LARGEST_PARTITION: usize = 1 << 18;
/// Between the two, a graph gets about this many partitions. Every partition reads the values of
/// all others, and has a row for each of its vertices and each partition that leads there: small
/// partitions keep values close, few partitions keep rows long. Measured with 8-byte values on
/// Kronecker graphs of 16 edges a vertex at 2^22 ids: 19 partitions of 2^17 took three quarters of
/// the time of 37 partitions of 2^16, although those have ids of half the width.
const PARTITIONS: usize = 32;
/// Edges of a partition of a [dense](Layout::dense) graph, about.
const DENSE_PARTITION: u64 = 1 << 20;
/// The smallest size in such a graph.
const LEAST_DENSE: usize = 1 << 8;

/// The cut of `vertex_count` vertices into equally long runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    vertex_count: usize,
    partition_count: usize,
    partition_size: u32,
    /// Set when the size is a power of two, which spares a division an edge.
    shift: Option<u32>,
}

impl Layout {
    /// Cuts into `partitions` runs, or into as many as suit the graph.
    pub(crate) fn new(vertex_count: usize, partitions: Option<usize>) -> Self {
        let (partition_count, partition_size) = match partitions {
            Some(count) => (count.max(1), vertex_count.div_ceil(count.max(1)).max(1)),
            None => {
                let size = vertex_count.div_ceil(PARTITIONS).next_power_of_two();
                let size = size.clamp(SMALLEST_PARTITION, LARGEST_PARTITION);
                (vertex_count.div_ceil(size).max(1), size)
            }
        };
        Self::cut(vertex_count, partition_count, partition_size as u32)
    }

    /// Cuts a graph that may have many edges for its few vertices: into as many partitions as suit
    /// it by its vertices, or more, so that none has too large a share of the edges.
    pub(crate) fn dense(vertex_count: usize, edge_count: u64) -> Self {
        let usual = Self::new(vertex_count, None);
        let by_edges = edge_count.div_ceil(DENSE_PARTITION).clamp(1, PARTITIONS as u64) as usize;
        let size = vertex_count.div_ceil(by_edges).next_power_of_two().max(LEAST_DENSE);
        if size >= usual.partition_size() {
            return usual;
        }
        Self::cut(vertex_count, vertex_count.div_ceil(size).max(1), size as u32)
    }

    /// Cuts into so many partitions of a size; `None` where they do not hold all vertices.
    pub(crate) fn with_partition_size(
        vertex_count: usize,
        partition_count: usize,
        partition_size: u32,
    ) -> Option<Self> {
        let room = partition_count.checked_mul(partition_size as usize)?;
        (partition_count > 0 && partition_size > 0 && room >= vertex_count)
            .then(|| Self::cut(vertex_count, partition_count, partition_size))
    }

    fn cut(vertex_count: usize, partition_count: usize, partition_size: u32) -> Self {
        let shift = partition_size.is_power_of_two().then(|| partition_size.trailing_zeros());
        Self { vertex_count, partition_count, partition_size, shift }
    }

    pub(crate) fn vertex_count(&self) -> usize {
        self.vertex_count
    }

    pub(crate) fn partition_count(&self) -> usize {
        self.partition_count
    }

    /// The most vertices that a partition has.
    pub(crate) fn partition_size(&self) -> usize {
        self.partition_size as usize
    }

    /// The dense ids of a partition; empty for the last ones when there are few vertices.
    pub(crate) fn range(&self, partition: usize) -> Range<usize> {
        let start = (partition * self.partition_size()).min(self.vertex_count);
        start..(start + self.partition_size()).min(self.vertex_count)
    }

    /// The partition of a dense id and its place within it.
    #[inline]
    pub(crate) fn place(&self, dense: u32) -> (usize, u32) {
        match self.shift {
            Some(shift) => ((dense >> shift) as usize, dense & (self.partition_size - 1)),
            None => ((dense / self.partition_size) as usize, dense % self.partition_size),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vertex_has_one_place_and_the_ranges_cover_all() {
        for vertices in [0, 1, 2, 7, 8, 100] {
            for partitions in [1, 2, 3, 8, 200] {
                let layout = Layout::new(vertices, Some(partitions));
                assert_eq!(layout.partition_count(), partitions);
                let covered: Vec<_> = (0..partitions).flat_map(|p| layout.range(p)).collect();
                assert_eq!(covered, (0..vertices).collect::<Vec<_>>());
                for dense in 0..vertices {
                    let (partition, local) = layout.place(dense as u32);
                    assert_eq!(layout.range(partition).start + local as usize, dense);
                }
            }
        }
    }

    #[test]
    fn the_default_cut_depends_on_the_graph_alone() {
        assert_eq!(Layout::new(0, None).partition_count(), 1);
        assert_eq!(Layout::new(100_000, None).partition_count(), 4);
        assert_eq!(Layout::new(1 << 20, None).partition_count(), 32);
        assert_eq!(Layout::new(1 << 22, None).partition_count(), 32);
        assert_eq!(Layout::new(1 << 24, None).partition_count(), 64);
    }

    #[test]
    fn a_graph_with_many_edges_for_its_vertices_has_more_partitions() {
        let counts = |vertices, edges| {
            let layout = Layout::dense(vertices, edges);
            assert!(layout.range(layout.partition_count() - 1).end == vertices);
            layout.partition_count()
        };
        assert_eq!(counts(0, 0), 1);
        assert_eq!(counts(100_000, 100_000), 4);
        assert_eq!(counts(100_000, 1 << 25), 25);
        assert_eq!(counts(1 << 24, 1 << 30), 64);
        assert_eq!(counts(400, 1 << 30), 2);
    }
}
