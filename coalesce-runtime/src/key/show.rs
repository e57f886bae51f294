//! How keys are shown to people, if they can be.

use std::{any::Any, fmt::Debug, marker::PhantomData, ops::Deref};

use crate::key::Owning;

/// How a key that is behind a lock is shown: it is copied there, and written elsewhere. `None` for a key of
/// another type.
pub type Shown = fn(&dyn Any) -> Option<Box<dyn Debug>>;

/// Looks whether keys can be shown. As with [`Probe`](crate::key::argument::Probe), the first method that look-up
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
