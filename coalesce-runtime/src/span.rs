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

use std::{
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
};

use tracing::{Dispatch, Id, Span, field::Empty, info_span, subscriber::NoSubscriber, warn};

use crate::{panic::aside, scope::Role};

/// The id of a leader's span.
pub(crate) type LeaderId = Id;

/// The span of a caller, none while it has not started or is done.
#[derive(Debug)]
pub(crate) struct CallSpan(Span);

// After a panic nobody sees it: the call is at its end.
impl UnwindSafe for CallSpan {}
impl RefUnwindSafe for CallSpan {}

impl CallSpan {
    pub(crate) const NONE: Self = Self(Span::none());

    pub(crate) fn new(function: &'static str, role: Role) -> Self {
        let role = match role {
            Role::Leader => "leader",
            Role::Follower => "follower",
            Role::Alone => "alone",
        };
        Self(info_span!(target: "coalesced", "coalesced", function, role, outcome = Empty))
    }

    /// What a leader tells its flight, if anybody listens; where another thread has a subscriber, a span may be
    /// made for none.
    pub(crate) fn id(&self) -> Option<LeaderId> {
        let heard = |(id, to): (&Id, &Dispatch)| (!to.is::<NoSubscriber>()).then(|| id.clone());
        self.0.with_subscriber(heard).flatten()
    }

    pub(crate) fn in_scope<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.0.in_scope(poll)
    }

    /// Whether anybody listens.
    pub(crate) fn is_some(&self) -> bool {
        !self.0.is_disabled()
    }

    pub(crate) fn follows(&self, leader: Option<LeaderId>) {
        aside(|| {
            self.0.follows_from(leader);
        });
    }

    /// A subscriber that panics is nobody's loss: also a caller that is dropped in a panic reports.
    pub(crate) fn end(&mut self, outcome: &'static str) {
        let span = mem::replace(&mut self.0, Span::none());
        aside(|| {
            span.record("outcome", outcome);
            drop(span);
        });
    }
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
