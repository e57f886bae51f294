//! How a flight ends, and how its callers leave it.

use std::{mem, sync::Arc};

use crate::{
    flight::{
        Flight, Vacated,
        follower::{Follower, Left},
        lazy::LazyFlight,
        map::{Entry, FlightMap},
    },
    panic::aside,
    watch::counters::Event,
};

impl<K> FlightMap<K> {
    /// Ends a flight. If it has followers, who are counted off, they are owed an outcome; tells how many there are.
    pub(crate) fn land(&self, hash: u64, ticket: u64) -> Option<(Arc<Flight>, u64)> {
        let Entry { key, flight } = self.remove(hash, ticket)?;
        let ended = self.ended(hash, flight);
        drop_aside(key);
        ended
    }

    /// Takes a leader's flight out of the map.
    fn remove(&self, hash: u64, ticket: u64) -> Option<Entry<K>> {
        let mut shard = self.table.lock(hash);
        let entry = shard.remove(hash, |entry| entry.is(ticket));
        shard.marks.open.set(shard.len() as u64);
        drop(shard);
        debug_assert!(
            entry.is_some(),
            "a leader's flight stays in the map until it ends"
        );
        self.flew();
        entry
    }

    /// The flight, which has left the map, if it has followers, who are counted off.
    fn ended(&self, hash: u64, flight: LazyFlight) -> Option<(Arc<Flight>, u64)> {
        let flight = flight.into_flight()?;
        let followers = flight.land();
        self.left(hash, followers);
        self.meter_waiting();
        (followers > 0).then_some((flight, followers))
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
    fn vacate(&self, hash: u64, ticket: u64, leave: fn(&Flight) -> Option<Vacated>) {
        let mut shard = self.table.lock(hash);
        let vacated = shard
            .find(hash, |entry| entry.is(ticket))
            .and_then(|entry| entry.flight.get())
            .and_then(|flight| Some((leave(&flight)?, Arc::clone(&flight))));
        if let Some((vacated, flight)) = vacated {
            drop(shard);
            return flight.hand_over(vacated);
        }
        let entry = shard.remove(hash, |entry| entry.is(ticket));
        shard.marks.open.set(shard.len() as u64);
        drop(shard);
        self.flew();
        drop_aside(entry);
    }

    /// A follower goes before its flight has landed.
    pub(crate) fn leave(&self, hash: u64, follower: &mut Follower) {
        let (left, waker) = follower.leave();
        if !matches!(left, Left::Landed) {
            self.left(hash, 1);
            self.meter_waiting();
        }
        drop_aside(waker);
        if let Left::Deserted { ticket } = left {
            // A newcomer may have found it in the meantime, and leads it then.
            let mut shard = self.table.lock(hash);
            let entry = shard.remove(hash, |entry| {
                entry.is(ticket) && entry.flight.get().is_some_and(|it| it.is_deserted())
            });
            shard.marks.open.set(shard.len() as u64);
            drop(shard);
            self.flew();
            drop_aside(entry);
        }
    }

    /// A follower has taken over, and waits no more.
    pub(crate) fn taken_over(&self, hash: u64) {
        self.left(hash, 1);
        self.meter_waiting();
    }
}

/// Drops what is not the caller's own: a panic of it is none of the caller's.
fn drop_aside<T>(it: T) {
    if mem::needs_drop::<T>() {
        aside(|| drop(it));
    }
}
