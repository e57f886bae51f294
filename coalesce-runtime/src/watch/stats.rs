//! Numbers to watch a group by.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed},
        },
    },
};

use once_cell::race::OnceBox;

/// What the calls of a group did so far, and what they are doing now.
///
/// Counted when a call starts (is first polled), so `calls = led + followed + alone`, and the
/// bodies that ran are `led + takeovers + alone`. The numbers of one snapshot are read one after the other, while calls
/// go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that started.
    pub calls: u64,
    /// Calls that opened a flight, or found one vacant, and ran their own body at once.
    pub led: u64,
    /// Calls that joined a flight of another.
    pub followed: u64,
    /// Calls that shared with nobody from the start.
    pub alone: u64,
    /// Bodies that a former follower ran: its flight's leader had been dropped, or had failed where
    /// errors are not shared.
    pub takeovers: u64,
    /// Leaders that were dropped before their body was done.
    pub abandoned: u64,
    /// Bodies that returned an `Err`; 0 where they return no `Result`.
    pub errors: u64,
    /// Bodies that panicked.
    pub panics: u64,
    /// Flights in the air now.
    pub in_flight: u64,
    /// Followers that wait now.
    pub waiting: u64,
}

impl Stats {
    /// The bodies that were started: `led + takeovers + alone`. Without coalescing it would be `calls`.
    #[must_use]
    pub const fn bodies(&self) -> u64 {
        self.led + self.takeovers + self.alone
    }

    /// The part of the calls, from 0 to 1, that needed no body of their own; 0 before any call.
    ///
    /// ```
    /// use coalesced::Stats;
    ///
    /// assert_eq!(Stats::default().shared_ratio(), 0.0);
    /// ```
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
    pub fn shared_ratio(&self) -> f64 {
        if self.calls == 0 {
            return 0.0;
        }
        self.followed.saturating_sub(self.takeovers) as f64 / self.calls as f64
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            calls,
            led,
            followed,
            alone,
            takeovers,
            abandoned,
            errors,
            panics,
            in_flight,
            waiting,
        } = self;
        write!(
            f,
            "{calls} calls: {led} led, {followed} followed, {alone} alone, {takeovers} took over; \
             {abandoned} abandoned, {errors} failed, {panics} panicked; {in_flight} in flight, \
             {waiting} waiting"
        )
    }
}

/// What happens to flights and calls seldom enough to be counted in one place, which is made when the first
/// of it happens.
#[derive(Debug, Default)]
pub(crate) struct Events(OnceBox<Counts>);

#[derive(Debug, Default)]
struct Counts {
    alone: AtomicU64,
    takeovers: AtomicU64,
    abandoned: AtomicU64,
    errors: AtomicU64,
    panics: AtomicU64,
}

/// What happens.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    /// A call starts that shares with nobody.
    Alone,
    /// A former follower's body starts.
    Takeover,
    /// A leader is dropped before its body is done.
    Abandoned,
    /// A body returns an `Err`.
    Error,
    /// A body panics.
    Panic,
}

impl Events {
    #[cold]
    pub(crate) fn count(&self, event: Event) {
        let counts = self.0.get_or_init(Box::default);
        let count = match event {
            Event::Alone => &counts.alone,
            Event::Takeover => &counts.takeovers,
            Event::Abandoned => &counts.abandoned,
            Event::Error => &counts.errors,
            Event::Panic => &counts.panics,
        };
        count.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_to(&self, stats: &mut Stats) {
        if let Some(counts) = self.0.get() {
            stats.alone += counts.alone.load(Relaxed);
            stats.takeovers += counts.takeovers.load(Relaxed);
            stats.abandoned += counts.abandoned.load(Relaxed);
            stats.errors += counts.errors.load(Relaxed);
            stats.panics += counts.panics.load(Relaxed);
        }
    }
}

/// What is no longer counted since a reset. The counters themselves only rise, whatever calls are under
/// way, so no number is ever negative.
#[derive(Debug, Default)]
pub(crate) struct Baseline(OnceBox<Mutex<Stats>>);

impl Baseline {
    /// Counts from now on.
    pub(crate) fn reset(&self, now: impl FnOnce() -> Stats) {
        let baseline = self.0.get_or_init(Box::default);
        *baseline.lock().unwrap_or_else(PoisonError::into_inner) = now();
    }

    /// What was counted since the last reset. The baseline is read first: the counters are beyond it then.
    pub(crate) fn since(&self, now: impl FnOnce() -> Stats) -> Stats {
        let baseline = self
            .0
            .get()
            .map(|baseline| *baseline.lock().unwrap_or_else(PoisonError::into_inner));
        let mut stats = now();
        if let Some(baseline) = baseline {
            stats.led -= baseline.led;
            stats.followed -= baseline.followed;
            stats.alone -= baseline.alone;
            stats.takeovers -= baseline.takeovers;
            stats.abandoned -= baseline.abandoned;
            stats.errors -= baseline.errors;
            stats.panics -= baseline.panics;
        }
        stats.calls = stats.led + stats.followed + stats.alone;
        stats
    }
}

/// The counters of one shard, in one cache line that is not the lock's.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Marks {
    /// The next flight's ticket.
    pub(crate) ticket: Guarded,
    /// Flights with a lower ticket are displaced: `forget_all` was called since.
    pub(crate) floor: Guarded,
    /// Flights in the air.
    pub(crate) open: Guarded,
    pub(crate) led: Guarded,
    pub(crate) followed: Guarded,
    /// Followers that ever waited, and how many of them do so no more.
    pub(crate) waited: Guarded,
    pub(crate) left: AtomicU64,
}

impl Marks {
    /// Adds these counts; what is in flight is the table's to say.
    pub(crate) fn add_to(&self, stats: &mut Stats) {
        stats.led += self.led.get();
        stats.followed += self.followed.get();
        stats.waiting += self.waiting();
    }

    /// The followers that wait now. Who left is looked at first, since each of them has waited.
    pub(crate) fn waiting(&self) -> u64 {
        let left = self.left.load(Acquire);
        self.waited.get().saturating_sub(left)
    }
}

/// A counter that is raised under a lock, and may be read without it.
#[derive(Debug, Default)]
pub(crate) struct Guarded(AtomicU64);

impl Guarded {
    /// Raises the counter and returns what it was. The lock makes this a read and a write rather
    /// than a read-modify-write.
    #[inline]
    pub(crate) fn next(&self) -> u64 {
        self.add(1)
    }

    /// The same, by this much.
    #[inline]
    pub(crate) fn add(&self, more: u64) -> u64 {
        let count = self.0.load(Relaxed);
        self.0.store(count + more, Relaxed);
        count
    }

    #[inline]
    pub(crate) fn set(&self, count: u64) {
        self.0.store(count, Relaxed);
    }

    #[inline]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
