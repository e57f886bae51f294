//! A caller's place in a flight. However the caller ends, its seat is given up in good order: it
//! lands, abandons or leaves.

use std::{
    fmt,
    marker::PhantomData,
    mem,
    ops::Deref,
    task::{Context, Poll},
};

use crate::{
    flight::Found,
    flights::{Flights, Role},
    key::Key,
    scope,
    sharing::Share,
};

/// What a poll of the seat says to the caller.
pub(crate) enum Turn<V> {
    /// Run the body.
    Run,
    /// The flight that it followed has landed.
    Landed(V),
}

pub(crate) struct Seat<H: Deref<Target = Flights<K, V>>, K, V> {
    flights: H,
    hash: u64,
    role: Role<V>,
    key: PhantomData<fn() -> K>,
}

impl<H: Deref<Target = Flights<K, V>>, K, V> Seat<H, K, V> {
    pub(crate) fn outside(flights: H) -> Self {
        Self {
            flights,
            hash: 0,
            role: Role::Outside,
            key: PhantomData,
        }
    }

    pub(crate) fn join<Q: Key<K>>(&mut self, key: &Q) {
        self.hash = self.flights.hash(key);
        self.flights.join(self.hash, key, &mut self.role);
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, share: Share<V>) -> Poll<Turn<V>> {
        let follower = match &mut self.role {
            Role::Leader { .. } | Role::Alone => return Poll::Ready(Turn::Run),
            Role::Successor { ticket } => {
                self.role = Role::Leader { ticket: *ticket };
                self.flights.started();
                return Poll::Ready(Turn::Run);
            }
            Role::Follower(follower) => follower,
            Role::Outside => panic!("a coalesced call was polled again after its end"),
        };
        match follower.poll(cx) {
            Poll::Pending => {
                let flight = self.flights.id(self.hash, follower.ticket());
                if let Some(ring) = scope::ring(flight) {
                    panic!("coalesced calls would wait for each other for ever: {ring}");
                }
                Poll::Pending
            }
            Poll::Ready(Found::Landed) => match mem::replace(&mut self.role, Role::Outside) {
                Role::Follower(follower) => Poll::Ready(Turn::Landed(follower.collect(share))),
                _ => unreachable!("it is a follower"),
            },
            Poll::Ready(Found::Failed) => {
                if let Role::Follower(mut follower) = mem::replace(&mut self.role, Role::Alone) {
                    self.flights.leave(self.hash, &mut follower);
                    self.flights.started();
                }
                Poll::Ready(Turn::Run)
            }
            Poll::Ready(Found::TookOver { ticket, hasty }) => {
                self.role = Role::Successor { ticket };
                self.flights.taken_over(self.hash);
                if hasty {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                self.poll(cx, share)
            }
        }
    }

    /// Polls the body of this caller.
    pub(crate) fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        match self.role {
            Role::Leader { ticket } => {
                let flight = self.flights.id(self.hash, ticket);
                scope::polling(flight, self.flights.name(), poll)
            }
            _ => poll(),
        }
    }

    /// Shares with nobody.
    pub(crate) fn alone(&mut self) {
        self.role = Role::Alone;
        self.flights.alone();
    }

    /// Lands the flight, if this caller leads one, and returns its share of the value.
    pub(crate) fn land(&mut self, value: V, share: Share<V>) -> V {
        match mem::replace(&mut self.role, Role::Outside) {
            Role::Leader { ticket } => self.flights.land(self.hash, ticket, value, share),
            _ => value,
        }
    }

    /// The same, the body having failed with an error that is this caller's alone.
    pub(crate) fn fail(&mut self) {
        if let Role::Leader { ticket } = mem::replace(&mut self.role, Role::Outside) {
            self.flights.fail(self.hash, ticket);
        }
    }

    /// The same, the body having panicked with this text.
    pub(crate) fn land_panicked(&mut self, text: &str) {
        if let Role::Leader { ticket } = mem::replace(&mut self.role, Role::Outside) {
            self.flights.land_panicked(self.hash, ticket, || {
                format!(
                    "the call of `{}` that this one waited for panicked: {text}",
                    self.flights.name()
                )
            });
        }
    }
}

impl<H: Deref<Target = Flights<K, V>>, K, V> Drop for Seat<H, K, V> {
    fn drop(&mut self) {
        match &mut self.role {
            Role::Outside | Role::Alone => {}
            Role::Leader { ticket } => self.flights.abandon(self.hash, *ticket, true),
            Role::Successor { ticket } => self.flights.abandon(self.hash, *ticket, false),
            Role::Follower(follower) => self.flights.leave(self.hash, follower),
        }
    }
}

impl<H: Deref<Target = Flights<K, V>>, K, V> fmt::Debug for Seat<H, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.role {
            Role::Outside => "outside",
            Role::Alone => "alone",
            Role::Leader { .. } | Role::Successor { .. } => "leader",
            Role::Follower(_) => "follower",
        })
    }
}
