//! What `#[coalesce(cluster = ..)]` makes of a cluster: where the flights of its function are, and by which codec its
//! values cross.
//!
//! A `Result` whose error can be serialized crosses whole, else its `Ok` alone. The compiler finds out which: the first
//! method that look-up finds wins, and these follow each other by their dereferences.

use std::{fmt, marker::PhantomData, ops::Deref};

use coalesce_runtime::{
    Registry,
    private::{ClusterOf, Function, Home, Instance, Shown, StaticRegistry},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Cluster, crossing::Crossing};
use crate::frame::{Crosses, OnlyOk, Whole};

/// Where the flights of one annotated function are.
#[derive(Debug)]
pub struct Annotated<C> {
    flights: StaticRegistry,
    crossing: Crossing<'static, C>,
}

impl<K: Send + Sync + 'static, V, C> Home<K, V> for Annotated<C> {
    type Flights = <StaticRegistry as Home<K, V>>::Flights;
    type Across = Crossing<'static, C>;

    fn across(&self) -> &Self::Across {
        &self.crossing
    }

    fn flights(&self, of: Instance, shown: Option<Shown>) -> Self::Flights {
        Home::<K, V>::flights(&self.flights, of, shown)
    }
}

impl Cluster {
    /// Where the flights are of the function with this path, of which the attribute says so much.
    #[doc(hidden)]
    pub fn coalesced_home<C>(
        &'static self,
        function: &'static Function,
        path: &'static str,
        _: By<C>,
    ) -> Annotated<C> {
        let name = function.name().unwrap_or(path);
        Annotated {
            flights: StaticRegistry(&self.calls, function),
            crossing: Crossing::unnamed(self).named(name).by(),
        }
    }

    /// Has the compiler look how values of this type cross.
    #[doc(hidden)]
    #[must_use]
    pub fn coalesced_probe<V>(&self) -> Probe<V> {
        Probe(ProbeOk(ProbeNone(PhantomData)))
    }

    /// The calls of annotated functions that name this cluster.
    #[must_use]
    pub fn calls(&self) -> &Registry {
        &self.calls
    }
}

impl ClusterOf for &'static Cluster {
    type Cluster = Cluster;

    fn cluster(self) -> Self {
        self
    }
}

impl ClusterOf for &&'static Cluster {
    type Cluster = Cluster;

    fn cluster(self) -> &'static Cluster {
        self
    }
}

/// A codec.
pub struct By<C>(PhantomData<fn() -> C>);

impl<C> By<C> {
    const NEW: Self = Self(PhantomData);
}

/// Whether a value crosses whole.
#[derive(Debug)]
pub struct Probe<V>(ProbeOk<V>);

/// Whether the `Ok` of a `Result` does.
#[derive(Debug)]
pub struct ProbeOk<V>(ProbeNone<V>);

/// It does not.
#[derive(Debug)]
pub struct ProbeNone<V>(PhantomData<fn() -> V>);

impl<V: Serialize + DeserializeOwned> Probe<V> {
    /// It does.
    #[must_use]
    pub fn coalesced_codec(&self) -> By<Whole> {
        By::NEW
    }
}

impl<T: Serialize + DeserializeOwned, E> ProbeOk<Result<T, E>> {
    /// It does.
    #[must_use]
    pub fn coalesced_codec(&self) -> By<OnlyOk> {
        By::NEW
    }
}

impl<V> ProbeNone<V> {
    /// Refuses it.
    #[must_use]
    pub fn coalesced_codec(&self) -> By<Whole>
    where
        V: Crosses,
    {
        By::NEW
    }
}

impl<V> Deref for Probe<V> {
    type Target = ProbeOk<V>;

    fn deref(&self) -> &ProbeOk<V> {
        &self.0
    }
}

impl<V> Deref for ProbeOk<V> {
    type Target = ProbeNone<V>;

    fn deref(&self) -> &ProbeNone<V> {
        &self.0
    }
}

impl<C> fmt::Debug for By<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("By")
    }
}
