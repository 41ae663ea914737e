//! Input splits: which bytes of which files a task reads.
//!
//! [`plan_splits`] turns files, directories and patterns into [`Split`]s. Plain files are cut every
//! `split_bytes`, wherever that falls: a split owns the lines whose first byte lies in it
//! (Hadoop's rule), so every line has one owner, and [`chunks`](super::chunks) reads them so.
//! A compressed file cannot be entered in the middle and is one split. The plan depends on the files
//! and on `split_bytes`, never on the machine, because partitions follow it. Costs one `stat` and
//! a read of a few bytes a file.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::compression::{Compression, MAGIC_BYTES};
use super::paths::input_files;
use crate::error::{Error, Result};

/// The size of a split, unless another is asked for.
pub(crate) const DEFAULT_SPLIT_BYTES: u64 = 16 << 20;

/// A piece of a file, read by one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Split {
    /// The file.
    pub(crate) path: PathBuf,
    /// The first byte of the piece.
    pub(crate) start: u64,
    /// The byte after the last; the file's length where it is compressed.
    pub(crate) end: u64,
    /// How the file is compressed, which then is one split.
    pub(crate) compression: Option<Compression>,
}

/// Plans the splits of [files, directories and patterns](input_files), in the order given. Empty
/// files have no splits.
pub(crate) fn plan_splits<P: AsRef<Path>>(paths: &[P], split_bytes: u64) -> Result<Vec<Split>> {
    if split_bytes == 0 {
        return Err(Error::argument("splits must have at least one byte"));
    }
    let mut splits = Vec::new();
    for path in paths {
        for file in input_files(path.as_ref())? {
            plan_file(&file, split_bytes, &mut splits)?;
        }
    }
    Ok(splits)
}

impl Split {
    /// A whole file as one split.
    pub(crate) fn whole(path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(|source| Error::io(path, "open", source))?;
        let end = file.metadata().map_err(|source| Error::io(path, "open", source))?.len();
        let mut magic = Vec::with_capacity(MAGIC_BYTES);
        file.by_ref()
            .take(MAGIC_BYTES as u64)
            .read_to_end(&mut magic)
            .map_err(|source| Error::io(path, "read", source))?;
        let compression = Compression::of(&magic);
        Ok(Self { path: path.to_owned(), start: 0, end, compression })
    }
}

fn plan_file(path: &Path, split_bytes: u64, splits: &mut Vec<Split>) -> Result<()> {
    let whole = Split::whole(path)?;
    if whole.compression.is_some() {
        splits.push(whole);
        return Ok(());
    }
    let mut start = 0;
    while start < whole.end {
        let end = start.saturating_add(split_bytes).min(whole.end);
        splits.push(Split { start, end, ..whole.clone() });
        start = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(path: &Path, bytes: &[u8]) -> PathBuf {
        fs::write(path, bytes).unwrap();
        path.to_owned()
    }

    #[test]
    fn plain_files_are_cut_at_every_split_size() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let path = write(&folder.path().join("a"), b"0123456789");
        for size in 1..12_u64 {
            let splits = plan_splits(&[&path], size)?;
            assert_eq!(splits.len() as u64, 10_u64.div_ceil(size));
            let mut at = 0;
            for split in &splits {
                assert_eq!((split.start, split.compression), (at, None));
                assert!(split.end > at && split.end - at <= size);
                at = split.end;
            }
            assert_eq!(at, 10);
        }
        Ok(())
    }

    #[test]
    fn directories_give_their_visible_files_by_name() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["part-2", "part-10", "part-1", ".hidden", "_SUCCESS"] {
            write(&at(name), b"1 2\n");
        }
        write(&at("empty"), b"");
        fs::create_dir(at("inner")).unwrap();
        write(&at("inner").join("not-read"), b"1 2\n");
        let splits = plan_splits(&[folder.path()], DEFAULT_SPLIT_BYTES)?;
        let paths: Vec<_> = splits.iter().map(|split| split.path.clone()).collect();
        assert_eq!(paths, [at("part-1"), at("part-10"), at("part-2")]);
        Ok(())
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let zipped = write(&folder.path().join("a.txt"), b"\x1f\x8b rest does not matter here");
        let plain = write(&folder.path().join("b.gz"), b"1 2\n");
        let splits = plan_splits(&[&zipped, &plain], 3)?;
        assert_eq!(
            splits[0],
            Split { path: zipped, start: 0, end: 28, compression: Some(Compression::Gzip) }
        );
        assert_eq!(splits.len(), 3);
        assert!(splits[1].compression.is_none());
        Ok(())
    }

    #[test]
    fn what_cannot_be_planned_is_an_error_with_its_path() {
        let error = plan_splits(&["/no/such/file"], 1).unwrap_err();
        assert!(error.to_string().starts_with("/no/such/file: cannot open: "), "{error}");
        let error = plan_splits(&["/dev/null"], 1).unwrap_err();
        assert!(error.to_string().contains("neither a regular file nor a directory"), "{error}");
        assert!(plan_splits(&["/dev/null"], 0).is_err());
    }
}
