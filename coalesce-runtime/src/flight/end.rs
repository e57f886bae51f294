//! How a flight ends, and how its callers leave it.

use std::mem;

use crate::{
    flight::{
        Vacated,
        follower::Follower,
        lazy::LazyFlight,
        map::{Entry, FlightMap},
        waiters,
    },
    panic::aside,
    watch::counters::Event,
};

impl<K> FlightMap<K> {
    /// Ends a flight. If it has followers, who are counted off, they are owed an outcome.
    pub(crate) fn land(&self, hash: u64, ticket: u64) -> Option<LazyFlight> {
        let Entry { key, flight } = self.remove(hash, ticket)?;
        let followed = self.followed(flight);
        drop_aside(key);
        followed
    }

    /// Takes a leader's flight out of the map, and counts its followers off, if it has any.
    fn remove(&self, hash: u64, ticket: u64) -> Option<Entry<K>> {
        let mut shard = self.table.lock(hash);
        let entry = shard.remove(hash, |entry| entry.is(ticket));
        shard.marks.open.set(shard.len() as u64);
        if let Some(flight) = entry.as_ref().and_then(|entry| entry.flight.get()) {
            shard.marks.leaves(flight.followers() as u64);
        }
        drop(shard);
        debug_assert!(
            entry.is_some(),
            "a leader's flight stays in the map until it ends"
        );
        self.flew();
        entry
    }

    /// The flight, which has left the map, if it has followers.
    fn followed(&self, flight: LazyFlight) -> Option<LazyFlight> {
        if !flight.is_made() {
            return None;
        }
        self.meter_waiting();
        (flight.followers() > 0).then_some(flight)
    }

    /// Gives a flight up, the leader's body being dropped already; or, if it had not `started`, never
    /// been there.
    pub(crate) fn abandon(&self, hash: u64, ticket: u64, started: bool) {
        if started {
            self.events.count(Event::Abandoned);
        }
        self.vacate(hash, ticket, LazyFlight::abandon);
        if started {
            self.meter.event(Event::Abandoned);
        }
    }

    /// Ends a body with an error that nobody shares.
    pub(crate) fn fail(&self, hash: u64, ticket: u64) {
        self.vacate(hash, ticket, LazyFlight::fail);
    }

    /// Leaves a flight to its followers, or takes it out of the map if it has none.
    fn vacate(&self, hash: u64, ticket: u64, leave: fn(&mut LazyFlight) -> Option<Vacated>) {
        let mut shard = self.table.lock(hash);
        let entry = shard.find(hash, |entry| entry.is(ticket));
        if let Some(vacated) = entry.and_then(|entry| leave(&mut entry.flight)) {
            drop(shard);
            return self.hand_over(hash, ticket, vacated);
        }
        let entry = shard.remove(hash, |entry| entry.is(ticket));
        shard.marks.open.set(shard.len() as u64);
        drop(shard);
        self.flew();
        drop_aside(entry);
    }

    /// Wakes the followers of a flight that was vacated.
    fn hand_over(&self, hash: u64, ticket: u64, vacated: Vacated) {
        let wakers = vacated.wake.for_take_over(vacated.turn);
        if let Some(oldest) = wakers.iter().map(|(joined, _)| *joined).min() {
            let mut shard = self.table.lock(hash);
            let entry = shard.find(hash, |entry| entry.is(ticket));
            if let Some(flight) = entry.and_then(|entry| entry.flight.get_mut()) {
                flight.oldest_is(oldest, vacated.gone);
            }
        }
        let wakers = wakers.into_iter();
        wakers.for_each(|(_, waker)| waiters::wake(waker));
    }

    /// A follower goes before it has its outcome.
    pub(crate) fn leave(&self, hash: u64, follower: &mut Follower) {
        if follower.landing.has_landed() {
            return;
        }
        let ticket = follower.ticket();
        let mut shard = self.table.lock(hash);
        let entry = shard.find(hash, |entry| entry.is(ticket));
        let Some(flight) = entry.and_then(|entry| entry.flight.get_mut()) else {
            drop(shard);
            return drop_aside(follower.leave_late());
        };
        let waker = flight.leave(follower);
        let (orphan, is_deserted) = (flight.orphan(), flight.is_deserted());
        let deserted = is_deserted.then(|| shard.remove(hash, |entry| entry.is(ticket)));
        shard.marks.open.set(shard.len() as u64);
        shard.marks.leaves(1);
        drop(shard);
        self.meter_waiting();
        orphan.abort();
        drop_aside(waker);
        if let Some(entry) = deserted {
            self.flew();
            drop_aside(entry);
        }
    }

    /// A follower has taken over, and waits no more.
    pub(crate) fn taken_over(&self) {
        self.meter_waiting();
    }
}

/// Drops what is not the caller's own: a panic of it is none of the caller's.
fn drop_aside<T>(it: T) {
    if mem::needs_drop::<T>() {
        aside(|| drop(it));
    }
}
