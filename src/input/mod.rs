//! Reading text files in splits.
//!
//! What a caller names is a file, a directory or a pattern (`paths`). A file is cut into splits (`splits`), each of which is read on its own as chunks of whole
//! lines (`chunks`) and turned into rows by a parser (`rows`), or read whole (`whole`). The cut is a function of the files
//! alone, so partitions are the same on every machine. Malformed input is an
//! [`Input`](crate::ErrorKind::Input) error with the path, the line of the file and the column;
//! what cannot be read at all is an [`Io`](crate::ErrorKind::Io) error.

mod chunks;
mod compression;
mod lines;
mod paths;
mod rows;
mod splits;
mod whole;

pub(crate) use chunks::{
    Chunk, input_error, read_all, read_before, read_beginning, read_cut_split, read_split,
    read_split_without_long,
};
pub(crate) use lines::{MAX_LINE_BYTES, long_line, read_lines, without_mark, without_return};
pub(crate) use paths::input_files;
pub(crate) use rows::{Batches, feed_rows, split_rows};
pub(crate) use splits::{DEFAULT_SPLIT_BYTES, Split, plan_splits};
pub(crate) use whole::{plan_bundles, read_text, read_utf8};
