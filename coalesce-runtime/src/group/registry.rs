//! The hidden registry of one annotated function.

use std::{any::Any, sync::Arc};

use crate::{
    config::Config,
    flight::map::FlightMap,
    group::{
        core::Core,
        function_id::{FunctionId, function_name},
        per_function::PerFunction,
    },
    key::show::Shown,
};

/// The hidden registry of one annotated function: a group for each of its instantiations.
#[derive(Debug, Default)]
pub struct Registry {
    name: Option<&'static str>,
    config: Config,
    groups: PerFunction<Box<dyn Any + Send + Sync>>,
}

impl Registry {
    /// Groups named by their function's path, without limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            name: None,
            config: Config::new(),
            groups: PerFunction::new(),
        }
    }

    /// Groups named so.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// Groups with these limits.
    #[must_use]
    pub const fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    pub(super) fn flights<K: Send + Sync + 'static, F>(
        &self,
        shown: Option<Shown>,
    ) -> &FlightMap<K> {
        let function = FunctionId::of::<F>();
        let hidden = self.groups.get_or_init(function, &|| {
            self.hidden::<K>(function, function_name::<F>, shown)
        });
        match hidden.downcast_ref::<Hidden<K>>() {
            Some(hidden) => &hidden.flights,
            None => unreachable!("one function has one type of key"),
        }
    }

    fn hidden<K: Send + Sync + 'static>(
        &self,
        function: FunctionId,
        name: fn() -> &'static str,
        shown: Option<Shown>,
    ) -> Box<dyn Any + Send + Sync> {
        let core = Core::<K>::listed(self.name.unwrap_or_else(name), self.config);
        let flights = Arc::clone(core.flights_of(function, || "", shown));
        Box::new(Hidden { core, flights })
    }
}

/// The group of one function, and what is found in it.
struct Hidden<K> {
    #[expect(dead_code, reason = "it is listed while it is here")]
    core: Arc<Core<K>>,
    flights: Arc<FlightMap<K>>,
}
