//! The lists of successors, one after another.
//!
//! A list is an outdegree; a reference to one of the lists shortly before, with the lengths of the
//! blocks of it that are copied and left out in turn; intervals of successors that follow one
//! another; and what then is left, as gaps.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::bits::{BitReader, Code, Damage};

/// What is to be known of a file before its lists can be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// At most 4294967295, and no more than the file has bits.
    pub(super) vertices: u64,
    pub(super) arcs: u64,
    /// How far back a reference may lead.
    pub(super) window: u64,
    /// The least length of an interval; 0 when there are none.
    pub(super) least_interval: u64,
    pub(super) codes: Codes,
}

/// The codes of the parts of a list. Intervals are in γ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Codes {
    pub(super) outdegrees: Code,
    pub(super) references: Code,
    pub(super) block_counts: Code,
    pub(super) blocks: Code,
    pub(super) residuals: Code,
}

/// All that it takes to read on from a vertex.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Start {
    /// The next vertex.
    pub(super) vertex: u64,
    /// The first bit of its list.
    pub(super) bit: u64,
    /// How many arcs precede it.
    pub(super) arcs: u64,
    /// The lists before, the last first.
    lists: VecDeque<Vec<u32>>,
}

/// Reads lists in their order. Holds as many as a reference may lead back, each of at most as many
/// successors as the file has bits.
#[derive(Debug)]
pub(super) struct Lists<R> {
    bits: BitReader<R>,
    layout: Layout,
    next: u64,
    arcs: u64,
    /// The last list first.
    lists: VecDeque<Vec<u32>>,
    copied: Vec<u32>,
    in_intervals: Vec<u32>,
    residuals: Vec<u32>,
    added: Vec<u32>,
}

impl<R: Read> Lists<R> {
    pub(super) fn new(bits: BitReader<R>, layout: Layout, start: Start) -> Self {
        let Start { vertex: next, arcs, lists, .. } = start;
        let (copied, in_intervals, residuals, added) = Default::default();
        Self { bits, layout, next, arcs, lists, copied, in_intervals, residuals, added }
    }

    /// The vertex whose list is the next.
    pub(super) fn vertex(&self) -> u64 {
        self.next
    }

    /// How many arcs precede the next list.
    pub(super) fn arcs(&self) -> u64 {
        self.arcs
    }

    /// The place of the next bit in the file.
    pub(super) fn position(&self) -> u64 {
        self.bits.position()
    }

    /// From where the next list can be read.
    pub(super) fn start(&self) -> Start {
        let lists = self.lists.iter().take(self.layout.window as usize).cloned().collect();
        Start { vertex: self.next, bit: self.position(), arcs: self.arcs, lists }
    }

    /// Reads the next list: successors in order, each once.
    pub(super) fn read(&mut self) -> Result<&[u32], Damage> {
        let Layout { vertices, arcs, window, .. } = self.layout;
        let degree = self.bits.read(self.layout.codes.outdegrees)?;
        if degree > vertices {
            let found = format!("{degree} successors");
            return Err(Damage::wrong(found, format!("at most {vertices}")));
        }
        self.arcs += degree;
        if self.arcs > arcs {
            let found = format!("{} arcs", self.arcs);
            return Err(Damage::wrong(found, format!("{arcs}, as the properties say")));
        }
        // Its memory is used again.
        let oldest = if self.lists.len() as u64 > window { self.lists.pop_back() } else { None };
        let mut list = oldest.unwrap_or_default();
        list.clear();
        if degree > 0 {
            self.fill(degree, &mut list)?;
        }
        self.lists.push_front(list);
        self.next += 1;
        Ok(self.lists.front().map(Vec::as_slice).unwrap_or_default())
    }

    /// Reads a list that is not empty.
    fn fill(&mut self, degree: u64, list: &mut Vec<u32>) -> Result<(), Damage> {
        self.copied.clear();
        if self.layout.window > 0 {
            let back = self.bits.read(self.layout.codes.references)?;
            if back > 0 {
                self.copy(back)?;
            }
        }
        let Some(rest) = degree.checked_sub(self.copied.len() as u64) else {
            let found = format!("{} copied successors", self.copied.len());
            return Err(Damage::wrong(found, format!("at most {degree}")));
        };
        if rest == 0 {
            std::mem::swap(list, &mut self.copied);
            return Ok(());
        }
        let rest = self.read_intervals(rest)?;
        self.read_residuals(rest)?;
        if self.copied.is_empty() {
            return merge(&self.in_intervals, &self.residuals, list);
        }
        self.added.clear();
        merge(&self.in_intervals, &self.residuals, &mut self.added)?;
        merge(&self.copied, &self.added, list)
    }

    /// Copies from an earlier list.
    fn copy(&mut self, back: u64) -> Result<(), Damage> {
        let codes = self.layout.codes;
        let earlier = usize::try_from(back - 1).ok().and_then(|index| self.lists.get(index));
        let Some(earlier) = earlier.filter(|_| back <= self.layout.window) else {
            let found = format!("a reference to {back} lists before");
            return Err(Damage::wrong(found, format!("at most {}", self.lists.len())));
        };
        let count = self.bits.read(codes.block_counts)?;
        let mut at = 0;
        for block in 0..count {
            // Only the first may be empty.
            let length = self.bits.read(codes.blocks)?.saturating_add(u64::from(block > 0));
            let left = earlier.len() - at;
            let Some(length) = usize::try_from(length).ok().filter(|length| *length <= left) else {
                let found = format!("a block of {length} successors");
                return Err(Damage::wrong(found, format!("at most {left}")));
            };
            if block % 2 == 0 {
                self.copied.extend_from_slice(&earlier[at..at + length]);
            }
            at += length;
        }
        if count % 2 == 0 {
            self.copied.extend_from_slice(&earlier[at..]);
        }
        Ok(())
    }

    /// Reads the intervals among `rest` successors, and returns how many are left.
    fn read_intervals(&mut self, mut rest: u64) -> Result<u64, Damage> {
        self.in_intervals.clear();
        let least = self.layout.least_interval;
        if least == 0 {
            return Ok(rest);
        }
        let mut end: Option<u64> = None;
        for _ in 0..self.bits.gamma()? {
            let distance = self.bits.gamma()?;
            let first = match end {
                None => nearby(self.next, distance),
                Some(end) => end.checked_add(distance).and_then(|first| first.checked_add(1)),
            };
            let length = self.bits.gamma()?.saturating_add(least);
            if length > rest {
                let found = format!("an interval of {length} successors");
                return Err(Damage::wrong(found, format!("at most {rest}")));
            }
            let first = self.vertex_of(first)?;
            let next = first + length;
            self.vertex_of(Some(next - 1))?;
            self.in_intervals.extend(first as u32..=(next - 1) as u32);
            rest -= length;
            end = Some(next);
        }
        Ok(rest)
    }

    /// Reads the successors that are left, `rest` of them.
    fn read_residuals(&mut self, rest: u64) -> Result<(), Damage> {
        let code = self.layout.codes.residuals;
        self.residuals.clear();
        let mut last: Option<u64> = None;
        for _ in 0..rest {
            let gap = self.bits.read(code)?;
            let next = match last {
                None => nearby(self.next, gap),
                Some(last) => last.checked_add(gap).and_then(|next| next.checked_add(1)),
            };
            let next = self.vertex_of(next)?;
            self.residuals.push(next as u32);
            last = Some(next);
        }
        Ok(())
    }

    #[inline]
    fn vertex_of(&self, found: Option<u64>) -> Result<u64, Damage> {
        match found {
            Some(vertex) if vertex < self.layout.vertices => Ok(vertex),
            found => Err(not_a_vertex(found, self.layout.vertices)),
        }
    }
}

#[cold]
fn not_a_vertex(found: Option<u64>, vertices: u64) -> Damage {
    let found = match found {
        Some(vertex) => format!("successor {vertex}"),
        None => "a successor out of all bounds".to_owned(),
    };
    Damage::wrong(found, format!("a vertex below {vertices}"))
}

/// The number at a distance whose lowest bit says whether it is one to the left.
fn nearby(vertex: u64, distance: u64) -> Option<u64> {
    let half = distance >> 1;
    if distance & 1 == 0 {
        vertex.checked_add(half)
    } else {
        vertex.checked_sub(half)?.checked_sub(1)
    }
}

/// Merges two lists in order that have nothing in common.
fn merge(one: &[u32], other: &[u32], merged: &mut Vec<u32>) -> Result<(), Damage> {
    let (mut one, mut other) = (one, other);
    while let ([first, one_rest @ ..], [second, other_rest @ ..]) = (one, other) {
        match first.cmp(second) {
            Ordering::Less => {
                merged.push(*first);
                one = one_rest;
            }
            Ordering::Greater => {
                merged.push(*second);
                other = other_rest;
            }
            Ordering::Equal => {
                let found = format!("successor {first} again");
                return Err(Damage::wrong(found, "each successor once"));
            }
        }
    }
    merged.extend_from_slice(one);
    merged.extend_from_slice(other);
    Ok(())
}
