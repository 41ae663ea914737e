//! `save_as_text_file`: a directory of text files, one a partition.

use std::fmt::Display;
use std::path::Path;

use crate::data::Data;
use crate::error::Result;
use crate::rdd::Rdd;
use crate::rdd::output_directory::OutputDirectory;

impl<T: Data + Display> Rdd<T> {
    /// Writes the rows, one a line, to `part-00000`, `part-00001`, … in a new directory, and an
    /// empty `_SUCCESS` beside them. The directory appears under its name only when everything is
    /// in it and on the disk.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when `path` exists or cannot be written; otherwise
    /// when computing a partition fails. Nothing is left behind then.
    pub fn save_as_text_file(&self, path: impl AsRef<Path>) -> Result<()> {
        let output = OutputDirectory::create(path.as_ref())?;
        let all: Vec<_> = (0..self.partition_count()).collect();
        let parts = self.runtime().run(&self.lineage, &all, |partition, mut rows| {
            let (part, ()) = output.write(partition, |file| {
                rows.try_for_each(|row| file.write_text(format_args!("{row}\n")))
            })?;
            Ok(part)
        })?;
        output.finish(parts, &[])
    }
}
