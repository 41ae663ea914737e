//! Rows to bytes: serde's side of bincode, with what bincode leaves open settled.
//!
//! The bytes are those of bincode 2 with integers of fixed length. Compared with its own bridge to
//! serde, this one refuses what could not be decoded: deep nesting, fields left out, and lists of
//! unit values that are longer than the block could account for.

use std::fmt;

use bincode::config::{Configuration, Fixint, LittleEndian, NoLimit};
use bincode::enc::write::Writer;
use bincode::enc::{Encode, Encoder, EncoderImpl};
use bincode::error::EncodeError;
use serde::ser::{self, Serialize};

use super::{DEPTH_LIMIT, FREE_ELEMENTS};

/// Without bincode's own limit: what is decoded is borrowed from a slice that ends.
pub(super) type Format = Configuration<LittleEndian, Fixint, NoLimit>;
pub(super) const FORMAT: Format =
    bincode::config::standard().with_fixed_int_encoding().with_little_endian();

/// Why a row was refused. Small, since every value's result carries it.
#[derive(Debug)]
pub(super) struct Failure(Box<str>);

impl Failure {
    #[cold]
    pub(super) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string().into())
    }

    #[cold]
    pub(super) fn too_deep() -> Self {
        Self::new(format_args!("values are nested more than {DEPTH_LIMIT} deep"))
    }

    #[cold]
    pub(super) fn too_many_free(count: u64) -> Self {
        Self::new(format_args!("{count} list elements take no bytes"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl ser::Error for Failure {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self::new(message)
    }
}

impl serde::de::Error for Failure {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self::new(message)
    }
}

impl From<EncodeError> for Failure {
    #[cold]
    fn from(error: EncodeError) -> Self {
        Self::new(error)
    }
}

/// Appends rows to `buffer`.
pub(super) fn encode_rows<T: Serialize>(rows: &[T], buffer: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let before = buffer.len();
    let mut output = Output { encoder: EncoderImpl::new(Buffer(buffer), FORMAT), free: 0 };
    for row in rows {
        row.serialize(ValueEncoder { output: &mut output, depth: 0 })?;
    }
    let free = output.free;
    let Buffer(buffer) = output.encoder.into_writer();
    if free > FREE_ELEMENTS + (buffer.len() - before) as u64 {
        return Err(Failure::too_many_free(free));
    }
    Ok(buffer)
}

struct Buffer(Vec<u8>);

impl Writer for Buffer {
    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

struct Output {
    encoder: EncoderImpl<Buffer, Format>,
    /// Elements of lists that took no bytes.
    free: u64,
}

impl Output {
    #[inline(always)]
    fn put(&mut self, value: impl Encode) -> Result<(), Failure> {
        Ok(value.encode(&mut self.encoder)?)
    }

    fn length(&mut self) -> usize {
        self.encoder.writer().0.len()
    }
}

/// Writes one value.
struct ValueEncoder<'a> {
    output: &'a mut Output,
    /// Values around this one.
    depth: usize,
}

impl<'a> ValueEncoder<'a> {
    #[inline(always)]
    fn within(self) -> Result<Self, Failure> {
        if self.depth >= DEPTH_LIMIT {
            return Err(Failure::too_deep());
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// Starts a value with a known number of fields.
    #[inline(always)]
    fn fields(self) -> Result<Compound<'a>, Failure> {
        let Self { output, depth } = self.within()?;
        Ok(Compound { output, depth, listed: None })
    }

    /// Starts a value with a number of elements in front.
    #[inline(always)]
    fn list(self, count: Option<usize>) -> Result<Compound<'a>, Failure> {
        let Self { output, depth } = self.within()?;
        let count = count.ok_or_else(|| {
            Failure::new(
                "a list or map does not tell its length (serde's flatten cannot be stored)",
            )
        })?;
        output.put(count as u64)?;
        let start = output.length();
        Ok(Compound { output, depth, listed: Some(Listed { count, start }) })
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty),*) => {$(
        #[inline(always)]
        fn $method(self, value: $type) -> Result<(), Failure> {
            self.output.put(value)
        }
    )*};
}

impl<'a> ser::Serializer for ValueEncoder<'a> {
    type Ok = ();
    type Error = Failure;
    type SerializeSeq = Compound<'a>;
    type SerializeTuple = Compound<'a>;
    type SerializeTupleStruct = Compound<'a>;
    type SerializeTupleVariant = Compound<'a>;
    type SerializeMap = Compound<'a>;
    type SerializeStruct = Compound<'a>;
    type SerializeStructVariant = Compound<'a>;

    scalars! {
        serialize_bool: bool, serialize_char: char, serialize_f32: f32, serialize_f64: f64,
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_str: &str, serialize_bytes: &[u8]
    }

    #[inline(always)]
    fn serialize_none(self) -> Result<(), Failure> {
        self.output.put(0_u8)
    }

    #[inline(always)]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        self.output.put(1_u8)?;
        value.serialize(self.within()?)
    }

    #[inline(always)]
    fn serialize_unit(self) -> Result<(), Failure> {
        Ok(())
    }

    #[inline(always)]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Failure> {
        Ok(())
    }

    #[inline(always)]
    fn serialize_unit_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
    ) -> Result<(), Failure> {
        self.output.put(index)
    }

    #[inline(always)]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        value.serialize(self.within()?)
    }

    #[inline(always)]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Failure> {
        self.output.put(index)?;
        value.serialize(self.within()?)
    }

    #[inline(always)]
    fn serialize_seq(self, count: Option<usize>) -> Result<Compound<'a>, Failure> {
        self.list(count)
    }

    #[inline(always)]
    fn serialize_tuple(self, _count: usize) -> Result<Compound<'a>, Failure> {
        self.fields()
    }

    #[inline(always)]
    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _count: usize,
    ) -> Result<Compound<'a>, Failure> {
        self.fields()
    }

    #[inline(always)]
    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _count: usize,
    ) -> Result<Compound<'a>, Failure> {
        self.output.put(index)?;
        self.fields()
    }

    #[inline(always)]
    fn serialize_map(self, count: Option<usize>) -> Result<Compound<'a>, Failure> {
        self.list(count)
    }

    #[inline(always)]
    fn serialize_struct(self, _name: &'static str, _count: usize) -> Result<Compound<'a>, Failure> {
        self.fields()
    }

    #[inline(always)]
    fn serialize_struct_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _count: usize,
    ) -> Result<Compound<'a>, Failure> {
        self.output.put(index)?;
        self.fields()
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The parts of a value, one after another.
struct Compound<'a> {
    output: &'a mut Output,
    depth: usize,
    /// What was announced, for values whose length is not fixed by their type.
    listed: Option<Listed>,
}

struct Listed {
    count: usize,
    start: usize,
}

impl Compound<'_> {
    #[inline(always)]
    fn part<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failure> {
        value.serialize(ValueEncoder { output: self.output, depth: self.depth })
    }

    #[inline(always)]
    fn finish(self) -> Result<(), Failure> {
        if let Some(Listed { count, start }) = self.listed
            && self.output.length() == start
        {
            self.output.free += count as u64;
        }
        Ok(())
    }
}

macro_rules! parts {
    ($($trait:ident: [$($method:ident($($name:ident: $type:ty)?)),*] [$($skip:ident)?])*) => {$(
        impl ser::$trait for Compound<'_> {
            type Ok = ();
            type Error = Failure;

            $(
                #[inline(always)]
                fn $method<T: Serialize + ?Sized>(
                    &mut self,
                    $($name: $type,)?
                    value: &T,
                ) -> Result<(), Failure> {
                    self.part(value)
                }
            )*

            $(
                fn $skip(&mut self, name: &'static str) -> Result<(), Failure> {
                    let what = "(serde's skip_serializing_if cannot be stored)";
                    Err(Failure::new(format_args!("the field {name} is left out {what}")))
                }
            )?

            #[inline(always)]
            fn end(self) -> Result<(), Failure> {
                self.finish()
            }
        }
    )*};
}

parts! {
    SerializeSeq: [serialize_element()] []
    SerializeMap: [serialize_key(), serialize_value()] []
    SerializeTuple: [serialize_element()] []
    SerializeTupleStruct: [serialize_field()] []
    SerializeTupleVariant: [serialize_field()] []
    SerializeStruct: [serialize_field(_name: &'static str)] [skip_field]
    SerializeStructVariant: [serialize_field(_name: &'static str)] [skip_field]
}
