//! The group of one function, in a list of groups whose keys are of other types.

use std::{any::Any, fmt, sync::Arc};

use crate::{
    config::Config,
    flight::map::FlightMap,
    group::{any::Listed, core::Core, function_id::Instance},
    key::show::Shown,
};

/// The group of one function, of any type of key.
pub(super) struct Single {
    /// It is listed while it is here.
    pub(super) group: Arc<dyn Listed>,
    /// Its `Arc<FlightMap<K>>`; in a box, since what is behind an `Arc<dyn Any>` is farther to find.
    flights: Box<dyn Any + Send + Sync>,
}

impl Single {
    pub(super) fn new<K: Send + Sync + 'static>(
        name: &'static str,
        registry: Option<&'static str>,
        config: Config,
        shown: Option<Shown>,
    ) -> Self {
        let core = Core::<K>::listed(name, registry, config);
        let flights = core.flights_of(const { Instance::of::<Self>() }, "", shown);
        Self {
            flights: Box::new(Arc::clone(flights)),
            group: core,
        }
    }

    #[inline]
    pub(super) fn flights<K: Send + Sync + 'static>(&self) -> &Arc<FlightMap<K>> {
        match self.flights.downcast_ref() {
            Some(flights) => flights,
            None => unreachable!("one function has one type of key"),
        }
    }
}

impl fmt::Debug for Single {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Single").field(&self.group.name()).finish()
    }
}
