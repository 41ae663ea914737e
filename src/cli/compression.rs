//! Compression of what is written, told by a file's extension.

use std::io::{self, Write};
use std::path::Path;

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Bzip2,
}

/// The extensions that ask for each.
const EXTENSIONS: [(&str, Compression); 3] =
    [("gz", Compression::Gzip), ("zst", Compression::Zstd), ("bz2", Compression::Bzip2)];

impl Compression {
    /// Returns how a file of a name is to be compressed.
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        let asked = EXTENSIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
        asked.map(|(_, compression)| *compression)
    }

    /// Returns the extension of files that are compressed so.
    pub(super) fn extension(self) -> &'static str {
        let own = EXTENSIONS.iter().find(|(_, compression)| *compression == self);
        own.map_or("", |(extension, _)| extension)
    }

    /// Compresses bytes as a stream of their own; streams can follow one another in a file.
    pub(super) fn compress(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Self::Zstd => Ok(compress_to_vec(bytes, CompressionLevel::Fastest)),
            Self::Bzip2 => {
                let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::default());
                encoder.write_all(bytes)?;
                encoder.finish()
            }
        }
    }
}
