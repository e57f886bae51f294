//! How a caller comes into a flight.
//!
//! 1. It looks its key up under the shard's lock. If a flight is there that it may join, it does.
//! 2. Else it makes an owned key, with the lock let go, and looks again. If a flight is there that must make room,
//!    it is displaced and a newer one takes the key's place under the same lock, so that of all who find it too
//!    old or too full at once only the first opens one.
//! 3. Too many flights in the air: it goes alone, but only where its key has none of them. A key that is in flight
//!    may always be joined or opened anew: else a key that everybody asks for, whose flight is displaced, would be
//!    everybody's own.
//! 4. It has waited long enough for one flight (`max_wait`): it joins or opens a newer one, as in 1 and 2, by the
//!    key that the old one keeps for all who wait so: theirs are gone. It is counted already; its own body is a
//!    takeover. So is it with one that is told by other means than a landing that its flight is not for it: its key is
//!    still there.

use std::{task::Waker, time::Duration};

use crate::{
    clock::{Instant, now},
    flight::{
        Joined,
        caller_state::CallerState,
        follower::BODIES,
        lazy::LazyFlight,
        map::{Entry, FlightMap},
        table::Shard,
        waiters::Spare,
    },
    key::Key,
    watch::counters::Marks,
};

/// How old a flight may be, and when a caller came: it looks at the clock under no lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaxAge {
    max: Duration,
    now: Instant,
}

impl MaxAge {
    pub(crate) fn of(max: Option<Duration>) -> Option<Self> {
        Some(Self {
            max: max?,
            now: now()?,
        })
    }

    fn is_older(&self, flight: &LazyFlight) -> bool {
        let since = flight.since();
        since.is_some_and(|since| self.now.saturating_duration_since(since) > self.max)
    }
}

/// Which flights a caller may join, and open.
#[derive(Debug)]
pub(crate) struct Terms {
    /// None at all: `fresh`.
    pub(crate) fresh: bool,
    /// The caller has waited long enough for this one.
    pub(crate) waited: Option<u64>,
    /// For how many bodies it still waits, where they fail.
    pub(crate) bodies: u16,
    pub(crate) max_age: Option<MaxAge>,
    pub(crate) max_followers: Option<usize>,
    pub(crate) max_in_flight: Option<usize>,
    /// Whether flights go across to other servers.
    pub(crate) across: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            fresh: false,
            waited: None,
            bodies: BODIES,
            max_age: None,
            max_followers: None,
            max_in_flight: None,
            across: false,
        }
    }
}

impl Terms {
    /// Whether the flight must make room for a newer one.
    fn refuse(&self, flight: &LazyFlight) -> bool {
        let is_older = |max: MaxAge| max.is_older(flight);
        let is_full = |max| flight.followers() >= max;
        let is_out_of_sight = || flight.elsewhere().is_some_and(|it| !it.may_be_joined());
        self.fresh
            || self.waited == Some(flight.ticket())
            || self.max_age.is_some_and(is_older)
            || self.max_followers.is_some_and(is_full)
            || self.across && is_out_of_sight()
    }

    /// Whether the caller is one that started before.
    fn is_former_follower(&self) -> bool {
        self.waited.is_some()
    }

    /// The flight that the caller opens.
    fn flight(&self, ticket: u64) -> LazyFlight {
        let mut flight = match self.max_age {
            Some(MaxAge { now, .. }) => LazyFlight::made(ticket, now),
            None => LazyFlight::new(ticket),
        };
        if self.is_former_follower() {
            flight.share().took_over();
        }
        flight
    }
}

impl<K> FlightMap<K> {
    /// Joins the flight of this key, or opens one, or, if there are too many, goes alone. The caller's state is set
    /// before anything of the user's is dropped, so that a destructor's panic finds it in order.
    ///
    /// Who is being polled has a waker. It is cloned before the lock, and so before it is known whether it is needed:
    /// only where the last follower in this shard came with the same key, or the last flight there was opened for it.
    pub(crate) fn join<Q: Key<K>>(
        &self,
        hash: u64,
        key: &Q,
        terms: Option<&Terms>,
        polled: Option<&Waker>,
        state: &mut CallerState,
    ) {
        let matches = |other: &K| key.matches(other);
        let may_follow = |_: &&Waker| self.table.marks_of(hash).may_follow(hash);
        let mut waker = Spare(polled.filter(may_follow).cloned());
        if !Q::CHEAP {
            let mut shard = self.table.lock(hash);
            if Self::join_current(&mut shard, hash, matches, terms, &mut waker.0, state) {
                drop(shard);
                return self.joined(state);
            }
        }
        let owned = key.to_key();
        let mut shard = self.table.lock(hash);
        if Self::join_current(&mut shard, hash, matches, terms, &mut waker.0, state) {
            drop(shard);
            self.joined(state);
            return drop(owned);
        }
        if let Some(terms) = terms {
            if self.is_crowded(&mut shard, hash, matches, terms) {
                *state = CallerState::Alone;
                drop(shard);
                self.alone();
                return drop(owned);
            }
            Self::displace_current(&mut shard, hash, matches);
        }
        shard.marks.led.next();
        *state = CallerState::Leader {
            ticket: Self::open_flight(&mut shard, hash, owned, terms),
        };
        drop(shard);
        self.joined(state);
    }

    /// Joins the newer flight of this key, or opens it: the caller has waited long enough for the one that it was
    /// in, or that one is not for it. If it has waited for so many bodies that it waits for no other, it goes alone
    /// where another one leads. Returns how many bodies of its flight former followers have started, if its own is one
    /// of them.
    pub(crate) fn join_newer(
        &self,
        hash: u64,
        matches: impl Fn(&K) -> bool,
        again: impl Fn() -> K,
        terms: &Terms,
        state: &mut CallerState,
    ) -> Option<u64> {
        let matches = &matches;
        let mut owned = None;
        let takeovers = loop {
            let mut shard = self.table.lock(hash);
            let newer = Self::current(&mut shard, hash, matches)
                .filter(|entry| !terms.refuse(&entry.flight))
                .map(|entry| {
                    let flight = &mut entry.flight;
                    let joined =
                        (terms.bodies > 0).then(|| flight.join(terms.bodies, &mut None, state));
                    (joined, flight)
                });
            break match newer {
                Some((Some(Joined::Follows), _)) => {
                    shard.marks.followed_on.next();
                    drop(shard);
                    self.follows(state);
                    return None;
                }
                Some((Some(Joined::Leads), flight)) => flight.share().took_over(),
                Some((None, _)) => {
                    *state = CallerState::Alone;
                    drop(shard);
                    self.events.alone_begins();
                    1
                }
                None => {
                    let Some(owned) = owned.take() else {
                        drop(shard);
                        owned = Some(again());
                        continue;
                    };
                    Self::displace_current(&mut shard, hash, matches);
                    *state = CallerState::Leader {
                        ticket: Self::open_flight(&mut shard, hash, owned, Some(terms)),
                    };
                    drop(shard);
                    self.meter_in_flight();
                    1
                }
            };
        };
        self.started();
        Some(takeovers)
    }

    /// Opens a flight; its ticket.
    #[inline]
    fn open_flight(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        key: K,
        terms: Option<&Terms>,
    ) -> u64 {
        let ticket = shard.marks.ticket.next();
        let flight = match terms {
            Some(terms) => terms.flight(ticket),
            None => LazyFlight::new(ticket),
        };
        shard.insert(hash, Entry { key, flight });
        shard.marks.last_led.set(hash);
        shard.marks.open.set(shard.len() as u64);
        ticket
    }

    /// Whether the caller has joined.
    #[inline]
    fn join_current(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        matches: impl Fn(&K) -> bool,
        terms: Option<&Terms>,
        waker: &mut Option<Waker>,
        state: &mut CallerState,
    ) -> bool {
        let marks = shard.marks;
        let Some(entry) = Self::current(shard, hash, matches) else {
            return false;
        };
        if terms.is_some_and(|terms| terms.refuse(&entry.flight)) {
            return false;
        }
        match entry.flight.join(BODIES, waker, state) {
            Joined::Leads => {
                marks.led.next();
            }
            Joined::Follows => {
                marks.followed.next();
                marks.last_followed.set(hash);
            }
        }
        true
    }

    /// The flight of this key that may be joined, if its caller's terms allow it.
    #[inline]
    fn current<'s>(
        shard: &'s mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        matches: impl Fn(&K) -> bool,
    ) -> Option<&'s mut Entry<K>> {
        let floor = shard.marks.floor.get();
        shard.find(hash, |entry| {
            entry.can_be_joined(floor) && matches(&entry.key)
        })
    }

    /// That flight makes room for a newer one.
    fn displace_current(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        matches: impl Fn(&K) -> bool,
    ) {
        if let Some(current) = Self::current(shard, hash, matches) {
            current.flight.displace();
        }
    }

    /// Whether there are too many flights, and none of this key.
    fn is_crowded(
        &self,
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        matches: impl Fn(&K) -> bool,
        terms: &Terms,
    ) -> bool {
        let is_crowded = |max| {
            self.table.is_walked();
            self.in_flight() >= max
        };
        terms.max_in_flight.is_some_and(is_crowded)
            && shard.find(hash, |entry| matches(&entry.key)).is_none()
    }
}
