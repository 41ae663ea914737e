//! Columns of numbers as bytes: `#[serde(with = "crate::codec::packed")]`.
//!
//! Serde hands over a list number by number. A list of some thousand numbers as one piece of
//! bytes costs hardly more than copying it, which is what blocks of columns are encoded with.
//! Stored, it is a list of byte strings of [`PIECE_BYTES`] each but the last, little-endian.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};

/// Long enough that its own cost vanishes, short enough for the stack. Part of the format only in
/// so far as pieces hold whole numbers.
const PIECE_BYTES: usize = 4096;

/// A number with a fixed length in bytes.
pub(crate) trait Packed: Copy {
    /// Writes the number to exactly its size of bytes.
    fn write(self, bytes: &mut [u8]);
    /// Reads the number from exactly its size of bytes.
    fn read(bytes: &[u8]) -> Self;
}

macro_rules! packed {
    ($($number:ty)*) => {$(
        impl Packed for $number {
            #[inline(always)]
            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            #[inline(always)]
            fn read(bytes: &[u8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                own.copy_from_slice(bytes);
                Self::from_le_bytes(own)
            }
        }
    )*};
}

packed! { u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64 }

/// Writes a column.
pub(crate) fn serialize<N: Packed, S: Serializer>(
    numbers: &[N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(numbers.chunks(PIECE_BYTES / size_of::<N>()).map(Piece))
}

/// Reads a column.
pub(crate) fn deserialize<'de, N: Packed, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<N>, D::Error> {
    deserializer.deserialize_seq(Pieces(PhantomData))
}

struct Piece<'a, N>(&'a [N]);

impl<N: Packed> Serialize for Piece<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = [0; PIECE_BYTES];
        let length = size_of_val(self.0).min(PIECE_BYTES);
        let bytes = &mut buffer[..length];
        for (number, bytes) in self.0.iter().zip(bytes.chunks_exact_mut(size_of::<N>())) {
            number.write(bytes);
        }
        serializer.serialize_bytes(bytes)
    }
}

struct Pieces<N>(PhantomData<N>);

impl<'de, N: Packed> Visitor<'de> for Pieces<N> {
    type Value = Vec<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packed column of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pieces: A) -> Result<Vec<N>, A::Error> {
        // What is announced is believed up to a megabyte.
        let expected = pieces.size_hint().unwrap_or(0).min((1 << 20) / PIECE_BYTES);
        let mut numbers = Vec::with_capacity(expected * (PIECE_BYTES / size_of::<N>()));
        while pieces.next_element_seed(Append(&mut numbers))?.is_some() {}
        Ok(numbers)
    }
}

/// Appends a piece to the column.
struct Append<'a, N>(&'a mut Vec<N>);

impl<'de, N: Packed> DeserializeSeed<'de> for Append<'_, N> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl<N: Packed> Visitor<'_> for Append<'_, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of numbers")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
        let numbers = bytes.chunks_exact(size_of::<N>());
        if !numbers.remainder().is_empty() {
            return Err(E::invalid_length(bytes.len(), &self));
        }
        self.0.extend(numbers.map(N::read));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::codec::{decode, encode};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Columns {
        #[serde(with = "super")]
        narrow: Vec<u16>,
        #[serde(with = "super")]
        wide: Vec<f64>,
    }

    #[test]
    fn columns_of_every_length_survive_the_round_trip() {
        let lengths = [0, 1, 511, 512, 513, 2047, 2048, 2049, 4096, 100_000];
        let rows: Vec<_> = lengths
            .map(|length| Columns {
                narrow: (0..length).map(|n| n as u16).collect(),
                wide: (0..length).map(|n| f64::from(n) / 3.0).collect(),
            })
            .to_vec();
        assert_eq!(decode::<Columns>(&encode(&rows).unwrap()).unwrap(), rows);
    }

    #[test]
    fn a_packed_column_is_no_list_of_bytes_and_its_pieces_hold_whole_numbers() {
        #[derive(Clone, Serialize, Deserialize)]
        struct Text {
            narrow: Vec<String>,
            wide: Vec<String>,
        }
        let text = Text { narrow: vec!["odd".to_owned()], wide: vec![] };
        assert!(decode::<Columns>(&encode(&[text]).unwrap()).is_err());
    }
}
