//! Numbers to watch a group by.

use std::{fmt, iter::Sum};

/// What the calls of a group did so far, and what they are doing now.
///
/// Counted when a call starts (is first polled), so `calls = led + followed + alone`, and the
/// bodies that ran are `led + takeovers + alone - elsewhere`. The numbers of one snapshot are read one after the other, while calls
/// go on. With the feature `serde` they can be serialized.
///
/// ```
/// use coalesced::Group;
///
/// static USERS: Group<u64, u64> = Group::new();
///
/// # futures::executor::block_on(async {
/// USERS.call(7, async { 49 }).await;
/// let stats = USERS.stats();
/// assert_eq!((stats.calls, stats.led, stats.in_flight), (1, 1, 0));
/// println!("{stats}");
/// # });
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// Bodies that did not run, though their call came to lead: a body on another server did, or was waited for until the
    /// call was dropped. 0 without a cluster.
    pub elsewhere: u64,
    /// Flights in the air now.
    pub in_flight: u64,
    /// Followers that wait now.
    pub waiting: u64,
}

impl Stats {
    /// The bodies that were started: `led + takeovers + alone - elsewhere`. Without coalescing it would be `calls`.
    #[must_use]
    pub const fn bodies(&self) -> u64 {
        (self.led + self.takeovers + self.alone).saturating_sub(self.elsewhere)
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

impl Sum for Stats {
    /// The stats of several groups together.
    fn sum<I: Iterator<Item = Self>>(groups: I) -> Self {
        groups.fold(Self::default(), |sum, group| Self {
            calls: sum.calls + group.calls,
            led: sum.led + group.led,
            followed: sum.followed + group.followed,
            alone: sum.alone + group.alone,
            takeovers: sum.takeovers + group.takeovers,
            abandoned: sum.abandoned + group.abandoned,
            errors: sum.errors + group.errors,
            panics: sum.panics + group.panics,
            elsewhere: sum.elsewhere + group.elsewhere,
            in_flight: sum.in_flight + group.in_flight,
            waiting: sum.waiting + group.waiting,
        })
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
            elsewhere,
            in_flight,
            waiting,
        } = self;
        write!(
            f,
            "{calls} calls: {led} led, {followed} followed, {alone} alone, {takeovers} took over; "
        )?;
        if *elsewhere > 0 {
            write!(f, "{elsewhere} answered elsewhere; ")?;
        }
        write!(
            f,
            "{abandoned} abandoned, {errors} failed, {panics} panicked; {in_flight} in flight, \
             {waiting} waiting"
        )
    }
}
