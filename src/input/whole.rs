//! Files as a whole: which of them share a partition, and the text of one.
//!
//! Files that come one after another are bundled up to a size, so that thousands of small files do
//! not become thousands of tasks. The bundles depend on the files alone, as splits do.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::Utf8Error;

use super::chunks::read_all;
use super::lines::without_mark;
use super::paths::input_files;
use crate::error::{Error, Result};

/// Bundles the files that a path stands for, in their order: each bundle has one file, or several
/// of at most `bundle_bytes` together.
pub(crate) fn plan_bundles(path: &Path, bundle_bytes: u64) -> Result<Vec<Vec<PathBuf>>> {
    let mut bundles: Vec<Vec<PathBuf>> = Vec::new();
    // How many bytes more the last bundle may have; `None` where nothing may join it.
    let mut room: Option<u64> = None;
    for file in input_files(path)? {
        let kind = fs::metadata(&file).map_err(|source| Error::io(&file, "open", source))?;
        let left = room.and_then(|room| room.checked_sub(kind.len()));
        match bundles.last_mut() {
            Some(bundle) if left.is_some() => {
                bundle.push(file);
                room = left;
            }
            _ => {
                bundles.push(vec![file]);
                room = bundle_bytes.checked_sub(kind.len());
            }
        }
    }
    Ok(bundles)
}

/// Reads a file as text, decompressed and without the byte order mark that may begin it.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    read_utf8(path)?
        .map_err(|error| Error::user(format!("{}: the file is not UTF-8: {error}", path.display())))
}

/// As [`read_text`], with where it stops being text apart from other errors.
pub(crate) fn read_utf8(path: &Path) -> Result<std::result::Result<String, Utf8Error>> {
    let mut bytes = read_all(path)?;
    if without_mark(&bytes).len() < bytes.len() {
        bytes.drain(..bytes.len() - without_mark(&bytes).len());
    }
    Ok(String::from_utf8(bytes).map_err(|error| error.utf8_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_neighbours_are_bundled_and_large_files_stand_alone() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in
            [("a", 3), ("b", 0), ("c", 7), ("d", 1), ("e", 99), ("f", 0), ("g", 10)]
        {
            fs::write(folder.path().join(name), vec![b'x'; bytes]).unwrap();
        }
        let bundles = plan_bundles(folder.path(), 10)?;
        let names = |files: &Vec<PathBuf>| -> String {
            files.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect()
        };
        assert_eq!(bundles.iter().map(names).collect::<Vec<_>>(), ["abc", "d", "e", "fg"]);
        Ok(())
    }
}
