//! The flights of one function: who leads, who joins, and what leaves the map when.
//!
//! 1. A caller looks its borrowed key up under the shard's lock. Taken: it joins that flight.
//!    Vacant: it makes an owned key, with the lock let go, and looks again before it opens one.
//! 2. A flight is found again, by callers that have no key any more, by its hash and its ticket,
//!    a number that no other flight of its shard ever had.
//! 3. `forget` displaces a flight: its entry stays where it is until it lands or empties, so that
//!    its leader and its followers find it, but no newcomer joins it. `forget_all` does so to all
//!    at once, by raising the floor of the tickets that may be joined.
//! 4. A flight lands when its entry has left the map; only then is its value published.
//!
//! Invariant: of the entries of one key at most one can be joined, and each has a caller that will
//! remove it: its leader, or the last of its followers.
//!
//! Keys and flights leave the map under the lock and are dropped outside it.

use std::{
    fmt::Debug,
    mem,
    panic::{RefUnwindSafe, UnwindSafe},
    ptr,
    sync::{Arc, atomic::Ordering::Release},
    time::Duration,
};

use crate::{
    clock::Instant,
    config::{Config, Limits},
    flight::id::FlightId,
    flight::lazy::LazyFlight,
    flight::table::{Shard, Table, hash},
    flight::waiters::Wake,
    flight::{Flight, Follower, Joined, Left, Outcome, collect},
    key::Key,
    key::show::Shown,
    panic::aside,
    role::Role,
    sharing::Share,
    watch::in_flight::InFlight,
    watch::meter::Meter,
    watch::span::LeaderId,
    watch::stats::{Event, Events, Marks, Stats},
};

/// The in-flight calls of one function, or of the calls by hand of a group.
#[derive(Debug)]
pub struct Flights<K> {
    name: &'static str,
    /// How its keys are shown, if they can be.
    shown: Option<Shown>,
    table: Table<Entry<K>, Marks>,
    events: Events,
    limits: Arc<Limits>,
    meter: Meter,
}

struct Entry<K> {
    key: K,
    flight: LazyFlight,
}

impl<K> Entry<K> {
    fn is(&self, ticket: u64) -> bool {
        self.flight.ticket() == ticket
    }

    fn can_be_joined(&self, floor: u64) -> bool {
        !self.flight.is_displaced() && self.flight.ticket() >= floor
    }
}

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

/// What a caller is in a flight.
pub(crate) enum Seated {
    /// It has not started, or is done.
    Outside,
    Leader {
        ticket: u64,
    },
    /// It shares with nobody.
    Alone,
    /// It leads since another one abandoned the flight, and its body has not started.
    Successor {
        ticket: u64,
    },
    Follower(Follower),
}

impl<K> Flights<K> {
    pub(crate) fn new(name: &'static str, shown: Option<Shown>, limits: Arc<Limits>) -> Self {
        Self {
            name,
            shown,
            table: Table::new(),
            events: Events::default(),
            limits,
            meter: Meter::new(name),
        }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The group's limits.
    pub(crate) fn limits(&self) -> Config {
        self.limits.get()
    }

    /// Whether the group has limits.
    pub(crate) fn is_limited(&self) -> bool {
        self.limits.are_some()
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn id(&self, hash: u64, ticket: u64) -> FlightId {
        let flights = ptr::from_ref(self).addr();
        FlightId {
            flights,
            hash,
            ticket,
        }
    }

    pub(crate) fn hash<Q: Key<K>>(key: &Q) -> u64 {
        hash(|state| key.hash(state))
    }

    /// Joins the flight of this key, or opens one, or, if there are too many, goes alone. The caller's
    /// role is set before anything of the user's is dropped, so that a destructor's panic finds it in
    /// its seat.
    pub(crate) fn join<Q: Key<K>>(
        &self,
        hash: u64,
        key: &Q,
        terms: Option<&Terms>,
        seated: &mut Seated,
    ) {
        let matches = |other: &K| key.matches(other);
        if !Q::CHEAP {
            let mut shard = self.table.lock(hash);
            if let Some(joined) = Self::join_current(&mut shard, hash, matches, terms) {
                *seated = joined;
                drop(shard);
                return self.joined(seated);
            }
        }
        let owned = key.to_key();
        let mut shard = self.table.lock(hash);
        if let Some(joined) = Self::join_current(&mut shard, hash, matches, terms) {
            *seated = joined;
            drop(shard);
            self.joined(seated);
            return drop(owned);
        }
        let max_in_flight = terms.and_then(|terms| terms.max_in_flight);
        if max_in_flight.is_some_and(|max| self.in_flight() >= max) {
            *seated = Seated::Alone;
            drop(shard);
            self.alone();
            return drop(owned);
        }
        shard.marks.led.next();
        *seated = Self::open_flight(&mut shard, hash, owned, terms);
        drop(shard);
        self.joined(seated);
    }

    /// A call has started, for those who meter it.
    #[inline]
    fn joined(&self, seated: &Seated) {
        match seated {
            Seated::Follower(_) => {
                self.meter.call(Role::Follower);
                self.meter_waiting();
            }
            _ => {
                self.meter.call(Role::Leader);
                self.meter_in_flight();
            }
        }
    }

    fn meter_in_flight(&self) {
        self.meter.in_flight(|| self.in_flight() as u64);
    }

    fn meter_waiting(&self) {
        self.meter
            .waiting(|| self.table.marks().iter().map(Marks::waiting).sum());
    }

    /// Joins the newer flight of this key, or opens it: the caller has waited long enough for this one.
    pub(crate) fn join_newer(
        &self,
        hash: u64,
        key: K,
        same: fn(&K, &K) -> bool,
        old: u64,
        seated: &mut Seated,
    ) {
        let terms = Some(&Terms {
            not: Some(old),
            ..Terms::default()
        });
        let mut shard = self.table.lock(hash);
        let joined = Self::join_current(&mut shard, hash, |other| same(&key, other), terms);
        if let Some(joined) = joined {
            *seated = joined;
            drop(shard);
            self.meter_waiting();
            return drop(key);
        }
        *seated = Self::open_flight(&mut shard, hash, key, terms);
        drop(shard);
        self.meter_in_flight();
        self.started();
    }

    fn open_flight(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        key: K,
        terms: Option<&Terms>,
    ) -> Seated {
        let ticket = shard.marks.ticket.next();
        let flight = match terms.and_then(|terms| terms.max_age) {
            None => LazyFlight::new(ticket),
            Some(_) => LazyFlight::opened(ticket, Instant::now()),
        };
        shard.insert(hash, Entry { key, flight });
        shard.marks.open.set(shard.len() as u64);
        Seated::Leader { ticket }
    }

    fn join_current(
        shard: &mut Shard<'_, Entry<K>, Marks>,
        hash: u64,
        matches: impl Fn(&K) -> bool,
        terms: Option<&Terms>,
    ) -> Option<Seated> {
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
                Seated::Leader { ticket }
            }
            Joined::Follows(follower) => {
                marks.followed.add(newcomer);
                marks.waited.next();
                Seated::Follower(follower)
            }
        })
    }

    /// Ends a flight with a value, and returns the leader's share of it.
    pub(crate) fn land<V: Send + Sync + 'static>(
        &self,
        hash: u64,
        ticket: u64,
        value: V,
        share: Share<V>,
    ) -> V {
        let Some(Entry { key, flight }) = self.remove(hash, ticket) else {
            return value;
        };
        let Some(flight) = self.ended(hash, flight) else {
            drop_aside(key);
            return value;
        };
        flight.publish(Outcome::Value(Box::new(value)));
        drop_aside(key);
        collect(flight, share)
    }

    /// Ends a flight whose body panicked.
    pub(crate) fn land_panicked(&self, hash: u64, ticket: u64, message: impl FnOnce() -> String) {
        if let Some(Entry { key, flight }) = self.remove(hash, ticket) {
            if let Some(flight) = self.ended(hash, flight) {
                flight.publish(Outcome::Panicked(message()));
            }
            drop_aside(key);
        }
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
        self.meter_in_flight();
        entry
    }

    /// The flight, which has left the map, if it has followers, who are counted off.
    fn ended(&self, hash: u64, flight: LazyFlight) -> Option<Arc<Flight>> {
        let flight = flight.into_flight()?;
        let followers = flight.land();
        self.left(hash, followers);
        self.meter_waiting();
        (followers > 0).then_some(flight)
    }

    /// Tells the flight with this ticket the span of its leader.
    pub(crate) fn led_by(&self, hash: u64, ticket: u64, leader: LeaderId) {
        let mut shard = self.table.lock(hash);
        if let Some(entry) = shard.find(hash, |entry| entry.is(ticket)) {
            entry.flight.share().led_by(leader);
        }
    }

    /// The flight with this ticket, whose leader is about to spawn its body.
    #[cfg(feature = "spawn")]
    pub(crate) fn own(&self, hash: u64, ticket: u64) -> Option<Arc<Flight>> {
        let mut shard = self.table.lock(hash);
        let flight = shard.find(hash, |entry| entry.is(ticket))?.flight.share();
        flight.own();
        Some(flight)
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
    fn vacate(&self, hash: u64, ticket: u64, leave: fn(&Flight) -> Option<Wake>) {
        let mut shard = self.table.lock(hash);
        let wake = shard
            .find(hash, |entry| entry.is(ticket))
            .and_then(|entry| entry.flight.get().and_then(|flight| leave(&flight)));
        if let Some(wake) = wake {
            drop(shard);
            return wake.for_take_over();
        }
        let entry = shard.remove(hash, |entry| entry.is(ticket));
        shard.marks.open.set(shard.len() as u64);
        drop(shard);
        self.meter_in_flight();
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
            self.meter_in_flight();
            drop_aside(entry);
        }
    }

    /// A follower has taken over, and waits no more.
    pub(crate) fn taken_over(&self, hash: u64) {
        self.left(hash, 1);
        self.meter_waiting();
    }

    /// A call starts that shares with nobody.
    pub(crate) fn alone(&self) {
        self.count(Event::Alone);
        self.meter.call(Role::Alone);
    }

    /// A former follower's body starts.
    pub(crate) fn started(&self) {
        self.count(Event::Takeover);
    }

    /// A body returned an error, shared or not.
    pub(crate) fn failed(&self) {
        self.count(Event::Error);
    }

    /// A body panicked.
    pub(crate) fn panicked(&self) {
        self.count(Event::Panic);
    }

    fn count(&self, event: Event) {
        self.events.count(event);
        self.meter.event(event);
    }

    pub(crate) fn forget<Q: Key<K>>(&self, key: &Q) -> bool {
        let hash = Self::hash(key);
        let mut shard = self.table.lock(hash);
        let floor = shard.marks.floor.get();
        let current = shard.find(hash, |entry| {
            entry.can_be_joined(floor) && key.matches(&entry.key)
        });
        current.map(|entry| entry.flight.displace()).is_some()
    }

    pub(crate) fn forget_all(&self) {
        for shard in self.table.shards() {
            shard.marks.floor.set(shard.marks.ticket.get());
        }
    }

    /// The number of flights in the air, seen without a lock.
    pub(crate) fn in_flight(&self) -> usize {
        let open = self.table.marks().iter().map(|marks| marks.open.get());
        open.sum::<u64>() as usize
    }

    /// What is in flight, with what is made of its key under a shard's lock.
    pub(crate) fn in_the_air<T>(&self, of: impl Fn(&K) -> T) -> Vec<InFlight<T>> {
        let mut all = Vec::new();
        for shard in self.table.shards() {
            let floor = shard.marks.floor.get();
            all.extend(shard.iter().map(|entry| {
                let flight = entry.flight.get();
                InFlight {
                    key: of(&entry.key),
                    age: flight.as_ref().and_then(|flight| flight.age()),
                    followers: flight.map_or(0, |flight| flight.followers()),
                    displaced: !entry.can_be_joined(floor),
                }
            }));
        }
        all
    }

    /// The same with keys as text, which is written under no lock.
    pub(crate) fn texts(&self) -> Vec<InFlight<Option<String>>>
    where
        K: 'static,
    {
        let keys = self.in_the_air(|key| self.shown.and_then(|shown| shown(key)));
        let text = |key: Option<Box<dyn Debug>>| key.map(|key| format!("{key:?}"));
        keys.into_iter().map(|flight| flight.map(text)).collect()
    }

    pub(crate) fn add_to(&self, stats: &mut Stats) {
        stats.in_flight += self.in_flight() as u64;
        for marks in self.table.marks() {
            marks.add_to(stats);
        }
        self.events.add_to(stats);
    }

    /// So many followers wait no more.
    fn left(&self, hash: u64, followers: u64) {
        self.table.marks_of(hash).left.fetch_add(followers, Release);
    }
}

/// Drops what is not the caller's own: a panic of it is none of the caller's.
fn drop_aside<T>(it: T) {
    if mem::needs_drop::<T>() {
        aside(|| drop(it));
    }
}

// What is guarded by a lock is whole whatever panics: no code of the user's runs while it is not.
impl<K> UnwindSafe for Flights<K> {}
impl<K> RefUnwindSafe for Flights<K> {}
