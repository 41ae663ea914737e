//! The one error type of the crate.
//!
//! Every fallible call returns [`Result<T>`](crate::Result). An [`Error`] is a box around an
//! [`ErrorKind`], so a `Result` stays one word wide; the kind carries the context a person needs
//! to act: the path, line and column of bad input, or the RDD, stage and partition of a failed
//! task. Callers that branch on errors match on [`Error::kind`]; the command line maps kinds to
//! exit codes.

use std::fmt;
use std::path::PathBuf;

/// A `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, with where it went wrong.
pub struct Error(Box<ErrorKind>);

/// The kinds of failure, each with its context.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Input that does not follow its format.
    #[error("{path}:{line}:{column}: found {found}, expected {expected}")]
    Input {
        /// The file, or `<stdin>`.
        path: String,
        /// Line number, from 1.
        line: u64,
        /// Column in bytes, from 1.
        column: u64,
        /// What stands there, quoted and cut to a readable length.
        found: String,
        /// What the format asks for.
        expected: String,
    },
    /// Input that is not text and does not follow its format.
    #[error("{path}: byte {byte}, {part}: found {found}, expected {expected}")]
    BinaryInput {
        /// The file.
        path: String,
        /// Where the part starts, from 0.
        byte: u64,
        /// The part of the file, such as the successors of a vertex.
        part: String,
        /// What stands there.
        found: String,
        /// What the format asks for.
        expected: String,
    },
    /// A file or directory that cannot be opened, read or written.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was attempted: `open`, `read`, `write`, …
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file of the store, in its private directory, that cannot be written or read back.
    #[error("{}: cannot {action}: {source}", path.display())]
    Storage {
        /// The file or directory.
        path: PathBuf,
        /// What was attempted: `create`, `write`, `read`, …
        action: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file or directory of stored rows that is damaged, incomplete, of other rows than those
    /// asked for, or of a later version.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What was found, and what was expected.
        reason: String,
    },
    /// A job was ended from outside, on demand or because its time was over.
    #[error("the job was cancelled: {reason}")]
    Cancelled {
        /// Why.
        reason: String,
    },
    /// User code panicked or returned an error inside a task, as often as attempts are allowed.
    #[error(
        "task failed: partition {partition} of stage {stage}, {rdd}, attempt {attempt}: {cause}"
    )]
    Task {
        /// The RDD that the stage computes, as `name #id`.
        rdd: String,
        /// The stage's number within its context.
        stage: usize,
        /// The partition the task computed.
        partition: usize,
        /// The attempt that failed last, from 1.
        attempt: usize,
        /// What happened in that attempt: a panic is an [`ErrorKind::User`] with its message.
        cause: Error,
    },
    /// An error that user code returned from inside a task.
    #[error("{0}")]
    User(String),
    /// An argument out of its range, or a combination that makes no sense.
    #[error("{0}")]
    Argument(String),
    /// An action that needs at least one element was run on an empty RDD.
    #[error("{action} needs at least one element, and the RDD is empty")]
    Empty {
        /// The action's name.
        action: &'static str,
    },
    /// Two RDDs that must line up partition by partition do not.
    #[error("{operation}: {left} partitions on the left, {right} on the right")]
    UnequalPartitions {
        /// The operation's name.
        operation: &'static str,
        /// Partitions of the left side.
        left: usize,
        /// Partitions of the right side.
        right: usize,
    },
    /// Two RDDs that must line up row by row have a partition that does not.
    #[error("{operation}: partition {partition} has {left} rows on the left, {right} on the right")]
    UnequalLengths {
        /// The operation's name.
        operation: &'static str,
        /// The partition.
        partition: usize,
        /// Its rows on the left side.
        left: u64,
        /// Its rows on the right side.
        right: u64,
    },
    /// The same vertex id was given twice.
    #[error("vertex id {id} occurs more than once")]
    DuplicateVertex {
        /// The id, as its `Debug` form.
        id: String,
    },
    /// A message or an edge names a vertex that the graph does not have.
    #[error("{what} names vertex {id}, which the graph does not have")]
    UnknownVertex {
        /// What names it: a message or an edge.
        what: &'static str,
        /// The id, as its `Debug` form.
        id: String,
    },
    /// A graph that an algorithm cannot take, such as one with a cycle where an order is asked for.
    #[error("{}", filled(reason, vertices.iter()))]
    UnsuitableGraph {
        /// What is in the way, with `{}` for each of the vertices.
        reason: String,
        /// The ids of the vertices that the reason names, in its order.
        vertices: Vec<u64>,
    },
    /// A storage level was set on an RDD that has a different one.
    #[error(
        "RDD {rdd} is already persisted at {current}; unpersist it before choosing {requested}"
    )]
    LevelAssigned {
        /// The RDD, as `name #id`.
        rdd: String,
        /// The level it has.
        current: String,
        /// The level that was asked for.
        requested: String,
    },
    /// A stored or received block that cannot be decoded.
    #[error("corrupt block: {0}")]
    Codec(String),
    /// A shuffle output or retained block that was there is gone.
    ///
    /// The scheduler answers this by recomputing what is missing; it reaches a caller only when
    /// recomputation was not possible.
    #[error("{0} is lost")]
    Lost(String),
    /// A state that the code excludes: a defect of this crate.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Returns what went wrong.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// Makes an error of user code, to be returned from a closure.
    pub fn user(message: impl fmt::Display) -> Self {
        ErrorKind::User(message.to_string()).into()
    }

    /// Makes an I/O error with the path and the action that failed.
    pub fn io(path: impl Into<PathBuf>, action: &'static str, source: std::io::Error) -> Self {
        ErrorKind::Io { path: path.into(), action, source }.into()
    }

    /// Makes an argument error.
    pub fn argument(message: impl Into<String>) -> Self {
        ErrorKind::Argument(message.into()).into()
    }

    /// Makes an error about a graph that an algorithm cannot take: the reason has `{}` for each of
    /// the vertices.
    pub fn unsuitable_graph(reason: impl Into<String>, vertices: impl Into<Vec<u64>>) -> Self {
        ErrorKind::UnsuitableGraph { reason: reason.into(), vertices: vertices.into() }.into()
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        ErrorKind::Internal(message.into()).into()
    }

    /// True when another attempt at the same task may succeed.
    ///
    /// Malformed input, missing files and wrong arguments stay wrong however often they are tried.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::User(_)
                | ErrorKind::Lost(_)
                | ErrorKind::Codec(_)
                | ErrorKind::Storage { .. }
                | ErrorKind::Task { .. }
        )
    }
}

/// Puts values in the places that a text has for them.
fn filled(text: &str, values: impl Iterator<Item = impl fmt::Display>) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    for value in values {
        let Some((before, after)) = rest.split_once("{}") else { break };
        filled.push_str(before);
        filled.push_str(&value.to_string());
        rest = after;
    }
    filled + rest
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
