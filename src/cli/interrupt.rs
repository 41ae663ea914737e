//! Ctrl-C, SIGTERM and SIGHUP: ending early without leaving anything behind.
//!
//! A signal cancels the work of the whole process, which then ends as after any other error: jobs
//! notice between two rows, writing between two buffers, and temporaries go as they are dropped. If
//! that takes too long, because user code does not come back, or if a second signal comes, what is
//! [noted](note) here is removed and the process ends on the spot. The exit code is 128 and the
//! signal's number, as shells have it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use superstep::rdd::{CancelToken, Context};
use superstep::{Error, ErrorKind, Result};

use super::progress::clear_drawn;
use super::say;

/// How long the orderly way may take.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// The exit code when a limit of time is over.
const OUT_OF_TIME: u8 = 5;

/// What shells add to the number of a signal.
const SIGNALLED: u8 = 128;

/// The number of Ctrl-C's signal.
const INTERRUPT: u8 = 2;

static TOKEN: OnceLock<CancelToken> = OnceLock::new();
/// The signal that came first, or 0.
static SIGNAL: AtomicU8 = AtomicU8::new(0);
static TEMPORARIES: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static CONTEXTS: Mutex<Vec<Context>> = Mutex::new(Vec::new());

/// The token of all work of this process.
pub(super) fn token() -> &'static CancelToken {
    TOKEN.get_or_init(CancelToken::new)
}

/// Listens to signals from now on.
#[cfg(unix)]
pub(super) fn listen() -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut heard = vec![SIGINT, SIGTERM];
    // Under `nohup` a run outlives its terminal.
    if !is_ignored(SIGHUP) {
        heard.push(SIGHUP);
    }
    let waiting = Signals::new(heard).and_then(|mut signals| {
        let listener = thread::Builder::new().name("superstep-signals".to_owned());
        listener.spawn(move || signals.forever().for_each(|signal| come(signal as u8)))
    });
    waiting.map(drop).map_err(cannot_listen)
}

/// Listens to Ctrl-C from now on.
#[cfg(not(unix))]
pub(super) fn listen() -> Result<()> {
    ctrlc::set_handler(|| come(INTERRUPT)).map_err(cannot_listen)
}

fn cannot_listen(error: impl std::fmt::Display) -> Error {
    Error::argument(format!("cannot listen to signals: {error}"))
}

/// True when the process was started with a signal ignored, where Linux tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// Ends all work.
fn come(signal: u8) {
    if SIGNAL.compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed).is_err() {
        leave_at_once(reason(), exit_code());
    }
    token().cancel(reason());
    let _ = thread::Builder::new().spawn(|| {
        thread::sleep(PATIENCE);
        leave_at_once(reason(), exit_code());
    });
}

/// Ends the process when a time is over and the orderly way, which begins then, does not come to its
/// end: nobody writes to the pipe that is read, or user code does not come back.
pub(super) fn leave_after(timeout: Duration) {
    let _ = thread::Builder::new().spawn(move || {
        thread::sleep(timeout.saturating_add(PATIENCE));
        leave_at_once(&out_of_time(timeout), OUT_OF_TIME);
    });
}

/// Says that a limit of time is over.
fn out_of_time(timeout: Duration) -> String {
    let reason = format!("it took longer than {timeout:?}");
    Error::from(ErrorKind::Cancelled { reason }).to_string()
}

/// Fails after a signal.
pub(super) fn check() -> Result<()> {
    if has_come() {
        Err(ErrorKind::Cancelled { reason: reason().to_owned() }.into())
    } else {
        Ok(())
    }
}

/// Returns what a command ended with, where a signal is the reason of any failure that it came
/// before: writing fails after it, on floors that do not know why.
pub(super) fn told_apart<T>(done: Result<T>) -> Result<T> {
    done.map_err(|error| check().err().unwrap_or(error))
}

/// True when a signal has come.
pub(super) fn has_come() -> bool {
    token().is_cancelled()
}

/// The exit code after a signal.
pub(super) fn exit_code() -> u8 {
    SIGNALLED + SIGNAL.load(Ordering::Relaxed)
}

/// What a write fails with after a signal, and the reason that jobs are cancelled for.
pub(super) fn reason() -> &'static str {
    if SIGNAL.load(Ordering::Relaxed) == INTERRUPT { "interrupted" } else { "terminated" }
}

/// Notes a temporary file or directory, to be removed if the process has to end on the spot.
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

fn leave_at_once(reason: &str, code: u8) {
    // What has been renamed or removed already is not there any more.
    for path in TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _gone = fs::remove_file(path).or_else(|_| fs::remove_dir_all(path));
    }
    for context in CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _gone = context.spill_path().map(fs::remove_dir_all);
    }
    clear_drawn();
    say(&format!("error: {reason}\n"));
    process::exit(i32::from(code));
}
