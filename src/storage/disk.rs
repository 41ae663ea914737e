//! The disk tier: one checksummed file a block, in a private directory that goes with the store.
//!
//! A file is written once, under a name that is never used again, and removed when its last
//! [`DiskBlock`] is dropped. So a block that is freed or replaced while someone reads it stays
//! whole for that reader.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

use crate::error::{Error, Result};

use super::Block;

/// A directory (mode 0700, made at first use) that is removed with the last block in it.
#[derive(Debug, Default)]
pub(super) struct DiskTier {
    directory: OnceLock<Arc<TempDir>>,
    files: AtomicUsize,
}

/// A block on disk; dropping it removes its file.
#[derive(Debug)]
pub(super) struct DiskBlock {
    path: PathBuf,
    /// Keeps the directory until the file is gone.
    _directory: Arc<TempDir>,
}

impl DiskTier {
    fn directory(&self) -> Result<&Arc<TempDir>> {
        if let Some(directory) = self.directory.get() {
            return Ok(directory);
        }
        let made = tempfile::Builder::new()
            .prefix("superstep-")
            .tempdir()
            .map_err(|error| Error::io(std::env::temp_dir(), "create a directory in", error))?;
        // Another thread may have been first; then `made` is dropped, and with it its directory.
        Ok(self.directory.get_or_init(|| Arc::new(made)))
    }

    /// Writes a block's frame to a new file.
    pub(super) fn write(&self, block: &Block) -> Result<DiskBlock> {
        let directory = self.directory()?;
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let written = DiskBlock {
            path: directory.path().join(format!("{number}.block")),
            _directory: Arc::clone(directory),
        };
        fs::write(&written.path, block.frame()?)
            .map_err(|error| Error::io(&written.path, "write", error))?;
        Ok(written)
    }
}

impl DiskBlock {
    /// Reads the block back; it is decoded, and its checksum verified, when its rows are asked for.
    pub(super) fn read(&self) -> Result<Block> {
        let frame = fs::read(&self.path).map_err(|error| Error::io(&self.path, "read", error))?;
        Ok(Block::from_frame(frame))
    }
}

impl Drop for DiskBlock {
    fn drop(&mut self) {
        // The directory's own removal takes what stays behind.
        drop(fs::remove_file(&self.path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_outlives_its_tier_and_takes_its_file_along() {
        let tier = DiskTier::default();
        let written = tier.write(&Block::from_rows(vec![1, 2])).unwrap();
        let directory = tier.directory().unwrap().path().to_owned();
        drop(tier);
        assert_eq!(*written.read().unwrap().rows::<i32>().unwrap(), [1, 2]);
        drop(written);
        assert!(!directory.exists());
    }
}
