//! The sources with the most edges, which have cells of their own in the edge grid.
//!
//! Where few vertices send most messages, as in social networks and on the web, a partition's edges
//! from any other partition are mostly rows of one edge, and a row costs more than an edge. Edges
//! that leave *hubs* are therefore taken out of the partitions of their sources and put together:
//! one cell with long rows, which reads the hubs' values from a table of its own that is filled
//! once a superstep. Messages of hubs merge before those of others.
//!
//! Who is a hub follows from the graph and the configuration alone.
//!
//! Source: copies of high-degree vertices after Gonzalez et al., *PowerGraph* (OSDI 2012), section
//! 5, and Salihoglu, Widom, *GPS: A Graph Processing System* (SSDBM 2013), section 3.2 (large
//! adjacency list partitioning); that a table of them keeps values in the cache after Zhang et al.,
//! *Making Caches Work for Graph Analytics* (IEEE BigData 2017), section 4 (frequency clustering).

use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;

use super::VertexId;
use super::bits::Bits;
use super::chunk::EdgeChunk;
use super::dictionary::Dictionary;
use super::layout::Layout;

/// Graphs of fewer partitions have no hubs unless they are told to.
const LEAST_PARTITIONS: usize = 8;
/// Hubs are numbered with 16 bits.
const MOST_HUBS: usize = 1 << 16;
/// Hubs pay where at least this share of the edges leaves them, in percent.
const LEAST_SHARE: u64 = 40;
/// Edges are counted by their sources where a hash of the target has so many zero bits.
const SAMPLE_BITS: u32 = 4;
/// Graphs with fewer edges count all of them.
const SAMPLED_FROM: u64 = 1 << 16;

/// Where the sources of a cell's edges are, in the order of merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Origin {
    /// Among the hubs.
    Hubs,
    /// In a partition, and not among the hubs.
    Partition(usize),
}

/// The hubs among the sources of a graph's edges, numbered from the one with the most edges on, so
/// that what is read most often stands close together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hubs {
    /// Dense ids by number.
    list: Vec<u32>,
    /// The hubs as a set; without members when there are none.
    set: Bits,
    /// How many hubs are before each word of the set.
    before: Vec<u32>,
    /// Numbers by dense id.
    numbers: Vec<u32>,
}

impl Hubs {
    /// Chooses the hubs of a graph by what `count` says of each vertex: at most so many as were
    /// asked for, or as many as suit the graph.
    pub(super) fn choose(
        asked: Option<usize>,
        layout: &Layout,
        count: impl Fn(usize) -> u32,
    ) -> Self {
        let most = asked.unwrap_or_else(|| layout.partition_size()).min(MOST_HUBS);
        // Few counts are beyond it; their vertices are hubs or there are none.
        const LARGEST: usize = 1 << 16;
        let mut vertices = vec![0_u64; LARGEST + 1];
        let mut total = 0;
        for vertex in 0..layout.vertex_count() {
            let count = count(vertex);
            vertices[(count as usize).min(LARGEST)] += 1;
            total += u64::from(count);
        }
        // The smallest count with which no more vertices than allowed are hubs.
        let mut least = LARGEST + 1;
        let mut hubs = 0;
        while least > 1 && hubs + vertices[least - 1] <= most as u64 {
            least -= 1;
            hubs += vertices[least];
        }
        let mut list: Vec<u32> = (0..layout.vertex_count())
            .filter(|vertex| count(*vertex) as usize >= least)
            .map(|vertex| vertex as u32)
            .collect();
        let share: u64 = list.iter().map(|vertex| u64::from(count(*vertex as usize))).sum();
        if list.is_empty() || asked.is_none() && share * 100 < total * LEAST_SHARE {
            return Self::default();
        }
        list.sort_by_key(|vertex| Reverse(count(*vertex as usize)));
        Self::numbered(list, layout)
    }

    /// The hubs of a list of dense ids, by number; `None` where one is no vertex, or there are too
    /// many.
    pub(super) fn of_list(list: Vec<u32>, layout: &Layout) -> Option<Self> {
        let fits = list.iter().all(|hub| (*hub as usize) < layout.vertex_count());
        match list.is_empty() {
            true => Some(Self::default()),
            false => (fits && list.len() <= MOST_HUBS).then(|| Self::numbered(list, layout)),
        }
    }

    fn numbered(list: Vec<u32>, layout: &Layout) -> Self {
        let mut set = Bits::new(layout.vertex_count());
        list.iter().for_each(|vertex| set.insert(*vertex as usize));
        let before = set.ranks();
        let mut numbers: Vec<u32> = (0..list.len() as u32).collect();
        numbers.sort_unstable_by_key(|number| list[*number as usize]);
        Self { list, set, before, numbers }
    }

    /// True when a graph of this layout has no hubs whatever its edges are.
    fn none_for(asked: Option<usize>, layout: &Layout) -> bool {
        asked.map_or(layout.partition_count() < LEAST_PARTITIONS, |asked| asked == 0)
    }

    /// The hubs of a graph that is being built: of many edges, a sample is counted.
    pub(super) fn of_edges<E: Data>(
        asked: Option<usize>,
        layout: &Layout,
        dictionary: &Arc<Dictionary>,
        chunks: &Rdd<Arc<EdgeChunk<E>>>,
        edge_count: u64,
        both_ways: bool,
    ) -> Result<Self> {
        if Self::none_for(asked, layout) {
            return Ok(Self::default());
        }
        let sample_bits = if edge_count < SAMPLED_FROM { 0 } else { SAMPLE_BITS };
        // By what an edge is and not where it stands: files may be cut in any way.
        let sampled = move |target: VertexId| {
            target.wrapping_mul(0x9E37_79B9_7F4A_7C15).leading_zeros() >= sample_bits
        };
        let counts: Arc<Vec<AtomicU32>> =
            Arc::new((0..layout.vertex_count()).map(|_| AtomicU32::new(0)).collect());
        let (counting, dictionary) = (Arc::clone(&counts), Arc::clone(dictionary));
        chunks.foreach(move |chunk| {
            let count = |source| {
                if let Some(count) = dictionary.dense(source).map(|dense| dense as usize) {
                    counting[count].fetch_add(1, Ordering::Relaxed);
                }
            };
            chunk.for_each_edge(|source, target| {
                if sampled(target) {
                    count(source);
                }
                if both_ways && source != target && sampled(source) {
                    count(target);
                }
            });
        })?;
        Ok(Self::choose(asked, layout, |vertex| counts[vertex].load(Ordering::Relaxed)))
    }

    /// The hubs of edges of which so many leave each vertex, by dense id.
    pub(super) fn of_counts(asked: Option<usize>, layout: &Layout, counts: &[u32]) -> Self {
        match Self::none_for(asked, layout) {
            true => Self::default(),
            false => Self::choose(asked, layout, |vertex| counts[vertex]),
        }
    }

    /// The hubs of edges of which it is known how many leave each vertex.
    pub(super) fn of_degrees(
        asked: Option<usize>,
        layout: &Layout,
        degrees: &Rdd<Arc<Vec<u32>>>,
    ) -> Result<Self> {
        if Self::none_for(asked, layout) {
            return Ok(Self::default());
        }
        let degrees = degrees.collect()?;
        Ok(Self::choose(asked, layout, |vertex| {
            let (partition, local) = layout.place(vertex as u32);
            degrees[partition][local as usize]
        }))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The number of a vertex among the hubs, if it is one.
    #[inline]
    pub(crate) fn number(&self, vertex: u32) -> Option<u32> {
        let (word, bit) = (vertex as usize / 64, 1 << (vertex % 64));
        let set = *self.set.words().get(word)?;
        let below = || self.before[word] + (set & (bit - 1)).count_ones();
        (set & bit != 0).then(|| self.numbers[below() as usize])
    }

    /// Dense ids by number.
    pub(crate) fn list(&self) -> &[u32] {
        &self.list
    }

    /// The hubs in a partition: their numbers and dense ids, by dense id.
    pub(crate) fn within(
        &self,
        layout: &Layout,
        partition: usize,
    ) -> impl Iterator<Item = (usize, u32)> {
        let range = layout.range(partition);
        let hub = |number: &u32| self.list[*number as usize];
        let place = |end: usize| self.numbers.partition_point(|at| (hub(at) as usize) < end);
        let numbers = &self.numbers[place(range.start)..place(range.end)];
        numbers.iter().map(move |number| (*number as usize, hub(number)))
    }

    /// How many sources a cell can have.
    pub(crate) fn source_count(&self, layout: &Layout, origin: Origin) -> usize {
        match origin {
            Origin::Hubs => self.len(),
            Origin::Partition(partition) => layout.range(partition).len(),
        }
    }

    /// The dense id of a cell's source.
    #[inline]
    pub(crate) fn dense(&self, layout: &Layout, origin: Origin, source: usize) -> u32 {
        match origin {
            Origin::Hubs => self.list[source],
            Origin::Partition(partition) => (layout.range(partition).start + source) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hubs_are_the_vertices_with_the_most_edges_and_never_more_than_asked_for() {
        let layout = Layout::new(200, Some(3));
        let counts: Vec<u32> =
            (0..200).map(|vertex| if vertex % 50 == 7 { 90 } else { vertex % 3 }).collect();
        let chosen = |asked| Hubs::choose(asked, &layout, |vertex| counts[vertex]).list;
        assert_eq!(chosen(Some(4)), [7, 57, 107, 157]);
        // The next have two edges and are too many.
        assert_eq!(chosen(Some(60)), [7, 57, 107, 157]);
        assert!(chosen(Some(3)).is_empty());
        assert_eq!(chosen(Some(199)).len(), counts.iter().filter(|count| **count > 0).count());
        // They have two thirds of the edges, and fit a partition.
        assert_eq!(chosen(None), [7, 57, 107, 157]);
    }

    #[test]
    fn a_hub_is_found_by_its_dense_id_and_by_its_number() {
        let layout = Layout::new(200, Some(3));
        let hubs = Hubs::choose(Some(9), &layout, |vertex| u32::from(vertex % 23 == 5) * 7);
        let expected: Vec<u32> = (0..200).filter(|vertex| vertex % 23 == 5).collect();
        assert_eq!(hubs.len(), expected.len());
        for vertex in 0..200 {
            let number = expected.iter().position(|hub| *hub == vertex);
            assert_eq!(hubs.number(vertex), number.map(|number| number as u32));
        }
        let within: Vec<_> = (0..3).flat_map(|p| hubs.within(&layout, p)).collect();
        assert_eq!(within, expected.iter().copied().enumerate().collect::<Vec<_>>());
        assert_eq!(hubs.dense(&layout, Origin::Hubs, 2), 51);
        assert_eq!(hubs.dense(&layout, Origin::Partition(1), 2), 69);
        assert_eq!(Hubs::default().number(3), None);
    }
}
