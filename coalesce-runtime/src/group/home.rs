//! Where a function finds its flights.

use std::{ops::Deref, sync::Arc};

use crate::{
    call::{
        across::{Across, Brief, Here, Lead as _},
        seat::Seat,
    },
    flight::map::FlightMap,
    group::{Group, function::Function, function_id::Instance, hidden::Hidden, registry::Registry},
    key::{Key, carry::Carry, show::Shown},
    sharing::Value,
};

/// Where a function finds its flights: in its hidden registry, or in a registry or group of the user's.
///
/// Nothing is asked of values here, so that one that can't be shared is refused where it is returned, and nowhere
/// else (`tests/ui/fail/return-*.rs`).
pub trait Home<K, V> {
    /// A handle to the flights.
    type Flights: Deref<Target = FlightMap<K>>;

    /// Where they go.
    type Across;

    /// Where they go.
    fn across(&self) -> &Self::Across;

    /// The name of the user's group, if it is one, and has one.
    fn group_name(&self) -> &'static str {
        ""
    }

    /// The flights of this function, whose keys are shown so.
    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights;

    /// The seat of a call of this function, which has not joined.
    fn outside<Q>(
        self,
        of: Instance,
        shown: Option<Shown>,
    ) -> Seat<Self::Flights, K, LeadOf<Self, K, V>, Q>
    where
        Self: Sized,
        Self::Across: Across<V>,
    {
        let flights = self.flights(of, shown);
        let body = match LeadOf::<Self, K, V>::HERE {
            true => "",
            false => of.body(),
        };
        let lead = self.across().lead(self.group_name(), flights.name(), body);
        Seat::outside(flights, lead, None)
    }

    /// The same, with a key that it takes along, or with which it has joined at once.
    fn seat<Q>(
        self,
        of: Instance,
        shown: Option<Shown>,
        key: Q,
    ) -> Seat<Self::Flights, K, LeadOf<Self, K, V>, Q::Carried>
    where
        Self: Sized,
        Self::Across: Across<V, Lead: Brief<Q>>,
        K: Send + Sync + 'static,
        Q: Key<K> + Carry,
    {
        let mut seat = self.outside(of, shown);
        match LeadOf::<Self, K, V>::HERE {
            true => seat.come_here(key),
            false => seat.come_across::<_, V>(key),
        }
        seat
    }
}

/// The lead of a call of a function with this home.
pub type LeadOf<G, K, V> = <<G as Home<K, V>>::Across as Across<V>>::Lead;

impl<K: Send + Sync + 'static, V> Home<K, V> for &'static Hidden {
    type Flights = &'static FlightMap<K>;
    type Across = Here;

    fn across(&self) -> &Here {
        &Here
    }

    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights {
        Hidden::flights::<K>(self, of, shown)
    }

    // One code for all types of value. Where calls are to be fast it is in its caller, which knows the function; where
    // builds are, it is not.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn seat<Q: Key<K> + Carry>(
        self,
        of: Instance,
        shown: Option<Shown>,
        key: Q,
    ) -> Seat<Self::Flights, K, LeadOf<Self, K, V>, Q::Carried> {
        Hidden::seat(self, of, shown, key)
    }
}

/// A group that lives for ever.
#[derive(Debug)]
pub struct Static<K: 'static, V: 'static, A: 'static = Here>(pub &'static Group<K, V, A>);

impl<K: Send + Sync + 'static, V, A> Home<K, V> for Static<K, V, A> {
    type Flights = &'static FlightMap<K>;
    type Across = A;

    fn across(&self) -> &A {
        &self.0.across
    }

    fn group_name(&self) -> &'static str {
        self.0.name.unwrap_or_default()
    }

    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights {
        self.0.flights_of(of, shown)
    }
}

/// A group that an argument owns, which the body may move.
#[derive(Debug)]
pub struct Owned<'g, K, V, A = Here>(pub &'g Group<K, V, A>);

impl<K: Send + Sync + 'static, V, A> Home<K, V> for Owned<'_, K, V, A> {
    type Flights = Arc<FlightMap<K>>;
    type Across = A;

    fn across(&self) -> &A {
        &self.0.across
    }

    fn group_name(&self) -> &'static str {
        self.0.name.unwrap_or_default()
    }

    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.flights_of(of, shown))
    }
}

/// A registry that lives for ever, and what the attribute says of the function.
#[derive(Debug)]
pub struct StaticRegistry<A: 'static = Here>(pub &'static Registry<A>, pub &'static Function);

impl<K: Send + Sync + 'static, V, A> Home<K, V> for StaticRegistry<A> {
    type Flights = &'static FlightMap<K>;
    type Across = A;

    fn across(&self) -> &A {
        &self.0.across
    }

    fn group_name(&self) -> &'static str {
        self.0.name.unwrap_or_default()
    }

    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights {
        self.0.group_of::<K>(of, self.1, shown).flights()
    }
}

/// The same for a registry that an argument owns, which the body may move.
#[derive(Debug)]
pub struct OwnedRegistry<'r, A = Here>(pub &'r Registry<A>, pub &'static Function);

impl<K: Send + Sync + 'static, V, A> Home<K, V> for OwnedRegistry<'_, A> {
    type Flights = Arc<FlightMap<K>>;
    type Across = A;

    fn across(&self) -> &A {
        &self.0.across
    }

    fn group_name(&self) -> &'static str {
        self.0.name.unwrap_or_default()
    }

    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.group_of::<K>(of, self.1, shown).flights())
    }
}

/// The calls by hand of a group, wherever they are: for a layer, whose services meet in one group.
#[derive(Debug)]
pub struct ByHand<'g, K, V, A = Here>(pub &'g Group<K, V, A>);

impl<K: Send + Sync + 'static, V: Value, A> Home<K, V> for ByHand<'_, K, V, A> {
    type Flights = Arc<FlightMap<K>>;
    type Across = A;

    fn across(&self) -> &A {
        &self.0.across
    }

    fn group_name(&self) -> &'static str {
        self.0.name.unwrap_or_default()
    }

    fn flights(&self, _: Instance, _: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.by_hand())
    }
}
