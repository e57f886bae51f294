//! One caller, and what it is in a flight. However it ends, it does so in good order: it lands, abandons or
//! leaves.

#[cfg(any(loom, feature = "spawn"))]
use std::mem;
use std::{fmt, ops::Deref, task::Waker};

use crate::{
    call::across::{Brief, Lead},
    call::cycle::Body,
    call::forget,
    call::max_wait::{Driver, MaxWait},
    call::report::Observed,
    call::wish::{self, How, Wish},
    flight::{
        caller_state::CallerState,
        follower::BODIES,
        join::{MaxAge, Terms},
        map::FlightMap,
    },
    key::Key,
    role::Role,
    switch::is_enabled,
    watch::Watch,
};
#[cfg(any(loom, feature = "spawn"))]
use crate::{flight::task::Owner, task::AbortHandle};

pub(crate) struct Caller<H: Deref<Target = FlightMap<K>>, K> {
    pub(super) flights: H,
    pub(super) hash: u64,
    pub(super) state: CallerState,
    /// How long it waits, where there is a limit.
    pub(super) patience: Option<Box<MaxWait<K>>>,
    /// Who asked what becomes of it.
    observed: Option<Box<Observed>>,
    pub(super) watch: Watch,
}

impl<H: Deref<Target = FlightMap<K>>, K: Send + Sync + 'static> Caller<H, K> {
    /// Joins with this key, of which its lead is told if it comes to lead a flight that goes across.
    #[inline(always)]
    pub(crate) fn join<Q: Key<K>, V, L: Lead<V> + Brief<Q>>(
        &mut self,
        key: &Q,
        driver: Driver,
        lead: &mut L,
    ) {
        match L::HERE {
            true => self.join_here(key, driver, None),
            false => self.join_across(key, driver, lead, None),
        }
    }

    /// The same in a group that is for this process alone; with its waker, if it is being polled.
    // Where it is called the driver is known: passed on, it made every call dearer.
    #[inline(always)]
    pub(super) fn join_here<Q: Key<K>>(&mut self, key: &Q, driver: Driver, polled: Option<&Waker>) {
        if wish::is_wished() || self.flights.is_limited() || !is_enabled() {
            self.join_on_terms(key, driver, false, polled);
            return;
        }
        self.hash = FlightMap::<K>::hash(key);
        self.flights
            .join(self.hash, key, None, polled, &mut self.state);
        self.begin();
    }

    /// The same as [`join_here`](Self::join_here), where something is asked of this call, or the group has limits, or
    /// goes across. Returns whether the call is fresh.
    #[cold]
    pub(super) fn join_on_terms<Q: Key<K>>(
        &mut self,
        key: &Q,
        driver: Driver,
        across: bool,
        polled: Option<&Waker>,
    ) -> bool {
        let wish = wish::take();
        if wish.how == Some(How::Forget) {
            self.state = CallerState::Forgot;
            forget::answer(self.flights.forget(key));
            return false;
        }
        let config = self.flights.limits();
        if wish.how == Some(How::Alone) || !config.enabled || !is_enabled() {
            self.go_alone(wish);
            return false;
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
            max_age: MaxAge::of(config.max_age),
            max_followers: config.max_followers,
            max_in_flight: config.max_in_flight,
            across,
        };
        let max_wait = config.max_wait.filter(|_| driver != Driver::Itself);
        // Who waits for so long only is to look at the time as well.
        let polled = polled.filter(|_| max_wait.is_none());
        self.flights
            .join(self.hash, key, Some(&terms), polled, &mut self.state);
        if let (CallerState::Follower(follower), Some(wait)) = (&self.state, max_wait) {
            follower.landing.keep_key(|| key.to_key());
            self.patience = Some(Box::new(MaxWait::new::<Q>(wait, driver)));
        }
        self.start(wish);
        terms.fresh
    }
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
    pub(super) fn begin(&mut self) {
        self.watch.begin(self.flights.name(), self.role());
        if let (CallerState::Leader { ticket }, Some(leader)) = (&self.state, self.watch.leader()) {
            self.flights.led_by(self.hash, *ticket, leader);
        }
    }

    /// It has become what it is now.
    #[inline(always)]
    pub(super) fn tell(&mut self, takeovers: impl FnOnce() -> u64) {
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
        if matches!(self.state, CallerState::Elsewhere { .. }) {
            self.tell_asks();
        }
    }

    /// It has landed, and so many followers share its value.
    pub(super) fn tell_followers(&self, followers: u64) {
        if let Some(observed) = &self.observed {
            observed.landed(followers);
        }
    }

    /// It asks elsewhere.
    pub(super) fn tell_asks(&mut self) {
        if let Some(observed) = &mut self.observed {
            observed.asks();
        }
    }

    /// It was answered: with a value, or to run its body.
    pub(super) fn tell_answered(&mut self, elsewhere: bool) {
        if let Some(observed) = &mut self.observed {
            observed.answered(elsewhere);
        }
    }

    /// Whether it was never to be made, but to be forgotten.
    pub(crate) fn is_forgotten(&self) -> bool {
        matches!(self.state, CallerState::Forgot)
    }

    pub(crate) fn role(&self) -> Role {
        match self.state {
            CallerState::Leader { .. }
            | CallerState::Elsewhere { .. }
            | CallerState::Successor(_) => Role::Leader,
            #[cfg(any(loom, feature = "spawn"))]
            CallerState::Owner(_) => Role::Leader,
            CallerState::Follower(_) | CallerState::Outside | CallerState::Forgot => Role::Follower,
            CallerState::Alone => Role::Alone,
        }
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

    /// What it is, for the task that is to lead, or to run alone, in its place. It owns the flight now, if it led one.
    #[cfg(any(loom, feature = "spawn"))]
    pub(super) fn give_away(&mut self) -> (Self, Option<Owner>)
    where
        H: Clone,
    {
        let owner = match self.state {
            CallerState::Leader { ticket } | CallerState::Elsewhere { ticket, .. } => {
                Some(self.flights.own(self.hash, ticket))
            }
            _ => None,
        };
        let mut left = Self::outside(self.flights.clone());
        left.hash = self.hash;
        left.state = owner.map_or(CallerState::Outside, CallerState::Owner);
        (mem::replace(self, left), owner)
    }

    /// Its body is on this task.
    #[cfg(any(loom, feature = "spawn"))]
    pub(super) fn spawned(&self, owner: Owner, task: AbortHandle) {
        self.flights.spawned(self.hash, owner, task);
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> fmt::Debug for Caller<H, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            CallerState::Outside => "outside",
            CallerState::Forgot => "forgot",
            CallerState::Alone => "alone",
            CallerState::Leader { .. } | CallerState::Successor(_) => "leader",
            CallerState::Elsewhere { .. } => "elsewhere",
            CallerState::Follower(_) => "follower",
            #[cfg(any(loom, feature = "spawn"))]
            CallerState::Owner(_) => "owner",
        })
    }
}
