//! Numbers to watch a group by.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

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
            panics,
            in_flight,
            waiting,
        } = self;
        write!(
            f,
            "{calls} calls: {led} led, {followed} followed, {alone} alone, {takeovers} took over; \
             {abandoned} abandoned, {panics} panicked; {in_flight} in flight, {waiting} waiting"
        )
    }
}

/// What happens to flights and calls seldom enough to be counted in one place.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) alone: AtomicU64,
    pub(crate) takeovers: AtomicU64,
    pub(crate) abandoned: AtomicU64,
    pub(crate) panics: AtomicU64,
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
    pub(crate) waiting: AtomicU64,
}

impl Events {
    pub(crate) fn add_to(&self, stats: &mut Stats) {
        stats.alone += self.alone.load(Relaxed);
        stats.takeovers += self.takeovers.load(Relaxed);
        stats.abandoned += self.abandoned.load(Relaxed);
        stats.panics += self.panics.load(Relaxed);
    }
}

impl Marks {
    /// Adds these counts; what is in flight is the table's to say.
    pub(crate) fn add_to(&self, stats: &mut Stats) {
        stats.led += self.led.get();
        stats.followed += self.followed.get();
        stats.waiting += self.waiting.load(Relaxed);
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
