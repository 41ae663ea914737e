//! The bytes of values.

/// What an allocation costs beside its bytes.
const ALLOCATION: usize = 16;
/// A `Vec`, a `String`, about a map.
const HEADER: Measure = Measure { inline: 24, align: 8, heap: 0, niche: true };

/// Bytes of one value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    pub(super) inline: usize,
    align: usize,
    pub(super) heap: usize,
    /// True when not all bit patterns mean something, so that a tag around it needs no room.
    niche: bool,
}

impl Measure {
    #[inline(always)]
    pub(super) fn number(bytes: usize) -> Self {
        Self { inline: bytes, align: bytes, heap: 0, niche: false }
    }

    /// A pointer with a length to `bytes` on the heap.
    #[inline(always)]
    pub(super) fn owner_of(bytes: usize) -> Self {
        Self { heap: if bytes == 0 { 0 } else { bytes + ALLOCATION }, ..HEADER }
    }

    /// The bytes in place within a row of its kind.
    #[inline(always)]
    pub(super) fn padded(self) -> usize {
        self.inline.next_multiple_of(self.align.max(1))
    }

    /// The value as a payload beside a tag.
    #[inline(always)]
    pub(super) fn tagged(self) -> Self {
        let align = self.align.max(1);
        let tag = if self.niche { 0 } else { align };
        Self { inline: self.padded() + tag, align, ..self }
    }

    #[inline(always)]
    pub(super) fn add_field(&mut self, field: Self) {
        self.inline += field.padded();
        self.align = self.align.max(field.align);
        self.heap += field.heap;
        self.niche |= field.niche;
    }
}

/// The elements of a sequence that were measured. They are of one type, so each takes in place
/// what the largest of them showed.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) inline: usize,
    pub(super) heap: usize,
    pub(super) taken: usize,
}

impl Sample {
    #[inline(always)]
    pub(super) fn add(&mut self, element: Measure) {
        self.inline = self.inline.max(element.padded());
        self.heap += element.heap;
        self.taken += 1;
    }

    /// What `count` elements own if they are like the sample.
    #[inline(always)]
    pub(super) fn heap_of_all(&self, count: usize) -> usize {
        if count == self.taken {
            return self.heap;
        }
        // In floats, since the product may not fit.
        (self.heap as f64 * (count as f64 / self.taken.max(1) as f64)) as usize
    }

    #[inline(always)]
    pub(super) fn of_all(&self, count: usize) -> usize {
        count.saturating_mul(self.inline).saturating_add(self.heap_of_all(count))
    }
}

/// What a map of so many bytes of entries owns: tables are between half full and full.
#[inline(always)]
pub(super) fn map_of(entries: usize) -> Measure {
    Measure::owner_of(entries.saturating_add(entries / 2))
}
