//! What is in flight, for people to look at.

use std::{fmt::Debug, time::Duration};

use crate::{
    clock::{Instant, now},
    flight::{id::AnyFlights, map::FlightMap},
    watch::{census::Census, in_flight::InFlight},
};

impl<K> AnyFlights for FlightMap<K> {
    fn name(&self) -> &'static str {
        Self::name(self)
    }

    fn census(&self, census: &mut Census) {
        Self::census(self, census);
    }

    fn is_displaced(&self, hash: u64, ticket: u64) -> bool {
        let mut shard = self.table.lock(hash);
        let floor = shard.marks.floor.get();
        let entry = shard.find(hash, |entry| entry.is(ticket));
        entry.is_some_and(|entry| {
            let elsewhere = entry.flight.elsewhere();
            !entry.can_be_joined(floor) || elsewhere.is_some_and(|it| !it.may_be_joined())
        })
    }
}

fn age((now, since): (Instant, Instant)) -> Duration {
    now.saturating_duration_since(since)
}

impl<K> FlightMap<K> {
    /// What is in flight, with what is made of its key under a shard's lock.
    pub(crate) fn in_the_air<T>(&self, of: impl Fn(&K) -> T) -> Vec<InFlight<T>> {
        let mut all = Vec::new();
        let now = now();
        for shard in self.table.shards() {
            let floor = shard.marks.floor.get();
            all.extend(shard.iter().map(|entry| InFlight {
                key: of(&entry.key),
                age: now.zip(entry.flight.since()).map(age),
                followers: entry.flight.followers(),
                displaced: !entry.can_be_joined(floor),
            }));
        }
        all
    }

    /// The same with keys as text, which is written under no lock.
    pub(crate) fn texts(&self) -> Vec<InFlight<Option<String>>>
    where
        K: 'static,
    {
        let keys = self.in_the_air(|key| self.shown.and_then(|shown| shown(key)));
        let text = |key: Option<Box<dyn Debug>>| key.map(|key| format!("{key:?}"));
        keys.into_iter().map(|flight| flight.map(text)).collect()
    }
}
