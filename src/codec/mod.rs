//! Rows to bytes and back: what spilled blocks, object files and checkpoints are made of.
//!
//! A block of rows is one *frame* ([`frame`]): a header with a checksum over everything, then the
//! rows one after another, plain or compressed. Rows are written by bincode with integers of fixed
//! length ([`encoder`], [`decoder`]; nothing else names it), and the header carries the
//! fingerprint of their type ([`fingerprint`]), so that rows are never read as another type.
//!
//! What a frame claims is never believed before it is checked: the checksum comes first, lengths
//! are compared with the bytes that are there, and nothing is allocated for more. So a damaged or
//! hostile frame is [`ErrorKind::Codec`], never a panic, an abort or a long wait. A checksum is
//! not a signature: who can write the files can put other rows into them.
//!
//! # What may be stored
//! Everything whose `Serialize` and `Deserialize` agree without the help of names, as those that
//! serde derives do, with these exceptions:
//! - `#[serde(flatten)]`, `untagged`, `tag` and `skip_serializing_if` need a self-describing
//!   format; encoding such a row is an error. `#[serde(skip)]` leaves a field out without a word.
//! - Values nested more than 1000 deep, such as long chains of boxes, are refused.
//! - Maps are written in the order in which they iterate, since a map may be one that keeps an
//!   order (`IndexMap`). The content of a `HashMap` or `HashSet` comes back complete, but two runs
//!   may write different bytes; rows with a `BTreeMap` or `BTreeSet` are the same bytes always.

mod decoder;
mod encoder;
mod fingerprint;
mod frame;
pub(crate) mod packed;

use std::any::type_name;
use std::path::Path;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};

use frame::Header;

/// Values nested deeper are refused in both directions: decoding recurses, and its stack ends.
const DEPTH_LIMIT: usize = 1000;
/// Elements without bytes (`()` in a list) that a block may have beyond one for each of its bytes,
/// so that a few bytes cannot announce hours of work.
const FREE_ELEMENTS: u64 = 1 << 20;

fn corrupt(what: impl Into<String>) -> Error {
    ErrorKind::Codec(what.into()).into()
}

/// Returns the fingerprint of a row type: equal for types of equal structure.
///
/// # Errors
/// [`ErrorKind::Codec`] when the type needs a self-describing format.
pub(crate) fn fingerprint_of<T: Data>() -> Result<u64> {
    fingerprint::of::<T>()
}

/// Encodes rows into one frame.
///
/// # Errors
/// [`ErrorKind::Codec`] when the type cannot be stored (see the module's documentation).
pub(crate) fn encode<T: Data>(rows: &[T]) -> Result<Vec<u8>> {
    let (header, frame) = encode_plain(rows)?;
    Ok(header.seal(frame))
}

/// Encodes rows into one frame and compresses it, if that makes it noticeably shorter.
///
/// # Errors
/// As [`encode`].
pub(crate) fn encode_compressed<T: Data>(rows: &[T]) -> Result<Vec<u8>> {
    let (header, frame) = encode_plain(rows)?;
    Ok(match header.compress(&frame) {
        Some((header, compressed)) => header.seal(compressed),
        None => header.seal(frame),
    })
}

/// The rows after room for a header.
fn encode_plain<T: Data>(rows: &[T]) -> Result<(Header, Vec<u8>)> {
    let fingerprint = fingerprint::of::<T>()?;
    let mut frame = Vec::with_capacity(Header::BYTES + size_of_val(rows));
    frame.resize(Header::BYTES, 0);
    let mut frame = encoder::encode_rows(rows, frame).map_err(|failure| {
        corrupt(format!("a row of {} cannot be encoded: {failure}", type_name::<T>()))
    })?;
    let row_count = rows.len() as u64;
    let padded = !rows.is_empty() && frame.len() == Header::BYTES;
    if padded {
        // Rows without bytes get one each, so that a row count is always bounded by bytes.
        frame.resize(Header::BYTES + rows.len(), 0);
    }
    let length = (frame.len() - Header::BYTES) as u64;
    if length < row_count || length > Header::RAW_LIMIT {
        let what = format!("{row_count} rows of {} take {length} bytes", type_name::<T>());
        return Err(corrupt(format!("{what}, and one to {} are possible", Header::RAW_LIMIT)));
    }
    Ok((Header::plain(fingerprint, row_count, length, padded), frame))
}

/// Decodes one frame of rows of the same type.
///
/// # Errors
/// [`ErrorKind::Codec`] when the frame is damaged, incomplete, of another version or holds rows of
/// another type.
pub(crate) fn decode<T: Data>(frame: &[u8]) -> Result<Vec<T>> {
    let (header, payload) = frame::open(frame)?;
    header.check_type::<T>()?;
    let raw = header.expand(payload)?;
    let count = header.row_count(raw.len())?;
    let bytes = if header.is_padded() { &[] } else { &*raw };
    decoder::decode_rows(bytes, count, raw.len()).map_err(|failure| {
        corrupt(format!("a row of {} cannot be decoded: {failure}", type_name::<T>()))
    })
}

/// Reads the next of many frames in a file; `None` at its end. The frame's checksum is verified by
/// [`decode`], which the result is meant for.
///
/// # Errors
/// [`ErrorKind::Io`] when reading fails, [`ErrorKind::Codec`] when no whole frame is there; both
/// name `path`.
pub(crate) fn read_frame(reader: &mut impl std::io::Read, path: &Path) -> Result<Option<Vec<u8>>> {
    frame::read(reader, path)
}

#[cfg(test)]
mod tests;
