//! What [`observe`](crate::observe()) tells of a call.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    clock::{Instant, now},
    role::Role,
};

/// What became of a coalesced call.
///
/// ```
/// use coalesced::{Role, coalesce, observe};
///
/// #[coalesce]
/// async fn square(id: u64) -> u64 {
///     # let mut yielded = false;
///     # std::future::poll_fn(|cx| {
///     #     cx.waker().wake_by_ref();
///     #     if std::mem::replace(&mut yielded, true) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
///     # })
///     # .await;
///     id * id // a query, say
/// }
///
/// # futures::executor::block_on(async {
/// let ((_, leader), _) = futures::join!(observe(square(7)), square(7));
/// let leader = leader.unwrap();
/// assert_eq!((leader.role, leader.followers), (Role::Leader, 1));
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// What the call was in the end.
    pub role: Role,
    /// How long it waited for bodies of others, here or elsewhere; nought where there is no clock, as on
    /// `wasm32-unknown-unknown`.
    pub waited: Duration,
    /// Whether it led, and the value came from another server, whose body ran in place of its own (feature
    /// `cluster`).
    pub elsewhere: bool,
    /// How many bodies of its flight former followers had started, itself included, when it stopped
    /// waiting: what [`Stats::takeovers`](crate::Stats::takeovers) counts for all.
    pub takeovers: u64,
    /// How many callers waited when it landed, and share its value, if it led; else 0.
    pub followers: u64,
}

/// Where a call tells what became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observer(Arc<Mutex<Observation>>);

#[derive(Debug, Default)]
struct Observation {
    report: Option<Report>,
    /// Who observes the same call from outside of this.
    outer: Option<Observer>,
}

impl Observer {
    pub(crate) fn report(&self) -> Option<Report> {
        self.observation().report
    }

    /// The same, observed from outside, too.
    pub(crate) fn within(self, outer: Option<Self>) -> Self {
        self.observation().outer = outer;
        self
    }

    fn tell(&self, role: Role, waited: Duration, takeovers: u64) {
        self.change(&|before| {
            let before = before.map_or(Duration::ZERO, |it| it.waited);
            Some(Report {
                role,
                waited: before + waited,
                elsewhere: false,
                takeovers,
                followers: 0,
            })
        });
    }

    /// Tells more of what was told.
    fn amend(&self, amend: &dyn Fn(&mut Report)) {
        self.change(&|mut report| {
            report.as_mut().map(amend);
            report
        });
    }

    /// Tells this to all who observe.
    fn change(&self, change: &dyn Fn(Option<Report>) -> Option<Report>) {
        let mut observation = self.observation();
        observation.report = change(observation.report);
        let outer = observation.outer.clone();
        drop(observation);
        if let Some(outer) = outer {
            outer.change(change);
        }
    }

    fn observation(&self) -> MutexGuard<'_, Observation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let since = (role == Role::Follower).then(now).flatten();
        observer.tell(role, Duration::ZERO, 0);
        Self { observer, since }
    }

    /// It has landed as the leader of so many.
    pub(crate) fn landed(&self, followers: u64) {
        self.observer.amend(&|report| report.followers = followers);
    }

    /// It leads, and asks elsewhere.
    pub(crate) fn asks(&mut self) {
        self.since = now();
    }

    /// It was answered: with the value of a body elsewhere, or to run its own.
    pub(crate) fn answered(&mut self, elsewhere: bool) {
        let waited = self.wait_ends();
        self.observer.amend(&|report| {
            report.waited += waited;
            report.elsewhere = elsewhere;
        });
    }

    /// It stops waiting, and is this.
    pub(crate) fn end(&mut self, role: Role, takeovers: u64) {
        let waited = self.wait_ends();
        self.observer.tell(role, waited, takeovers);
    }

    fn wait_ends(&mut self) -> Duration {
        let since = self.since.take();
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}
