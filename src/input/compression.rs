//! Compressed files, known by how they begin, decompressed as a stream.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::mem;
use std::path::Path;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::error::{Error, Result};

/// The buffer between a compressed file and its decompression.
pub(super) const COMPRESSED_BUFFER_BYTES: usize = 64 << 10;

/// How many bytes tell which compression a file has.
pub(super) const MAGIC_BYTES: usize = 10;

/// How a zstd frame with data begins.
const ZSTD_FRAME: u8 = 0x28;

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

/// A file's bytes, decompressed.
pub(super) enum Source {
    Plain(File),
    Gzip(Box<MultiGzDecoder<BufReader<File>>>),
    Zstd(Box<Frames>),
    Bzip2(Box<MultiBzDecoder<BufReader<File>>>),
}

impl Source {
    /// Opens a file.
    pub(super) fn open(path: &Path, compression: Option<Compression>) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::io(path, "open", source))?;
        let Some(compression) = compression else {
            return Ok(Self::Plain(file));
        };
        let buffered = BufReader::with_capacity(COMPRESSED_BUFFER_BYTES, file);
        Ok(match compression {
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(buffered))),
            Compression::Zstd => Self::Zstd(Box::new(Frames::new(buffered))),
            Compression::Bzip2 => Self::Bzip2(Box::new(MultiBzDecoder::new(buffered))),
        })
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Gzip(stream) => stream.read(buffer),
            Self::Zstd(frames) => frames.read(buffer),
            Self::Bzip2(stream) => stream.read(buffer),
        }
    }
}

/// The frames of a zstd file, one after another.
pub(super) struct Frames(Place);

/// Where in a file its next bytes come from.
enum Place {
    /// Before a frame, or after the last.
    Between(BufReader<File>),
    Inside(Box<StreamingDecoder<BufReader<File>, FrameDecoder>>),
    /// After an error.
    Broken,
}

impl Frames {
    fn new(file: BufReader<File>) -> Self {
        Self(Place::Between(file))
    }
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match mem::replace(&mut self.0, Place::Broken) {
                Place::Between(mut file) => {
                    if file.fill_buf()?.is_empty() {
                        self.0 = Place::Between(file);
                        return Ok(0);
                    }
                    self.0 = next_frame(file)?;
                }
                Place::Inside(mut decoder) => {
                    let read = decoder.read(buffer).map_err(|error| damage(&error))?;
                    self.0 = if read > 0 || buffer.is_empty() {
                        Place::Inside(decoder)
                    } else {
                        Place::Between(checked(*decoder)?)
                    };
                    if read > 0 || buffer.is_empty() {
                        return Ok(read);
                    }
                }
                Place::Broken => return Err(corrupt("nothing can be read after an error")),
            }
        }
    }
}

/// Enters the frame that begins here, or steps over it if it holds no data.
fn next_frame(mut file: BufReader<File>) -> io::Result<Place> {
    if file.buffer().first() == Some(&ZSTD_FRAME) {
        let decoder = StreamingDecoder::new(file).map_err(|error| damage(&error))?;
        return Ok(Place::Inside(Box::new(decoder)));
    }
    let mut header = [0; 8];
    file.read_exact(&mut header)?;
    let [first, second, third, fourth, length @ ..] = header;
    if !matches!([first, second, third, fourth], [0x50..=0x5f, 0x2a, 0x4d, 0x18]) {
        return Err(corrupt("what follows a frame is none"));
    }
    let length = u64::from(u32::from_le_bytes(length));
    let skipped = io::copy(&mut file.by_ref().take(length), &mut io::sink())?;
    if skipped < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Place::Between(file))
}

/// Compares the checksum of a frame that has been read, where it has one.
fn checked(
    decoder: StreamingDecoder<BufReader<File>, FrameDecoder>,
) -> io::Result<BufReader<File>> {
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

fn corrupt(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use bzip2::write::BzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::input::Split;
    use crate::input::chunks::read_all;

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress_to_vec(text, CompressionLevel::Fastest)
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
        let followed = [zstd(&text), b"1 2\n3 4\n".to_vec()].concat();
        let error = read(&followed).unwrap_err().to_string();
        assert!(error.contains("the zstd file is corrupt"), "{error}");
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
