//! Bytes to rows: the counterpart of the encoder.
//!
//! Everything is taken from one slice that ends, strings and bytes by reference, so a length that
//! is announced and not there is found out before anything is allocated for it. Nesting is bounded
//! since decoding recurses, and so are list elements that take no bytes, since the slice does not
//! bound them.

use bincode::de::read::{BorrowReader, Reader};
use bincode::de::{BorrowDecode, BorrowDecoder, Decode, DecoderImpl};
use bincode::error::DecodeError;
use serde::de::{
    self, Deserialize, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::encoder::{FORMAT, Failure, Format};
use super::{DEPTH_LIMIT, FREE_ELEMENTS};

impl From<DecodeError> for Failure {
    #[cold]
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::UnexpectedEnd { additional } => {
                Self::new(format_args!("{additional} bytes are missing at the end"))
            }
            error => Self::new(error),
        }
    }
}

/// Decodes `count` rows, which use `bytes` up. `length` is the length of the rows in their frame.
pub(super) fn decode_rows<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    count: usize,
    length: usize,
) -> Result<Vec<T>, Failure> {
    let decoder = DecoderImpl::new(Input(bytes), FORMAT, ());
    let mut source = Source { decoder, free: FREE_ELEMENTS + length as u64 };
    // A row takes at least a byte; when it takes many more in memory, growing is cheap enough.
    let at_first = count.min(((1 << 20) + 4 * length) / size_of::<T>().max(1));
    let mut rows = Vec::with_capacity(at_first);
    for _ in 0..count {
        rows.push(T::deserialize(ValueDecoder { source: &mut source, depth: 0 })?);
    }
    match source.left() {
        0 => Ok(rows),
        left => Err(Failure::new(format_args!("{left} bytes are left after the last row"))),
    }
}

struct Input<'de>(&'de [u8]);

impl Reader for Input<'_> {
    #[inline(always)]
    fn read(&mut self, bytes: &mut [u8]) -> Result<(), DecodeError> {
        bytes.copy_from_slice(self.take_bytes(bytes.len())?);
        Ok(())
    }
}

impl<'de> BorrowReader<'de> for Input<'de> {
    #[inline(always)]
    fn take_bytes(&mut self, length: usize) -> Result<&'de [u8], DecodeError> {
        match self.0.split_at_checked(length) {
            Some((taken, left)) => {
                self.0 = left;
                Ok(taken)
            }
            None => Err(DecodeError::UnexpectedEnd { additional: length - self.0.len() }),
        }
    }
}

struct Source<'de> {
    decoder: DecoderImpl<Input<'de>, Format, ()>,
    /// How many more list elements may take no bytes.
    free: u64,
}

impl<'de> Source<'de> {
    #[inline(always)]
    fn take<V: Decode<()>>(&mut self) -> Result<V, Failure> {
        Ok(V::decode(&mut self.decoder)?)
    }

    #[inline(always)]
    fn borrow<V: BorrowDecode<'de, ()>>(&mut self) -> Result<V, Failure> {
        Ok(V::borrow_decode(&mut self.decoder)?)
    }

    #[inline(always)]
    fn left(&mut self) -> usize {
        self.decoder.borrow_reader().0.len()
    }
}

/// Reads one value.
struct ValueDecoder<'a, 'de> {
    source: &'a mut Source<'de>,
    /// Values around this one.
    depth: usize,
}

impl<'a, 'de> ValueDecoder<'a, 'de> {
    #[inline(always)]
    fn within(self) -> Result<Self, Failure> {
        if self.depth >= DEPTH_LIMIT {
            return Err(Failure::too_deep());
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// The parts of a value whose type fixes how many there are.
    #[inline(always)]
    fn fields(self, count: usize) -> Result<Parts<'a, 'de>, Failure> {
        let Self { source, depth } = self.within()?;
        Ok(Parts { source, depth, left: count, start: None })
    }

    /// The parts of a value whose number stands before them.
    #[inline(always)]
    fn list(self) -> Result<Parts<'a, 'de>, Failure> {
        let count = self.source.take::<u64>()?;
        let Self { source, depth } = self.within()?;
        let count = usize::try_from(count).map_err(Failure::new)?;
        let start = Some(source.left());
        Ok(Parts { source, depth, left: count, start })
    }
}

#[cold]
fn not_self_describing() -> Failure {
    Failure::new("its type wants to be told names (serde's flatten, untagged or tag)")
}

macro_rules! scalars {
    ($($method:ident: $visit:ident, $type:ty;)*) => {$(
        #[inline(always)]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            visitor.$visit(self.source.take::<$type>()?)
        }
    )*};
}

macro_rules! borrowed {
    ($($method:ident: $visit:ident, $type:ty;)*) => {$(
        #[inline(always)]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            visitor.$visit(self.source.borrow::<$type>()?)
        }
    )*};
}

macro_rules! refused {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Failure> {
            Err(not_self_describing())
        }
    )*};
}

impl<'de> de::Deserializer<'de> for ValueDecoder<'_, 'de> {
    type Error = Failure;

    scalars! {
        deserialize_bool: visit_bool, bool;
        deserialize_char: visit_char, char;
        deserialize_f32: visit_f32, f32;
        deserialize_f64: visit_f64, f64;
        deserialize_i8: visit_i8, i8;
        deserialize_i16: visit_i16, i16;
        deserialize_i32: visit_i32, i32;
        deserialize_i64: visit_i64, i64;
        deserialize_i128: visit_i128, i128;
        deserialize_u8: visit_u8, u8;
        deserialize_u16: visit_u16, u16;
        deserialize_u32: visit_u32, u32;
        deserialize_u64: visit_u64, u64;
        deserialize_u128: visit_u128, u128;
    }

    borrowed! {
        deserialize_str: visit_borrowed_str, &'de str;
        deserialize_string: visit_borrowed_str, &'de str;
        deserialize_bytes: visit_borrowed_bytes, &'de [u8];
        deserialize_byte_buf: visit_borrowed_bytes, &'de [u8];
    }

    refused! { deserialize_any deserialize_identifier deserialize_ignored_any }

    #[inline(always)]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.source.take::<u8>()? {
            0 => visitor.visit_none(),
            1 => visitor.visit_some(self.within()?),
            tag => Err(Failure::new(format_args!("an option has the tag {tag}"))),
        }
    }

    #[inline(always)]
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    #[inline(always)]
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    #[inline(always)]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self.within()?)
    }

    #[inline(always)]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.list()?)
    }

    #[inline(always)]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_map(self.list()?)
    }

    #[inline(always)]
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.fields(count)?)
    }

    #[inline(always)]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.fields(count)?)
    }

    #[inline(always)]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.fields(fields.len())?)
    }

    #[inline(always)]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_enum(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The parts of a value, one after another.
struct Parts<'a, 'de> {
    source: &'a mut Source<'de>,
    depth: usize,
    left: usize,
    /// Bytes that were left before the first part of a list, until that is read.
    start: Option<usize>,
}

impl<'de> Parts<'_, 'de> {
    #[inline(always)]
    fn value<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        seed.deserialize(ValueDecoder { source: self.source, depth: self.depth })
    }

    /// Counts a part; `None` after the last.
    #[inline(always)]
    fn step(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }

    /// After the first element of a list: if it took no bytes, none will, and their number has to
    /// be borne out otherwise.
    #[inline(always)]
    fn account(&mut self) -> Result<(), Failure> {
        if let Some(start) = self.start.take()
            && self.source.left() == start
        {
            let count = self.left as u64 + 1;
            let free = self.source.free.checked_sub(count);
            self.source.free = free.ok_or_else(|| Failure::too_many_free(count))?;
        }
        Ok(())
    }

    /// What to make room for: never more than there are bytes.
    #[inline(always)]
    fn expected(&self) -> usize {
        let bytes = self.start.unwrap_or(usize::MAX);
        self.left.min(bytes)
    }
}

impl<'de> SeqAccess<'de> for Parts<'_, 'de> {
    type Error = Failure;

    #[inline(always)]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        if self.step().is_none() {
            return Ok(None);
        }
        let value = self.value(seed)?;
        self.account()?;
        Ok(Some(value))
    }

    #[inline(always)]
    fn size_hint(&self) -> Option<usize> {
        Some(self.expected())
    }
}

impl<'de> MapAccess<'de> for Parts<'_, 'de> {
    type Error = Failure;

    #[inline(always)]
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        match self.step() {
            Some(()) => self.value(seed).map(Some),
            None => Ok(None),
        }
    }

    #[inline(always)]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        let value = self.value(seed)?;
        self.account()?;
        Ok(value)
    }

    #[inline(always)]
    fn size_hint(&self) -> Option<usize> {
        Some(self.expected())
    }
}

impl<'de> EnumAccess<'de> for ValueDecoder<'_, 'de> {
    type Error = Failure;
    type Variant = Self;

    #[inline(always)]
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Failure> {
        let index = self.source.take::<u32>()?;
        let deserializer = IntoDeserializer::<Failure>::into_deserializer(index);
        Ok((seed.deserialize(deserializer)?, self))
    }
}

impl<'de> VariantAccess<'de> for ValueDecoder<'_, 'de> {
    type Error = Failure;

    #[inline(always)]
    fn unit_variant(self) -> Result<(), Failure> {
        Ok(())
    }

    #[inline(always)]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Failure> {
        seed.deserialize(self.within()?)
    }

    #[inline(always)]
    fn tuple_variant<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.fields(count)?)
    }

    #[inline(always)]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        visitor.visit_seq(self.fields(fields.len())?)
    }
}
