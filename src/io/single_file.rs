//! Graphs that are one file with a header: what is common to their formats.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::graph::VertexId;
use crate::input::{DEFAULT_SPLIT_BYTES, Split, input_files, plan_splits};
use crate::rdd::{Context, Rdd};

use super::format::{Format, only_path};

/// How many ids are a partition of a range of vertices.
const RANGE_IDS: u64 = 1 << 20;

/// Returns the one file that the paths stand for.
pub(super) fn only_file(format: &dyn Format, paths: &[&Path]) -> Result<PathBuf> {
    let path = only_path(format, paths)?;
    match &*input_files(path)? {
        [file] => Ok(file.clone()),
        files => {
            let name = format.name();
            let reason = format!("a graph of the format {name} is one file, not {}", files.len());
            Err(Error::io(path, "open", io::Error::new(io::ErrorKind::InvalidInput, reason)))
        }
    }
}

/// Plans the splits of a file.
pub(super) fn file_splits(file: &Path) -> Result<Vec<Split>> {
    plan_splits(&[file], DEFAULT_SPLIT_BYTES)
}

/// Returns `count` vertices whose ids follow one another.
pub(super) fn vertex_range(context: &Context, first: VertexId, count: u64) -> Rdd<(VertexId, ())> {
    let partitions = usize::try_from(count.div_ceil(RANGE_IDS)).unwrap_or(usize::MAX).max(1);
    context.parallelize(0..partitions as u64, partitions).flat_map(move |partition| {
        let start = partition * RANGE_IDS;
        (start..count.min(start + RANGE_IDS)).map(move |index| (first + index, ()))
    })
}
