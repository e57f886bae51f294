//! What a flight keeps of itself elsewhere, where it goes across to other servers (`call/across.rs`).

use std::{any::Any, fmt, sync::Arc};

use crate::{
    flight::{
        caller_state::CallerState,
        map::{Entry, FlightMap},
    },
    key::Key,
    watch::counters::Event,
};

/// What a flight keeps of itself elsewhere.
pub trait Elsewhere: fmt::Debug + Send + Sync {
    /// Whether a newcomer may join the flight. Asked under a lock of the group's: it must be quick, and call nothing
    /// of it.
    fn may_be_joined(&self) -> bool;

    /// The same for a newer flight of the same key.
    fn newer(&self) -> Arc<dyn Elsewhere>;

    /// For who made it.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<K> FlightMap<K> {
    /// What the flight with this ticket keeps.
    pub(crate) fn elsewhere(&self, hash: u64, ticket: u64) -> Option<Arc<dyn Elsewhere>> {
        let mut shard = self.table.lock(hash);
        let entry = shard.find(hash, |entry| entry.is(ticket))?;
        entry.flight.elsewhere().map(Arc::clone)
    }

    /// The flight with this ticket, which its leader leads, goes across.
    pub(crate) fn goes_across(&self, hash: u64, ticket: u64, elsewhere: Arc<dyn Elsewhere>) {
        let mut shard = self.table.lock(hash);
        let entry = shard.find(hash, |entry| entry.is(ticket));
        let landing = entry.map(|entry| entry.flight.share());
        drop(shard);
        if let Some(landing) = landing {
            landing.goes_across(elsewhere);
        }
    }

    /// Whether this key has an older flight, which was displaced here: not by other servers, nor because they were
    /// not heard of.
    pub(crate) fn has_older<Q: Key<K>>(&self, hash: u64, key: &Q, ticket: u64) -> bool {
        let is_older = |entry: &Entry<K>| {
            let elsewhere = entry.flight.elsewhere();
            let may_be_joined = || elsewhere.is_none_or(|it| it.may_be_joined());
            !entry.is(ticket) && key.matches(&entry.key) && may_be_joined()
        };
        self.table.lock(hash).find(hash, is_older).is_some()
    }

    /// Who has waited long enough for a flight that keeps this may lead a newer one: it goes across as well.
    pub(crate) fn lead_newer_elsewhere(
        &self,
        hash: u64,
        of: &Arc<dyn Elsewhere>,
        state: &mut CallerState,
    ) {
        if let CallerState::Leader { ticket } = *state {
            *state = CallerState::Elsewhere {
                ticket,
                told: false,
            };
            if self.elsewhere(hash, ticket).is_none() {
                self.goes_across(hash, ticket, of.newer());
            }
        }
    }

    /// A leader's body did not run, since another server's did, or was waited for.
    pub(crate) fn ran_elsewhere(&self) {
        self.count(Event::Elsewhere);
    }
}
