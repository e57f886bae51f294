//! What is in flight, for people to look at.

use std::time::Duration;

/// A flight, as [`Group::flights`](crate::Group::flights) and [`AnyGroup::flights`](crate::AnyGroup::flights)
/// list it.
///
/// With the feature `serde` it can be serialized, its age as serde does it: `{ "secs": .., "nanos": .. }`.
///
/// A flight that others wait for and that grows old is how a leader looks that is neither polled nor dropped. Nobody is
/// woken then who could say so; so have a task of yours look from time to time:
///
/// ```
/// use coalesced::groups;
/// use std::time::Duration;
///
/// fn warn_of_old_flights(limit: Duration) {
///     for group in groups() {
///         for flight in group.flights() {
///             if flight.followers > 0 && flight.age > Some(limit) {
///                 eprintln!("{}: {flight:?}", group.name());
///             }
///         }
///     }
/// }
/// # warn_of_old_flights(Duration::from_secs(30));
/// ```
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
