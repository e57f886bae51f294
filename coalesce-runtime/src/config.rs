//! Limits of a group, which can be changed at run time.

use std::time::Duration;

/// Limits, each for a caller that meets it: none fails a call, and none makes a herd of the callers.
///
/// | limit | a caller that .. | then |
/// |---|---|---|
/// | [`max_age`](Self::max_age) | finds a flight older than this | opens a newer flight, which takes the key's place; those in the old one stay in it |
/// | [`max_followers`](Self::max_followers) | finds that many followers in the flight | the same |
/// | [`max_wait`](Self::max_wait) | has waited this long for one flight | joins the newer flight of its key if there is one, else opens it, and stays in that |
/// | [`max_in_flight`](Self::max_in_flight) | finds that many keys in flight, and not its own | runs alone, unshared; a key that is in flight is shared as ever |
/// | [`enabled(false)`](Self::enabled) | calls | runs alone |
///
/// ```
/// use coalesced::{Config, Group};
/// use std::time::Duration;
///
/// static USERS: Group<u64, String> = Group::new().with_config(LIMITS);
/// const LIMITS: Config = Config::new().max_age(Duration::from_millis(50)).max_followers(100);
///
/// USERS.set_config(Config::disabled()); // later calls see it
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    pub(crate) enabled: bool,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_wait: Option<Duration>,
    pub(crate) max_followers: Option<usize>,
    pub(crate) max_in_flight: Option<usize>,
}

impl Config {
    /// No limits.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            enabled: true,
            max_age: None,
            max_wait: None,
            max_followers: None,
            max_in_flight: None,
        }
    }

    /// 50 ms of age, 100 followers, 10,000 keys.
    #[must_use]
    pub const fn balanced() -> Self {
        Self::new()
            .max_age(Duration::from_millis(50))
            .max_followers(100)
            .max_in_flight(10_000)
    }

    /// 100 ms of age, 500 followers, 50,000 keys.
    #[must_use]
    pub const fn high_throughput() -> Self {
        Self::new()
            .max_age(Duration::from_millis(100))
            .max_followers(500)
            .max_in_flight(50_000)
    }

    /// 10 ms of age, 50 followers, 5,000 keys.
    #[must_use]
    pub const fn low_latency() -> Self {
        Self::new()
            .max_age(Duration::from_millis(10))
            .max_followers(50)
            .max_in_flight(5_000)
    }

    /// Every call runs alone.
    #[must_use]
    pub const fn disabled() -> Self {
        Self::new().enabled(false)
    }

    /// Whether calls share at all.
    #[must_use]
    pub const fn enabled(self, enabled: bool) -> Self {
        Self { enabled, ..self }
    }

    /// How old a flight may be that a call joins. One that was opened before this limit was set is as old as its first
    /// follower, or joined if it has none. Where there is no clock, as on `wasm32-unknown-unknown`, no flight is ever too old.
    ///
    /// # Panics
    ///
    /// If it is zero; at compile time in a `const` or `static`.
    #[must_use]
    pub const fn max_age(self, age: Duration) -> Self {
        assert!(
            !age.is_zero(),
            "`max_age` is zero; use `enabled(false)` to share nothing"
        );
        Self {
            max_age: Some(age),
            ..self
        }
    }

    /// How long a call waits for one flight. An async call under it needs a Tokio runtime with its time
    /// enabled, and panics without, whether or not it comes to wait. Threads need none.
    ///
    /// # Panics
    ///
    /// If it is zero; at compile time in a `const` or `static`.
    #[cfg(any(loom, feature = "time"))]
    #[must_use]
    pub const fn max_wait(self, wait: Duration) -> Self {
        assert!(
            !wait.is_zero(),
            "`max_wait` is zero; use `enabled(false)` to share nothing"
        );
        Self {
            max_wait: Some(wait),
            ..self
        }
    }

    /// How many callers may wait for one flight; those who left do not count.
    ///
    /// # Panics
    ///
    /// If it is zero; at compile time in a `const` or `static`.
    #[must_use]
    pub const fn max_followers(self, followers: usize) -> Self {
        assert!(
            followers > 0,
            "`max_followers` is zero; use `enabled(false)` to share nothing"
        );
        Self {
            max_followers: Some(followers),
            ..self
        }
    }

    /// How many flights of one function may be in the air. A key that is in flight is joined, or opened anew, all
    /// the same; callers that come at the very same moment may make it a few more, too.
    ///
    /// # Panics
    ///
    /// If it is zero; at compile time in a `const` or `static`.
    #[must_use]
    pub const fn max_in_flight(self, keys: usize) -> Self {
        assert!(
            keys > 0,
            "`max_in_flight` is zero; use `enabled(false)` to share nothing"
        );
        Self {
            max_in_flight: Some(keys),
            ..self
        }
    }
}

impl Config {
    /// Each limit of these, or else that of the others; a `disabled` of either.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            enabled: self.enabled && other.enabled,
            max_age: self.max_age.or(other.max_age),
            max_wait: self.max_wait.or(other.max_wait),
            max_followers: self.max_followers.or(other.max_followers),
            max_in_flight: self.max_in_flight.or(other.max_in_flight),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
