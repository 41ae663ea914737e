//! Compressed files, known by how they begin, decompressed as a stream.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::path::Path;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::error::{Error, Result};
use crate::event::count_input_bytes;

/// The buffer between a compressed file and its decompression.
pub(super) const COMPRESSED_BUFFER_BYTES: usize = 64 << 10;

/// How many bytes tell which compression a file has.
pub(super) const MAGIC_BYTES: usize = 10;

/// What a zstd frame without data has before its bytes.
const SKIPPED_HEADER_BYTES: u64 = 8;

/// How a file is compressed. Any number of streams may follow one another in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// As bzip2 writes it.
    Bzip2,
}

impl Compression {
    /// Returns how a file that begins with these bytes is compressed.
    pub(super) fn of(beginning: &[u8]) -> Option<Self> {
        match beginning {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // A skippable frame, with which a file may begin.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            // The first block, or the end if there is none.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90] => {
                Some(Self::Bzip2)
            }
            _ => None,
        }
    }

    /// Returns its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }
}

/// A file whose bytes are counted as they are read.
pub(super) struct Counted(pub(super) File);

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        count_input_bytes(read);
        Ok(read)
    }
}

/// A file's bytes, decompressed.
pub(super) enum Source {
    Plain(Counted),
    Compressed(Streams),
}

impl Source {
    /// Opens a file.
    pub(super) fn open(path: &Path, compression: Option<Compression>) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::io(path, "open", source))?;
        let file = Counted(file);
        let Some(compression) = compression else {
            return Ok(Self::Plain(file));
        };
        let buffered = BufReader::with_capacity(COMPRESSED_BUFFER_BYTES, file);
        Ok(Self::Compressed(Streams { compression, place: Place::Between(buffered) }))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Compressed(streams) => streams.read(buffer),
        }
    }
}

/// What follows the last stream of a file and is no stream, nor zeros, which tapes are filled with.
#[derive(Debug)]
pub(super) struct Trailing;

impl fmt::Display for Trailing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what follows the compressed data")
    }
}

impl std::error::Error for Trailing {}

/// The streams of a compressed file, one after another.
pub(super) struct Streams {
    compression: Compression,
    place: Place,
}

/// Where in a file its next bytes come from.
enum Place {
    /// Before a stream, or after the last.
    Between(BufReader<Counted>),
    Gzip(Box<GzDecoder<BufReader<Counted>>>),
    Zstd(Box<StreamingDecoder<BufReader<Counted>, FrameDecoder>>),
    Bzip2(Box<BzDecoder<BufReader<Counted>>>),
    /// After an error.
    Broken,
}

impl Read for Streams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let place = mem::replace(&mut self.place, Place::Broken);
            let (read, place) = match place {
                Place::Between(mut file) => {
                    if file.fill_buf()?.is_empty() {
                        self.place = Place::Between(file);
                        return Ok(0);
                    }
                    (0, self.compression.enter(file)?)
                }
                Place::Gzip(mut stream) => match stream.read(buffer)? {
                    0 => (0, Place::Between(stream.into_inner())),
                    read => (read, Place::Gzip(stream)),
                },
                Place::Zstd(mut frame) => match frame.read(buffer).map_err(|e| damage(&e))? {
                    0 => (0, Place::Between(checked(*frame)?)),
                    read => (read, Place::Zstd(frame)),
                },
                Place::Bzip2(mut stream) => match stream.read(buffer)? {
                    0 => (0, Place::Between(stream.into_inner())),
                    read => (read, Place::Bzip2(stream)),
                },
                Place::Broken => return Err(corrupt("nothing can be read after an error")),
            };
            self.place = place;
            if read > 0 {
                return Ok(read);
            }
        }
    }
}

impl Compression {
    /// Enters the stream that begins here, or steps over what holds no data. Something is left of
    /// the file.
    fn enter(self, mut file: BufReader<Counted>) -> io::Result<Place> {
        let begins = |magic: &[u8]| file.buffer().iter().zip(magic).all(|(a, b)| a == b);
        match self {
            Self::Gzip if begins(&[0x1f, 0x8b]) => {
                return Ok(Place::Gzip(Box::new(GzDecoder::new(file))));
            }
            Self::Zstd if begins(&[0x28, 0xb5, 0x2f, 0xfd]) => {
                let decoder = StreamingDecoder::new(file).map_err(|error| damage(&error))?;
                return Ok(Place::Zstd(Box::new(decoder)));
            }
            Self::Bzip2 if begins(b"BZh") => {
                return Ok(Place::Bzip2(Box::new(BzDecoder::new(file))));
            }
            Self::Zstd if matches!(file.buffer().first(), Some(0x50..=0x5f)) => {
                skip_frame(&mut file)?;
                return Ok(Place::Between(file));
            }
            _ => {}
        }
        loop {
            let rest = file.fill_buf()?;
            if rest.iter().any(|byte| *byte != 0) {
                return Err(trailing());
            }
            let length = rest.len();
            if length == 0 {
                return Ok(Place::Between(file));
            }
            file.consume(length);
        }
    }
}

/// Steps over a frame of zstd without data.
fn skip_frame(file: &mut BufReader<Counted>) -> io::Result<()> {
    let mut header = Vec::with_capacity(SKIPPED_HEADER_BYTES as usize);
    file.by_ref().take(SKIPPED_HEADER_BYTES).read_to_end(&mut header)?;
    if header.get(1..4) != Some(&[0x2a, 0x4d, 0x18]) {
        return Err(trailing());
    }
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let length = header.get(4..).and_then(<[u8]>::first_chunk).ok_or_else(cut)?;
    let length = u64::from(u32::from_le_bytes(*length));
    let skipped = io::copy(&mut file.by_ref().take(length), &mut io::sink())?;
    if skipped < length { Err(cut()) } else { Ok(()) }
}

/// Compares the checksum of a frame that has been read, where it has one.
fn checked(
    decoder: StreamingDecoder<BufReader<Counted>, FrameDecoder>,
) -> io::Result<BufReader<Counted>> {
    let (file, decoder) = decoder.into_parts();
    match (decoder.get_checksum_from_data(), decoder.get_calculated_checksum()) {
        (Some(stored), Some(found)) if stored != found => Err(corrupt("its checksum differs")),
        _ => Ok(file),
    }
}

/// Says whether a frame is cut short or corrupt, or could not be read at all.
fn damage(error: &(dyn std::error::Error + 'static)) -> io::Error {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() != io::ErrorKind::Other
        {
            return io::Error::new(error.kind(), error.to_string());
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        cause = inner.map_or_else(|| error.source(), |inner| Some(inner as _));
    }
    corrupt(error.to_string())
}

fn trailing() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Trailing)
}

fn corrupt(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use bzip2::write::BzEncoder;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::input::Split;
    use crate::input::chunks::read_all;

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("graph.txt");
        fs::write(&path, bytes).unwrap();
        read_all(&path)
    }

    fn text() -> Vec<u8> {
        (0..50_000_u32).flat_map(|n| format!("{n} {}\n", n.wrapping_mul(n)).into_bytes()).collect()
    }

    #[test]
    fn streams_follow_one_another_and_frames_without_data_are_skipped() -> Result<()> {
        let text = text();
        let (first, second) = text.split_at(100_000);
        assert_eq!(read(&[bzip2(first), bzip2(second)].concat())?, text);
        let skipped = b"\x53\x2a\x4d\x18\x05\0\0\0hello";
        let frames = [skipped.to_vec(), zstd(first), skipped.to_vec(), zstd(second)].concat();
        assert_eq!(read(&frames)?, text);
        assert_eq!(read(&zstd(b""))?, b"");
        assert_eq!(read(&bzip2(b""))?, b"");
        Ok(())
    }

    #[test]
    fn what_is_cut_short_or_corrupt_is_an_error_that_says_so() {
        let text = text();
        for (name, whole) in [("zstd", zstd(&text)), ("bzip2", bzip2(&text))] {
            for cut in [10, whole.len() / 2, whole.len() - 1] {
                let error = read(&whole[..cut]).unwrap_err().to_string();
                assert!(error.contains(&format!("the {name} file is cut short")), "{cut}: {error}");
            }
            // Of zstd this is the checksum, of bzip2 the last block.
            let mut corrupt = whole.clone();
            let at = corrupt.len() - if name == "zstd" { 2 } else { 20 };
            corrupt[at] ^= 0x10;
            let error = read(&corrupt).unwrap_err().to_string();
            assert!(error.contains(&format!("the {name} file is corrupt")), "{error}");
        }
    }

    #[test]
    fn what_follows_the_last_stream_is_refused_at_the_line_after_it_unless_it_is_zeros()
    -> Result<()> {
        let text = text();
        for whole in [gzip(&text), [gzip(&text), gzip(b"")].concat(), zstd(&text), bzip2(&text)] {
            for zeros in [1, 2, 100_000] {
                assert_eq!(read(&[whole.clone(), vec![0; zeros]].concat())?, text);
            }
            let mut late = vec![0; 100_000];
            late.push(7);
            for junk in [&b"1 2\n3 4\n"[..], b"x", b"\0x", b"P", b"Punch and Judy", &late] {
                let error = read(&[&whole, junk].concat()).unwrap_err().to_string();
                let expected = ":50001:1: found what follows the compressed data, expected its end";
                assert!(error.ends_with(expected), "{error}");
            }
        }
        Ok(())
    }

    #[test]
    fn an_error_says_how_many_bytes_could_be_decompressed() {
        let text = text();
        let whole = gzip(&text);
        let error = read(&[&whole[..], &whole[..10]].concat()).unwrap_err().to_string();
        let expected = format!("is cut short (after {} bytes decompressed)", text.len());
        assert!(error.contains(&expected), "{error}");
    }

    #[test]
    fn a_text_that_begins_like_a_compressed_file_is_text() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.txt");
        fs::write(&path, "BZh9 PM\n").unwrap();
        assert_eq!(Split::whole(&path)?.compression, None);
        assert_eq!(read_all(&path)?, b"BZh9 PM\n");
        Ok(())
    }
}
