//! How a caller ends: it lands its flight, or abandons it, or leaves.

use std::{mem, ops::Deref};

use crate::{
    call::{
        caller::Caller,
        returned::{Ran, publish},
        work::Work,
    },
    flight::{caller_state::CallerState, map::FlightMap, outcome::Outcome},
};

impl<H: Deref<Target = FlightMap<K>>, K> Caller<H, K> {
    /// The body is done, and dropped: lands the flight, if this caller leads one. What it returned may be an error.
    #[inline(always)]
    pub(super) fn land(&mut self, ran: Ran, work: &mut dyn Work) {
        let Ran::Value { is_err } = ran else {
            return self.fail();
        };
        if is_err {
            self.flights.failed();
        }
        match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Leader { ticket } => self.land_flight(ticket, work),
            _ => self.flights.alone_ended(),
        }
        self.ran(if is_err { "failed" } else { "landed" });
    }

    /// The same with a value of a body that ran elsewhere.
    pub(super) fn land_given(&mut self, work: &mut dyn Work) {
        let CallerState::Elsewhere { ticket, .. } =
            mem::replace(&mut self.state, CallerState::Outside)
        else {
            unreachable!("who is given a value has asked for it")
        };
        self.flights.ran_elsewhere();
        self.land_flight(ticket, work);
        self.watch.ran_elsewhere(self.flights.meter());
    }

    fn land_flight(&self, ticket: u64, work: &mut dyn Work) {
        if let Some(flight) = self.flights.land(self.hash, ticket) {
            let followers = flight.followers() as u64;
            publish(work.returned(), flight);
            self.tell_followers(followers);
        }
    }

    /// The same, the body having failed with an error that is this caller's alone.
    fn fail(&mut self) {
        self.flights.failed();
        match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Leader { ticket } => self.flights.fail(self.hash, ticket),
            _ => self.flights.alone_ended(),
        }
        self.ran("failed");
    }

    /// The same, the body having panicked with this text.
    pub(super) fn land_panicked(&mut self, text: &str) {
        self.flights.panicked();
        match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Leader { ticket } => {
                if let Some(flight) = self.flights.land(self.hash, ticket) {
                    flight.publish(Outcome::Panicked(format!(
                        "the call of `{}` that this one waited for panicked: {text}",
                        self.flights.name()
                    )));
                }
            }
            _ => self.flights.alone_ended(),
        }
        self.ran("panicked");
    }

    /// What it ran alone is done.
    pub(crate) fn ran_alone(&mut self, is_err: bool) {
        if is_err {
            self.flights.failed();
        }
        self.state = CallerState::Outside;
        self.flights.alone_ended();
        self.ran(if is_err { "failed" } else { "landed" });
    }

    fn ran(&mut self, outcome: &'static str) {
        self.watch.ran(self.flights.meter(), outcome);
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> Caller<H, K> {
    /// It is dropped before its end. What it is stays in its place, and is dropped after this.
    fn left(&mut self) {
        let leader = match &self.state {
            CallerState::Follower(follower) => self.leader_of(follower),
            _ => None,
        };
        match &mut self.state {
            CallerState::Outside | CallerState::Forgot => {}
            CallerState::Alone => {
                self.flights.alone_ended();
                self.ran("abandoned");
            }
            CallerState::Leader { ticket } => {
                self.flights.abandon(self.hash, *ticket, true);
                self.ran("abandoned");
            }
            CallerState::Elsewhere { ticket, .. } => {
                self.flights.ran_elsewhere();
                self.flights.abandon(self.hash, *ticket, false);
                self.watch.ran_elsewhere(self.flights.meter());
            }
            CallerState::Successor(landing) => {
                self.flights.abandon(self.hash, landing.ticket, false);
            }
            CallerState::Follower(follower) => {
                self.flights.leave(self.hash, follower);
                self.watch.waited(self.flights.meter(), "left", leader);
            }
            #[cfg(any(loom, feature = "spawn"))]
            CallerState::Owner(owner) => self.flights.disown(self.hash, *owner),
        }
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> Drop for Caller<H, K> {
    #[inline]
    fn drop(&mut self) {
        // Most have come to their end.
        if !matches!(self.state, CallerState::Outside) {
            self.left();
        }
    }
}
