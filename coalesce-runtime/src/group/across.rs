//! A group whose flights go across to other servers: how it is made, and what is forgotten in all of them.

use std::{marker::PhantomData, mem};

use once_cell::sync::OnceCell;

use crate::{
    call::across::{Across, Brief, Lead},
    flight::map::FlightMap,
    group::Group,
    key::Key,
};

impl<K, V> Group<K, V> {
    /// The same group, whose flights go across to other servers: where `across` of a cluster says (feature `cluster`).
    /// To be called before its first use.
    ///
    /// # Panics
    ///
    /// If it has no name, which other servers know it by; at compile time in a `const` or `static`.
    #[must_use]
    pub const fn across<A: Across<V>>(self, across: A) -> Group<K, V, A> {
        assert!(
            self.name.is_some(),
            "a group that goes across to other servers needs a name: `.named(..)` before `.across(..)`"
        );
        let (name, config, hides_keys) = (self.name, self.config, self.hides_keys);
        // It has no core yet, and a constant can't drop.
        mem::forget(self);
        Group {
            name,
            across,
            config,
            hides_keys,
            core: OnceCell::new(),
            values: PhantomData,
        }
    }
}

impl<K: Send + Sync + 'static, V: Send + Sync + 'static, A> Group<K, V, A> {
    /// Lets no later call join the flight of this key, and says whether there was one: the next
    /// call runs anew, as after a write (and its commit) that the flight may not have seen. Those who wait for the
    /// old flight still get its value. Like Go's `Forget`.
    ///
    /// ```
    /// # use coalesced::Group;
    /// # static USERS: Group<String, String> = Group::new();
    /// assert!(!USERS.forget("nobody is looking this up"));
    /// ```
    pub fn forget<Q: Key<K>>(&self, key: Q) -> bool
    where
        A: Across<V, Lead: Brief<Q>>,
    {
        let mut forgot = false;
        if !<A::Lead as Lead<V>>::HERE {
            // Elsewhere it may be in flight also where nobody here has called by hand.
            self.by_hand();
        }
        self.core().for_each(&mut |flights| {
            if !<A::Lead as Lead<V>>::HERE {
                self.lead(flights).forget(&key);
            }
            forgot |= flights.forget(&key);
        });
        forgot
    }
}

impl<K: Send + Sync + 'static, V, A> Group<K, V, A> {
    /// The part of a call elsewhere.
    pub(crate) fn lead(&self, flights: &FlightMap<K>) -> A::Lead
    where
        A: Across<V>,
    {
        self.across
            .lead(self.name.unwrap_or_default(), flights.name(), "")
    }
}
