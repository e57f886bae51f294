//! A caller's place in a flight. However the caller ends, its seat is given up in good order: it
//! lands, abandons or leaves.

use std::{
    fmt, mem,
    ops::Deref,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    call::cycle::{self, Body},
    call::max_wait::Patience,
    call::report::Observed,
    call::wish::{self, How, Wish},
    config::is_enabled,
    flight::map::{Flights, Seated, Terms},
    flight::{Flight, Follower, Found},
    key::Key,
    role::Role,
    sharing::Share,
    watch::Watch,
    watch::span,
};

/// What a poll of the seat says to the caller.
pub(crate) enum Turn {
    /// Run the body.
    Run,
    /// This flight, which it followed, has landed.
    Landed(Arc<Flight>),
}

pub(crate) struct Seat<H: Deref<Target = Flights<K>>, K> {
    flights: H,
    hash: u64,
    seated: Seated,
    /// How long it waits, where there is a limit.
    patience: Option<Box<Patience<K>>>,
    /// Who asked what becomes of it.
    observed: Option<Box<Observed>>,
    watch: Watch,
}

impl<H: Deref<Target = Flights<K>>, K> Seat<H, K> {
    pub(crate) fn outside(flights: H) -> Self {
        Self {
            flights,
            hash: 0,
            seated: Seated::Outside,
            patience: None,
            observed: None,
            watch: Watch::NONE,
        }
    }

    pub(crate) fn join<Q: Key<K>>(&mut self, key: &Q) {
        if wish::is_wished() || self.flights.is_limited() || !is_enabled() {
            return self.join_on_terms(key);
        }
        self.hash = Flights::<K>::hash(key);
        self.flights.join(self.hash, key, None, &mut self.seated);
        self.begin();
    }

    /// The same, where something is asked of this call, or the group has limits.
    #[cold]
    fn join_on_terms<Q: Key<K>>(&mut self, key: &Q) {
        let wish = wish::take();
        let config = self.flights.limits();
        if wish.how == Some(How::Alone) || !config.enabled || !is_enabled() {
            return self.go_alone(wish);
        }
        self.hash = Flights::<K>::hash(key);
        let terms = Terms {
            fresh: wish.how == Some(How::Fresh),
            not: None,
            max_age: config.max_age,
            max_followers: config.max_followers,
            max_in_flight: config.max_in_flight,
        };
        self.flights
            .join(self.hash, key, Some(&terms), &mut self.seated);
        if let (Seated::Follower(_), Some(wait)) = (&self.seated, config.max_wait) {
            self.patience = Some(Box::new(Patience::new(wait, key)));
        }
        self.start(wish);
    }

    /// Shares with nobody.
    pub(crate) fn alone(&mut self) {
        self.go_alone(wish::take());
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
        self.begin();
    }

    /// It begins to wait, or to run.
    fn begin(&mut self) {
        self.watch.begin(self.flights.name(), self.role());
        if let (Seated::Leader { ticket }, Some(leader)) = (&self.seated, self.watch.leader()) {
            self.flights.led_by(self.hash, *ticket, leader);
        }
    }

    /// It waits no more for the flight of this follower that it was.
    #[inline]
    fn waited(&mut self, follower: &Follower, outcome: &'static str) {
        if self.patience.is_some() {
            self.patience = None;
        }
        self.watch
            .waited(self.flights.meter(), outcome, || follower.leader());
    }

    /// It has become what it is now.
    #[inline]
    fn tell(&mut self, takeovers: impl FnOnce() -> u64) {
        if self.observed.is_some() {
            let role = self.role();
            if let Some(observed) = &mut self.observed {
                observed.end(role, takeovers());
            }
        }
    }

    /// Becomes this, and is a follower no more.
    fn unfollow(&mut self, seated: Seated) -> Follower {
        match mem::replace(&mut self.seated, seated) {
            Seated::Follower(follower) => follower,
            _ => unreachable!("who waits is a follower"),
        }
    }

    pub(crate) fn role(&self) -> Role {
        match self.seated {
            Seated::Leader { .. } | Seated::Successor { .. } => Role::Leader,
            Seated::Follower(_) | Seated::Outside => Role::Follower,
            Seated::Alone => Role::Alone,
        }
    }

    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if let Seated::Leader { .. } | Seated::Alone = self.seated {
            return Poll::Ready(Turn::Run);
        }
        self.wait(cx)
    }

    /// The same, for who does not run already.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            let follower = match &mut self.seated {
                Seated::Leader { .. } | Seated::Alone => return Poll::Ready(Turn::Run),
                Seated::Successor { ticket } => {
                    self.seated = Seated::Leader { ticket: *ticket };
                    self.flights.started();
                    self.begin();
                    return Poll::Ready(Turn::Run);
                }
                Seated::Follower(follower) => follower,
                Seated::Outside => panic!("a coalesced call was polled again after its end"),
            };
            match follower.poll(cx) {
                Poll::Pending => {
                    let ticket = follower.ticket();
                    let flight = self.flights.id(self.hash, ticket);
                    if let Some(cycle) = cycle::cycle(flight) {
                        panic!("coalesced calls would wait for each other for ever: {cycle}");
                    }
                    match &mut self.patience {
                        Some(patience) => ready!(patience.poll(cx)),
                        None => return Poll::Pending,
                    }
                    self.join_newer(ticket);
                }
                Poll::Ready(Found::Landed) => {
                    let follower = self.unfollow(Seated::Outside);
                    self.waited(&follower, "landed");
                    self.tell(|| follower.takeovers());
                    return Poll::Ready(Turn::Landed(follower.flight));
                }
                Poll::Ready(Found::Failed) => {
                    let mut follower = self.unfollow(Seated::Alone);
                    self.flights.leave(self.hash, &mut follower);
                    self.flights.started();
                    self.waited(&follower, "failed");
                    self.tell(|| follower.takeovers());
                    self.begin();
                }
                Poll::Ready(Found::TookOver { ticket, hasty }) => {
                    let follower = self.unfollow(Seated::Successor { ticket });
                    self.flights.taken_over(self.hash);
                    self.waited(&follower, "took over");
                    span::took_over(self.flights.name(), || follower.takeovers());
                    self.tell(|| follower.takeovers());
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
        let Some(patience) = self.patience.take() else {
            return;
        };
        let mut follower = self.unfollow(Seated::Outside);
        self.flights.leave(self.hash, &mut follower);
        self.waited(&follower, "max_wait");
        let Patience { key, same, .. } = *patience;
        self.flights
            .join_newer(self.hash, key, same, ticket, &mut self.seated);
        if !matches!(self.seated, Seated::Follower(_)) {
            self.tell(|| 0);
        }
        self.begin();
    }

    /// Polls the body of this caller.
    #[inline]
    pub(crate) fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        let Seated::Leader { ticket } = self.seated else {
            return self.watch.polling(poll);
        };
        let body = Body::new(self.flights.id(self.hash, ticket), self.flights.name());
        let _polled = body.poll();
        self.watch.polling(poll)
    }

    #[cfg(feature = "spawn")]
    pub(crate) fn name(&self) -> &'static str {
        self.flights.name()
    }

    /// The flight that this caller leads, if it leads one, which it is about to give away.
    #[cfg(feature = "spawn")]
    pub(crate) fn own(&self) -> Option<Arc<Flight>> {
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

    /// The body is done: lands the flight, if this caller leads one, and returns its share of the value, which
    /// may be an error.
    pub(crate) fn land<V: Send + Sync + 'static>(
        &mut self,
        value: V,
        is_err: bool,
        share: Share<V>,
    ) -> V {
        if is_err {
            self.flights.failed();
        }
        let value = match mem::replace(&mut self.seated, Seated::Outside) {
            Seated::Leader { ticket } => self.flights.land(self.hash, ticket, value, share),
            _ => value,
        };
        self.ran(if is_err { "failed" } else { "landed" });
        value
    }

    /// The same, the body having failed with an error that is this caller's alone.
    pub(crate) fn fail(&mut self) {
        self.flights.failed();
        if let Seated::Leader { ticket } = mem::replace(&mut self.seated, Seated::Outside) {
            self.flights.fail(self.hash, ticket);
        }
        self.ran("failed");
    }

    /// The same, the body having panicked with this text.
    pub(crate) fn land_panicked(&mut self, text: &str) {
        self.flights.panicked();
        if let Seated::Leader { ticket } = mem::replace(&mut self.seated, Seated::Outside) {
            self.flights.land_panicked(self.hash, ticket, || {
                format!(
                    "the call of `{}` that this one waited for panicked: {text}",
                    self.flights.name()
                )
            });
        }
        self.ran("panicked");
    }

    fn ran(&mut self, outcome: &'static str) {
        self.watch.ran(self.flights.meter(), outcome);
    }
}

impl<H: Deref<Target = Flights<K>>, K> Drop for Seat<H, K> {
    fn drop(&mut self) {
        match mem::replace(&mut self.seated, Seated::Outside) {
            Seated::Outside => {}
            Seated::Alone => self.ran("abandoned"),
            Seated::Leader { ticket } => {
                self.flights.abandon(self.hash, ticket, true);
                self.ran("abandoned");
            }
            Seated::Successor { ticket } => self.flights.abandon(self.hash, ticket, false),
            Seated::Follower(mut follower) => {
                self.flights.leave(self.hash, &mut follower);
                self.waited(&follower, "left");
            }
        }
    }
}

impl<H: Deref<Target = Flights<K>>, K> fmt::Debug for Seat<H, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.seated {
            Seated::Outside => "outside",
            Seated::Alone => "alone",
            Seated::Leader { .. } | Seated::Successor { .. } => "leader",
            Seated::Follower(_) => "follower",
        })
    }
}
