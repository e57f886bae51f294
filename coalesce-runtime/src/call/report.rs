//! What [`observe`](crate::observe()) tells of a call.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{clock::Instant, role::Role};

/// What became of a coalesced call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What the call was in the end.
    pub role: Role,
    /// How long it waited for bodies of others.
    pub waited: Duration,
    /// How many bodies of its flight former followers had started, itself included, when it stopped
    /// waiting.
    pub takeovers: u64,
}

/// Where a call tells what became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observer(Arc<Mutex<Option<Report>>>);

impl Observer {
    pub(crate) fn report(&self) -> Option<Report> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, role: Role, since: Option<Instant>, takeovers: u64) {
        let mut report = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = report.map_or(Duration::ZERO, |report| report.waited);
        let waited = waited + since.map_or(Duration::ZERO, |since| since.elapsed());
        *report = Some(Report {
            role,
            waited,
            takeovers,
        });
    }
}

/// A call's side of an [`Observer`].
#[derive(Debug)]
pub(crate) struct Observed {
    observer: Observer,
    /// When it began to wait.
    since: Option<Instant>,
}

impl Observed {
    /// The call starts as this.
    pub(crate) fn start(observer: Observer, role: Role) -> Self {
        let since = (role == Role::Follower).then(Instant::now);
        observer.tell(role, None, 0);
        Self { observer, since }
    }

    /// It stops waiting, and is this.
    pub(crate) fn end(&mut self, role: Role, takeovers: u64) {
        self.observer.tell(role, self.since.take(), takeovers);
    }
}
