//! What those who watch are told of one call: its spans, and how long it waited and ran.
//!
//! What happens to flights and callers is counted always (`counters`, read as `stats`); it is reported to a
//! recorder (`meter`) or a subscriber (`span`) where the features `metrics` and `tracing` are on, and else these
//! are empty (`meter_off`, `span_off`). Nothing of the user's runs under a lock of ours.

pub(crate) mod census;
pub(crate) mod counters;
pub(crate) mod in_flight;
#[cfg_attr(not(feature = "metrics"), path = "meter_off.rs")]
pub(crate) mod meter;
#[cfg_attr(loom, path = "span_loom.rs")]
#[cfg_attr(not(any(loom, feature = "tracing")), path = "span_off.rs")]
pub(crate) mod span;
pub(crate) mod stats;
pub(crate) mod until;

use crate::{
    role::Role,
    watch::meter::{Meter, Stopwatch},
    watch::span::{CallSpan, LeaderId},
};

/// Without features it is nothing.
#[derive(Debug)]
pub(crate) struct Watch {
    since: Stopwatch,
    span: CallSpan,
}

impl Watch {
    pub(crate) const NONE: Self = Self {
        since: Stopwatch::STOPPED,
        span: CallSpan::NONE,
    };

    /// The call starts to wait, or to run.
    pub(crate) fn begin(&mut self, function: &'static str, role: Role) {
        self.since = Stopwatch::start();
        self.span = CallSpan::new(function, role);
    }

    /// What the leader tells its flight, if anybody listens.
    pub(crate) fn leader(&self) -> Option<LeaderId> {
        self.span.id()
    }

    /// Polls the body.
    pub(crate) fn polling<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.span.in_scope(poll)
    }

    /// Whether anybody listens.
    pub(crate) fn is_traced(&self) -> bool {
        self.span.is_some()
    }

    /// It waits no more; the other is who it waited for.
    pub(crate) fn waited(
        &mut self,
        meter: &Meter,
        outcome: &'static str,
        leader: Option<LeaderId>,
    ) {
        meter.waited(self.since.stop());
        self.span.follows(leader);
        self.span.end(outcome);
    }

    /// It waits no more for a body elsewhere.
    pub(crate) fn ran_elsewhere(&mut self, meter: &Meter) {
        meter.waited(self.since.stop());
        self.span.end("elsewhere");
    }

    /// Its body is at its end.
    pub(crate) fn ran(&mut self, meter: &Meter, outcome: &'static str) {
        meter.ran(self.since.stop());
        self.span.end(outcome);
    }
}
