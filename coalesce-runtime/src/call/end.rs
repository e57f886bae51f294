//! How a caller ends: it lands its flight, or abandons it, or leaves.

use std::{mem, ops::Deref};

use crate::{
    call::caller::Caller,
    flight::{caller_state::CallerState, map::FlightMap},
    sharing::{Share, Sharing},
};

impl<H: Deref<Target = FlightMap<K>>, K> Caller<H, K> {
    /// The body is done: lands the flight, if this caller leads one, and returns its share of the value, which
    /// may be an error.
    pub(crate) fn land<S: Sharing<V>, V>(&mut self, value: V, is_err: bool, share: Share<V>) -> V {
        if is_err {
            self.flights.failed();
        }
        let value = match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Leader { ticket } => {
                let (flights, mut followers) = (&*self.flights, 0);
                let value =
                    flights.land::<S, V>(self.hash, ticket, value, is_err, share, &mut followers);
                if followers > 0 {
                    self.tell_followers(followers);
                }
                value
            }
            _ => {
                self.flights.alone_ended();
                value
            }
        };
        self.ran(if is_err { "failed" } else { "landed" });
        value
    }

    /// The same with a value of a body that ran elsewhere.
    pub(crate) fn land_given<S: Sharing<V>, V>(
        &mut self,
        value: V,
        is_err: bool,
        share: Share<V>,
    ) -> V {
        let CallerState::Elsewhere { ticket, .. } =
            mem::replace(&mut self.state, CallerState::Outside)
        else {
            unreachable!("who is given a value has asked for it")
        };
        let mut followers = 0;
        self.flights.ran_elsewhere();
        let flights = &*self.flights;
        let value = flights.land::<S, V>(self.hash, ticket, value, is_err, share, &mut followers);
        if followers > 0 {
            self.tell_followers(followers);
        }
        self.watch.ran_elsewhere(self.flights.meter());
        value
    }

    /// The same, the body having failed with an error that is this caller's alone.
    pub(crate) fn fail(&mut self) {
        self.flights.failed();
        match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Leader { ticket } => self.flights.fail(self.hash, ticket),
            _ => self.flights.alone_ended(),
        }
        self.ran("failed");
    }

    /// The same, the body having panicked with this text.
    pub(crate) fn land_panicked(&mut self, text: &str) {
        self.flights.panicked();
        match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Leader { ticket } => {
                self.flights.land_panicked(self.hash, ticket, || {
                    format!(
                        "the call of `{}` that this one waited for panicked: {text}",
                        self.flights.name()
                    )
                });
            }
            _ => self.flights.alone_ended(),
        }
        self.ran("panicked");
    }

    /// What it ran alone is done.
    pub(super) fn ran_alone(&mut self) {
        self.state = CallerState::Outside;
        self.flights.alone_ended();
        self.ran("landed");
    }

    fn ran(&mut self, outcome: &'static str) {
        self.watch.ran(self.flights.meter(), outcome);
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> Drop for Caller<H, K> {
    fn drop(&mut self) {
        match mem::replace(&mut self.state, CallerState::Outside) {
            CallerState::Outside | CallerState::Forgot => {}
            CallerState::Alone => {
                self.flights.alone_ended();
                self.ran("abandoned");
            }
            CallerState::Leader { ticket } => {
                self.flights.abandon(self.hash, ticket, true);
                self.ran("abandoned");
            }
            CallerState::Elsewhere { ticket, .. } => {
                self.flights.ran_elsewhere();
                self.flights.abandon(self.hash, ticket, false);
                self.watch.ran_elsewhere(self.flights.meter());
            }
            CallerState::Successor(landing) => {
                self.flights.abandon(self.hash, landing.ticket, false);
            }
            CallerState::Follower(mut follower) => {
                let leader = self.leader_of(&follower);
                self.flights.leave(self.hash, &mut follower);
                self.waited(leader, "left");
            }
            #[cfg(any(loom, feature = "spawn"))]
            CallerState::Owner(owner) => self.flights.disown(self.hash, owner),
        }
    }
}
