//! The members of a tar archive that a manifest names, and no others.
//!
//! A member is taken only when its path is one of the names to the letter and it is a plain file. It
//! is written to the folder under the last part of its name: nothing in an archive can choose where
//! something goes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use superstep::{Error, Result};
use tar::{Archive, EntryType};

use super::base_name;
use crate::cli::destination::Destination;
use crate::cli::interrupt;

/// More than any graph of the manifest has; a member that says it is larger is refused.
const LARGEST_MEMBER: u64 = 1 << 42;

/// Extracts the members of these names.
pub(super) fn extract(archive: &Path, names: &[String], folder: &Path) -> Result<()> {
    let failed = |error| Error::io(archive, "extract from", error);
    let mut members = Archive::new(decompressed(archive)?);
    let mut left: Vec<&String> = names.iter().collect();
    for member in members.entries().map_err(failed)? {
        interrupt::check()?;
        let mut member = member.map_err(failed)?;
        let path = member.path().map_err(failed)?.to_string_lossy().into_owned();
        let path = path.strip_prefix("./").unwrap_or(&path);
        let Some(index) = left.iter().position(|name| *name == path) else { continue };
        if member.header().entry_type() != EntryType::Regular || member.size() > LARGEST_MEMBER {
            return Err(failed(io::Error::other(format!("{path} is not a plain file"))));
        }
        let name = left.swap_remove(index);
        let mut out = Destination::open(Some(&folder.join(base_name(name))))?;
        io::copy(&mut member, &mut out).map_err(failed)?;
        out.finish()?;
        if left.is_empty() {
            return Ok(());
        }
    }
    match left.first() {
        None => Ok(()),
        Some(name) => Err(failed(io::Error::other(format!("there is no {name} in it")))),
    }
}

/// Reads what is in a file, by how the file begins.
fn decompressed(path: &Path) -> Result<Box<dyn Read>> {
    let failed = |error| Error::io(path, "read", error);
    let mut beginning = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(4).read_to_end(&mut beginning).map_err(failed)?;
    let file = BufReader::new(File::open(path).map_err(failed)?);
    Ok(match beginning.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(file)),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(
            StreamingDecoder::new(file)
                .map_err(|error| failed(io::Error::other(error.to_string())))?,
        ),
        [b'B', b'Z', b'h', ..] => Box::new(MultiBzDecoder::new(file)),
        _ => Box::new(file),
    })
}
