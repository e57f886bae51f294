//! A caller whose flight goes across to other servers: what its lead is told, and when it is asked (`across.rs`).

use std::{
    ops::Deref,
    task::{Context, Poll, Waker, ready},
};

use crate::{
    call::{
        across::{Brief, Lead},
        caller::Caller,
        max_wait::{Driver, MaxWait},
        returned::Return,
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
    /// Asks elsewhere whether to run the body; whether there is a value already.
    #[cold]
    pub(super) fn ask(
        &mut self,
        ticket: u64,
        told: bool,
        returned: &mut dyn Return,
        cx: &mut Context<'_>,
    ) -> Poll<bool> {
        if !told {
            if let Some(of) = self.flights.elsewhere(self.hash, ticket) {
                returned.succeed(&of);
            }
            self.state = CallerState::Elsewhere { ticket, told: true };
        }
        // In its span: the other side tells there which flight it is.
        let mut polled = self.watch.polling(|| returned.ask(false, cx));
        if polled.is_pending() && self.is_impatient(cx) {
            polled = self.watch.polling(|| returned.ask(true, cx));
        }
        let is_given = ready!(polled);
        self.patience = None;
        self.tell_answered(is_given);
        if !is_given {
            self.state = CallerState::Leader { ticket };
        }
        Poll::Ready(is_given)
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
