//! Reading files.
//!
//! A file is cut into splits (`splits`), each of which is read on its own as chunks of whole
//! lines (`chunks`) and turned into lines or edges (`text`, with the grammar in
//! `edge_lines`). The cut is a function of the files alone, so partitions are the same on every
//! machine. Malformed input is an [`Input`](crate::ErrorKind::Input) error with the path, the line
//! of the file and the column; what cannot be read at all is an [`Io`](crate::ErrorKind::Io) error.

pub(crate) mod chunks;
pub(crate) mod edge_lines;
pub(crate) mod splits;
pub(crate) mod text;
