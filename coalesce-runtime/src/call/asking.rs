//! A caller whose flight goes across to other servers: what its lead is told, and when it is asked (`across.rs`).

use std::{
    ops::Deref,
    task::{Context, Poll, Waker, ready},
};

use crate::{
    call::{
        across::{Brief, Lead, Verdict},
        caller::Caller,
        max_wait::{Driver, MaxWait},
        wish,
    },
    flight::{caller_state::CallerState, map::FlightMap},
    key::Key,
};

impl<H: Deref<Target = FlightMap<K>>, K: Send + Sync + 'static> Caller<H, K> {
    /// Joins a flight that goes across, and tells its lead what it leads, if it does.
    pub(super) fn join_across<Q: Key<K>, V, L: Lead<V> + Brief<Q>>(
        &mut self,
        key: &Q,
        driver: Driver,
        lead: &mut L,
        polled: Option<&Waker>,
    ) {
        if wish::is_to_be_forgotten() {
            lead.forget(key);
        }
        let is_fresh = self.join_on_terms(key, driver, true, polled);
        let CallerState::Leader { ticket } = self.state else {
            return;
        };
        self.state = CallerState::Elsewhere { ticket, told: true };
        self.tell_asks();
        let max_wait = self.flights.limits().max_wait;
        // Who keeps its own time leaves by itself.
        if let (Some(wait), false) = (max_wait, driver == Driver::Itself) {
            self.patience = Some(Box::new(MaxWait::new::<Q>(wait, driver)));
        }
        if let Some(of) = self.flights.elsewhere(self.hash, ticket) {
            return lead.succeed(&of);
        }
        let is_fresh = is_fresh || self.flights.has_older(self.hash, key, ticket);
        let elsewhere = lead.brief(key, is_fresh);
        self.flights.goes_across(self.hash, ticket, elsewhere);
    }
}

impl<H: Deref<Target = FlightMap<K>>, K> Caller<H, K> {
    /// Asks elsewhere whether to run the body, if this caller's flight goes there.
    #[inline]
    pub(crate) fn ask<V, L: Lead<V>>(
        &mut self,
        lead: &mut L,
        cx: &mut Context<'_>,
    ) -> Poll<Verdict<V>> {
        match self.state {
            CallerState::Elsewhere { ticket, told } if !L::HERE => {
                self.ask_elsewhere(ticket, told, lead, cx)
            }
            _ => Poll::Ready(Verdict::Run),
        }
    }

    fn ask_elsewhere<V, L: Lead<V>>(
        &mut self,
        ticket: u64,
        told: bool,
        lead: &mut L,
        cx: &mut Context<'_>,
    ) -> Poll<Verdict<V>> {
        if !told {
            if let Some(of) = self.flights.elsewhere(self.hash, ticket) {
                lead.succeed(&of);
            }
            self.state = CallerState::Elsewhere { ticket, told: true };
        }
        // In its span: the other side tells there which flight it is.
        let mut polled = self.watch.polling(|| lead.poll(cx));
        if polled.is_pending() && self.is_impatient(cx) {
            polled = self.watch.polling(|| {
                lead.hurry();
                lead.poll(cx)
            });
        }
        let verdict = ready!(polled);
        self.patience = None;
        self.tell_answered(!matches!(verdict, Verdict::Run));
        if let Verdict::Run = verdict {
            self.state = CallerState::Leader { ticket };
        }
        Poll::Ready(verdict)
    }

    /// Whether it has waited for as long as it may, for the first time.
    fn is_impatient(&mut self, cx: &mut Context<'_>) -> bool {
        let patience = self.patience.as_mut();
        let is_over = patience.is_some_and(|patience| patience.poll(cx).is_ready());
        if is_over {
            self.patience = None;
        }
        is_over
    }
}
