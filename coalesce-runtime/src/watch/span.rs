//! What a trace viewer sees of a call (feature `tracing`).
//!
//! 1. A caller that runs a body has a span from its start to its end, which is entered while the body is
//!    polled, so that what the body traces is in it. Its parent is the caller's span, also where the body is
//!    spawned.
//! 2. The leader tells its flight the span's id, so a flight whose leader is traced is made at once.
//! 3. A follower has a span while it waits. When the wait ends, however, it is said to follow from the span of
//!    the flight's leader: a viewer shows whom it waited for.
//!
//! Nothing of it runs under a lock of ours: a subscriber is the user's.

use std::panic::{RefUnwindSafe, UnwindSafe};

use tracing::{
    Id, Span, field::Empty, info_span, level_filters::LevelFilter, subscriber::NoSubscriber, warn,
};

use crate::{panic::aside, role::Role};

/// The id of a leader's span.
pub(crate) type LeaderId = Id;

/// The span of a caller; none while it has not started, or is done, or nobody listens.
#[derive(Debug)]
pub(crate) struct CallSpan(Option<Box<Span>>);

// After a panic nobody sees it: the call is at its end.
impl UnwindSafe for CallSpan {}
impl RefUnwindSafe for CallSpan {}

impl CallSpan {
    pub(crate) const NONE: Self = Self(None);

    #[inline]
    pub(crate) fn new(function: &'static str, role: Role) -> Self {
        if LevelFilter::current() < LevelFilter::INFO {
            return Self::NONE;
        }
        Self::made(function, role)
    }

    fn made(function: &'static str, role: Role) -> Self {
        let role = match role {
            Role::Leader => "leader",
            Role::Follower => "follower",
            Role::Alone => "alone",
        };
        let span = info_span!(target: "coalesced", "coalesced", function, role, token = Empty, outcome = Empty);
        // Where another thread has a subscriber, a span may be made for none.
        let heard = span.with_subscriber(|(_, to)| !to.is::<NoSubscriber>());
        Self((heard == Some(true)).then(|| Box::new(span)))
    }

    /// What a leader tells its flight.
    #[inline]
    pub(crate) fn id(&self) -> Option<LeaderId> {
        self.0.as_ref()?.id()
    }

    #[inline]
    pub(crate) fn in_scope<T>(&self, poll: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(span) => span.in_scope(poll),
            None => poll(),
        }
    }

    #[inline]
    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn follows(&self, leader: Option<LeaderId>) {
        if let Some(span) = &self.0 {
            aside(|| {
                span.follows_from(leader);
            });
        }
    }

    #[inline]
    pub(crate) fn end(&mut self, outcome: &'static str) {
        if let Some(span) = self.0.take() {
            end(span, outcome);
        }
    }
}

/// A subscriber that panics is nobody's loss: also a caller that is dropped in a panic reports.
fn end(span: Box<Span>, outcome: &'static str) {
    aside(|| {
        span.record("outcome", outcome);
        drop(span);
    });
}

/// A follower has taken over. One in a flight is nothing; where it happens again and again, no body may ever
/// come to its end.
pub(crate) fn took_over(function: &'static str, takeovers: impl FnOnce() -> u64) {
    const STORM: u64 = 8;
    if !tracing::enabled!(target: "coalesced", tracing::Level::WARN) {
        return;
    }
    let takeovers = takeovers();
    if takeovers >= STORM && takeovers.is_power_of_two() {
        warn!(
            target: "coalesced",
            function,
            takeovers,
            "the leaders of one flight are dropped one after the other, before a body is done: its callers' \
             deadlines are shorter than the body; `spawn` lets it end"
        );
    }
}
