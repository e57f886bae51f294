//! All groups of the process.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use crate::{
    config::Config,
    watch::{in_flight::InFlight, stats::Stats},
};

/// Every group that has been used and not dropped, oldest first: those behind annotated functions, named
/// by the function's path, and those you own. A group that was never called is not there yet, and names
/// may repeat, where each instance of a type has a group of its own.
///
/// ```
/// use coalesced::Group;
///
/// static USERS: Group<u64, String> = Group::new().named("users");
///
/// assert_eq!(USERS.in_flight(), 0);
/// assert!(coalesced::groups().iter().any(|group| group.name() == "users"));
/// ```
#[must_use]
pub fn groups() -> Vec<AnyGroup> {
    /// Looked at under one lock, so that nobody's first call waits for long.
    const AT_ONCE: usize = 64;
    let mut groups = Vec::new();
    for start in (0..).step_by(AT_ONCE) {
        let all = all();
        let Some(places) = all.places.get(start..) else {
            break;
        };
        let groups_here = places.iter().take(AT_ONCE).flatten();
        groups.extend(groups_here.filter_map(Weak::upgrade).map(AnyGroup));
    }
    groups.sort_by_key(|group| group.0.number());
    groups
}

/// A group of any key and value type, as [`groups`] lists it.
#[derive(Clone)]
pub struct AnyGroup(Arc<dyn Listed>);

impl AnyGroup {
    /// The group's name: what it was given, or the path of its function, or its type.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
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

impl fmt::Debug for AnyGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyGroup")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

/// A group as the registry sees it.
pub(crate) trait Listed: Send + Sync {
    fn number(&self) -> u32;
    fn name(&self) -> &str;
    fn in_flight(&self) -> usize;
    fn flights(&self) -> Vec<InFlight<Option<String>>>;
    fn stats(&self) -> Stats;
    fn reset_stats(&self);
    fn forget_all(&self);
    fn config(&self) -> Config;
    fn set_config(&self, config: Config);
}

/// A group's place in the registry, left when it is dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    place: u32,
    /// How many were listed before it. Where it wraps, the order is another.
    number: u32,
}

impl Registration {
    pub(crate) fn new(group: Weak<dyn Listed>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        Self {
            place: all().insert(group),
            number: NUMBER.fetch_add(1, Relaxed),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // The group behind it is gone already: no code of the user's runs under the lock.
        all().remove(self.place);
    }
}

/// Places that are used again, so that a walk can be broken off and go on.
struct Registry {
    places: Vec<Option<Weak<dyn Listed>>>,
    free: Vec<u32>,
}

impl Registry {
    fn insert(&mut self, group: Weak<dyn Listed>) -> u32 {
        if let Some(place) = self.free.pop() {
            self.places[place as usize] = Some(group);
            return place;
        }
        self.places.push(Some(group));
        u32::try_from(self.places.len() - 1).expect("so many groups fit into no memory")
    }

    fn remove(&mut self, place: u32) {
        self.places[place as usize] = None;
        self.free.push(place);
    }
}

fn all() -> MutexGuard<'static, Registry> {
    static ALL: Mutex<Registry> = Mutex::new(Registry {
        places: Vec::new(),
        free: Vec::new(),
    });
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}
