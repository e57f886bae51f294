//! Where a function finds its flights.

use std::{ops::Deref, sync::Arc};

use crate::{
    call::across::Here,
    flight::map::FlightMap,
    group::{Group, function::Function, hidden::Hidden, registry::Registry},
    key::show::Shown,
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

    /// The flights of the function with the body `F`, whose keys are shown so.
    fn flights<F>(&self, shown: Option<Shown>) -> Self::Flights;
}

impl<K: Send + Sync + 'static, V> Home<K, V> for &'static Hidden {
    type Flights = &'static FlightMap<K>;
    type Across = Here;

    fn across(&self) -> &Here {
        &Here
    }

    fn flights<F>(&self, shown: Option<Shown>) -> Self::Flights {
        Hidden::flights::<K, F>(self, shown)
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

    fn flights<F>(&self, shown: Option<Shown>) -> Self::Flights {
        self.0.flights_of::<F>(shown)
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

    fn flights<F>(&self, shown: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.flights_of::<F>(shown))
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

    fn flights<F>(&self, shown: Option<Shown>) -> Self::Flights {
        self.0.group_of::<K, F>(self.1, shown).flights()
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

    fn flights<F>(&self, shown: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.group_of::<K, F>(self.1, shown).flights())
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

    fn flights<F>(&self, _: Option<Shown>) -> Self::Flights {
        Arc::clone(self.0.by_hand())
    }
}
