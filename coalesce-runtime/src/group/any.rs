//! A group of any key and value type.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use crate::{
    config::Config,
    watch::{census::Census, in_flight::InFlight, stats::Stats},
};

/// A group of any key and value type, as [`groups`](crate::groups) lists it; there is an example.
#[derive(Clone)]
pub struct AnyGroup(pub(super) Arc<dyn Listed>);

impl AnyGroup {
    /// The group's name: what it was given, or the path of its function, or its type. Where instances have
    /// registries of their own, each has a group of this name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The name of the [`Registry`](crate::Registry) that it is in, if it is in one that has a name.
    #[must_use]
    pub fn registry(&self) -> Option<&str> {
        self.0.registry()
    }

    /// The number of flights in the air, forgotten ones too.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.in_flight()
    }

    /// What is in flight now, as [`Group::flights`](crate::Group::flights) lists it. Keys are written as their
    /// `Debug` does, where the keys of the annotated function have one; those of calls by hand are not known
    /// here.
    #[must_use]
    pub fn flights(&self) -> Vec<InFlight<Option<String>>> {
        self.0.flights()
    }

    /// What the group's calls did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// Makes the group forget all its flights, as [`Group::forget_all`](crate::Group::forget_all).
    pub fn forget_all(&self) {
        self.0.forget_all();
    }

    /// Counts from now on, as [`Group::reset_stats`](crate::Group::reset_stats).
    pub fn reset_stats(&self) {
        self.0.reset_stats();
    }

    /// The group's limits.
    #[must_use]
    pub fn config(&self) -> Config {
        self.0.config()
    }

    /// Changes the group's limits, as [`Group::set_config`](crate::Group::set_config).
    pub fn set_config(&self, config: Config) {
        self.0.set_config(config);
    }
}

// As a group is: what is guarded by a lock is whole whatever panics.
impl UnwindSafe for AnyGroup {}
impl RefUnwindSafe for AnyGroup {}

impl fmt::Debug for AnyGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyGroup")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// A group as the list of all groups sees it.
pub(crate) trait Listed: Send + Sync {
    fn number(&self) -> u32;
    fn name(&self) -> &str;
    fn registry(&self) -> Option<&str>;
    fn in_flight(&self) -> usize;
    fn flights(&self) -> Vec<InFlight<Option<String>>>;
    fn stats(&self) -> Stats;
    fn census(&self, census: &mut Census);
    fn reset_stats(&self);
    fn forget_all(&self);
    fn config(&self) -> Config;
    fn set_config(&self, config: Config);
}
