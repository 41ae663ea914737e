//! Vertices that tell their neighbours about their neighbours: what algorithms on triangles share.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::pregel::Combiner;

/// A list that a vertex sends to all its neighbours. It is one allocation, however many receive it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct List {
    /// The rank of the sender, as [`Message::Rank`] has it.
    pub(super) rank: u64,
    /// Dense numbers of vertices, ascending.
    pub(super) vertices: Vec<u32>,
    /// A number for each of them, or empty.
    pub(super) counts: Vec<u32>,
}

/// What neighbours tell one another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Message {
    /// Who the sender is: its dense number in the low half, and whatever orders the vertices in the
    /// high half.
    Rank(u64),
    /// Some of the sender's neighbours.
    List(Arc<List>),
}

/// What a vertex was told, in the order of merging.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    pub(super) ranks: Vec<u64>,
    pub(super) lists: Vec<Arc<List>>,
}

/// Collects ranks and lists.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listen;

impl Combiner<Message> for Listen {
    type Combined = Told;

    const LATE: bool = true;

    fn lift(message: Message) -> Told {
        let mut told = Told::default();
        Self::merge(&mut told, message);
        told
    }

    #[inline]
    fn merge(into: &mut Told, message: Message) {
        match message {
            Message::Rank(rank) => into.ranks.push(rank),
            Message::List(list) => into.lists.push(list),
        }
    }
}

/// One list is this many times as long as another before its members are looked up one by one.
const MUCH_LONGER: usize = 16;

/// Calls `visit` with the places in `own` and in `other` of every vertex that both lists have. Both
/// ascend.
pub(super) fn for_each_common(own: &[u32], other: &[u32], mut visit: impl FnMut(usize, usize)) {
    if other.len() / MUCH_LONGER > own.len() {
        let mut first = 0;
        for (place, vertex) in own.iter().enumerate() {
            first += other[first..].partition_point(|found| found < vertex);
            if other.get(first) == Some(vertex) {
                visit(place, first);
            }
        }
    } else if own.len() / MUCH_LONGER > other.len() {
        let mut first = 0;
        for (at, vertex) in other.iter().enumerate() {
            first += own[first..].partition_point(|found| found < vertex);
            if own.get(first) == Some(vertex) {
                visit(first, at);
            }
        }
    } else {
        let (mut place, mut at) = (0, 0);
        while let (Some(a), Some(b)) = (own.get(place), other.get(at)) {
            if a == b {
                visit(place, at);
            }
            place += usize::from(a <= b);
            at += usize::from(b <= a);
        }
    }
}

/// A list of vertices that is asked for many others: a bitmap over their range, with ranks.
#[derive(Debug)]
pub(super) struct Lookup {
    first: u32,
    words: Vec<u64>,
    /// How many members are before each word.
    before: Vec<u32>,
}

impl Lookup {
    /// Makes a lookup of an ascending list.
    pub(super) fn new(vertices: &[u32]) -> Self {
        let first = vertices.first().copied().unwrap_or_default() & !63;
        let last = vertices.last().copied().unwrap_or_default();
        let mut words = vec![0_u64; (last - first) as usize / 64 + 1];
        for vertex in vertices {
            let offset = vertex - first;
            words[offset as usize / 64] |= 1 << (offset % 64);
        }
        let mut below = 0;
        let before = words.iter().map(|word| {
            let before = below;
            below += word.count_ones();
            before
        });
        let before = before.collect();
        Self { first, words, before }
    }

    /// How long making a lookup takes, in steps of looking up.
    pub(super) fn cost(vertices: &[u32]) -> usize {
        let range = match vertices {
            [first, .., last] => (last - first) as usize,
            _ => 0,
        };
        range / 32 + vertices.len()
    }

    /// Calls `visit` with the places in the list and in `other` of every vertex that both have.
    #[inline]
    pub(super) fn for_each_common(&self, other: &[u32], mut visit: impl FnMut(usize, usize)) {
        for (at, vertex) in other.iter().enumerate() {
            let offset = vertex.wrapping_sub(self.first);
            let word = offset as usize / 64;
            let Some(bits) = self.words.get(word) else { continue };
            let bit = 1_u64 << (offset % 64);
            if bits & bit != 0 {
                visit((self.before[word] + (bits & (bit - 1)).count_ones()) as usize, at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_members_are_found_at_any_lengths_and_by_lookup() {
        let every = |step: u32, first: u32, end: u32| -> Vec<u32> {
            (first..end).step_by(step as usize).collect()
        };
        let lists = [
            vec![],
            vec![77],
            every(1, 3, 900),
            every(7, 0, 900),
            every(13, 5, 40_000),
            every(3, 39_000, 40_000),
            vec![u32::MAX - 1, u32::MAX],
        ];
        for own in &lists {
            for other in &lists {
                let places = own.iter().enumerate().filter_map(|(place, vertex)| {
                    Some((place, other.iter().position(|found| found == vertex)?))
                });
                let common: Vec<_> = places.collect();
                let mut found = Vec::new();
                for_each_common(own, other, |place, at| found.push((place, at)));
                assert_eq!(found, common);
                found.clear();
                if !own.is_empty() {
                    Lookup::new(own).for_each_common(other, |place, at| found.push((place, at)));
                    assert_eq!(found, common);
                }
            }
        }
    }
}
