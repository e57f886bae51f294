//! All groups of the process.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::{config::Config, stats::Stats};

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
    all()
        .values()
        .filter_map(Weak::upgrade)
        .map(AnyGroup)
        .collect()
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

    /// What the group's calls did so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.stats()
    }

    /// Makes the group forget all its flights, as [`Group::forget_all`](crate::Group::forget_all).
    pub fn forget_all(&self) {
        self.0.forget_all();
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
    fn name(&self) -> &str;
    fn in_flight(&self) -> usize;
    fn stats(&self) -> Stats;
    fn forget_all(&self);
    fn set_config(&self, config: Config);
}

/// A group's place in the registry, left when it is dropped.
#[derive(Debug)]
pub(crate) struct Registration(u64);

impl Registration {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Relaxed))
    }

    pub(crate) fn list(&self, group: Weak<dyn Listed>) {
        all().insert(self.0, group);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // No user code runs under the lock: the group behind it is gone already.
        all().remove(&self.0);
    }
}

fn all() -> MutexGuard<'static, BTreeMap<u64, Weak<dyn Listed>>> {
    static ALL: Mutex<BTreeMap<u64, Weak<dyn Listed>>> = Mutex::new(BTreeMap::new());
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}
