//! What should happen: flights, callers and bodies as the promises tell of them.

mod flights;
mod seen;

use crate::pairs::{
    body::Fate,
    options::{Opt, Set},
    outcome::{Outcome, Seen, Told},
    servers::Says,
    steps::{MAX_IN_FLIGHT, MAX_WAIT, Wish},
};
use coalesced::{Role, Stats};
use std::collections::BTreeMap;

struct Flight {
    key: u8,
    opened: u64,
    displaced: bool,
    leader: Option<usize>,
    takeovers: u64,
    landed: Option<(usize, Fate)>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Follows,
    /// It has taken over, and is to come again before its body starts.
    Succeeds,
    /// Its body is there, or is with the runtime.
    Runs,
}

struct Caller {
    key: u8,
    since: u64,
    flight: Option<usize>,
    state: State,
    /// Until when it waits for this flight.
    until: Option<u64>,
    /// For how many bodies it still waits, if they fail.
    patience: u32,
    /// Whether it has asked to be polled once more since its flight was left.
    asked: bool,
    told: Told,
}

struct Body {
    flight: Option<usize>,
    /// Whose value it has in the end.
    from: usize,
    started: bool,
    aborted: bool,
    ended: Option<Fate>,
}

pub(super) struct Model {
    options: Set,
    pub(super) enabled: bool,
    pub(super) now: u64,
    pub(super) says: Says,
    flights: Vec<Flight>,
    callers: BTreeMap<usize, Caller>,
    bodies: BTreeMap<usize, Body>,
    counted: Stats,
}

impl Model {
    pub(super) fn new(options: Set) -> Self {
        Self {
            options,
            enabled: true,
            now: 0,
            says: Says::default(),
            flights: Vec::new(),
            callers: BTreeMap::new(),
            bodies: BTreeMap::new(),
            counted: Stats::default(),
        }
    }

    /// A caller comes, before it is polled. What it is asked for is in the order from the inside to the outside.
    pub(super) fn start(
        &mut self,
        number: usize,
        key: u8,
        bypass: bool,
        wishes: &[Wish],
        seen: &Seen,
    ) {
        let how = wishes.iter().find(|wish| **wish != Wish::Observe);
        let caller = Caller {
            key,
            since: self.now,
            flight: None,
            state: State::Runs,
            until: None,
            patience: 2,
            asked: false,
            told: (Role::Alone, 0, 0, false),
        };
        self.callers.insert(number, caller);
        let current = self.current(key);
        let joins = current.filter(|flight| how != Some(&Wish::Fresh) && !self.makes_room(*flight));
        let in_flight = self
            .alive()
            .filter(|flight| self.flights[*flight].key == key);
        let is_full = in_flight.count() == 0
            && self.options.has(Opt::MaxInFlight)
            && self.alive().count() >= MAX_IN_FLIGHT;
        if bypass || how == Some(&Wish::Alone) || !self.enabled || is_full {
            self.counted.alone += 1;
            self.runs(number, None);
        } else if let Some(flight) = joins {
            if self.joins(number, flight, seen.stats.led > self.counted.led) {
                self.counted.led += 1;
            } else {
                self.counted.followed += 1;
                let waits = self.options.has(Opt::MaxWait);
                self.caller(number).until = waits.then_some(self.now + MAX_WAIT);
            }
        } else {
            self.counted.led += 1;
            self.opens(number);
        }
    }

    /// A caller is polled.
    pub(super) fn poll(
        &mut self,
        number: usize,
        fate: Fate,
        seen: &Seen,
    ) -> Option<(Outcome, Told)> {
        if self.caller(number).state != State::Runs {
            let waited = self.now - self.callers[&number].since;
            self.caller(number).told.1 = waited;
        }
        if self.caller(number).state == State::Follows {
            let (now, caller) = (self.now, &self.callers[&number]);
            let (until, patience) = (caller.until, caller.patience);
            let index = caller.flight.expect("it follows one");
            let (leader, takeovers) = (self.flights[index].leader, self.flights[index].takeovers);
            if let Some((from, fate)) = self.flights[index].landed {
                let copies = self.options.has(Opt::CloneErr);
                let outcome = Outcome::shared(from, fate, copies);
                let told = (Role::Follower, now - caller.since, takeovers, false);
                self.callers.remove(&number);
                return Some((outcome, told));
            } else if patience == 0 {
                self.goes_alone(number, index);
            } else if leader.is_none() {
                let asks = seen.asks && !caller.asked;
                if asks && seen.stats.waiting == self.stats().waiting {
                    self.caller(number).asked = true;
                    return None;
                }
                self.flights[index].leader = Some(number);
                self.caller(number).state = State::Succeeds;
                if asks {
                    return None;
                }
            } else if until.is_some_and(|until| until <= now) {
                self.moves_on(number, index, seen);
            }
        }
        if self.caller(number).state == State::Succeeds {
            let index = self.caller(number).flight.expect("it leads one");
            self.takes_over(number, index);
        }
        if self.caller(number).state == State::Follows {
            return None;
        }
        if !self.options.spawns() {
            self.body(number, fate);
        }
        let Body { ended, from, .. } = self.bodies[&number];
        let fate = ended?;
        self.bodies.remove(&number);
        let caller = self.callers.remove(&number)?;
        Some((Outcome::own(from, fate), caller.told))
    }

    /// The runtime polls the bodies that were spawned.
    pub(super) fn run_tasks(&mut self, fate: impl Fn(usize) -> Fate) {
        if !self.options.spawns() {
            return;
        }
        for number in self.bodies.keys().copied().collect::<Vec<_>>() {
            let body = &self.bodies[&number];
            if body.ended.is_some() {
                continue;
            }
            if body.aborted {
                self.abandons(number);
                continue;
            }
            self.body(number, fate(number));
            if self.bodies[&number].ended.is_some() && !self.callers.contains_key(&number) {
                self.bodies.remove(&number);
            }
        }
    }

    pub(super) fn drop(&mut self, number: usize) {
        let state = self.caller(number).state;
        match (state, self.caller(number).flight) {
            (State::Follows, _) => {
                self.leaves(number);
                self.callers.remove(&number);
            }
            (State::Succeeds, flight) => {
                self.callers.remove(&number);
                self.vacates(flight.expect("it leads one"));
            }
            (State::Runs, flight) => {
                self.callers.remove(&number);
                if self.bodies[&number].ended.is_some() {
                    self.bodies.remove(&number);
                } else if !self.options.spawns() {
                    self.abandons(number);
                } else if let Some(flight) = flight {
                    self.may_abort(flight);
                } else if self.options.has(Opt::Spawn) {
                    self.body_of(number).aborted = true;
                }
            }
        }
    }

    pub(super) fn forget(&mut self, key: u8) -> bool {
        let current = self.current(key);
        current
            .map(|flight| self.flights[flight].displaced = true)
            .is_some()
    }

    pub(super) fn forget_all(&mut self) {
        self.flights
            .iter_mut()
            .for_each(|flight| flight.displaced = true);
    }
}
