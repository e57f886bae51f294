//! What is in flight, for people to look at.

use std::{any::Any, fmt::Debug, marker::PhantomData, ops::Deref, time::Duration};

use crate::key::Owning;

/// A flight, as [`Group::flights`](crate::Group::flights) and [`AnyGroup::flights`](crate::AnyGroup::flights)
/// list it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InFlight<K> {
    /// What it is a flight of.
    pub key: K,
    /// How long it has been in the air, as far as that is known: since it was opened, where the group has a
    /// [`max_age`](crate::Config::max_age) or a feature takes the time anyway; else since its first
    /// follower came. `None`: nobody ever followed it.
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

/// How a key that is behind a lock is shown: it is copied there, and written elsewhere. `None` for a key of
/// another type.
pub type Shown = fn(&dyn Any) -> Option<Box<dyn Debug>>;

/// Looks whether keys can be shown. As with [`Probe`](crate::probe::Probe), the first method that look-up
/// finds wins.
#[derive(Debug)]
pub struct Show<'a, Q>(ShowNot<'a, Q>);

/// The second look of [`Show`].
#[derive(Debug)]
pub struct ShowNot<'a, Q>(PhantomData<&'a Q>);

impl<'a, Q> Show<'a, Q> {
    /// Looks at this key.
    pub fn new(_: &'a Q) -> Self {
        Self(ShowNot(PhantomData))
    }
}

impl<'a, Q> Deref for Show<'a, Q> {
    type Target = ShowNot<'a, Q>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<Q: Owning<Owned: Clone + Debug + 'static>> Show<'_, Q> {
    /// How such keys are shown.
    #[must_use]
    pub fn coalesced_show(&self) -> Option<Shown> {
        Some(|key| {
            let key = key.downcast_ref::<Q::Owned>()?;
            Some(Box::new(key.clone()))
        })
    }
}

impl<Q> ShowNot<'_, Q> {
    /// Such keys are not shown.
    #[must_use]
    pub fn coalesced_show(&self) -> Option<Shown> {
        None
    }
}
