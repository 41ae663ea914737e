//! The frame around a block of rows.
//!
//! ```text
//! offset  bytes
//!      0      4  magic number "SSF1"
//!      4      1  format version, 1
//!      5      1  codec of the rows: 1 = bincode, integers of fixed length, little-endian
//!      6      1  flags: 1 = the payload is an LZ4 block, 2 = the rows have no bytes of their own
//!      7      1  zero
//!      8      8  fingerprint of the row type
//!     16      8  number of rows
//!     24      8  length of the rows in bytes
//!     32      8  length of the payload in bytes
//!     40      4  CRC-32 of all other bytes of the frame
//!     44         payload
//! ```
//!
//! Numbers are little-endian. The payload is as long as the rows unless compressed, and then the
//! rows are at most 255 times as long, which is what LZ4 can do: so the announced length bounds
//! decompression and is bounded itself. There are at most as many rows as bytes of rows.

use std::any::type_name;
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use crate::data::Data;
use crate::error::{Error, ErrorKind, Result};

use super::{corrupt, fingerprint};

const MAGIC: [u8; 4] = *b"SSF1";
const VERSION: u8 = 1;
const BINCODE_FIXED: u8 = 1;
const COMPRESSED: u8 = 1;
const PADDED: u8 = 2;
/// The most that an LZ4 block expands by.
const LZ4_RATIO: u64 = 255;
/// Compression has to save this fraction, a sixteenth, to be worth undoing at every read.
const LEAST_GAIN: usize = 16;
/// LZ4 counts positions in 32 bits; larger blocks stay plain.
const LZ4_LIMIT: usize = 1 << 30;

/// The header of a frame, checked as far as it can be by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    flags: u8,
    fingerprint: u64,
    rows: u64,
    raw: u64,
    stored: u64,
}

impl Header {
    pub(super) const BYTES: usize = 44;
    /// The most bytes that the rows of a frame may have: 16 GiB.
    pub(super) const RAW_LIMIT: u64 = 1 << 34;

    /// The header of rows as they are.
    pub(super) fn plain(fingerprint: u64, rows: u64, raw: u64, padded: bool) -> Self {
        Self { flags: if padded { PADDED } else { 0 }, fingerprint, rows, raw, stored: raw }
    }

    /// A header that says anything.
    #[cfg(test)]
    pub(super) fn forged(flags: u8, fingerprint: u64, rows: u64, raw: u64, stored: u64) -> Self {
        Self { flags, fingerprint, rows, raw, stored }
    }

    /// Compresses a frame whose header is not written yet; `None` when that gains little.
    pub(super) fn compress(self, frame: &[u8]) -> Option<(Self, Vec<u8>)> {
        let raw = frame.get(Self::BYTES..).filter(|raw| raw.len() <= LZ4_LIMIT)?;
        let mut compressed =
            vec![0; Self::BYTES + lz4_flex::block::get_maximum_output_size(raw.len())];
        let (_, payload) = compressed.split_at_mut_checked(Self::BYTES)?;
        let length = lz4_flex::block::compress_into(raw, payload).ok()?;
        if length > raw.len().checked_sub((raw.len() / LEAST_GAIN).max(1))? {
            return None;
        }
        compressed.truncate(Self::BYTES + length);
        compressed.shrink_to_fit();
        Some((Self { flags: self.flags | COMPRESSED, stored: length as u64, ..self }, compressed))
    }

    /// Writes the header into the room before the payload.
    pub(super) fn seal(self, mut frame: Vec<u8>) -> Vec<u8> {
        if let Some((head, payload)) = frame.split_first_chunk_mut::<{ Self::BYTES }>() {
            head[..4].copy_from_slice(&MAGIC);
            head[4..8].copy_from_slice(&[VERSION, BINCODE_FIXED, self.flags, 0]);
            head[8..16].copy_from_slice(&self.fingerprint.to_le_bytes());
            head[16..24].copy_from_slice(&self.rows.to_le_bytes());
            head[24..32].copy_from_slice(&self.raw.to_le_bytes());
            head[32..40].copy_from_slice(&self.stored.to_le_bytes());
            let checksum = checksum(head, payload);
            head[40..].copy_from_slice(&checksum.to_le_bytes());
        }
        frame
    }

    /// Reads a header and checks that this version can read the frame and that its lengths go
    /// together.
    fn parse(head: &[u8; Self::BYTES]) -> Result<Self> {
        let number = |place: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&head[place..place + 8]);
            u64::from_le_bytes(bytes)
        };
        let [a, b, c, d, version, codec, flags, zero, ..] = *head;
        if [a, b, c, d] != MAGIC {
            return Err(corrupt("this is no block of rows: wrong magic number"));
        }
        if version != VERSION {
            let what = format!("the block has format version {version}");
            return Err(corrupt(format!("{what}, and this program reads version {VERSION}")));
        }
        if codec != BINCODE_FIXED {
            return Err(corrupt(format!("the block's rows have the unknown encoding {codec}")));
        }
        if flags & !(COMPRESSED | PADDED) != 0 || zero != 0 {
            return Err(corrupt(format!("the block has unknown flags {flags:#x}, {zero:#x}")));
        }
        let header = Self {
            flags,
            fingerprint: number(8),
            rows: number(16),
            raw: number(24),
            stored: number(32),
        };
        let Self { raw, stored, rows, .. } = header;
        let fits = if header.is_compressed() {
            stored < raw && raw <= stored.saturating_mul(LZ4_RATIO)
        } else {
            stored == raw
        };
        if !fits || raw > Self::RAW_LIMIT || rows > raw || (header.is_padded() && rows != raw) {
            let what = format!("{rows} rows of {raw} bytes in {stored}");
            return Err(corrupt(format!("the block's lengths do not go together: {what}")));
        }
        Ok(header)
    }

    fn is_compressed(self) -> bool {
        self.flags & COMPRESSED != 0
    }

    /// True when the rows are of a type without bytes, and the bytes just bear out their number.
    pub(super) fn is_padded(self) -> bool {
        self.flags & PADDED != 0
    }

    /// Checks that the rows are of type `T`.
    pub(super) fn check_type<T: Data>(self) -> Result<()> {
        let own = fingerprint::of::<T>()?;
        if own == self.fingerprint {
            return Ok(());
        }
        let found = format!("rows of another type (fingerprint {:016x})", self.fingerprint);
        Err(corrupt(format!("found {found}, expected {} ({own:016x})", type_name::<T>())))
    }

    /// Returns the number of rows, which `raw` bytes bear out.
    pub(super) fn row_count(self, raw: usize) -> Result<usize> {
        let count = usize::try_from(self.rows).ok().filter(|count| *count <= raw);
        count.ok_or_else(|| corrupt(format!("{} rows in {raw} bytes", self.rows)))
    }

    /// Returns the bytes of the rows.
    pub(super) fn expand(self, payload: &[u8]) -> Result<Cow<'_, [u8]>> {
        if !self.is_compressed() {
            return Ok(Cow::Borrowed(payload));
        }
        // Bounded by 255 times the bytes that are there.
        let length = usize::try_from(self.raw)
            .map_err(|_| corrupt(format!("{} bytes do not fit into memory", self.raw)))?;
        let mut raw = vec![0; length];
        match lz4_flex::block::decompress_into(payload, &mut raw) {
            Ok(expanded) if expanded == length => Ok(Cow::Owned(raw)),
            Ok(short) => Err(corrupt(format!("{short} bytes decompressed of {length} announced"))),
            Err(error) => Err(corrupt(format!("the block cannot be decompressed: {error}"))),
        }
    }
}

/// The checksum of a frame, without the place where it stands.
fn checksum(head: &[u8; Header::BYTES], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&head[..Header::BYTES - 4]);
    hasher.update(payload);
    hasher.finalize()
}

/// Verifies a frame and takes it apart.
pub(super) fn open(frame: &[u8]) -> Result<(Header, &[u8])> {
    let (head, payload) = frame
        .split_first_chunk()
        .ok_or_else(|| corrupt(format!("{} bytes are too few for a block", frame.len())))?;
    let header = Header::parse(head)?;
    if header.stored != payload.len() as u64 {
        let what = format!("{} bytes follow the block's header", payload.len());
        return Err(corrupt(format!("{what}, and {} are announced", header.stored)));
    }
    let [.., a, b, c, d] = *head;
    if u32::from_le_bytes([a, b, c, d]) != checksum(head, payload) {
        return Err(corrupt("the block's checksum does not match its bytes"));
    }
    Ok((header, payload))
}

/// Reads the next frame of a file; `None` at its end.
pub(super) fn read(reader: &mut impl Read, path: &Path) -> Result<Option<Vec<u8>>> {
    let mut frame = Vec::with_capacity(Header::BYTES);
    let mut read_more = |frame: &mut Vec<u8>, count: u64| {
        let before = frame.len();
        // Grows with what is there, so that an announced length alone allocates nothing large.
        let read = reader.by_ref().take(count).read_to_end(frame);
        read.map_err(|error| Error::io(path, "read", error))?;
        Ok::<_, Error>((frame.len() - before) as u64 == count)
    };
    let cut = || corrupt(format!("{}: the file ends in the middle of a block", path.display()));
    let whole = read_more(&mut frame, Header::BYTES as u64)?;
    if frame.is_empty() {
        return Ok(None);
    }
    let head = frame.first_chunk().filter(|_| whole).ok_or_else(cut)?;
    let header = Header::parse(head).map_err(|error| match error.kind() {
        ErrorKind::Codec(what) => corrupt(format!("{}: {what}", path.display())),
        _ => error,
    })?;
    frame.reserve(header.stored.min(1 << 20) as usize);
    if read_more(&mut frame, header.stored)? { Ok(Some(frame)) } else { Err(cut()) }
}
