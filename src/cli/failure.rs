//! From errors to messages and exit codes.

use std::error::Error as _;
use std::io;

use superstep::{Error, ErrorKind};

use super::interrupt;

/// The exit code of an error; see the list in [`cli`](super).
pub(super) fn exit_code(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Argument(_) => 2,
        ErrorKind::Input { .. }
        | ErrorKind::BinaryInput { .. }
        | ErrorKind::Unreadable { .. }
        | ErrorKind::UnsuitableGraph { .. }
        | ErrorKind::UnknownVertex { .. }
        | ErrorKind::DuplicateVertex { .. }
        | ErrorKind::Io { action: "decompress", .. } => 3,
        ErrorKind::Io { .. } | ErrorKind::Storage { .. } | ErrorKind::Codec(_) => 4,
        ErrorKind::Task { cause, .. } if matches!(cause.kind(), ErrorKind::Storage { .. }) => 4,
        ErrorKind::Cancelled { .. } if interrupt::has_come() => interrupt::exit_code(),
        ErrorKind::Cancelled { .. } => 5,
        _ => 1,
    }
}

/// The message of an error and of its sources, as far as the message does not contain them.
pub(super) fn explain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        source = error.source();
    }
    text
}

/// True when output could not be written because its reader has gone, such as `head`.
pub(super) fn is_closed_pipe(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
}
