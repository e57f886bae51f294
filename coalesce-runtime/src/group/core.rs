//! What the handles of a group share.

use std::sync::{Arc, Weak};

use once_cell::race::OnceBox;

use crate::{
    config::Config,
    flight::map::FlightMap,
    group::{
        all::Registration,
        any::Listed,
        function_id::{Instance, function_name},
        idle::OfGroup,
        per_function::{PerFunction, Twice},
    },
    key::show::Shown,
    limits::Limits,
    watch::{census::Census, counters::Baseline, in_flight::InFlight, stats::Stats},
};

/// What the clones of a group share.
pub(crate) struct Core<K> {
    pub(super) name: &'static str,
    pub(super) limits: Arc<Limits>,
    flights: PerFunction<OfGroup<K>, Twice>,
    seldom: OnceBox<Seldom>,
    registration: Registration,
}

/// What few groups have: most are to be small.
#[derive(Debug, Default)]
struct Seldom {
    /// The name of its registry.
    registry: Option<&'static str>,
    baseline: Baseline,
}

impl<K: Send + Sync + 'static> Core<K> {
    /// A group that [`groups`](crate::groups) lists as long as it is there.
    pub(super) fn listed(
        name: &'static str,
        registry: Option<&'static str>,
        config: Config,
    ) -> Arc<Self> {
        let seldom = OnceBox::new();
        if registry.is_some() {
            let baseline = Baseline::default();
            seldom.get_or_init(|| Box::new(Seldom { registry, baseline }));
        }
        Arc::new_cyclic(|core: &Weak<Self>| Self {
            name,
            limits: Arc::new(Limits::new(config)),
            flights: PerFunction::new(),
            seldom,
            registration: Registration::new(Weak::clone(core) as _),
        })
    }
}

impl<K> Core<K> {
    /// What was ever counted.
    fn counted(&self) -> Stats {
        let mut stats = Stats::default();
        self.for_each(&mut |flights| flights.add_to(&mut stats));
        stats
    }

    /// The flights of each of its functions.
    pub(super) fn for_each<'c>(&'c self, each: &mut dyn FnMut(&'c FlightMap<K>)) {
        self.flights.for_each(&mut |of| each(&of.flights));
    }
}

impl<K: Send + Sync + 'static> Core<K> {
    /// The flights of this function, whose body is called so (or as the group), and whose keys are shown so.
    pub(crate) fn flights_of(
        &self,
        of: Instance,
        body: &'static str,
        shown: Option<Shown>,
    ) -> &Arc<FlightMap<K>> {
        let of = self.flights.get_or_init(of.id(), &|| {
            let name = Some(function_name(body)).filter(|name| !name.is_empty());
            let name = name.unwrap_or(self.name);
            OfGroup::new(FlightMap::new(name, shown, Arc::clone(&self.limits)))
        });
        &of.flights
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
        self.seldom.get()?.registry
    }

    fn in_flight(&self) -> usize {
        let mut in_flight = 0;
        self.for_each(&mut |flights| in_flight += flights.in_flight());
        in_flight
    }

    fn flights(&self) -> Vec<InFlight<Option<String>>> {
        let mut all = Vec::new();
        self.for_each(&mut |flights| all.extend(flights.texts()));
        all
    }

    fn census(&self, census: &mut Census) {
        self.for_each(&mut |flights| flights.census(census));
    }

    fn stats(&self) -> Stats {
        match self.seldom.get() {
            Some(seldom) => seldom.baseline.since(|| self.counted()),
            None => Baseline::default().since(|| self.counted()),
        }
    }

    fn reset_stats(&self) {
        let seldom = self.seldom.get_or_init(Box::default);
        seldom.baseline.reset(|| self.counted());
    }

    fn forget_all(&self) {
        self.for_each(&mut |flights| flights.forget_all());
    }

    fn config(&self) -> Config {
        self.limits.get()
    }

    fn set_config(&self, config: Config) {
        self.limits.set(config);
    }
}
