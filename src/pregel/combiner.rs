//! How the messages of one target become one.

/// Merges messages on their way to a vertex. Merging must be commutative and associative.
///
/// A type of its own rather than a function, so that the engine's inner loops are compiled for it.
pub trait Combiner<M>: 'static {
    /// What `compute` receives when there was at least one message.
    type Combined: Clone + Send + Sync;

    /// Makes a value that merging a message into gives that message, if there is one. With it,
    /// supersteps accumulate without branches.
    const NEUTRAL: Option<fn() -> Self::Combined> = None;

    /// True to merge late: the messages to a partition wait side by side in one vector, and those of
    /// a vertex are [combined](Self::combine) when it computes. It pays where a combined value takes
    /// memory of its own, as a vector does; the edges are then walked twice, once to count messages.
    /// Where every vertex sends in superstep after superstep, vertices look their messages up as they
    /// compute, and none waits.
    const LATE: bool = false;

    /// Combines all messages to a vertex, in the order of merging; `None` without messages. Only
    /// asked where merging is [late](Self::LATE).
    fn combine(mut messages: impl Iterator<Item = M>) -> Option<Self::Combined> {
        let mut combined = Self::lift(messages.next()?);
        messages.for_each(|message| Self::merge(&mut combined, message));
        Some(combined)
    }

    /// Makes a combined value of a first message.
    fn lift(message: M) -> Self::Combined;

    /// Merges a further message.
    fn merge(into: &mut Self::Combined, message: M);

    /// True for a value that no further message can change. Where vertices
    /// [settle](super::VertexProgram::SETTLES), looking for messages ends there. It must be false
    /// for the [neutral](Self::NEUTRAL) value.
    #[inline]
    fn is_saturated(_combined: &Self::Combined) -> bool {
        false
    }
}

/// A primitive number type.
pub trait Number: Copy + Send + Sync + 'static {
    /// Zero.
    const ZERO: Self;
    /// No value is larger.
    const LARGEST: Self;
    /// No value is smaller.
    const SMALLEST: Self;

    /// The sum; integers wrap around on overflow.
    fn plus(self, other: Self) -> Self;
    /// The smaller of two.
    fn smaller(self, other: Self) -> Self;
    /// The larger of two.
    fn larger(self, other: Self) -> Self;
}

macro_rules! integers {
    ($($int:ty)*) => {
        $(impl Number for $int {
            const ZERO: Self = 0;
            const LARGEST: Self = <$int>::MAX;
            const SMALLEST: Self = <$int>::MIN;

            #[inline]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline]
            fn smaller(self, other: Self) -> Self {
                Ord::min(self, other)
            }

            #[inline]
            fn larger(self, other: Self) -> Self {
                Ord::max(self, other)
            }
        })*
    };
}

macro_rules! floats {
    ($($float:ty)*) => {
        $(impl Number for $float {
            const ZERO: Self = 0.0;
            const LARGEST: Self = <$float>::INFINITY;
            const SMALLEST: Self = <$float>::NEG_INFINITY;

            #[inline]
            fn plus(self, other: Self) -> Self {
                self + other
            }

            #[inline]
            fn smaller(self, other: Self) -> Self {
                if other < self { other } else { self }
            }

            #[inline]
            fn larger(self, other: Self) -> Self {
                if other > self { other } else { self }
            }
        })*
    };
}

integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
floats!(f32 f64);

macro_rules! numeric {
    ($(#[$doc:meta])* $name:ident, $neutral:ident, $merge:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl<M: Number> Combiner<M> for $name {
            type Combined = M;

            #[inline]
            fn lift(message: M) -> M {
                message
            }

            #[inline]
            fn merge(into: &mut M, message: M) {
                *into = into.$merge(message);
            }

            const NEUTRAL: Option<fn() -> M> = Some(|| M::$neutral);
        }
    };
}

numeric!(
    /// The sum of the messages.
    Sum, ZERO, plus
);
numeric!(
    /// The smallest message.
    Min, LARGEST, smaller
);
numeric!(
    /// The largest message.
    Max, SMALLEST, larger
);

/// One of the messages: the one that comes first in the order of merging.
#[derive(Debug, Clone, Copy)]
pub struct Any;

impl<M: Clone + Send + Sync> Combiner<M> for Any {
    type Combined = M;

    #[inline]
    fn lift(message: M) -> M {
        message
    }

    #[inline]
    fn merge(_into: &mut M, _message: M) {}

    #[inline]
    fn is_saturated(_combined: &M) -> bool {
        true
    }
}

/// All messages, in the order of merging.
#[derive(Debug, Clone, Copy)]
pub struct Collect;

impl<M: Clone + Send + Sync> Combiner<M> for Collect {
    type Combined = Vec<M>;

    const LATE: bool = true;

    fn combine(messages: impl Iterator<Item = M>) -> Option<Vec<M>> {
        let mut all = Vec::with_capacity(messages.size_hint().1.unwrap_or_default());
        all.extend(messages);
        (!all.is_empty()).then_some(all)
    }

    #[inline]
    fn lift(message: M) -> Vec<M> {
        vec![message]
    }

    #[inline]
    fn merge(into: &mut Vec<M>, message: M) {
        into.push(message);
    }
}
