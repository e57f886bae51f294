//! Many functions whose flights cross, each by its own name.

use std::{fmt, time::Duration};

use coalesce_runtime::private::across::Across;

use super::{Cluster, crossing::Crossing, function::Function, lead::Lead};
use crate::frame::{Codec, OnlyOk, Whole};

/// Where the flights of the functions of a registry go, each by its own name: the one that its attribute gives it, or
/// its path. Made by [`Cluster::functions`].
pub struct Functions<'c, C = Whole>(Crossing<'c, C>);

impl<'c> Functions<'c> {
    pub(crate) const fn new(cluster: &'c Cluster) -> Self {
        Self(Crossing::unnamed(cluster))
    }

    /// As [`Crossing::only_ok`], for all of them.
    #[must_use]
    pub const fn only_ok(self) -> Functions<'c, OnlyOk> {
        Functions(self.0.only_ok())
    }
}

impl<'c, C> Functions<'c, C> {
    /// As [`Crossing::max_hold`], for each of them.
    #[must_use]
    pub const fn max_hold(self, time: Duration) -> Self {
        Self(self.0.max_hold(time))
    }

    /// The function of this name.
    pub(crate) const fn of(&self, function: &'static str) -> Crossing<'c, C> {
        self.0.named(function)
    }
}

impl<'c, V, C: Codec<V>> Across<V> for Functions<'c, C> {
    type Lead = Lead<'c, V, C>;

    fn lead(&self, _: &'static str, function: &'static str, body: &'static str) -> Self::Lead {
        Lead::new(self.of(function), Function::new(function, body))
    }
}

impl<C> Clone for Functions<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Functions<'_, C> {}

impl<C> fmt::Debug for Functions<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Functions").field(&self.0).finish()
    }
}
