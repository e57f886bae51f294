//! What is in flight, for people to look at.

use std::time::Duration;

/// A flight, as [`Group::flights`](crate::Group::flights) and [`AnyGroup::flights`](crate::AnyGroup::flights)
/// list it. With the feature `serde` it can be serialized, its age as serde does it: `{ "secs": .., "nanos": .. }`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct InFlight<K> {
    /// What it is a flight of.
    pub key: K,
    /// How long it has been in the air, as far as that is known: since it was opened, where the group has a
    /// [`max_age`](crate::Config::max_age) or a feature takes the time anyway; else since its first
    /// follower came. `None`: nobody ever followed it, or there is no clock.
    pub age: Option<Duration>,
    /// How many callers wait for it now.
    pub followers: usize,
    /// Whether it was forgotten, or displaced by a newer flight: no later caller joins it.
    pub displaced: bool,
}

impl<K> InFlight<K> {
    pub(crate) fn map<T>(self, map: impl FnOnce(K) -> T) -> InFlight<T> {
        InFlight {
            key: map(self.key),
            age: self.age,
            followers: self.followers,
            displaced: self.displaced,
        }
    }
}
