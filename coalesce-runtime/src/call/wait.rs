//! How a caller waits for a flight: until it lands, or fails too often, or is the caller's own, or for long enough.

use std::{
    mem,
    ops::Deref,
    task::{Context, Poll, ready},
    time::Instant,
};

use crate::{
    call::{caller::Caller, cycle},
    flight::{
        caller_state::CallerState,
        follower::{Follower, Found},
        join::{MaxAge, Terms},
        map::FlightMap,
        pair::LandingShare,
    },
    key::Key,
    watch::span::{self, LeaderId},
};

/// What a poll of the caller says to its future.
pub(crate) enum Turn {
    /// Run the body.
    Run,
    /// The flight that it followed has landed here.
    Landed(LandingShare),
}

impl<H: Deref<Target = FlightMap<K>>, K: 'static> Caller<H, K> {
    /// What is next for it.
    #[inline(always)] // It is in two places, and each is all that its frame is for.
    pub(super) fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            let follower = match &mut self.state {
                CallerState::Leader { .. } | CallerState::Elsewhere { .. } | CallerState::Alone => {
                    return Poll::Ready(Turn::Run);
                }
                CallerState::Successor(_) => {
                    self.succeed();
                    return Poll::Ready(Turn::Run);
                }
                CallerState::Follower(follower) => follower,
                CallerState::Forgot => return Poll::Pending,
                _ => panic!("a coalesced call was polled again after its end"),
            };
            match self.flights.poll(self.hash, follower, cx) {
                Poll::Pending => {
                    let ticket = follower.ticket();
                    self.refuse_cycle();
                    match &mut self.patience {
                        Some(patience) => ready!(patience.poll(cx)),
                        None => return Poll::Pending,
                    }
                    self.join_newer(ticket);
                }
                Poll::Ready(Found::Landed) => {
                    let follower = self.unfollow(CallerState::Outside);
                    let leader = self.leader_of(&follower);
                    self.waited(leader, "landed");
                    self.tell(|| follower.landing.takeovers());
                    return Poll::Ready(Turn::Landed(follower.landing));
                }
                // Even if it has waited long enough: a flight that it may lead is as good as a newer one.
                Poll::Ready(Found::GaveWay) => return Poll::Pending,
                // It has seen as many bodies fail as it waits for.
                Poll::Ready(Found::Failed) => self.alone_after_all("failed"),
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

    /// It waits now.
    ///
    /// # Panics
    ///
    /// If it would wait for itself.
    #[inline]
    pub(super) fn refuse_cycle(&self) {
        if cycle::is_polling() {
            self.refuse_cycle_of_bodies();
        }
    }

    #[cold]
    fn refuse_cycle_of_bodies(&self) {
        let CallerState::Follower(follower) = &self.state else {
            return;
        };
        let flight = self.flights.id(self.hash, follower.ticket());
        if let Some(cycle) = cycle::cycle(flight) {
            panic!("coalesced calls would wait for each other for ever: {cycle}");
        }
    }

    /// Its flight was vacant, and is its own.
    #[cold]
    fn take_over(&mut self) {
        let CallerState::Follower(follower) = &self.state else {
            return;
        };
        let successor = CallerState::Successor(follower.landing.clone());
        let follower = self.unfollow(successor);
        self.flights.taken_over();
        let leader = self.leader_of(&follower);
        self.waited(leader, "took over");
    }

    /// It has taken over, and its body starts.
    #[cold]
    fn succeed(&mut self) {
        let CallerState::Successor(landing) = &self.state else {
            return;
        };
        let (ticket, takeovers) = (landing.ticket, landing.took_over());
        self.state = match landing.elsewhere() {
            Some(_) => CallerState::Elsewhere {
                ticket,
                told: false,
            },
            None => CallerState::Leader { ticket },
        };
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
        let leader = self.leader_of(&follower);
        self.flights.leave(self.hash, &mut follower);
        self.waited(leader, "max_wait");
        let config = self.flights.limits();
        let terms = Terms {
            waited: Some(ticket),
            bodies: follower.bodies_left().saturating_sub(1),
            max_age: MaxAge::of(config.max_age),
            max_followers: config.max_followers,
            across: follower.landing.elsewhere().is_some(),
            ..Terms::default()
        };
        let (key, keys) = (follower.landing.key(), &patience.keys);
        let matches = |other: &K| (keys.same)(key, other);
        let again = || (keys.again)(key);
        let takeovers = self
            .flights
            .join_newer(self.hash, matches, again, &terms, &mut self.state);
        if let Some(of) = follower.landing.elsewhere() {
            self.flights
                .lead_newer_elsewhere(self.hash, of, &mut self.state);
        }
        self.joined_newer(&follower, takeovers);
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> Caller<H, K> {
    /// What it followed is not for it, with this outcome: it joins a newer flight, or opens one, as who has waited long
    /// enough does.
    #[cold]
    pub(crate) fn join_again<Q: Key<K>>(&mut self, key: &Q, outcome: &'static str) {
        let mut follower = self.unfollow(CallerState::Outside);
        let leader = self.leader_of(&follower);
        self.flights.leave(self.hash, &mut follower);
        self.waited(leader, outcome);
        let config = self.flights.limits();
        let terms = Terms {
            waited: Some(follower.ticket()),
            max_age: MaxAge::of(config.max_age),
            max_followers: config.max_followers,
            ..Terms::default()
        };
        let matches = |other: &K| key.matches(other);
        let again = || key.to_key();
        let takeovers = self
            .flights
            .join_newer(self.hash, matches, again, &terms, &mut self.state);
        self.joined_newer(&follower, takeovers);
    }

    /// It follows another flight than this follower did, or runs, by so many takeovers of its flight.
    fn joined_newer(&mut self, follower: &Follower, takeovers: Option<u64>) {
        match (&self.state, takeovers) {
            (_, None) => {}
            (CallerState::Alone, _) => self.tell(|| follower.landing.takeovers() + 1),
            (_, Some(takeovers)) => self.tell(|| takeovers),
        }
        self.begin();
    }

    /// It waits no more, since that ended like this, and goes alone.
    #[cold]
    pub(crate) fn alone_after_all(&mut self, outcome: &'static str) {
        let mut follower = self.unfollow(CallerState::Alone);
        // First, so that at no moment nothing runs, if it is the flight's last one.
        self.flights.alone_after_all();
        let leader = self.leader_of(&follower);
        self.flights.leave(self.hash, &mut follower);
        self.waited(leader, outcome);
        self.tell(|| follower.landing.takeovers() + 1);
        self.begin();
    }

    /// It has what it came for, by another way than a landing.
    pub(crate) fn finish(&mut self) {
        let mut follower = self.unfollow(CallerState::Outside);
        let leader = self.leader_of(&follower);
        self.flights.leave(self.hash, &mut follower);
        self.waited(leader, "landed");
        self.tell(|| follower.landing.takeovers());
    }

    /// The span of the last leader of the flight of this follower that it is, or was, if anybody traces it.
    #[inline]
    pub(super) fn leader_of(&self, follower: &Follower) -> Option<LeaderId> {
        let leader = || self.flights.leader(self.hash, follower);
        self.watch.is_traced().then(leader).flatten()
    }

    /// It waits no more for the flight that this one led.
    #[inline]
    pub(super) fn waited(&mut self, leader: Option<LeaderId>, outcome: &'static str) {
        self.patience = None;
        self.watch.waited(self.flights.meter(), outcome, leader);
    }

    /// Becomes this, and is a follower no more.
    #[inline]
    fn unfollow(&mut self, state: CallerState) -> Follower {
        match mem::replace(&mut self.state, state) {
            CallerState::Follower(follower) => follower,
            _ => unreachable!("who waits is a follower"),
        }
    }
}
