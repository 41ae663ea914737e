//! The serialiser that measures instead of writing.

use std::fmt;

use serde::ser::{self, Serialize};

use super::measure::{Measure, Sample, map_of};

/// Elements measured of a long sequence, at the top and further inside.
pub(super) const SAMPLED_ELEMENTS: [usize; 3] = [64, 16, 4];
/// Values nested deeper are not looked into, so that long chains of boxes need no deep stack.
const DEPTH_LIMIT: usize = 100;

/// A value that refuses to be serialised counts for nothing.
#[derive(Debug)]
pub(super) struct Refused;

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
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counter {
    /// Values around this one.
    depth: usize,
    /// Sequences among them.
    sequences: usize,
}

impl Counter {
    #[inline(always)]
    pub(super) fn measure<T: Serialize + ?Sized>(self, value: &T) -> Measure {
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
pub(super) struct Elements {
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
pub(super) struct Entries {
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
pub(super) struct Fields {
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
