//! Which type a block's rows have, as a number.
//!
//! A type is asked to deserialise itself from a tracer that answers every request with a small
//! value and hashes the requests: what kind of value, how many fields, how many variants. Names are
//! not hashed, so a fingerprint depends on the structure that is stored and on nothing else: not on
//! the compiler, nor on what types and fields are called. An enum is traced once for each of its
//! variants. Types that want to be told names, which no block can do, show themselves here too.
//!
//! A `Deserialize` that checks its input may reject the small values; then what it asked for up to
//! there is the fingerprint.

use std::any::{TypeId, type_name};
use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use crate::error::Result;

use super::corrupt;
use super::encoder::Failure;

/// Traces of a type: as many as the largest enum in it has variants, but no more than this.
const TRACES: u32 = 64;
/// Requests answered in one trace.
const REQUESTS: u32 = 4096;
/// From this depth on options and lists are empty, which is where most recursive types end.
const EMPTY_DEPTH: u32 = 12;
/// Where the others are cut off.
const DEPTH: u32 = 64;

thread_local! {
    /// A trace takes up to microseconds, and shuffles encode many small blocks.
    static KNOWN: RefCell<HashMap<TypeId, Option<u64>, foldhash::fast::RandomState>> =
        RefCell::default();
}

/// Returns the fingerprint of a row type.
///
/// # Errors
/// [`ErrorKind::Codec`](crate::ErrorKind::Codec) for types that need a self-describing format.
pub(super) fn of<T: DeserializeOwned + 'static>() -> Result<u64> {
    let id = TypeId::of::<T>();
    // Not borrowed while tracing, since a `Deserialize` may do anything.
    let known = KNOWN.with_borrow(|known| known.get(&id).copied());
    let fingerprint = known.unwrap_or_else(|| {
        let traced = trace::<T>();
        KNOWN.with_borrow_mut(|known| known.insert(id, traced));
        traced
    });
    fingerprint.ok_or_else(|| {
        let why = "it wants to be told names (serde's flatten, untagged or tag)";
        corrupt(format!("{} cannot be stored: {why}", type_name::<T>()))
    })
}

fn trace<T: DeserializeOwned>() -> Option<u64> {
    let mut trace =
        Trace { hash: 0x9E37_79B9_7F4A_7C15, requests: 0, variant: 0, variants: 1, named: false };
    while trace.variant < trace.variants.min(TRACES) {
        trace.requests = 0;
        // A rejected value ends the trace, in whatever way it is rejected.
        let traced = catch_unwind(AssertUnwindSafe(|| {
            T::deserialize(Tracer { trace: &mut trace, depth: 0 }).is_ok()
        }));
        let accepted = traced.unwrap_or(false);
        trace.note(Request::End, u64::from(accepted));
        trace.variant += 1;
    }
    (!trace.named).then_some(trace.hash)
}

struct Trace {
    hash: u64,
    requests: u32,
    /// Which variant enums are to show this time, and the most that one has.
    variant: u32,
    variants: u32,
    /// True when a name was asked for.
    named: bool,
}

/// What a type asks for. The numbers are part of stored fingerprints.
#[derive(Clone, Copy)]
enum Request {
    End = 1,
    Bool,
    Char,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    Text,
    Bytes,
    Option,
    Unit,
    UnitStruct,
    NewtypeStruct,
    List,
    Map,
    Tuple,
    TupleStruct,
    Struct,
    Enum,
    UnitVariant,
    NewtypeVariant,
    TupleVariant,
    StructVariant,
}

impl Trace {
    #[inline]
    fn note(&mut self, request: Request, count: u64) {
        let event = (request as u64) << 56 ^ count;
        self.hash = (self.hash ^ event).wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(31);
    }
}

/// Answers one request.
struct Tracer<'a> {
    trace: &'a mut Trace,
    /// Values around this one.
    depth: u32,
}

impl<'a> Tracer<'a> {
    fn note(&mut self, request: Request, count: usize) -> Result<(), Failure> {
        self.trace.requests += 1;
        if self.trace.requests > REQUESTS || self.depth > DEPTH {
            return Err(Failure::new("traced far enough"));
        }
        self.trace.note(request, count as u64);
        Ok(())
    }

    fn within(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn parts(self, count: usize) -> Parts<'a> {
        Parts { trace: self.trace, depth: self.depth + 1, left: count }
    }

    /// How many elements a list or an option is to show.
    fn shown(&self) -> usize {
        usize::from(self.depth < EMPTY_DEPTH)
    }
}

macro_rules! answers {
    ($($method:ident: $request:ident, $visit:ident($($value:expr)?);)*) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Failure> {
            self.note(Request::$request, 0)?;
            visitor.$visit($($value)?)
        }
    )*};
}

macro_rules! refused {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Failure> {
            self.trace.named = true;
            Err(Failure::new("a name is asked for"))
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Tracer<'_> {
    type Error = Failure;

    // Ones rather than zeros, since some types have no zero.
    answers! {
        deserialize_bool: Bool, visit_bool(true);
        deserialize_char: Char, visit_char('1');
        deserialize_f32: F32, visit_f32(1.0);
        deserialize_f64: F64, visit_f64(1.0);
        deserialize_i8: I8, visit_i8(1);
        deserialize_i16: I16, visit_i16(1);
        deserialize_i32: I32, visit_i32(1);
        deserialize_i64: I64, visit_i64(1);
        deserialize_i128: I128, visit_i128(1);
        deserialize_u8: U8, visit_u8(1);
        deserialize_u16: U16, visit_u16(1);
        deserialize_u32: U32, visit_u32(1);
        deserialize_u64: U64, visit_u64(1);
        deserialize_u128: U128, visit_u128(1);
        deserialize_str: Text, visit_borrowed_str("1");
        deserialize_string: Text, visit_borrowed_str("1");
        deserialize_bytes: Bytes, visit_borrowed_bytes(b"1");
        deserialize_byte_buf: Bytes, visit_borrowed_bytes(b"1");
        deserialize_unit: Unit, visit_unit();
    }

    refused! { deserialize_any deserialize_identifier deserialize_ignored_any }

    fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        self.note(Request::Option, 0)?;
        match self.shown() {
            0 => visitor.visit_none(),
            _ => visitor.visit_some(self.within()),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::UnitStruct, 0)?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::NewtypeStruct, 0)?;
        visitor.visit_newtype_struct(self.within())
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        self.note(Request::List, 0)?;
        let shown = self.shown();
        visitor.visit_seq(self.parts(shown))
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Failure> {
        self.note(Request::Map, 0)?;
        let shown = self.shown();
        visitor.visit_map(self.parts(shown))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        mut self,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::Tuple, count)?;
        visitor.visit_seq(self.parts(count))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::TupleStruct, count)?;
        visitor.visit_seq(self.parts(count))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::Struct, fields.len())?;
        visitor.visit_seq(self.parts(fields.len()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::Enum, variants.len())?;
        let count = u32::try_from(variants.len()).unwrap_or(u32::MAX);
        self.trace.variants = self.trace.variants.max(count);
        // Where a recursive type goes too deep its first variant, often a leaf, may end it.
        let variant = if self.depth < EMPTY_DEPTH { self.trace.variant } else { 0 };
        let variant = variant.min(count.saturating_sub(1));
        visitor.visit_enum(Variant { tracer: self.within(), variant })
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The parts of a value.
struct Parts<'a> {
    trace: &'a mut Trace,
    depth: u32,
    left: usize,
}

impl Parts<'_> {
    fn value<'de, S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        seed.deserialize(Tracer { trace: self.trace, depth: self.depth })
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.value(seed).map(Some)
    }
}

impl<'de> MapAccess<'de> for Parts<'_> {
    type Error = Failure;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        self.value(seed)
    }
}

/// One variant of an enum.
struct Variant<'a> {
    tracer: Tracer<'a>,
    variant: u32,
}

impl<'a, 'de> EnumAccess<'de> for Variant<'a> {
    type Error = Failure;
    type Variant = Tracer<'a>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Tracer<'a>), Failure> {
        let deserializer = IntoDeserializer::<Failure>::into_deserializer(self.variant);
        Ok((seed.deserialize(deserializer)?, self.tracer))
    }
}

impl<'de> VariantAccess<'de> for Tracer<'_> {
    type Error = Failure;

    fn unit_variant(mut self) -> Result<(), Failure> {
        self.note(Request::UnitVariant, 0)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        mut self,
        seed: S,
    ) -> Result<S::Value, Failure> {
        self.note(Request::NewtypeVariant, 0)?;
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        mut self,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::TupleVariant, count)?;
        visitor.visit_seq(self.parts(count))
    }

    fn struct_variant<V: Visitor<'de>>(
        mut self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.note(Request::StructVariant, fields.len())?;
        visitor.visit_seq(self.parts(fields.len()))
    }
}
