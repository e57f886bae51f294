//! Numbers for whatever the program reports to, through the `metrics` facade (feature `metrics`).
//!
//! Nothing of it runs under a lock of ours: a recorder is the user's. Handles are asked for each time, since a
//! recorder may be installed after the first call, and tests install one for a moment; only the names are
//! kept. A gauge is set to what is counted, and looked at again after that: whoever sets it last has seen the
//! last change, and one who comes late is right at once.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use metrics::{Key, Label, Level, Metadata, Recorder, Unit, with_recorder};

use crate::{
    clock::{Instant, now},
    panic::aside,
    role::Role,
    watch::counters::Event,
};

const METADATA: Metadata<'_> = Metadata::new("coalesced", Level::INFO, None);

/// What is counted, in the words of the README's table.
const CALLS: &str = "coalesced_calls_total";
const TAKEOVERS: &str = "coalesced_takeovers_total";
const ABANDONED: &str = "coalesced_abandoned_total";
const ERRORS: &str = "coalesced_errors_total";
const PANICS: &str = "coalesced_panics_total";
const ELSEWHERE: &str = "coalesced_elsewhere_total";
const IN_FLIGHT: &str = "coalesced_in_flight";
const WAITING: &str = "coalesced_waiting";
const WAIT: &str = "coalesced_wait_seconds";
const RUN: &str = "coalesced_run_seconds";

/// The metrics of one function.
#[derive(Debug)]
pub(crate) struct Meter {
    announced: AtomicBool,
    led: Key,
    followed: Key,
    alone: Key,
    takeovers: Key,
    abandoned: Key,
    errors: Key,
    panics: Key,
    elsewhere: Key,
    in_flight: Key,
    waiting: Key,
    wait: Key,
    run: Key,
}

impl Meter {
    pub(crate) fn new(function: &'static str) -> Self {
        let of = |name| Key::from_parts(name, vec![Label::from_static_parts("function", function)]);
        let calls =
            |role| of(CALLS).with_extra_labels(vec![Label::from_static_parts("role", role)]);
        Self {
            announced: AtomicBool::new(false),
            led: calls("leader"),
            followed: calls("follower"),
            alone: calls("alone"),
            takeovers: of(TAKEOVERS),
            abandoned: of(ABANDONED),
            errors: of(ERRORS),
            panics: of(PANICS),
            elsewhere: of(ELSEWHERE),
            in_flight: of(IN_FLIGHT),
            waiting: of(WAITING),
            wait: of(WAIT),
            run: of(RUN),
        }
    }

    /// Describes what is counted, and shows what never happened to be nought. It is the first call that does it:
    /// where a group is made, a lock of ours is held.
    #[cold]
    fn announce(&self) {
        if self.announced.swap(true, Relaxed) {
            return;
        }
        report(describe);
        for key in self.counters() {
            report(|to| to.register_counter(key, &METADATA).increment(0));
        }
    }

    fn counters(&self) -> [&Key; 7] {
        [
            &self.led,
            &self.followed,
            &self.alone,
            &self.takeovers,
            &self.abandoned,
            &self.errors,
            &self.panics,
        ]
    }

    /// A call starts.
    pub(crate) fn call(&self, role: Role) {
        if !self.announced.load(Relaxed) {
            self.announce();
        }
        count(match role {
            Role::Leader => &self.led,
            Role::Follower => &self.followed,
            Role::Alone => &self.alone,
        });
    }

    pub(crate) fn event(&self, event: Event) {
        match event {
            Event::Alone => {}
            Event::Takeover => count(&self.takeovers),
            Event::Abandoned => count(&self.abandoned),
            Event::Error => count(&self.errors),
            Event::Panic => count(&self.panics),
            Event::Elsewhere => count(&self.elsewhere),
        }
    }

    pub(crate) fn in_flight(&self, now: impl Fn() -> u64) {
        set(&self.in_flight, now);
    }

    pub(crate) fn waiting(&self, now: impl Fn() -> u64) {
        set(&self.waiting, now);
    }

    /// A follower has waited.
    pub(crate) fn waited(&self, time: Time) {
        record(&self.wait, time);
    }

    /// A body has run.
    pub(crate) fn ran(&self, time: Time) {
        record(&self.run, time);
    }
}

/// How long it was; none, if it did not begin.
pub(crate) type Time = Option<Duration>;

/// When a wait or a body began.
#[derive(Debug)]
pub(crate) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    pub(crate) const STOPPED: Self = Self(None);

    pub(crate) fn start() -> Self {
        Self(now())
    }

    pub(crate) fn stop(&mut self) -> Time {
        self.0.take().map(|since| since.elapsed())
    }
}

/// A recorder that panics is nobody's loss: also a caller that is dropped in a panic reports.
fn report(report: impl FnOnce(&dyn Recorder)) {
    aside(|| with_recorder(report));
}

fn count(key: &Key) {
    report(|to| to.register_counter(key, &METADATA).increment(1));
}

fn record(key: &Key, time: Time) {
    if let Some(time) = time {
        report(|to| to.register_histogram(key, &METADATA).record(time));
    }
}

fn set(key: &Key, now: impl Fn() -> u64) {
    report(|to| {
        let gauge = to.register_gauge(key, &METADATA);
        loop {
            let count = now();
            #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
            gauge.set(count as f64);
            if now() == count {
                break;
            }
        }
    });
}

fn describe(to: &dyn Recorder) {
    let counter = |name: &'static str, says: &'static str| {
        to.describe_counter(name.into(), Some(Unit::Count), says.into());
    };
    counter(
        CALLS,
        "Calls that started, by the role that they started with",
    );
    counter(TAKEOVERS, "Bodies that a former follower ran");
    counter(ABANDONED, "Leaders dropped before their body was done");
    counter(ERRORS, "Bodies that returned an Err");
    counter(PANICS, "Bodies that panicked");
    counter(
        ELSEWHERE,
        "Bodies that did not run, since one on another server did",
    );
    let gauge = |name: &'static str, says: &'static str| {
        to.describe_gauge(name.into(), Some(Unit::Count), says.into());
    };
    gauge(IN_FLIGHT, "Flights in the air");
    gauge(WAITING, "Followers that wait");
    let histogram = |name: &'static str, says: &'static str| {
        to.describe_histogram(name.into(), Some(Unit::Seconds), says.into());
    };
    histogram(WAIT, "How long followers waited for bodies of others");
    histogram(RUN, "How long bodies ran");
}
