//! Ending jobs from outside.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// Ends the jobs that were started under it: on demand, or at a deadline.
///
/// A job that is cancelled fails with [`ErrorKind::Cancelled`] once its tasks have noticed, which
/// they do between two rows of what they read and of what they make; a function that never returns
/// is not interrupted. A job that waits for threads which other jobs have notices while it waits if
/// they are shared fairly ([`Scheduling::Fair`](super::Scheduling::Fair)), and otherwise when it
/// gets one.
/// Nothing half-done stays: what tasks at work held or spilled is freed, files that were being
/// written for the user do not appear. Partitions and shuffle outputs that were finished belong to
/// their RDDs, serve later jobs, and go with the last handle.
///
/// ```
/// # use superstep::prelude::*;
/// use std::time::Duration;
/// use superstep::ErrorKind;
/// use superstep::rdd::CancelToken;
///
/// let ctx = Context::local(2)?;
/// let endless = ctx.parallelize([0_u64], 1).flat_map(|_| 0_u64..).filter(|n| n % 7 != 3);
/// let token = CancelToken::with_timeout(Duration::from_millis(20));
/// let error = token.run(|| endless.count()).unwrap_err();
/// assert!(matches!(error.kind(), ErrorKind::Cancelled { .. }));
/// # Ok::<(), superstep::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<State>);

#[derive(Debug, Default)]
struct State {
    cancelled: AtomicBool,
    reason: OnceLock<String>,
    deadline: Option<(Instant, Duration)>,
    /// Each of them ends this one, too.
    outer: Vec<CancelToken>,
}

thread_local! {
    static CURRENT: RefCell<Option<CancelToken>> = const { RefCell::new(None) };
}

impl CancelToken {
    /// Makes a token that ends nothing before [`cancel`](Self::cancel) is called.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a token that ends its jobs after `timeout`, counted from now.
    #[must_use]
    pub fn with_timeout(timeout: Duration) -> Self {
        let deadline = Instant::now().checked_add(timeout).map(|deadline| (deadline, timeout));
        Self(Arc::new(State { deadline, ..State::default() }))
    }

    /// Makes a token that ends with any of `outer`, too.
    pub(super) fn under(outer: impl IntoIterator<Item = Self>) -> Self {
        Self(Arc::new(State { outer: outer.into_iter().collect(), ..State::default() }))
    }

    /// Ends the jobs under this token, now and in future. `reason` is part of their error; the
    /// first one given counts.
    pub fn cancel(&self, reason: &str) {
        let _ = self.0.reason.set(reason.to_owned());
        self.0.cancelled.store(true, Ordering::Release);
    }

    /// True when jobs under this token end or have ended.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.check().is_err()
    }

    /// Runs `body`; the jobs that it starts on this thread are under this token, and under those
    /// that this thread is under already.
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        Self::under(Self::current().into_iter().chain([self.clone()])).enter(body)
    }

    /// Runs `body` with this token as the thread's own.
    pub(crate) fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        let _restore = Restore(CURRENT.replace(Some(self.clone())));
        body()
    }

    /// The token that jobs started on this thread are under.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Fails when the token was cancelled or its time is over.
    pub(crate) fn check(&self) -> Result<()> {
        let State { cancelled, reason, deadline, outer } = &*self.0;
        if cancelled.load(Ordering::Acquire) {
            let reason = reason.get().map_or("no reason was given", String::as_str);
            return Err(cancelled_for(reason.to_owned()));
        }
        if let Some((deadline, timeout)) = deadline
            && Instant::now() >= *deadline
        {
            return Err(cancelled_for(format!("it took longer than {timeout:?}")));
        }
        outer.iter().try_for_each(Self::check)
    }
}

fn cancelled_for(reason: String) -> Error {
    ErrorKind::Cancelled { reason }.into()
}

/// Gives a thread the token back that it had.
struct Restore(Option<CancelToken>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}
