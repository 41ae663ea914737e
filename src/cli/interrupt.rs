//! Ctrl-C, SIGTERM and time limits: ending early without leaving anything behind.
//!
//! A signal cancels the work of the whole process, which then ends as after any other error: jobs
//! notice between two rows, writing between two buffers, and temporaries go as they are dropped. If
//! that takes too long, because user code does not come back, what is [noted](note) here is removed
//! and the process ends on the spot.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use superstep::rdd::{CancelToken, Context};
use superstep::{Error, ErrorKind, Result};

use super::say;

/// The exit code after a signal.
pub(super) const INTERRUPTED: u8 = 130;

/// How long the orderly way may take.
const PATIENCE: Duration = Duration::from_millis(1_500);

static TOKEN: OnceLock<CancelToken> = OnceLock::new();
static TEMPORARIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static CONTEXTS: Mutex<Vec<Context>> = Mutex::new(Vec::new());

/// The token of all work of this process.
pub(super) fn token() -> &'static CancelToken {
    TOKEN.get_or_init(CancelToken::new)
}

/// Listens to signals from now on.
pub(super) fn listen() -> Result<()> {
    let heard = ctrlc::set_handler(|| {
        token().cancel("interrupted");
        let _ = thread::Builder::new().spawn(|| {
            thread::sleep(PATIENCE);
            leave_at_once();
        });
    });
    heard.map_err(|error| Error::argument(format!("cannot listen to signals: {error}")))
}

/// Fails after a signal.
pub(super) fn check() -> Result<()> {
    if token().is_cancelled() {
        let reason = "interrupted".to_owned();
        return Err(ErrorKind::Cancelled { reason }.into());
    }
    Ok(())
}

/// True when a signal has come.
pub(super) fn has_come() -> bool {
    token().is_cancelled()
}

/// Notes a temporary file, to be removed if the process has to end on the spot.
pub(super) fn note(path: &Path) {
    TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}

/// Notes a context, whose spilled data is to be removed likewise, until the work is done.
pub(super) fn note_context(context: &Context) -> ContextNote {
    CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner).push(context.clone());
    ContextNote
}

/// Forgets the contexts when it is dropped, so that they end with the work.
pub(super) struct ContextNote;

impl Drop for ContextNote {
    fn drop(&mut self) {
        CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn leave_at_once() {
    // What has been renamed or removed already is not there any more.
    for path in TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _gone = fs::remove_file(path);
    }
    for context in CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _gone = context.spill_path().map(fs::remove_dir_all);
    }
    say("error: interrupted\n");
    process::exit(i32::from(INTERRUPTED));
}
