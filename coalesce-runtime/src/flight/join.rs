//! How a caller comes into a flight.

use std::time::Duration;

use crate::{
    clock::Instant,
    flight::{
        caller_state::CallerState,
        follower::Joined,
        lazy::LazyFlight,
        map::{Entry, FlightMap},
        table::Shard,
    },
    key::Key,
    watch::counters::Marks,
};

/// Which flights a caller may join, and open.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    /// None at all: `fresh`.
    pub(crate) fresh: bool,
    /// Not this one: the caller has waited long enough for it.
    pub(crate) not: Option<u64>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_followers: Option<usize>,
    pub(crate) max_in_flight: Option<usize>,
}

impl Terms {
    /// Whether the flight must make room for a newer one.
    fn refuse(&self, flight: &LazyFlight) -> bool {
        let is_older = |age| flight.get().is_some_and(|flight| flight.is_older(age));
        let is_full = |max| flight.get().is_some_and(|flight| flight.followers() >= max);
        self.fresh
            || self.not == Some(flight.ticket())
            || self.max_age.is_some_and(is_older)
            || self.max_followers.is_some_and(is_full)
    }
}

impl<K> FlightMap<K> {
    /// Joins the flight of this key, or opens one, or, if there are too many, goes alone. The caller's
    /// role is set before anything of the user's is dropped, so that a destructor's panic finds it in
    /// its caller.
    pub(crate) fn join<Q: Key<K>>(
        &self,
        hash: u64,
        key: &Q,
        terms: Option<&Terms>,
        state: &mut CallerState,
    ) {
        let matches = |other: &K| key.matches(other);
        if !Q::CHEAP {
            let mut shard = self.table.lock(hash);
            if let Some(joined) = Self::join_current(&mut shard, hash, matches, terms) {
                *state = joined;
                drop(shard);
                return self.joined(state);
            }
        }
        let owned = key.to_key();
        let mut shard = self.table.lock(hash);
        if let Some(joined) = Self::join_current(&mut shard, hash, matches, terms) {
            *state = joined;
            drop(shard);
            self.joined(state);
            return drop(owned);
        }
        let max_in_flight = terms.and_then(|terms| terms.max_in_flight);
        if max_in_flight.is_some_and(|max| self.in_flight() >= max) {
            *state = CallerState::Alone;
            drop(shard);
            self.alone();
            return drop(owned);
        }
        shard.marks.led.next();
        *state = Self::open_flight(&mut shard, hash, owned, terms);
        drop(shard);
        self.joined(state);
    }

    /// Joins the newer flight of this key, or opens it: the caller has waited long enough for this one.
    pub(crate) fn join_newer(
        &self,
        hash: u64,
        key: K,
        same: fn(&K, &K) -> bool,
        old: u64,
        state: &mut CallerState,
    ) {
        let terms = Some(&Terms {
            not: Some(old),
            ..Terms::default()
        });
        let mut shard = self.table.lock(hash);
        let joined = Self::join_current(&mut shard, hash, |other| same(&key, other), terms);
        if let Some(joined) = joined {
            *state = joined;
            drop(shard);
            self.meter_waiting();
            return drop(key);
        }
        *state = Self::open_flight(&mut shard, hash, key, terms);
        drop(shard);
        self.meter_in_flight();
        self.started();
    }

    fn open_flight(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        key: K,
        terms: Option<&Terms>,
    ) -> CallerState {
        let ticket = shard.marks.ticket.next();
        let flight = match terms.and_then(|terms| terms.max_age) {
            None => LazyFlight::new(ticket),
            Some(_) => LazyFlight::opened(ticket, Instant::now()),
        };
        shard.insert(hash, Entry { key, flight });
        shard.marks.open.set(shard.len() as u64);
        CallerState::Leader { ticket }
    }

    fn join_current(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        matches: impl Fn(&K) -> bool,
        terms: Option<&Terms>,
    ) -> Option<CallerState> {
        let marks = shard.marks;
        let floor = marks.floor.get();
        let entry = shard.find(hash, |entry| {
            entry.can_be_joined(floor) && matches(&entry.key)
        })?;
        if terms.is_some_and(|terms| terms.refuse(&entry.flight)) {
            entry.flight.displace();
            return None;
        }
        // Who has waited already is counted already.
        let newcomer = u64::from(terms.is_none_or(|terms| terms.not.is_none()));
        Some(match entry.flight.share().join() {
            Joined::Leads { ticket } => {
                marks.led.add(newcomer);
                CallerState::Leader { ticket }
            }
            Joined::Follows(follower) => {
                marks.followed.add(newcomer);
                marks.waited.next();
                CallerState::Follower(follower)
            }
        })
    }
}
