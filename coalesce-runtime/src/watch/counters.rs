//! What is counted, and where.

use std::sync::{
    Mutex, PoisonError,
    atomic::{
        AtomicU32, AtomicU64,
        Ordering::{Acquire, Relaxed, Release, SeqCst},
        fence,
    },
};

use once_cell::race::OnceBox;

use crate::watch::stats::Stats;

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
    elsewhere: AtomicU64,
    /// Calls that ever ran by themselves, and how many of them ended.
    began: AtomicU64,
    ended: AtomicU64,
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
    /// A leader's body did not run: another server's did, or was waited for.
    Elsewhere,
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
            Event::Elsewhere => &counts.elsewhere,
        };
        count.fetch_add(1, Relaxed);
    }

    /// A call runs by itself, from its start or since it has waited long enough.
    pub(crate) fn alone_begins(&self) {
        self.0.get_or_init(Box::default).began.fetch_add(1, SeqCst);
    }

    pub(crate) fn alone_ends(&self) {
        self.0.get_or_init(Box::default).ended.fetch_add(1, SeqCst);
    }

    /// How many calls ran by themselves, and how many of them do now. Who ended is looked at first, since each of
    /// them began.
    pub(crate) fn alone(&self) -> (u64, u64) {
        let Some(counts) = self.0.get() else {
            return (0, 0);
        };
        let ended = counts.ended.load(SeqCst);
        let began = counts.began.load(SeqCst);
        (began, began - ended)
    }

    pub(crate) fn add_to(&self, stats: &mut Stats) {
        if let Some(counts) = self.0.get() {
            stats.alone += counts.alone.load(Relaxed);
            stats.takeovers += counts.takeovers.load(Relaxed);
            stats.abandoned += counts.abandoned.load(Relaxed);
            stats.errors += counts.errors.load(Relaxed);
            stats.panics += counts.panics.load(Relaxed);
            stats.elsewhere += counts.elsewhere.load(Relaxed);
        }
    }
}

/// What is no longer counted since a reset. The counters themselves only rise, whatever calls are under
/// way, so no number is ever negative.
#[derive(Debug, Default)]
pub(crate) struct Baseline(Mutex<Stats>);

impl Baseline {
    /// Counts from now on.
    pub(crate) fn reset(&self, now: impl FnOnce() -> Stats) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now();
    }

    /// What was counted since the last reset. The baseline is read first: the counters are beyond it then.
    pub(crate) fn since(&self, now: impl FnOnce() -> Stats) -> Stats {
        let baseline = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stats = now();
        stats.led -= baseline.led;
        stats.followed -= baseline.followed;
        stats.alone -= baseline.alone;
        stats.takeovers -= baseline.takeovers;
        stats.abandoned -= baseline.abandoned;
        stats.errors -= baseline.errors;
        stats.panics -= baseline.panics;
        stats.elsewhere -= baseline.elsewhere;
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
    /// Of those who followed, how many followed another flight after that.
    pub(crate) followed_on: Guarded,
    /// How many of all these wait no more.
    left: Guarded,
    /// The key with which the last follower came.
    pub(crate) last_followed: Last,
    /// The key for which the last flight was opened.
    pub(crate) last_led: Last,
}

impl Marks {
    /// How many followers wait, by the sums over all shards that ever were: one may come in a shard, and go when its
    /// entries are in another. Who came is looked at first, and who left after that: so as many waited at the moment in
    /// between, at least.
    pub(crate) fn waiting(sum: impl Fn(fn(&Self) -> u64) -> u64) -> u64 {
        let came = sum(|marks| marks.followed.get() + marks.followed_on.get());
        fence(Acquire);
        let left = sum(|marks| marks.left.0.load(Acquire));
        came.saturating_sub(left)
    }

    /// Whether a caller with this hash will probably follow: the last follower, or the last leader, had the same, and
    /// there are flights.
    #[inline]
    pub(crate) fn may_follow(&self, hash: u64) -> bool {
        self.open.get() > 0 && (self.last_led.is(hash) || self.last_followed.is(hash))
    }

    /// So many followers wait no more.
    pub(crate) fn leaves(&self, followers: u64) {
        let left = self.left.get() + followers;
        self.left.0.store(left, Release);
    }
}

/// Half of a key's hash, which is written under a lock and may be read without it.
#[derive(Debug, Default)]
pub(crate) struct Last(AtomicU32);

impl Last {
    #[inline]
    pub(crate) fn set(&self, hash: u64) {
        self.0.store(Self::half(hash), Relaxed);
    }

    #[inline]
    fn is(&self, hash: u64) -> bool {
        self.0.load(Relaxed) == Self::half(hash)
    }

    #[inline]
    fn half(hash: u64) -> u32 {
        (hash >> u32::BITS) as u32
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
