//! The disk tier: one checksummed file a block, in a private directory that goes with the store.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::error::{Error, Result};

use super::Block;

/// A directory (mode 0700, made at first use) that is removed when the tier is dropped.
#[derive(Debug, Default)]
pub(super) struct DiskTier {
    directory: OnceLock<TempDir>,
}

impl DiskTier {
    fn path(&self, name: &str) -> Result<PathBuf> {
        if let Some(directory) = self.directory.get() {
            return Ok(directory.path().join(name));
        }
        let made = tempfile::Builder::new()
            .prefix("superstep-")
            .tempdir()
            .map_err(|error| Error::io(std::env::temp_dir(), "create a directory in", error))?;
        // Another thread may have been first; then `made` is dropped, and with it its directory.
        Ok(self.directory.get_or_init(|| made).path().join(name))
    }

    /// Writes a block's frame; the block is there for readers once this returns.
    pub(super) fn write(&self, name: &str, block: &Block) -> Result<()> {
        let path = self.path(name)?;
        fs::write(&path, block.frame()?).map_err(|error| Error::io(path, "write", error))
    }

    /// Reads a block that [`write`](Self::write) wrote.
    pub(super) fn read(&self, name: &str) -> Result<Block> {
        let path = self.path(name)?;
        let frame = fs::read(&path).map_err(|error| Error::io(path, "read", error))?;
        Ok(Block::from_frame(frame))
    }

    /// Removes a block; one that is not there is no error.
    pub(super) fn remove(&self, name: &str) {
        if let Some(directory) = self.directory.get() {
            // The directory's own removal takes what stays behind.
            drop(fs::remove_file(directory.path().join(name)));
        }
    }
}
