//! How the model's flights are joined, opened, left and landed.

use crate::pairs::{
    body::Fate,
    model::{Body, Caller, Flight, Model, State},
    options::Opt,
    outcome::Seen,
    servers::{ELSEWHERE, Says},
    steps::{MAX_AGE, MAX_FOLLOWERS},
};
use coalesced::Role;

impl Model {
    pub(super) fn caller(&mut self, number: usize) -> &mut Caller {
        self.callers
            .get_mut(&number)
            .expect("a caller that is there")
    }

    pub(super) fn body_of(&mut self, number: usize) -> &mut Body {
        self.bodies.get_mut(&number).expect("a body that is there")
    }

    /// Who waits for this flight.
    pub(super) fn followers(&self, flight: usize) -> usize {
        let follows =
            |caller: &&Caller| caller.state == State::Follows && caller.flight == Some(flight);
        self.callers.values().filter(follows).count()
    }

    /// The flights in the air: led, or waiting to be.
    pub(super) fn alive(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.flights.len()).filter(|index| {
            let flight = &self.flights[*index];
            flight.landed.is_none() && (flight.leader.is_some() || self.followers(*index) > 0)
        })
    }

    /// The flight that a call of this key finds.
    pub(super) fn current(&self, key: u8) -> Option<usize> {
        self.alive().find(|index| {
            let flight = &self.flights[*index];
            flight.key == key && !flight.displaced
        })
    }

    /// Whether the flight is too old or too full to be joined.
    pub(super) fn makes_room(&self, flight: usize) -> bool {
        self.options.has(Opt::MaxAge) && self.now - self.flights[flight].opened > MAX_AGE
            || self.options.has(Opt::MaxFollowers) && self.followers(flight) >= MAX_FOLLOWERS
    }

    /// Whether it leads: if nobody does, and it has been seen to.
    pub(super) fn joins(&mut self, number: usize, flight: usize, led: bool) -> bool {
        let leads = self.flights[flight].leader.is_none() && led;
        if leads {
            self.flights[flight].leader = Some(number);
            self.caller(number).told.0 = Role::Leader;
            self.runs(number, Some(flight));
        } else {
            let caller = self.caller(number);
            (caller.state, caller.asked) = (State::Follows, false);
            caller.flight = Some(flight);
        }
        leads
    }

    /// Its leader goes. Who follows may ask once more.
    pub(super) fn vacates(&mut self, flight: usize) {
        self.flights[flight].leader = None;
        for caller in self.callers.values_mut() {
            caller.asked &= caller.flight != Some(flight);
        }
    }

    /// Opens a flight, which takes the place of the current one.
    pub(super) fn opens(&mut self, number: usize) {
        let key = self.caller(number).key;
        if let Some(current) = self.current(key) {
            self.flights[current].displaced = true;
        }
        self.flights.push(Flight {
            key,
            opened: self.now,
            displaced: false,
            leader: None,
            takeovers: 0,
            landed: None,
        });
        self.joins(number, self.flights.len() - 1, true);
    }

    /// It has waited long enough for this flight: for the newer one it waits if it may wait for another body.
    pub(super) fn moves_on(&mut self, number: usize, old: usize, seen: &Seen) {
        self.leaves(number);
        self.caller(number).patience -= 1;
        let key = self.caller(number).key;
        let newer = self.current(key);
        let newer = newer.filter(|newer| *newer != old && !self.makes_room(*newer));
        match newer {
            Some(_) if self.caller(number).patience == 0 => self.goes_alone(number, old),
            Some(newer) => {
                let led = seen.stats.takeovers > self.counted.takeovers;
                if self.joins(number, newer, led) {
                    self.takes_over(number, newer);
                }
                self.caller(number).asked = seen.asks;
            }
            None => {
                self.opens(number);
                self.takes_over(number, self.flights.len() - 1);
            }
        }
    }

    /// It has waited for as many bodies as it waits for, the last time for one of this flight.
    pub(super) fn goes_alone(&mut self, number: usize, flight: usize) {
        self.leaves(number);
        self.counted.takeovers += 1;
        let takeovers = self.flights[flight].takeovers + 1;
        let told = &mut self.caller(number).told;
        (told.0, told.2) = (Role::Alone, takeovers);
        self.runs(number, None);
    }

    /// A former follower's body starts.
    pub(super) fn takes_over(&mut self, number: usize, flight: usize) {
        self.counted.takeovers += 1;
        self.flights[flight].takeovers += 1;
        let takeovers = self.flights[flight].takeovers;
        let told = &mut self.caller(number).told;
        (told.0, told.2) = (Role::Leader, takeovers);
        self.runs(number, Some(flight));
    }

    pub(super) fn runs(&mut self, number: usize, flight: Option<usize>) {
        let caller = self.caller(number);
        (caller.state, caller.flight) = (State::Runs, flight);
        let body = Body {
            flight,
            from: number,
            started: false,
            aborted: false,
            ended: None,
        };
        self.bodies.insert(number, body);
    }

    /// A follower waits for its flight no more.
    pub(super) fn leaves(&mut self, number: usize) {
        let caller = self.caller(number);
        (caller.state, caller.until) = (State::Runs, None);
        if let Some(flight) = caller.flight.take() {
            self.may_abort(flight);
        }
    }

    /// With `spawn`, a body that nobody waits for is aborted.
    pub(super) fn may_abort(&mut self, flight: usize) {
        let (landed, leader) = (self.flights[flight].landed, self.flights[flight].leader);
        let Some(leader) = leader.filter(|leader| !self.callers.contains_key(leader)) else {
            return;
        };
        if self.options.has(Opt::Spawn) && landed.is_none() && self.followers(flight) == 0 {
            self.body_of(leader).aborted = true;
        }
    }

    /// A body is dropped before its end.
    pub(super) fn abandons(&mut self, number: usize) {
        let body = self.bodies.remove(&number);
        let Some(Body {
            flight: Some(flight),
            started,
            ..
        }) = body
        else {
            return;
        };
        if self.options.has(Opt::Cluster) && !started {
            self.counted.elsewhere += 1;
        } else {
            self.counted.abandoned += 1;
        }
        self.vacates(flight);
    }

    /// Whether it asks the other servers first.
    pub(super) fn asks(&self, number: usize) -> bool {
        let body = &self.bodies[&number];
        self.options.has(Opt::Cluster) && body.flight.is_some() && !body.started
    }

    /// It is given a value, or is not answered.
    fn waits_elsewhere(&mut self, number: usize) -> bool {
        let (says, now) = (self.says, self.now);
        if !self.asks(number) || says == Says::Nothing {
            return self.asks(number);
        }
        if let Some(caller) = self.callers.get_mut(&number) {
            caller.told.1 = now - caller.since;
            caller.told.3 = says != Says::Run;
        }
        let Says::Given(fate) = says else {
            return false;
        };
        self.counted.elsewhere += 1;
        let body = self.body_of(number);
        (body.ended, body.from) = (Some(fate), ELSEWHERE);
        if let Some(flight) = body.flight {
            self.flights[flight].landed = Some((ELSEWHERE, fate));
        }
        true
    }

    /// A body is polled.
    pub(super) fn body(&mut self, number: usize, fate: Fate) {
        if self.waits_elsewhere(number) {
            return;
        }
        let body = self.body_of(number);
        body.started = true;
        if fate == Fate::Waits {
            return;
        }
        body.ended = Some(fate);
        let flight = body.flight;
        self.counted.errors += u64::from(fate == Fate::Err);
        self.counted.panics += u64::from(fate == Fate::Panics);
        let Some(flight) = flight else {
            return;
        };
        if fate == Fate::Err && self.options.has(Opt::ShareOk) {
            self.vacates(flight);
            for caller in self.callers.values_mut() {
                let follows = caller.state == State::Follows && caller.flight == Some(flight);
                caller.patience -= u32::from(follows && caller.patience > 0);
            }
        } else {
            self.flights[flight].landed = Some((number, fate));
        }
    }
}
