//! Calls by hand: what an annotated function does, written out.

use std::future::Future;

use crate::{
    call::{
        Call,
        across::{Across, Brief},
        blocking,
        caller::Caller,
        max_wait::Driver,
        report::Report,
        seat::Seat,
        wish,
    },
    flight::map::FlightMap,
    group::Group,
    key::{Key, no_key::NoKey},
    sharing::{Value, Whole},
};

impl<K: Send + Sync + 'static, V: Value, A> Group<K, V, A> {
    /// Runs `body`, or waits for the flight of this key if there is one, and returns its value.
    ///
    /// The call starts when the future is first polled. `body` is polled only if this call comes to
    /// lead, so it should be an `async` block, which builds nothing before.
    ///
    /// A leader must be polled on, or dropped: while it is parked in a `select!` loop, a
    /// `FuturesUnordered` or a `buffer_unordered` that is not driven, its followers wait, for ever if it is
    /// one of them that the loop is waiting for. Spawn the call, or set
    /// [`max_wait`](crate::Config::max_wait).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future hurts no other caller: if it led, one of the followers takes over and
    /// runs its own body; if it was the last, the flight is gone.
    ///
    /// # Panics
    ///
    /// Unwinds with the panic of `body`. Callers that followed unwind with a message that carries
    /// its text. A body that comes to wait for its own flight, also through other groups, panics with a
    /// message that names the cycle; a cycle through two tasks, or two arms of one `join!`, is not seen.
    #[inline(always)] // Else the future is moved, by pieces that are larger than those it was made of.
    pub fn call<Q, F>(&self, key: Q, body: F) -> impl Future<Output = V>
    where
        Q: Key<K>,
        F: Future<Output = V>,
        A: Across<V, Lead: Brief<Q>>,
    {
        let flights: &FlightMap<K> = self.by_hand();
        let lead = self.lead(flights);
        let seat = Seat::outside(flights, lead, Some(key));
        Call::<_, _, Whole, _, _, _, _>::new(seat, V::clone, body)
    }

    /// [`call`](Self::call) for threads: `body` runs on this one, or the thread sleeps until the value of
    /// another's is there. A group may be used by both.
    ///
    /// ```
    /// # use coalesced::Group;
    /// static USERS: Group<u64, String> = Group::new();
    ///
    /// assert_eq!(USERS.call_blocking(7, || "user 7".to_owned()), "user 7");
    /// ```
    ///
    /// # Panics
    ///
    /// As [`call`](Self::call); and on a thread that drives a Tokio runtime, as Tokio's own blocking
    /// functions do, if a feature that uses Tokio is on. Threads of `spawn_blocking` are fine. Unlike
    /// `call`, it needs no runtime for [`max_wait`](crate::Config::max_wait).
    #[track_caller]
    pub fn call_blocking<Q>(&self, key: Q, body: impl FnOnce() -> V) -> V
    where
        Q: Key<K>,
        A: Across<V, Lead: Brief<Q> + Brief<NoKey>>,
    {
        let flights: &FlightMap<K> = self.by_hand();
        blocking::refuse_runtime(flights.name());
        let mut lead = self.lead(flights);
        let mut caller = Caller::outside(flights);
        caller.join::<Q, V, _>(&key, Driver::Thread, &mut lead);
        let seat = Seat::joined(caller, lead);
        blocking::drive::<_, Whole, _, _, _>(seat, V::clone, body)
    }

    /// [`call`](Self::call) that joins no flight: it opens a new one, which takes the key's place. For
    /// reading one's own write; see [`fresh`](crate::fresh()).
    pub fn fresh<Q, F>(&self, key: Q, body: F) -> impl Future<Output = V>
    where
        Q: Key<K>,
        F: Future<Output = V>,
        A: Across<V, Lead: Brief<Q>>,
    {
        wish::fresh(self.call(key, body))
    }

    /// [`call`](Self::call) that shares with nobody; see [`alone`](crate::alone()).
    pub fn alone<Q, F>(&self, key: Q, body: F) -> impl Future<Output = V>
    where
        Q: Key<K>,
        F: Future<Output = V>,
        A: Across<V, Lead: Brief<Q>>,
    {
        wish::alone(self.call(key, body))
    }

    /// [`call`](Self::call) that tells what it was; see [`observe`](crate::observe()).
    pub fn observe<Q, F>(&self, key: Q, body: F) -> impl Future<Output = (V, Option<Report>)>
    where
        Q: Key<K>,
        F: Future<Output = V>,
        A: Across<V, Lead: Brief<Q>>,
    {
        wish::observe(self.call(key, body))
    }
}

/// Gives its table of the calls by hand more shards, as a crowd would.
#[cfg(loom)]
pub fn grow<K: Send + Sync + 'static, V: Value>(group: &Group<K, V>) {
    group.by_hand().grow();
}
