//! How much memory rows take: what budgets of storage are reckoned with.
//!
//! The size of the rows themselves is known; what they own elsewhere is estimated by *serialising
//! into a counter*, which needs nothing of a type but what [`Data`] asks for anyway and allocates
//! nothing. A value is measured as the bytes it takes in place and the bytes it owns on the heap:
//!
//! | value | in place | on the heap |
//! | --- | --- | --- |
//! | number, `bool`, `char` | its size | 0 |
//! | string, bytes | 24 | its length + 16 |
//! | sequence, set | 24 | its elements + 16 |
//! | map | 24 | 1.5 × its entries + 16 |
//! | tuple, struct, variant | its fields, aligned | what they own |
//!
//! Rows that need no drop own nothing, which is known when compiling. Of many rows 256 are measured,
//! evenly spread, and of long sequences 64 elements, 16 of sequences in sequences. Spare capacity is
//! not seen. What stands behind an `Arc` or a `Box` counts as owned, once for each handle.

use std::fmt;
use std::mem::needs_drop;

use serde::ser::{self, Serialize};

use crate::data::Data;

/// Rows measured of many.
const SAMPLED_ROWS: usize = 256;
/// Elements measured of a long sequence, at the top and further inside.
const SAMPLED_ELEMENTS: [usize; 3] = [64, 16, 4];
/// What an allocation costs beside its bytes.
const ALLOCATION: usize = 16;
/// A `Vec`, a `String`, about a map.
const HEADER: Measure = Measure { inline: 24, align: 8, heap: 0, niche: true };
/// Values nested deeper are not looked into, so that long chains of boxes need no deep stack.
const DEPTH_LIMIT: usize = 100;

/// Returns the bytes of memory that rows take, with what they own.
#[inline]
pub(crate) fn of_rows<T: Data>(rows: &[T]) -> usize {
    let own = size_of_val(rows);
    if !needs_drop::<T>() {
        return own;
    }
    let stride = rows.len().div_ceil(SAMPLED_ROWS).max(1);
    let mut sample = Sample::default();
    for row in rows.iter().step_by(stride) {
        sample.heap += heap_of(row);
        sample.taken += 1;
    }
    own + sample.heap_of_all(rows.len())
}

/// Returns the bytes that one row owns elsewhere.
#[inline]
pub(crate) fn heap_of<T: Serialize + ?Sized>(row: &T) -> usize {
    if !needs_drop::<T>() {
        return 0;
    }
    let measure = Counter { depth: 0, sequences: 0 }.measure(row);
    // What does not fit into the row stands behind a pointer in it.
    measure.heap + measure.inline.saturating_sub(size_of_val(row))
}

/// Bytes of one value.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    inline: usize,
    align: usize,
    heap: usize,
    /// True when not all bit patterns mean something, so that a tag around it needs no room.
    niche: bool,
}

impl Measure {
    #[inline(always)]
    fn number(bytes: usize) -> Self {
        Self { inline: bytes, align: bytes, heap: 0, niche: false }
    }

    /// A pointer with a length to `bytes` on the heap.
    #[inline(always)]
    fn owner_of(bytes: usize) -> Self {
        Self { heap: if bytes == 0 { 0 } else { bytes + ALLOCATION }, ..HEADER }
    }

    /// The bytes in place within a row of its kind.
    #[inline(always)]
    fn padded(self) -> usize {
        self.inline.next_multiple_of(self.align.max(1))
    }

    /// The value as a payload beside a tag.
    #[inline(always)]
    fn tagged(self) -> Self {
        let align = self.align.max(1);
        let tag = if self.niche { 0 } else { align };
        Self { inline: self.padded() + tag, align, ..self }
    }

    #[inline(always)]
    fn add_field(&mut self, field: Self) {
        self.inline += field.padded();
        self.align = self.align.max(field.align);
        self.heap += field.heap;
        self.niche |= field.niche;
    }
}

/// The elements of a sequence that were measured. They are of one type, so each takes in place
/// what the largest of them showed.
#[derive(Debug, Default)]
struct Sample {
    inline: usize,
    heap: usize,
    taken: usize,
}

impl Sample {
    #[inline(always)]
    fn add(&mut self, element: Measure) {
        self.inline = self.inline.max(element.padded());
        self.heap += element.heap;
        self.taken += 1;
    }

    /// What `count` elements own if they are like the sample.
    #[inline(always)]
    fn heap_of_all(&self, count: usize) -> usize {
        if count == self.taken {
            return self.heap;
        }
        // In floats, since the product may not fit.
        (self.heap as f64 * (count as f64 / self.taken.max(1) as f64)) as usize
    }

    #[inline(always)]
    fn of_all(&self, count: usize) -> usize {
        count.saturating_mul(self.inline).saturating_add(self.heap_of_all(count))
    }
}

/// A value that refuses to be serialised counts for nothing.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value refuses to be serialised")
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<M: fmt::Display>(_message: M) -> Self {
        Self
    }
}

/// Measures one value.
#[derive(Debug, Clone, Copy)]
struct Counter {
    /// Values around this one.
    depth: usize,
    /// Sequences among them.
    sequences: usize,
}

impl Counter {
    #[inline(always)]
    fn measure<T: Serialize + ?Sized>(self, value: &T) -> Measure {
        if self.depth > DEPTH_LIMIT {
            return Measure::default();
        }
        value.serialize(self).unwrap_or_default()
    }

    #[inline(always)]
    fn inner(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn elements(self) -> Elements {
        let limit = SAMPLED_ELEMENTS[self.sequences.min(SAMPLED_ELEMENTS.len() - 1)];
        let within = Self { depth: self.depth + 1, sequences: self.sequences + 1 };
        Elements { within, limit, count: 0, sample: Sample::default() }
    }

    fn fields(self, tagged: bool) -> Fields {
        Fields { within: self.inner(), tagged, sum: Measure::default() }
    }

    /// Measures some elements of a sequence, evenly spread where its length is known.
    #[inline(always)]
    fn spread<I: Iterator>(
        self,
        items: I,
        measure: impl Fn(Self, &I::Item) -> Measure,
    ) -> (Sample, usize) {
        let mut elements = self.elements();
        let (least, most) = items.size_hint();
        if most == Some(least) {
            let stride = least.div_ceil(elements.limit).max(1);
            items
                .step_by(stride)
                .for_each(|item| elements.sample.add(measure(elements.within, &item)));
            return (elements.sample, least);
        }
        for item in items {
            elements.add(|within| measure(within, &item));
        }
        (elements.sample, elements.count)
    }
}

/// What a map of so many bytes of entries owns: tables are between half full and full.
#[inline(always)]
fn map_of(entries: usize) -> Measure {
    Measure::owner_of(entries.saturating_add(entries / 2))
}

macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {$(
        #[inline(always)]
        fn $method(self, _value: $type) -> Result<Measure, Refused> {
            Ok(Measure::number(size_of::<$type>()))
        }
    )*};
}

impl ser::Serializer for Counter {
    type Ok = Measure;
    type Error = Refused;
    type SerializeSeq = Elements;
    type SerializeTuple = Fields;
    type SerializeTupleStruct = Fields;
    type SerializeTupleVariant = Fields;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Fields;

    numbers! {
        serialize_bool: bool, serialize_char: char, serialize_f32: f32, serialize_f64: f64,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128
    }

    #[inline(always)]
    fn serialize_str(self, text: &str) -> Result<Measure, Refused> {
        Ok(Measure::owner_of(text.len()))
    }

    #[inline(always)]
    fn serialize_bytes(self, bytes: &[u8]) -> Result<Measure, Refused> {
        Ok(Measure::owner_of(bytes.len()))
    }

    /// Without writing out the text.
    fn collect_str<T: fmt::Display + ?Sized>(self, text: &T) -> Result<Measure, Refused> {
        struct Length(usize);
        impl fmt::Write for Length {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0 += text.len();
                Ok(())
            }
        }
        let mut length = Length(0);
        fmt::Write::write_fmt(&mut length, format_args!("{text}")).map_err(|_| Refused)?;
        Ok(Measure::owner_of(length.0))
    }

    #[inline(always)]
    fn serialize_none(self) -> Result<Measure, Refused> {
        Ok(Measure::number(1))
    }

    #[inline(always)]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Measure, Refused> {
        Ok(self.inner().measure(value).tagged())
    }

    #[inline(always)]
    fn serialize_unit(self) -> Result<Measure, Refused> {
        Ok(Measure::default())
    }

    #[inline(always)]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<Measure, Refused> {
        Ok(Measure::default())
    }

    #[inline(always)]
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
    ) -> Result<Measure, Refused> {
        Ok(Measure::number(1))
    }

    #[inline(always)]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<Measure, Refused> {
        Ok(self.inner().measure(value))
    }

    #[inline(always)]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<Measure, Refused> {
        Ok(self.inner().measure(value).tagged())
    }

    #[inline(always)]
    fn serialize_seq(self, _count: Option<usize>) -> Result<Elements, Refused> {
        Ok(self.elements())
    }

    #[inline(always)]
    fn serialize_tuple(self, _count: usize) -> Result<Fields, Refused> {
        Ok(self.fields(false))
    }

    #[inline(always)]
    fn serialize_tuple_struct(self, _name: &'static str, _count: usize) -> Result<Fields, Refused> {
        Ok(self.fields(false))
    }

    #[inline(always)]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _count: usize,
    ) -> Result<Fields, Refused> {
        Ok(self.fields(true))
    }

    #[inline(always)]
    fn serialize_map(self, _count: Option<usize>) -> Result<Entries, Refused> {
        Ok(Entries { elements: self.elements(), key: None })
    }

    #[inline(always)]
    fn serialize_struct(self, _name: &'static str, _count: usize) -> Result<Fields, Refused> {
        Ok(self.fields(false))
    }

    #[inline(always)]
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _count: usize,
    ) -> Result<Fields, Refused> {
        Ok(self.fields(true))
    }

    #[inline(always)]
    fn collect_seq<I>(self, items: I) -> Result<Measure, Refused>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let (sample, count) = self.spread(items.into_iter(), Self::measure);
        Ok(Measure::owner_of(sample.of_all(count)))
    }

    #[inline(always)]
    fn collect_map<K, V, I>(self, entries: I) -> Result<Measure, Refused>
    where
        K: Serialize,
        V: Serialize,
        I: IntoIterator<Item = (K, V)>,
    {
        let (sample, count) = self.spread(entries.into_iter(), |within, (key, value)| {
            let mut entry = within.measure(key);
            entry.add_field(within.measure(value));
            entry
        });
        Ok(map_of(sample.of_all(count)))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// A sequence whose elements arrive one by one: the first ones are measured, all are counted.
#[derive(Debug)]
struct Elements {
    within: Counter,
    limit: usize,
    count: usize,
    sample: Sample,
}

impl Elements {
    #[inline(always)]
    fn add(&mut self, measure: impl FnOnce(Counter) -> Measure) {
        self.count += 1;
        if self.count <= self.limit {
            self.sample.add(measure(self.within));
        }
    }
}

impl ser::SerializeSeq for Elements {
    type Ok = Measure;
    type Error = Refused;

    #[inline(always)]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.add(|within| within.measure(value));
        Ok(())
    }

    #[inline(always)]
    fn end(self) -> Result<Measure, Refused> {
        Ok(Measure::owner_of(self.sample.of_all(self.count)))
    }
}

/// A map whose entries arrive one by one.
#[derive(Debug)]
struct Entries {
    elements: Elements,
    key: Option<Measure>,
}

impl ser::SerializeMap for Entries {
    type Ok = Measure;
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        let wanted = self.elements.count < self.elements.limit;
        self.key = wanted.then(|| self.elements.within.measure(key));
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let mut entry = self.key.take().unwrap_or_default();
        self.elements.add(|within| {
            entry.add_field(within.measure(value));
            entry
        });
        Ok(())
    }

    fn end(self) -> Result<Measure, Refused> {
        Ok(map_of(self.elements.sample.of_all(self.elements.count)))
    }
}

/// The fields of a tuple, a struct or a variant.
#[derive(Debug)]
struct Fields {
    within: Counter,
    tagged: bool,
    sum: Measure,
}

impl Fields {
    #[inline(always)]
    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.sum.add_field(self.within.measure(value));
        Ok(())
    }

    #[inline(always)]
    fn finish(self) -> Result<Measure, Refused> {
        Ok(if self.tagged { self.sum.tagged() } else { self.sum })
    }
}

macro_rules! fields {
    ($($trait:ident::$method:ident($($name:ident: $type:ty)?);)*) => {$(
        impl ser::$trait for Fields {
            type Ok = Measure;
            type Error = Refused;

            #[inline(always)]
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: $type,)?
                value: &T,
            ) -> Result<(), Refused> {
                self.add(value)
            }

            #[inline(always)]
            fn end(self) -> Result<Measure, Refused> {
                self.finish()
            }
        }
    )*};
}

fields! {
    SerializeTuple::serialize_element();
    SerializeTupleStruct::serialize_field();
    SerializeTupleVariant::serialize_field();
    SerializeStruct::serialize_field(_name: &'static str);
    SerializeStructVariant::serialize_field(_name: &'static str);
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde::{Deserialize, Serialize, Serializer};

    use super::*;

    fn is_within_a_tenth(estimate: usize, truth: usize) {
        let error = estimate.abs_diff(truth) as f64 / truth as f64;
        assert!(error < 0.1, "estimated {estimate}, in truth {truth}");
    }

    #[test]
    fn rows_of_numbers_are_their_length_times_their_size() {
        assert_eq!(of_rows(&vec![(1_u64, 2.0_f64, 3_u8); 1000]), 24_000);
        assert_eq!(of_rows(&[Some(1_u32), None]), 16);
        assert_eq!(of_rows(&[[1_u16; 32]; 3]), 192);
        assert_eq!(of_rows(&[(); 3]), 0);
        assert_eq!(of_rows::<String>(&[]), 0);
    }

    #[test]
    fn what_rows_own_is_within_a_tenth_of_the_truth() {
        let strings: Vec<_> = (0..5000).map(|n| "x".repeat(n % 200)).collect();
        let truth = strings.iter().map(|row| 24 + 16 + row.len()).sum();
        is_within_a_tenth(of_rows(&strings), truth);

        let nested: Vec<Vec<u32>> = (0..3000).map(|n| vec![1; n / 10]).collect();
        let truth = nested.iter().map(|row| 24 + 16 + 4 * row.len()).sum();
        is_within_a_tenth(of_rows(&nested), truth);
        // The same inside one row, where only its elements show their sizes.
        is_within_a_tenth(heap_of(&nested), truth);

        let pairs = vec![vec![(1_u8, 2_u32, 3_u64); 1000]];
        is_within_a_tenth(of_rows(&pairs), 24 + 16 + 16 * 1000);
    }

    #[test]
    fn of_a_large_block_behind_an_arc_only_a_few_elements_are_measured() {
        /// Counts how often it is looked at.
        struct Seen<'a>(&'a AtomicUsize);
        impl Serialize for Seen<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.fetch_add(1, Ordering::Relaxed);
                serializer.serialize_f64(1.0)
            }
        }
        let looks = AtomicUsize::new(0);
        let elements: Vec<_> = (0..1_000_000).map(|_| Seen(&looks)).collect();
        is_within_a_tenth(heap_of(&Arc::new(elements)), 8_000_000);
        assert!(
            (1..=2 * SAMPLED_ELEMENTS[0]).contains(&looks.load(Ordering::Relaxed)),
            "{looks:?}"
        );
    }

    #[derive(Clone, Serialize, Deserialize)]
    enum Shape {
        Nothing,
        Named(String),
        Pair(u32, Vec<u8>),
        Fields { text: String, number: Option<u16> },
    }

    #[derive(Clone, Serialize, Deserialize)]
    struct Record {
        id: u64,
        shapes: Vec<Shape>,
        table: HashMap<u32, String>,
        next: Option<Box<Record>>,
    }

    #[test]
    fn structs_variants_and_options_own_what_their_fields_own() {
        assert_eq!(heap_of(&Shape::Nothing), 0);
        assert_eq!(heap_of(&Shape::Named("four".to_owned())), 4 + 16);
        assert_eq!(heap_of(&Shape::Pair(1, vec![0; 10])), 10 + 16);
        let shape = Shape::Fields { text: "x".repeat(9), number: Some(1) };
        assert_eq!(heap_of(&shape), 9 + 16);
        let record = Record {
            id: 1,
            shapes: vec![Shape::Named("x".repeat(100)); 100],
            table: HashMap::new(),
            next: None,
        };
        is_within_a_tenth(heap_of(&record), 16 + 100 * (size_of::<Shape>() + 116));
        let outer = Record { id: 2, shapes: vec![], table: HashMap::new(), next: None };
        let outer = Record { next: Some(Box::new(record.clone())), ..outer };
        assert!(heap_of(&outer) > heap_of(&record));
    }

    #[test]
    fn maps_count_their_entries_and_some_room() {
        let map: BTreeMap<u64, u64> = (0..10_000).map(|n| (n, n)).collect();
        let bytes = heap_of(&map);
        assert!((160_000..320_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_long_chain_of_boxes_is_cut_off_rather_than_followed() {
        let empty = Record { id: 0, shapes: vec![], table: HashMap::new(), next: None };
        let chain = (0..2000).fold(empty.clone(), |next, id| Record {
            id,
            next: Some(Box::new(next)),
            ..empty.clone()
        });
        assert!(heap_of(&chain) > 1000);
    }

    #[test]
    fn elements_that_arrive_one_by_one_are_counted_too() {
        struct OneByOne(usize);
        impl Serialize for OneByOne {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq;
                let mut seq = serializer.serialize_seq(None)?;
                (0..self.0).try_for_each(|n| seq.serialize_element(&(n as u32)))?;
                seq.end()
            }
        }
        let row = Box::new(OneByOne(1000));
        assert_eq!(heap_of(&row), 4000 + 16 + 24 - 8);
    }
}
