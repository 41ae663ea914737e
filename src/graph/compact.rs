//! Edges on hold in fewer bytes than two ids take.
//!
//! Edges are put in groups by the high bits of their sources, which need not be kept with each then.
//! What is left of an edge, the low bits of its source above its target, takes as many whole bytes as
//! the largest ids of the list ask for: 4 or 5 where two ids take 8, in graphs of millions of vertices.
//! Taking them apart is a load, a mask and a shift.

use serde::{Deserialize, Serialize};

use super::edge_block::{pack, unpack};

/// Groups are numbered with so many bits, and with a few more where that saves a byte an edge.
const LEAST_GROUP_BITS: u32 = 8;
const MOST_GROUP_BITS: u32 = 12;

/// A list of edges between ids of 32 bits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CompactEdges {
    /// Where the edges of each group of sources end.
    #[serde(with = "crate::codec::packed")]
    ends: Vec<u32>,
    /// The rest of each edge, and so much more that a word can be read from where any of them begins.
    #[serde(with = "crate::codec::packed")]
    rests: Vec<u8>,
    /// Bytes of a rest.
    width: u8,
    /// Bits of a source that are in the rest.
    low_bits: u8,
    target_bits: u8,
}

impl CompactEdges {
    /// Of [`pack`]ed edges, which stay in their order or are put in groups.
    pub(super) fn of(edges: &[u64], in_order: bool) -> Self {
        let all = edges.iter().fold(0, |all, edge| all | edge);
        let bits = |id: u32| u32::BITS - id.leading_zeros();
        let (sources, targets) = unpack(all);
        let (source_bits, target_bits) = (bits(sources), bits(targets));
        let group_bits = match in_order {
            true => 0,
            false => (LEAST_GROUP_BITS..=MOST_GROUP_BITS)
                .find(|more| (source_bits + target_bits).saturating_sub(*more) % 8 == 0)
                .unwrap_or(LEAST_GROUP_BITS)
                .min(source_bits)
                // No more groups than edges.
                .min(edges.len().max(1).ilog2()),
        };
        let low_bits = source_bits - group_bits;
        let width = (low_bits + target_bits).div_ceil(8).max(1) as usize;
        let group = |edge: u64| (u64::from(unpack(edge).0) >> low_bits) as usize;

        let mut ends = vec![0_u32; 1 << group_bits];
        edges.iter().for_each(|edge| ends[group(*edge)] += 1);
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut rests = vec![0; edges.len() * width + size_of::<u64>()];
        let low = (1_u64 << low_bits) - 1;
        for edge in edges {
            let (source, target) = unpack(*edge);
            let rest = (u64::from(source) & low) << target_bits | u64::from(target);
            let place = &mut ends[group(*edge)];
            let at = *place as usize * width;
            rests[at..at + width].copy_from_slice(&rest.to_le_bytes()[..width]);
            *place += 1;
        }
        Self {
            ends,
            rests,
            width: width as u8,
            low_bits: low_bits as u8,
            target_bits: target_bits as u8,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }

    /// Calls `visit` with each edge, [`pack`]ed.
    #[inline]
    pub(super) fn for_each(&self, mut visit: impl FnMut(u64)) {
        let width = usize::from(self.width);
        let bits = u32::from(self.low_bits + self.target_bits);
        let mask = u64::MAX.checked_shr(u64::BITS - bits).unwrap_or(0);
        let targets = (1_u64 << self.target_bits) - 1;
        let mut at = 0;
        for (group, end) in self.ends.iter().enumerate() {
            let high = (group as u64) << self.low_bits;
            let end = *end as usize * width;
            while at < end {
                let Some(word) = self.rests[at..].first_chunk() else { return };
                let rest = u64::from_le_bytes(*word) & mask;
                let source = high | rest >> self.target_bits;
                visit(pack(source as u32, (rest & targets) as u32));
                at += width;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngCore, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn edges_of(compact: &CompactEdges) -> Vec<u64> {
        let mut edges = Vec::new();
        compact.for_each(|edge| edges.push(edge));
        edges
    }

    #[test]
    fn edges_of_any_width_come_back_in_their_order_or_by_groups_of_sources() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        for source_bits in 0..=32 {
            for target_bits in [0, 1, 7, 8, 9, 22, 31, 32] {
                let mut id = |bits: u32| (random.next_u64() & ((1 << bits) - 1)) as u32;
                let edges: Vec<u64> =
                    (0..300).map(|_| pack(id(source_bits), id(target_bits))).collect();
                for count in [0, 1, 300] {
                    let edges = &edges[..count];
                    let compact = CompactEdges::of(edges, true);
                    assert_eq!(compact.len(), count);
                    assert_eq!(edges_of(&compact), edges, "{source_bits} and {target_bits} bits");
                    let compact = CompactEdges::of(edges, false);
                    assert_eq!(compact.len(), count);
                    let mut found = edges_of(&compact);
                    let groups: Vec<u64> =
                        found.iter().map(|edge| (edge >> 32) >> compact.low_bits).collect();
                    assert!(groups.is_sorted());
                    let mut expected = edges.to_vec();
                    expected.sort_unstable();
                    found.sort_unstable();
                    assert_eq!(found, expected, "{source_bits} and {target_bits} bits");
                }
            }
        }
    }

    #[test]
    fn groups_save_bytes() {
        let edges: Vec<u64> = (0..1 << 16)
            .map(|n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) & 0x003F_FFFF_003F_FFFF)
            .collect();
        // 44 bits: 6 bytes an edge in order, 4 in 2^12 groups.
        assert_eq!(CompactEdges::of(&edges, true).width, 6);
        let compact = CompactEdges::of(&edges, false);
        assert_eq!((compact.width, compact.ends.len()), (4, 1 << 12));
        // A short list has few.
        assert_eq!(CompactEdges::of(&edges[..20], false).ends.len(), 16);
        assert_eq!(CompactEdges::of(&[], false).ends.len(), 1);
    }
}
