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
    panic::{RefUnwindSafe, UnwindSafe},
    ptr,
    sync::Arc,
};

use crate::{
    config::Config,
    flight::caller_state::CallerState,
    flight::{entries::hash, id::FlightId, lazy::LazyFlight, table::Table},
    key::{Key, show::Shown},
    limits::Limits,
    role::Role,
    watch::{
        census::Census,
        counters::{Event, Events, Marks},
        meter::Meter,
        span::LeaderId,
        stats::Stats,
        until,
    },
};

/// The in-flight calls of one function, or of the calls by hand of a group.
///
/// In lines of its own: calls that can't borrow it count themselves beside it, in its `Arc`, and what each call reads
/// here would have to be fetched again after each of them.
#[derive(Debug)]
#[repr(align(128))]
pub struct FlightMap<K> {
    name: &'static str,
    /// How its keys are shown, if they can be.
    pub(super) shown: Option<Shown>,
    pub(super) table: Table<Entry<K>, Marks>,
    pub(super) events: Events,
    limits: Arc<Limits>,
    pub(super) meter: Meter,
}

pub(crate) struct Entry<K> {
    pub(super) key: K,
    pub(super) flight: LazyFlight,
}

impl<K> Entry<K> {
    pub(super) fn is(&self, ticket: u64) -> bool {
        self.flight.ticket() == ticket
    }

    pub(super) fn can_be_joined(&self, floor: u64) -> bool {
        !self.flight.is_displaced() && self.flight.ticket() >= floor
    }
}

impl<K> FlightMap<K> {
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

    /// A call has started, for those who meter it.
    #[inline]
    pub(super) fn joined(&self, state: &CallerState) {
        match state {
            CallerState::Follower(_) => {
                self.meter.call(Role::Follower);
                self.follows(state);
            }
            _ => {
                self.meter.call(Role::Leader);
                self.meter_in_flight();
            }
        }
    }

    /// Tells the flight with this ticket the span of its leader.
    pub(crate) fn led_by(&self, hash: u64, ticket: u64, leader: LeaderId) {
        let mut shard = self.table.lock(hash);
        if let Some(entry) = shard.find(hash, |entry| entry.is(ticket)) {
            entry.flight.get_or_make().leader = Some(leader);
        }
    }

    /// A caller waits.
    #[inline]
    pub(super) fn follows(&self, state: &CallerState) {
        if let CallerState::Follower(follower) = state {
            follower.follows();
        }
        self.meter_waiting();
        if until::is_watched() {
            until::changed();
        }
    }

    /// A flight has left the map.
    #[inline]
    pub(super) fn flew(&self) {
        self.meter_in_flight();
        if until::is_watched() {
            self.ended_watched();
        }
    }

    /// The same, or a call that ran by itself has ended, and somebody may wait for the last of them.
    #[cold]
    fn ended_watched(&self) {
        let mut census = Census::default();
        self.census(&mut census);
        if census.running == 0 {
            until::changed();
        }
    }

    pub(crate) fn census(&self, census: &mut Census) {
        for shard in self.table.shards() {
            census.running += shard.len() as u64;
            census.ever += shard.marks.ticket.get();
        }
        census.waiting += self.waiting();
        let (ever, now) = self.events.alone();
        census.running += now;
        census.ever += ever;
    }

    pub(super) fn meter_in_flight(&self) {
        self.meter.in_flight(|| {
            self.table.is_walked();
            self.in_flight() as u64
        });
    }

    pub(super) fn meter_waiting(&self) {
        self.meter.waiting(|| {
            self.table.is_walked();
            self.waiting()
        });
    }

    /// The followers that wait, seen without a lock.
    fn waiting(&self) -> u64 {
        Marks::waiting(|of| self.table.sum(of))
    }

    /// A call starts that shares with nobody.
    pub(crate) fn alone(&self) {
        self.events.alone_begins();
        self.count(Event::Alone);
        self.meter.call(Role::Alone);
    }

    /// A follower goes on by itself.
    pub(crate) fn alone_after_all(&self) {
        self.events.alone_begins();
        self.started();
    }

    /// A call has ended that ran by itself.
    pub(crate) fn alone_ended(&self) {
        self.events.alone_ends();
        if until::is_watched() {
            self.ended_watched();
        }
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

    pub(super) fn count(&self, event: Event) {
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
        self.table.sum_in_use(|marks| marks.open.get()) as usize
    }

    pub(crate) fn add_to(&self, stats: &mut Stats) {
        stats.in_flight += self.in_flight() as u64;
        stats.led += self.table.sum(|marks| marks.led.get());
        stats.followed += self.table.sum(|marks| marks.followed.get());
        stats.waiting += self.waiting();
        self.events.add_to(stats);
    }

    /// More shards, as a crowd would make them.
    #[cfg(loom)]
    pub(crate) fn grow(&self) {
        self.table.grow(self.table.complete());
    }
}

// What is guarded by a lock is whole whatever panics: no code of the user's runs while it is not.
impl<K> UnwindSafe for FlightMap<K> {}
impl<K> RefUnwindSafe for FlightMap<K> {}
