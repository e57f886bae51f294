//! How a flight ends, and how its callers leave it.

use std::{mem, panic::resume_unwind};

use crate::{
    flight::{
        Flight, Vacated,
        follower::Follower,
        landing::collect,
        lazy::LazyFlight,
        map::{Entry, FlightMap},
        outcome::{Outcome, Shared},
        waiters,
    },
    panic::aside,
    sharing::{Share, Sharing},
    watch::counters::Event,
};

impl<K> FlightMap<K> {
    /// Ends a flight with a value, and returns the leader's share of it. An error is its own, where it can be, and
    /// not a copy of it, which may lose something (`clone_err`). Tells with how many followers it was shared, if with any.
    pub(crate) fn land<S: Sharing<V>, V>(
        &self,
        hash: u64,
        ticket: u64,
        value: V,
        is_err: bool,
        share: Share<V>,
        followers: &mut u64,
    ) -> V {
        let Some(Entry { key, flight }) = self.remove(hash, ticket) else {
            return value;
        };
        let Some(flight) = self.followed(flight) else {
            drop_aside(key);
            return value;
        };
        *followers = flight.followers() as u64;
        if is_err {
            return Self::land_err::<S, V>(flight, key, value, share);
        }
        let landing = flight.publish(Outcome::Value(Shared::new(S::keep(value))));
        drop_aside(key);
        collect::<S, V>(landing, share)
    }

    /// The same for an error.
    #[cold]
    fn land_err<S: Sharing<V>, V>(flight: Box<Flight>, key: K, error: V, share: Share<V>) -> V {
        let (own, theirs) = S::lend(error, share);
        flight.publish(Outcome::Value(Shared::new(theirs)));
        drop_aside(key);
        own.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Ends a flight whose body panicked.
    pub(crate) fn land_panicked(&self, hash: u64, ticket: u64, message: impl FnOnce() -> String) {
        if let Some(Entry { key, flight }) = self.remove(hash, ticket) {
            if let Some(flight) = self.followed(flight) {
                flight.publish(Outcome::Panicked(message()));
            }
            drop_aside(key);
        }
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
    fn followed(&self, flight: LazyFlight) -> Option<Box<Flight>> {
        let flight = flight.into_flight()?;
        self.meter_waiting();
        (flight.followers() > 0).then_some(flight)
    }

    /// Gives a flight up, the leader's body being dropped already; or, if it had not `started`, never
    /// been there.
    pub(crate) fn abandon(&self, hash: u64, ticket: u64, started: bool) {
        if started {
            self.events.count(Event::Abandoned);
        }
        self.vacate(hash, ticket, Flight::abandon);
        if started {
            self.meter.event(Event::Abandoned);
        }
    }

    /// Ends a body with an error that nobody shares.
    pub(crate) fn fail(&self, hash: u64, ticket: u64) {
        self.vacate(hash, ticket, Flight::fail);
    }

    /// Leaves a flight to its followers, or takes it out of the map if it has none.
    fn vacate(&self, hash: u64, ticket: u64, leave: fn(&mut Flight) -> Option<Vacated>) {
        let mut shard = self.table.lock(hash);
        let entry = shard.find(hash, |entry| entry.is(ticket));
        let flight = entry.and_then(|entry| entry.flight.get_mut());
        if let Some(vacated) = flight.and_then(leave) {
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
