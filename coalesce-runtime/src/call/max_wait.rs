//! How long a caller waits for one flight (`max_wait`).

use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use crate::{clock::Timer, key::Key, key::owned::OwnedKeys};

/// Who drives a call, and so who tells it that time is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driver {
    /// An executor, which polls when it is woken: by a timer, which needs a Tokio runtime.
    Task,
    /// A thread of its own, which sleeps no longer than it may, and needs none.
    Thread,
    /// The caller itself: it has a timer of its own, for which it needs a runtime as well.
    Itself,
}

impl Driver {
    /// # Panics
    ///
    /// Where it has no timer.
    pub(crate) fn require_timer(self, function: &'static str) {
        if self != Self::Thread {
            Timer::require(function);
        }
    }
}

pub(crate) struct MaxWait<K> {
    /// How the key is used that the flight has for who looks for a newer one.
    pub(crate) keys: OwnedKeys<K>,
    deadline: Deadline,
}

enum Deadline {
    Task(Timer),
    /// `None`: at the end of all time.
    Thread(Option<Instant>),
}

// After a panic nobody sees it: the call is at its end.
impl<K> UnwindSafe for MaxWait<K> {}
impl<K> RefUnwindSafe for MaxWait<K> {}

impl<K> MaxWait<K> {
    pub(crate) fn new<Q: Key<K>>(wait: Duration, driver: Driver) -> Self {
        Self {
            keys: OwnedKeys::of::<Q>(),
            deadline: match driver {
                Driver::Task | Driver::Itself => Deadline::Task(Timer::new(wait)),
                Driver::Thread => Deadline::Thread(Instant::now().checked_add(wait)),
            },
        }
    }

    /// Ready when it is at its end.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.deadline {
            Deadline::Task(timer) => timer.poll(cx),
            Deadline::Thread(Some(until)) if Instant::now() >= *until => Poll::Ready(()),
            Deadline::Thread(_) => Poll::Pending,
        }
    }

    /// Until when the thread may sleep that drives the call.
    pub(crate) fn until(&self) -> Option<Instant> {
        match self.deadline {
            Deadline::Task(_) => None,
            Deadline::Thread(until) => until,
        }
    }
}
