//! What a call is but for its body and what it returns: of one type, and one code, for all functions with one type of
//! key.

use std::{fmt, ops::Deref};

use crate::{
    call::{
        across::{Brief, Lead},
        caller::Caller,
        max_wait::Driver,
    },
    flight::map::FlightMap,
    key::{Key, carry::Carry},
};

/// What a call is but for its body. It is dropped in this order.
pub struct Seat<H: Deref<Target = FlightMap<K>>, K, L, Q> {
    pub(crate) lead: L,
    pub(crate) caller: Caller<H, K>,
    /// With which it is to join.
    pub(crate) key: Option<Q>,
}

impl<H: Deref<Target = FlightMap<K>>, K: Send + Sync + 'static, L, Q> Seat<H, K, L, Q> {
    /// Takes the key along, or, if that can't be, joins at once.
    #[inline]
    pub(crate) fn come_here<P: Key<K> + Carry<Carried = Q>>(&mut self, key: P) {
        match key.carry() {
            Ok(key) => self.key = Some(key),
            Err(key) => self.caller.join_here(&key, Driver::Task, None),
        }
    }

    /// The same in a group that is not for this process alone.
    pub(crate) fn come_across<P, V>(&mut self, key: P)
    where
        P: Key<K> + Carry<Carried = Q>,
        L: Lead<V> + Brief<P>,
    {
        match key.carry() {
            Ok(key) => self.key = Some(key),
            Err(key) => {
                self.caller
                    .join_across(&key, Driver::Task, &mut self.lead, None);
            }
        }
    }
}

impl<H: Deref<Target = FlightMap<K>>, K, L, Q> Seat<H, K, L, Q> {
    /// Of a call that has not joined.
    #[inline]
    pub(crate) fn outside(flights: H, lead: L, key: Option<Q>) -> Self {
        Self {
            lead,
            caller: Caller::outside(flights),
            key,
        }
    }

    /// Of a call that has joined.
    pub(crate) fn joined(caller: Caller<H, K>, lead: L) -> Self {
        Self {
            lead,
            caller,
            key: None,
        }
    }
}

impl<H: Deref<Target = FlightMap<K>>, K, L, Q> fmt::Debug for Seat<H, K, L, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.caller.fmt(f)
    }
}
