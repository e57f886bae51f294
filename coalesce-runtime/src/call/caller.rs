//! One caller, and what it is in a flight. However it ends, it does so in good order: it lands, abandons or
//! leaves.

use std::{
    fmt, mem,
    ops::Deref,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

#[cfg(any(loom, feature = "spawn"))]
use crate::flight::task::Owner;
use crate::{
    call::cycle::{self, Body},
    call::forget,
    call::max_wait::{Driver, MaxWait},
    call::report::Observed,
    call::wish::{self, How, Wish},
    flight::{
        Flight,
        caller_state::CallerState,
        follower::{BODIES, Follower, Found},
        join::Terms,
        map::FlightMap,
    },
    key::Key,
    panic::aside,
    role::Role,
    switch::is_enabled,
    watch::Watch,
    watch::span,
};

/// What a poll of the caller says to its future.
pub(crate) enum Turn {
    /// Run the body.
    Run,
    /// This flight, which it followed, has landed.
    Landed(Arc<Flight>),
}

pub(crate) struct Caller<H: Deref<Target = FlightMap<K>>, K> {
    pub(super) flights: H,
    pub(super) hash: u64,
    pub(super) state: CallerState,
    /// How long it waits, where there is a limit.
    patience: Option<Box<MaxWait<K>>>,
    /// Who asked what becomes of it.
    observed: Option<Box<Observed>>,
    pub(super) watch: Watch,
}

impl<H: Deref<Target = FlightMap<K>>, K> Caller<H, K> {
    pub(crate) fn outside(flights: H) -> Self {
        Self {
            flights,
            hash: 0,
            state: CallerState::Outside,
            patience: None,
            observed: None,
            watch: Watch::NONE,
        }
    }

    pub(crate) fn join<Q: Key<K>>(&mut self, key: &Q, driver: Driver) {
        if wish::is_wished() || self.flights.is_limited() || !is_enabled() {
            return self.join_on_terms(key, driver);
        }
        self.hash = FlightMap::<K>::hash(key);
        self.flights.join(self.hash, key, None, &mut self.state);
        self.begin();
    }

    /// The same, where something is asked of this call, or the group has limits.
    #[cold]
    fn join_on_terms<Q: Key<K>>(&mut self, key: &Q, driver: Driver) {
        let wish = wish::take();
        if wish.how == Some(How::Forget) {
            self.state = CallerState::Forgot;
            return forget::answer(self.flights.forget(key));
        }
        let config = self.flights.limits();
        if wish.how == Some(How::Alone) || !config.enabled || !is_enabled() {
            return self.go_alone(wish);
        }
        // Also who comes to lead is told, so that it is not first seen under load.
        if config.max_wait.is_some() {
            driver.require_timer(self.flights.name());
        }
        self.hash = FlightMap::<K>::hash(key);
        let terms = Terms {
            fresh: wish.how == Some(How::Fresh),
            waited: None,
            bodies: BODIES,
            max_age: config.max_age,
            max_followers: config.max_followers,
            max_in_flight: config.max_in_flight,
        };
        self.flights
            .join(self.hash, key, Some(&terms), &mut self.state);
        if let (CallerState::Follower(_), Some(wait)) = (&self.state, config.max_wait) {
            self.patience = Some(Box::new(MaxWait::new(wait, driver, key)));
        }
        self.start(wish);
    }

    /// Shares with nobody.
    pub(crate) fn alone(&mut self) {
        self.go_alone(wish::take());
    }

    fn go_alone(&mut self, wish: Wish) {
        self.state = CallerState::Alone;
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
        if let (CallerState::Leader { ticket }, Some(leader)) = (&self.state, self.watch.leader()) {
            self.flights.led_by(self.hash, *ticket, leader);
        }
    }

    /// It waits no more for the flight of this follower that it was.
    #[inline]
    pub(super) fn waited(&mut self, follower: &Follower, outcome: &'static str) {
        if let Some(patience) = self.patience.take() {
            // It has a key, whose destructor may panic, and this thread may be unwinding.
            aside(|| drop(patience));
        }
        self.watch
            .waited(self.flights.meter(), outcome, || follower.leader());
    }

    /// It has become what it is now.
    #[inline(always)]
    fn tell(&mut self, takeovers: impl FnOnce() -> u64) {
        if self.observed.is_some() {
            self.report(takeovers());
        }
    }

    #[cold]
    fn report(&mut self, takeovers: u64) {
        let role = self.role();
        if let Some(observed) = &mut self.observed {
            observed.end(role, takeovers);
        }
    }

    /// It has landed, and so many followers share its value.
    pub(super) fn tell_followers(&self, followers: u64) {
        if let Some(observed) = &self.observed {
            observed.landed(followers);
        }
    }

    /// Becomes this, and is a follower no more.
    #[inline]
    fn unfollow(&mut self, state: CallerState) -> Follower {
        match mem::replace(&mut self.state, state) {
            CallerState::Follower(follower) => follower,
            _ => unreachable!("who waits is a follower"),
        }
    }

    /// Whether it was never to be made, but to be forgotten.
    pub(crate) fn is_forgotten(&self) -> bool {
        matches!(self.state, CallerState::Forgot)
    }

    pub(crate) fn role(&self) -> Role {
        match self.state {
            CallerState::Leader { .. } | CallerState::Successor(_) => Role::Leader,
            CallerState::Follower(_) | CallerState::Outside | CallerState::Forgot => Role::Follower,
            CallerState::Alone => Role::Alone,
        }
    }

    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        if let CallerState::Leader { .. } | CallerState::Alone = self.state {
            return Poll::Ready(Turn::Run);
        }
        self.wait(cx)
    }

    /// The same, for who does not run already.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            let follower = match &mut self.state {
                CallerState::Leader { .. } | CallerState::Alone => return Poll::Ready(Turn::Run),
                CallerState::Successor(_) => {
                    self.succeed();
                    return Poll::Ready(Turn::Run);
                }
                CallerState::Follower(follower) => follower,
                CallerState::Forgot => return Poll::Pending,
                CallerState::Outside => panic!("a coalesced call was polled again after its end"),
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
                    let follower = self.unfollow(CallerState::Outside);
                    self.waited(&follower, "landed");
                    self.tell(|| follower.flight.takeovers());
                    return Poll::Ready(Turn::Landed(follower.flight));
                }
                Poll::Ready(Found::Failed) => self.give_up(),
                Poll::Ready(Found::TookOver { hasty }) => {
                    self.take_over();
                    if hasty {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
        }
    }

    /// It has seen as many bodies fail as it waits for, and goes alone.
    #[cold]
    fn give_up(&mut self) {
        let mut follower = self.unfollow(CallerState::Alone);
        self.flights.leave(self.hash, &mut follower);
        self.flights.alone_after_all();
        self.waited(&follower, "failed");
        self.tell(|| follower.flight.takeovers() + 1);
        self.begin();
    }

    /// Its flight was vacant, and is its own.
    #[cold]
    fn take_over(&mut self) {
        let CallerState::Follower(follower) = &self.state else {
            return;
        };
        let successor = CallerState::Successor(Arc::clone(&follower.flight));
        let follower = self.unfollow(successor);
        self.flights.taken_over(self.hash);
        self.waited(&follower, "took over");
    }

    /// It has taken over, and its body starts.
    #[cold]
    fn succeed(&mut self) {
        let CallerState::Successor(flight) = &self.state else {
            return;
        };
        let (ticket, takeovers) = (flight.ticket, flight.took_over());
        self.state = CallerState::Leader { ticket };
        self.flights.started();
        span::took_over(self.flights.name(), || takeovers);
        self.tell(|| takeovers);
        self.begin();
    }

    /// Until when the thread may sleep that drives the call, if there is a limit to it.
    pub(super) fn until(&self) -> Option<Instant> {
        self.patience.as_ref()?.until()
    }

    /// It has waited long enough for the flight with this ticket.
    fn join_newer(&mut self, ticket: u64) {
        let Some(patience) = self.patience.take() else {
            return;
        };
        let mut follower = self.unfollow(CallerState::Outside);
        self.flights.leave(self.hash, &mut follower);
        self.waited(&follower, "max_wait");
        let MaxWait { key, same, .. } = *patience;
        let config = self.flights.limits();
        let terms = Terms {
            waited: Some(ticket),
            bodies: follower.bodies_left().saturating_sub(1),
            max_age: config.max_age,
            max_followers: config.max_followers,
            ..Terms::default()
        };
        let takeovers = self
            .flights
            .join_newer(self.hash, key, same, &terms, &mut self.state);
        match (&self.state, takeovers) {
            (_, None) => {}
            (CallerState::Alone, _) => self.tell(|| follower.flight.takeovers() + 1),
            (_, Some(takeovers)) => self.tell(|| takeovers),
        }
        self.begin();
    }

    /// Polls the body of this caller.
    #[inline]
    pub(crate) fn run<T>(&self, poll: impl FnOnce() -> T) -> T {
        let ticket = match self.state {
            CallerState::Leader { ticket } => Some(ticket),
            _ => None,
        };
        let body = Body::new(&*self.flights, self.hash, ticket);
        let _polled = body.poll();
        self.watch.polling(poll)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.flights.name()
    }

    /// The flight that this caller leads, if it leads one, which it is about to give away.
    #[cfg(any(loom, feature = "spawn"))]
    pub(crate) fn own(&self) -> Option<Owner> {
        match self.state {
            CallerState::Leader { ticket } => self.flights.own(self.hash, ticket),
            _ => None,
        }
    }

    /// What it is, for the task that is to lead, or to run alone, in its place.
    #[cfg(any(loom, feature = "spawn"))]
    pub(crate) fn give_away(&mut self) -> Self
    where
        H: Clone,
    {
        let mut outside = Self::outside(self.flights.clone());
        outside.hash = self.hash;
        mem::replace(self, outside)
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> fmt::Debug for Caller<H, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            CallerState::Outside => "outside",
            CallerState::Forgot => "forgot",
            CallerState::Alone => "alone",
            CallerState::Leader { .. } | CallerState::Successor(_) => "leader",
            CallerState::Follower(_) => "follower",
        })
    }
}
