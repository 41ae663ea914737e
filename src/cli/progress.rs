//! What a person sees while a command works: one line on a terminal, redrawn in place.
//!
//! It listens to the engine's events. Without a terminal, or when quiet is asked for, nothing is
//! drawn and no events are listened to. When verbose, each stage and each superstep leaves a line,
//! on a terminal or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use superstep::event::Event;

use super::say;

/// Time between two drawings.
const TICK: Duration = Duration::from_millis(100);

const WAITING: &str = "{spinner} {msg} [{elapsed}]";
const COUNTING: &str = "{spinner} {msg} [{bar:30}] {percent}% [{elapsed}]";

/// A line of progress. Plain, without colours.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// True while the tasks of a stage are the steps of the bar.
    counts_tasks: Arc<AtomicBool>,
    verbose: bool,
}

impl Progress {
    /// Starts a line, hidden when `quiet` or when standard error is not a terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let target =
            if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, counts_tasks: Arc::default(), verbose: false }
    }

    /// Has each stage and each superstep leave a line.
    pub(super) fn verbose(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Tells what is being done, for an unknown time.
    pub(super) fn wait(&self, what: &'static str) {
        self.counts_tasks.store(false, Ordering::Relaxed);
        self.show(WAITING, what);
    }

    /// Tells what is being done, in so many steps.
    pub(super) fn count(&self, what: &'static str, steps: u64) {
        self.bar.set_length(steps);
        self.bar.set_position(0);
        self.show(COUNTING, what);
    }

    /// Tells what is being done, in as many steps as the next stage has tasks.
    pub(super) fn count_tasks(&self, what: &'static str) {
        self.count(what, 0);
        self.counts_tasks.store(true, Ordering::Relaxed);
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
        let counts_tasks = self.counts_tasks.load(Ordering::Relaxed);
        match event {
            Event::StageStarted { tasks, .. } if counts_tasks => {
                self.bar.set_length(*tasks as u64);
                self.bar.set_position(0);
            }
            Event::TaskEnded { .. } if counts_tasks => self.bar.inc(1),
            Event::EdgesRead { edges, .. } => {
                self.wait("building");
                self.bar.set_message(format!("building from {} edges", HumanCount(*edges)));
            }
            Event::SuperstepEnded { index, active, messages, .. } => {
                self.bar.set_message(format!(
                    "superstep {index}: {} active vertices, {} messages",
                    HumanCount(*active),
                    HumanCount(*messages)
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

/// What an event says to a person who wants to know.
fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::StageEnded { stage, duration } => format!("stage {stage}: {duration:.1?}\n"),
        Event::TaskRetried { stage, partition, attempt, message } => {
            format!("stage {stage}: attempt {attempt} at partition {partition} failed: {message}\n")
        }
        Event::EdgesRead { edges, duration, .. } => format!("{edges} edges read: {duration:.1?}\n"),
        Event::SuperstepEnded { index, active, messages, duration } => format!(
            "superstep {index}: {active} active vertices, {messages} messages, {duration:.1?}\n"
        ),
        _ => return None,
    })
}
