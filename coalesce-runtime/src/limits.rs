//! The limits of a group while calls read them.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

use once_cell::race::OnceBox;

use crate::config::Config;

/// The limits of a group, as its calls see them: a group that never had any pays for one look, and one that
/// has some reads them without a lock.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    set: OnceBox<Shared>,
}

/// A [`Config`] that is read while it is changed, limit by limit; none is the largest number.
#[derive(Debug)]
struct Shared {
    /// Whether there are any now.
    some: AtomicBool,
    enabled: AtomicBool,
    max_age: AtomicU64,
    max_wait: AtomicU64,
    max_followers: AtomicUsize,
    max_in_flight: AtomicUsize,
}

impl Limits {
    pub(crate) fn new(config: Config) -> Self {
        let limits = Self::default();
        limits.set(config);
        limits
    }

    #[inline]
    pub(crate) fn are_some(&self) -> bool {
        self.set.get().is_some_and(|set| set.some.load(Relaxed))
    }

    pub(crate) fn get(&self) -> Config {
        let Some(set) = self.set.get() else {
            return Config::new();
        };
        let duration = |nanos: &AtomicU64| {
            Some(nanos.load(Relaxed))
                .filter(|nanos| *nanos != u64::MAX)
                .map(Duration::from_nanos)
        };
        let number = |number: &AtomicUsize| {
            Some(number.load(Relaxed)).filter(|number| *number != usize::MAX)
        };
        Config {
            enabled: set.enabled.load(Relaxed),
            max_age: duration(&set.max_age),
            max_wait: duration(&set.max_wait),
            max_followers: number(&set.max_followers),
            max_in_flight: number(&set.max_in_flight),
        }
    }

    pub(crate) fn set(&self, config: Config) {
        let some = config != Config::new();
        if !some && self.set.get().is_none() {
            return;
        }
        let nanos = |duration: Option<Duration>| {
            duration
                .and_then(|duration| u64::try_from(duration.as_nanos()).ok())
                .unwrap_or(u64::MAX)
        };
        let set = self.set.get_or_init(|| Box::new(Shared::new()));
        set.enabled.store(config.enabled, Relaxed);
        set.max_age.store(nanos(config.max_age), Relaxed);
        set.max_wait.store(nanos(config.max_wait), Relaxed);
        let number = |number: Option<usize>| number.unwrap_or(usize::MAX);
        set.max_followers
            .store(number(config.max_followers), Relaxed);
        set.max_in_flight
            .store(number(config.max_in_flight), Relaxed);
        set.some.store(some, Relaxed);
    }
}

impl Shared {
    const fn new() -> Self {
        Self {
            some: AtomicBool::new(false),
            enabled: AtomicBool::new(true),
            max_age: AtomicU64::new(u64::MAX),
            max_wait: AtomicU64::new(u64::MAX),
            max_followers: AtomicUsize::new(usize::MAX),
            max_in_flight: AtomicUsize::new(usize::MAX),
        }
    }
}
