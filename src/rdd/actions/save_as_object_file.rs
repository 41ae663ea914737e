//! `save_as_object_file`: a directory of encoded rows, one file a partition.

use std::path::Path;

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;
use crate::rdd::output_directory::OutputDirectory;
use crate::rdd::stored_rows::{Manifest, write_part};

impl<T: Data> Rdd<T> {
    /// Writes the rows, encoded and compressed, to `part-00000`, `part-00001`, … in a new
    /// directory, to be read by [`Context::object_file`](crate::rdd::Context::object_file); a
    /// `_SUCCESS` file beside them holds their type, numbers and checksums. The directory appears
    /// under its name only when everything is in it and on the disk. A task holds a quarter of a
    /// megabyte of rows at a time.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when `path` exists or cannot be written,
    /// [`ErrorKind::Codec`](crate::ErrorKind::Codec) when the row type cannot be stored (see
    /// [`Data`]); otherwise when computing a partition fails. Nothing is left behind then.
    pub fn save_as_object_file(&self, path: impl AsRef<Path>) -> Result<()> {
        let partitioner = self.partitioner();
        let output = OutputDirectory::create(path.as_ref())?;
        let all: Vec<_> = (0..self.partition_count()).collect();
        let written = self
            .runtime()
            .run(&self.lineage, &all, |partition, rows| write_part(&output, partition, rows))?;
        let (parts, summaries): (Vec<_>, _) = written.into_iter().unzip();
        Manifest::new::<T>(partitioner, summaries)?.finish(&output, parts)
    }
}
