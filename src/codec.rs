//! Rows to bytes and back: the only file that names bincode.
//!
//! A block is one frame: magic, format version, row count, payload length and CRC-32, then the
//! rows one after another. Decoding reads from exactly one frame, verifies the checksum first,
//! checks that every byte was used, and bounds each row's claimed sizes by
//! [`ROW_LIMIT`]. The disk tier and serialised storage levels rely on this; a damaged frame is
//! [`ErrorKind::Codec`](crate::ErrorKind::Codec), never a panic.

use bincode::config::{Configuration, Fixint, Limit, LittleEndian};

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};

const MAGIC: [u8; 4] = *b"SSB1";
const HEADER_BYTES: usize = 4 + 8 + 8 + 4;
/// The most bytes that one row may claim: 16 GiB.
const ROW_LIMIT: usize = 1 << 34;

fn configuration() -> Configuration<LittleEndian, Fixint, Limit<ROW_LIMIT>> {
    bincode::config::standard().with_fixed_int_encoding().with_limit::<ROW_LIMIT>()
}

fn corrupt(what: impl Into<String>) -> Error {
    ErrorKind::Codec(what.into()).into()
}

/// Encodes rows into one checksummed frame.
pub(crate) fn encode<T: Data>(rows: &[T]) -> Result<Vec<u8>> {
    let mut frame = vec![0; HEADER_BYTES];
    for row in rows {
        bincode::serde::encode_into_std_write(row, &mut frame, configuration())
            .map_err(|error| corrupt(format!("a row cannot be encoded: {error}")))?;
    }
    let (header, payload) = frame.split_at_mut(HEADER_BYTES);
    header[..4].copy_from_slice(&MAGIC);
    header[4..12].copy_from_slice(&(rows.len() as u64).to_le_bytes());
    header[12..20].copy_from_slice(&(payload.len() as u64).to_le_bytes());
    let checksum = checksum(&header[4..12], payload);
    header[20..].copy_from_slice(&checksum.to_le_bytes());
    Ok(frame)
}

pub(crate) fn encode_compressed<T: Data>(rows: &[T]) -> Result<Vec<u8>> {
    encode(rows)
}

fn checksum(count: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(count);
    hasher.update(payload);
    hasher.finalize()
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N]> {
    let (head, tail) = bytes.split_first_chunk::<N>().ok_or_else(|| corrupt("cut short"))?;
    *bytes = tail;
    Ok(*head)
}

/// Decodes one frame that [`encode`] made for the same row type.
pub(crate) fn decode<T: Data>(mut frame: &[u8]) -> Result<Vec<T>> {
    if take::<4>(&mut frame)? != MAGIC {
        return Err(corrupt("wrong magic number"));
    }
    let count = u64::from_le_bytes(take(&mut frame)?);
    let length = u64::from_le_bytes(take(&mut frame)?);
    let announced = u32::from_le_bytes(take(&mut frame)?);
    if length != frame.len() as u64 {
        return Err(corrupt(format!("{} payload bytes, {length} announced", frame.len())));
    }
    if checksum(&count.to_le_bytes(), frame) != announced {
        return Err(corrupt("checksum mismatch"));
    }
    let mut rows = Vec::with_capacity(usize::try_from(count.min(length)).unwrap_or(0));
    for _ in 0..count {
        let (row, used) = bincode::serde::decode_from_slice(frame, configuration())
            .map_err(|error| corrupt(format!("a row cannot be decoded: {error}")))?;
        rows.push(row);
        frame = &frame[used..];
        if used == 0 && std::mem::size_of::<T>() != 0 {
            return Err(corrupt("a row without bytes"));
        }
    }
    if frame.is_empty() { Ok(rows) } else { Err(corrupt("bytes left after the last row")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_survive_the_round_trip() {
        let rows = vec![(1_u64, "one".to_owned(), Some(1.5)), (2, String::new(), None)];
        assert_eq!(decode::<(u64, String, Option<f64>)>(&encode(&rows).unwrap()).unwrap(), rows);
        assert_eq!(decode::<()>(&encode(&[(), ()]).unwrap()).unwrap().len(), 2);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_detected() {
        let frame = encode(&[(7_u32, "seven".to_owned()), (8, "eight".to_owned())]).unwrap();
        for bit in 0..frame.len() * 8 {
            let mut damaged = frame.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(decode::<(u32, String)>(&damaged).is_err(), "bit {bit}");
        }
        for length in 0..frame.len() {
            assert!(decode::<(u32, String)>(&frame[..length]).is_err(), "cut to {length}");
        }
    }
}
