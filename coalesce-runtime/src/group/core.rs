//! What the handles of a group share.

use std::sync::{Arc, Weak};

use crate::{
    config::Config,
    flight::map::FlightMap,
    group::{all::Registration, any::Listed, function_id::FunctionId, per_function::PerFunction},
    key::show::Shown,
    limits::Limits,
    watch::{counters::Baseline, in_flight::InFlight, stats::Stats},
};

/// What the clones of a group share.
pub(crate) struct Core<K> {
    pub(super) name: &'static str,
    registry: Option<&'static str>,
    pub(super) limits: Arc<Limits>,
    pub(super) flights: PerFunction<Arc<FlightMap<K>>>,
    baseline: Baseline,
    registration: Registration,
}

impl<K: Send + Sync + 'static> Core<K> {
    /// A group that [`groups`](crate::groups) lists as long as it is there.
    pub(super) fn listed(
        name: &'static str,
        registry: Option<&'static str>,
        config: Config,
    ) -> Arc<Self> {
        Arc::new_cyclic(|core: &Weak<Self>| Self {
            name,
            registry,
            limits: Arc::new(Limits::new(config)),
            flights: PerFunction::new(),
            baseline: Baseline::default(),
            registration: Registration::new(Weak::clone(core) as _),
        })
    }
}

impl<K> Core<K> {
    /// What was ever counted.
    fn counted(&self) -> Stats {
        let mut stats = Stats::default();
        self.flights
            .for_each(&mut |flights| flights.add_to(&mut stats));
        stats
    }

    /// The flights of this function, which is called so (or as the group), and whose keys are shown so.
    pub(crate) fn flights_of(
        &self,
        id: FunctionId,
        name: fn() -> &'static str,
        shown: Option<Shown>,
    ) -> &Arc<FlightMap<K>> {
        self.flights.get_or_init(id, &|| {
            let name = Some(name()).filter(|name| !name.is_empty());
            let name = name.unwrap_or(self.name);
            Arc::new(FlightMap::new(name, shown, Arc::clone(&self.limits)))
        })
    }
}

impl<K: Send + Sync + 'static> Listed for Core<K> {
    fn number(&self) -> u32 {
        self.registration.number()
    }

    fn name(&self) -> &str {
        self.name
    }

    fn registry(&self) -> Option<&str> {
        self.registry
    }

    fn in_flight(&self) -> usize {
        let mut in_flight = 0;
        self.flights
            .for_each(&mut |flights| in_flight += flights.in_flight());
        in_flight
    }

    fn flights(&self) -> Vec<InFlight<Option<String>>> {
        let mut all = Vec::new();
        self.flights
            .for_each(&mut |flights| all.extend(flights.texts()));
        all
    }

    fn stats(&self) -> Stats {
        self.baseline.since(|| self.counted())
    }

    fn reset_stats(&self) {
        self.baseline.reset(|| self.counted());
    }

    fn forget_all(&self) {
        self.flights.for_each(&mut |flights| flights.forget_all());
    }

    fn config(&self) -> Config {
        self.limits.get()
    }

    fn set_config(&self, config: Config) {
        self.limits.set(config);
    }
}
