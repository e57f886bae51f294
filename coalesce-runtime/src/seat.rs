//! A caller's place in a flight. However the caller ends, its seat is given up in good order: it
//! lands, abandons or leaves.

use std::{
    fmt, mem,
    ops::Deref,
    task::{Context, Poll, ready},
};

#[cfg(feature = "spawn")]
use crate::flight::Flight;
#[cfg(feature = "spawn")]
use std::sync::Arc;

use crate::{
    flight::Found,
    flights::{Flights, Seated, Terms},
    key::Key,
    patience::Patience,
    ring,
    scope::{self, How, Observed, Role, Wish},
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
    seated: Seated<V>,
    /// How long it waits, where there is a limit.
    patience: Option<Box<Patience<K>>>,
    /// Who asked what becomes of it.
    observed: Option<Box<Observed>>,
}

impl<H: Deref<Target = Flights<K, V>>, K, V> Seat<H, K, V> {
    pub(crate) fn outside(flights: H) -> Self {
        Self {
            flights,
            hash: 0,
            seated: Seated::Outside,
            patience: None,
            observed: None,
        }
    }

    pub(crate) fn join<Q: Key<K>>(&mut self, key: &Q) {
        let wish = scope::take();
        let config = self.flights.limits();
        if wish.how == Some(How::Alone) || config.is_some_and(|config| !config.enabled) {
            return self.go_alone(wish);
        }
        self.hash = Flights::<K, V>::hash(key);
        let mut terms = Terms {
            fresh: wish.how == Some(How::Fresh),
            ..Terms::default()
        };
        if let Some(config) = config {
            terms.max_age = config.max_age;
            terms.max_followers = config.max_followers;
            terms.max_in_flight = config.max_in_flight;
        }
        self.flights.join(self.hash, key, &terms, &mut self.seated);
        if let (Seated::Follower(_), Some(wait)) = (&self.seated, config.and_then(|it| it.max_wait))
        {
            self.patience = Some(Box::new(Patience::new(wait, key)));
        }
        self.start(wish);
    }

    /// Shares with nobody.
    pub(crate) fn alone(&mut self) {
        self.go_alone(scope::take());
    }

    fn go_alone(&mut self, wish: Wish) {
        self.seated = Seated::Alone;
        self.flights.alone();
        self.start(wish);
    }

    fn start(&mut self, wish: Wish) {
        if let Some(observer) = wish.observer {
            self.observed = Some(Box::new(Observed::start(observer, self.role())));
        }
    }

    /// It waits no more: it has become what it is now.
    fn end_wait(&mut self, takeovers: u64) {
        self.patience = None;
        let role = self.role();
        if let Some(observed) = &mut self.observed {
            observed.end(role, takeovers);
        }
    }

    pub(crate) fn role(&self) -> Role {
        match self.seated {
            Seated::Leader { .. } | Seated::Successor { .. } => Role::Leader,
            Seated::Follower(_) | Seated::Outside => Role::Follower,
            Seated::Alone => Role::Alone,
        }
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, share: Share<V>) -> Poll<Turn<V>> {
        loop {
            let follower = match &mut self.seated {
                Seated::Leader { .. } | Seated::Alone => return Poll::Ready(Turn::Run),
                Seated::Successor { ticket } => {
                    self.seated = Seated::Leader { ticket: *ticket };
                    self.flights.started();
                    return Poll::Ready(Turn::Run);
                }
                Seated::Follower(follower) => follower,
                Seated::Outside => panic!("a coalesced call was polled again after its end"),
            };
            match follower.poll(cx) {
                Poll::Pending => {
                    let ticket = follower.ticket();
                    let flight = self.flights.id(self.hash, ticket);
                    if let Some(ring) = ring::ring(flight) {
                        panic!("coalesced calls would wait for each other for ever: {ring}");
                    }
                    match &mut self.patience {
                        Some(patience) => ready!(patience.poll(cx)),
                        None => return Poll::Pending,
                    }
                    self.join_newer(ticket);
                }
                Poll::Ready(Found::Landed) => {
                    let takeovers = follower.takeovers();
                    let Seated::Follower(follower) =
                        mem::replace(&mut self.seated, Seated::Outside)
                    else {
                        unreachable!("it is a follower")
                    };
                    self.end_wait(takeovers);
                    return Poll::Ready(Turn::Landed(follower.collect(share)));
                }
                Poll::Ready(Found::Failed) => {
                    self.leave(Seated::Alone);
                    self.flights.started();
                }
                Poll::Ready(Found::TookOver { ticket, hasty }) => {
                    let takeovers = follower.takeovers();
                    self.seated = Seated::Successor { ticket };
                    self.flights.taken_over(self.hash);
                    self.end_wait(takeovers);
                    if hasty {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// It has waited long enough for the flight with this ticket.
    fn join_newer(&mut self, ticket: u64) {
        if let Some(patience) = self.patience.take() {
            self.leave(Seated::Outside);
            let Patience { key, same, .. } = *patience;
            self.flights
                .join_newer(self.hash, key, same, ticket, &mut self.seated);
            if !matches!(self.seated, Seated::Follower(_)) {
                self.end_wait(0);
            }
        }
    }

    /// Leaves the flight that it follows, to be this.
    fn leave(&mut self, seated: Seated<V>) {
        if let Seated::Follower(mut follower) = mem::replace(&mut self.seated, seated) {
            let takeovers = follower.takeovers();
            self.flights.leave(self.hash, &mut follower);
            if !matches!(self.seated, Seated::Outside) {
                self.end_wait(takeovers);
            }
        }
    }

    /// Polls the body of this caller.
    pub(crate) fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        match self.seated {
            Seated::Leader { ticket } => {
                let flight = self.flights.id(self.hash, ticket);
                ring::polling(flight, self.flights.name(), poll)
            }
            _ => poll(),
        }
    }

    #[cfg(feature = "spawn")]
    pub(crate) fn name(&self) -> &'static str {
        self.flights.name()
    }

    /// The flight that this caller leads, if it leads one, which it is about to give away.
    #[cfg(feature = "spawn")]
    pub(crate) fn own(&self) -> Option<Arc<Flight<V>>> {
        match self.seated {
            Seated::Leader { ticket } => self.flights.own(self.hash, ticket),
            _ => None,
        }
    }

    /// The seat, for the task that is to lead, or to run alone, in the place of this caller.
    #[cfg(feature = "spawn")]
    pub(crate) fn give_away(&mut self) -> Self
    where
        H: Clone,
    {
        let mut outside = Self::outside(self.flights.clone());
        outside.hash = self.hash;
        mem::replace(self, outside)
    }

    /// Lands the flight, if this caller leads one, and returns its share of the value.
    pub(crate) fn land(&mut self, value: V, share: Share<V>) -> V {
        match mem::replace(&mut self.seated, Seated::Outside) {
            Seated::Leader { ticket } => self.flights.land(self.hash, ticket, value, share),
            _ => value,
        }
    }

    /// The same, the body having failed with an error that is this caller's alone.
    pub(crate) fn fail(&mut self) {
        if let Seated::Leader { ticket } = mem::replace(&mut self.seated, Seated::Outside) {
            self.flights.fail(self.hash, ticket);
        }
    }

    /// The same, the body having panicked with this text.
    pub(crate) fn land_panicked(&mut self, text: &str) {
        if let Seated::Leader { ticket } = mem::replace(&mut self.seated, Seated::Outside) {
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
        match &mut self.seated {
            Seated::Outside | Seated::Alone => {}
            Seated::Leader { ticket } => self.flights.abandon(self.hash, *ticket, true),
            Seated::Successor { ticket } => self.flights.abandon(self.hash, *ticket, false),
            Seated::Follower(follower) => self.flights.leave(self.hash, follower),
        }
    }
}

impl<H: Deref<Target = Flights<K, V>>, K, V> fmt::Debug for Seat<H, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.seated {
            Seated::Outside => "outside",
            Seated::Alone => "alone",
            Seated::Leader { .. } | Seated::Successor { .. } => "leader",
            Seated::Follower(_) => "follower",
        })
    }
}
