//! What a person sees while a command works: one line on a terminal, redrawn in place.
//!
//! It listens to the engine's events. Without a terminal, or when quiet is asked for, nothing is
//! drawn and no events are listened to. When verbose, each stage and each superstep leaves a line,
//! on a terminal or not.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, WeakProgressBar};
use superstep::event::{Event, input_bytes_read};

use super::report::counted;
use super::say;

/// Time between two drawings.
const TICK: Duration = Duration::from_millis(100);

/// A message is cut where the terminal ends, so that the line stays one.
const WAITING: &str = "{spinner} [{elapsed}] {wide_msg}";
const COUNTING: &str = "{spinner} [{elapsed}] {msg} {percent}% [{wide_bar}]";
const READING: &str = "{spinner} [{elapsed}] {msg} {bytes} of {total_bytes} [{wide_bar}]";

/// The line that is drawn now, for whoever has to end the process.
static DRAWN: Mutex<Option<WeakProgressBar>> = Mutex::new(None);

/// Removes the line that is drawn, if there is one.
pub(super) fn clear_drawn() {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bar) = drawn.as_ref().and_then(WeakProgressBar::upgrade) {
        bar.finish_and_clear();
    }
}

/// A line of progress. Plain, without colours.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    reading: Arc<Reading>,
    verbose: bool,
}

/// How far the input is read.
#[derive(Default)]
struct Reading {
    /// Bytes of the input; 0 while nothing is read.
    total: AtomicU64,
    /// Bytes that the process had read before.
    before: AtomicU64,
    /// Tasks of the stage that reads, and those that ended: for files whose bytes nobody counts.
    tasks: AtomicUsize,
    ended: AtomicUsize,
}

impl Reading {
    /// Begins, or ends with a total of 0.
    fn begin(&self, total: u64) {
        self.before.store(input_bytes_read(), Ordering::Relaxed);
        self.tasks.store(0, Ordering::Relaxed);
        self.ended.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// Bytes read by now, where something is being read.
    fn position(&self) -> Option<u64> {
        let total = self.total.load(Ordering::Relaxed);
        let tasks = self.tasks.load(Ordering::Relaxed) as u64;
        let bytes = input_bytes_read().saturating_sub(self.before.load(Ordering::Relaxed));
        let ended = self.ended.load(Ordering::Relaxed) as u64;
        let by_tasks = (u128::from(total) * u128::from(ended)).checked_div(u128::from(tasks));
        let by_tasks = by_tasks.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        // What needs two looks at the input reads more than there is.
        (total > 0).then_some(if bytes > 0 { bytes } else { by_tasks }.min(total))
    }
}

impl Progress {
    /// Starts a line, hidden when `quiet` or when standard error is not a terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        let reading = Arc::new(Reading::default());
        let shown = Self { bar: bar.clone(), reading: Arc::clone(&reading), verbose: false };
        // Before there is a thread that would draw it in another way.
        shown.show(WAITING, "");
        if !bar.is_hidden() {
            *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.downgrade());
            let drawn = bar.downgrade();
            // Without the thread the line is drawn when there is news.
            let _ = thread::Builder::new().spawn(move || tick(&drawn, &reading));
        }
        shown
    }

    /// Has each stage and each superstep leave a line.
    pub(super) fn verbose(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Tells what is being done, for an unknown time.
    pub(super) fn wait(&self, what: &'static str) {
        self.reading.begin(0);
        self.show(WAITING, what);
    }

    /// Tells what is being done, in so many steps.
    pub(super) fn count(&self, what: &'static str, steps: u64) {
        self.reading.begin(0);
        self.bar.set_length(steps);
        self.bar.set_position(0);
        self.show(COUNTING, what);
    }

    /// Tells what is done while files, or the files of folders, are read.
    pub(super) fn read<'a>(&self, what: &'static str, paths: impl IntoIterator<Item = &'a Path>) {
        let total = paths.into_iter().map(bytes_of).sum();
        if total == 0 {
            return self.wait(what);
        }
        self.bar.set_length(total);
        self.bar.set_position(0);
        self.show(READING, what);
        self.reading.begin(total);
    }

    /// Goes some steps on.
    pub(super) fn step(&self, steps: u64) {
        self.bar.inc(steps);
    }

    /// Returns what listens to the engine, unless there is nothing to show.
    pub(super) fn listener(&self) -> Option<impl Fn(&Event) + Send + Sync + 'static> {
        let shown = self.verbose || !self.bar.is_hidden();
        let progress = self.clone();
        shown.then_some(move |event: &Event| progress.on_event(event))
    }

    /// Removes the line.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn on_event(&self, event: &Event) {
        if self.verbose
            && let Some(line) = line(event)
        {
            self.bar.suspend(|| say(&line));
        }
        match event {
            Event::StageStarted { tasks, .. } => {
                // The first stage reads.
                let relaxed = Ordering::Relaxed;
                let _later = self.reading.tasks.compare_exchange(0, *tasks, relaxed, relaxed);
            }
            Event::TaskEnded { .. } => {
                self.reading.ended.fetch_add(1, Ordering::Relaxed);
            }
            Event::EdgesRead { edges, .. } => {
                self.wait("building");
                let edges = counted(*edges, "edge", "edges");
                self.bar.set_message(format!("building from {edges}"));
            }
            Event::SuperstepEnded { index, active, messages, .. } => {
                self.bar.set_message(format!(
                    "superstep {index}: {}, {}",
                    counted(*active, "active vertex", "active vertices"),
                    counted(*messages, "message", "messages")
                ));
            }
            _ => {}
        }
    }

    fn show(&self, template: &str, what: &'static str) {
        // The templates are ours and well-formed.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(what);
    }
}

/// Draws a line until it is finished or gone.
fn tick(drawn: &WeakProgressBar, reading: &Reading) {
    while let Some(bar) = drawn.upgrade().filter(|bar| !bar.is_finished()) {
        if let Some(position) = reading.position() {
            bar.set_position(position);
        }
        bar.tick();
        drop(bar);
        thread::sleep(TICK);
    }
}

/// How many bytes a file has, or the files of a folder; 0 for what is neither.
fn bytes_of(path: &Path) -> u64 {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => found.len(),
        Ok(found) if found.is_dir() => {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let files = entries.filter_map(|entry| entry.metadata().ok());
            files.filter(fs::Metadata::is_file).map(|file| file.len()).sum()
        }
        _ => 0,
    }
}

/// What an event says to a person who wants to know.
fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::StageEnded { stage, duration } => format!("stage {stage}: {duration:.1?}\n"),
        Event::TaskRetried { stage, partition, attempt, message } => {
            format!("stage {stage}: attempt {attempt} at partition {partition} failed: {message}\n")
        }
        Event::EdgesRead { edges, duration, .. } => {
            format!("{} read: {duration:.1?}\n", counted(*edges, "edge", "edges"))
        }
        Event::SuperstepEnded { index, active, messages, duration } => format!(
            "superstep {index}: {active} active vertices, {messages} messages, {duration:.1?}\n"
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_goes_by_bytes_or_else_by_tasks_and_never_beyond_the_end() {
        let reading = Reading::default();
        assert_eq!(reading.position(), None);
        reading.begin(1000);
        reading.tasks.store(4, Ordering::Relaxed);
        reading.ended.store(1, Ordering::Relaxed);
        assert_eq!(reading.position(), Some(250));
        reading.ended.store(9, Ordering::Relaxed);
        assert_eq!(reading.position(), Some(1000));
    }

    #[test]
    fn folders_have_the_bytes_of_their_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "1 2\n").unwrap();
        fs::write(folder.path().join("b"), "1 2\n3 4\n").unwrap();
        assert_eq!(bytes_of(folder.path()), 12);
        assert_eq!(bytes_of(&folder.path().join("b")), 8);
        assert_eq!(bytes_of(&folder.path().join("c")), 0);
    }
}
