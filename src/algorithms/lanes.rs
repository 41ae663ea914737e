//! Several computations side by side in the lanes of one message, so that one walk over the edges
//! serves them all.

use crate::data::Data;
use crate::error::Result;
use crate::graph::VertexId;
use crate::pregel::{Combiner, Number};
use crate::rdd::Rdd;

/// A row for every vertex, with a value for every lane of the runs so far.
pub(super) type Columns<T> = Rdd<(VertexId, Vec<T>)>;

/// Puts the lanes of another run behind those of the runs before it.
pub(super) fn beside<T: Data>(before: Option<Columns<T>>, run: Columns<T>) -> Result<Columns<T>> {
    let Some(before) = before else { return Ok(run) };
    Ok(before.zip(&run)?.map(|((id, mut values), (_, more))| {
        values.extend(more);
        (id, values)
    }))
}

/// Adds lane by lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct SumLanes;

impl<const LANES: usize> Combiner<[f64; LANES]> for SumLanes {
    type Combined = [f64; LANES];

    #[inline]
    fn lift(message: [f64; LANES]) -> [f64; LANES] {
        message
    }

    #[inline]
    fn merge(into: &mut [f64; LANES], message: [f64; LANES]) {
        into.iter_mut().zip(message).for_each(|(sum, value)| *sum += value);
    }

    const NEUTRAL: Option<fn() -> [f64; LANES]> = Some(|| [0.0; LANES]);
}

/// Keeps the smallest of each lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct MinLanes;

impl<T: Number, const LANES: usize> Combiner<[T; LANES]> for MinLanes {
    type Combined = [T; LANES];

    #[inline]
    fn lift(message: [T; LANES]) -> [T; LANES] {
        message
    }

    #[inline]
    fn merge(into: &mut [T; LANES], message: [T; LANES]) {
        into.iter_mut().zip(message).for_each(|(least, value)| *least = least.smaller(value));
    }

    const NEUTRAL: Option<fn() -> [T; LANES]> = Some(|| [T::LARGEST; LANES]);
}

/// Unites sets of up to 64 members a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Union;

impl<const WORDS: usize> Combiner<[u64; WORDS]> for Union {
    type Combined = [u64; WORDS];

    #[inline]
    fn lift(message: [u64; WORDS]) -> [u64; WORDS] {
        message
    }

    #[inline]
    fn merge(into: &mut [u64; WORDS], message: [u64; WORDS]) {
        into.iter_mut().zip(message).for_each(|(set, members)| *set |= members);
    }

    const NEUTRAL: Option<fn() -> [u64; WORDS]> = Some(|| [0; WORDS]);
}
