//! A flight and its landing, in one allocation, which is made with the first follower, or before, where there is
//! something to remember.
//!
//! The landing has many owners, who have a [`LandingShare`]. The flight has one, its entry in the map
//! ([`LazyFlight`](super::lazy::LazyFlight)), and dies with it; what both are in is kept by the last share.

use std::{
    mem::ManuallyDrop,
    ops::Deref,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use crate::{
    flight::{Flight, landing::Landing},
    sync::UnsafeCell,
};

pub(super) struct Pair {
    pub(super) landing: Landing,
    /// Its one owner's, in whose methods alone it is reached.
    pub(super) flight: UnsafeCell<ManuallyDrop<Flight>>,
}

// SAFETY: who has a share, and no more, can't come to the flight; its owner goes by its own borrows.
unsafe impl Sync for Pair
where
    Landing: Sync,
    Flight: Send + Sync,
{
}

// Whatever panics, what is in it is whole: no code of the user's runs while it is not.
impl UnwindSafe for Pair {}
impl RefUnwindSafe for Pair {}

impl Pair {
    pub(super) fn new(landing: Landing, flight: Flight) -> Arc<Self> {
        let flight = UnsafeCell::new(ManuallyDrop::new(flight));
        Arc::new(Self { landing, flight })
    }
}

/// A share of a landing.
#[derive(Clone)]
pub(crate) struct LandingShare(pub(super) Arc<Pair>);

impl LandingShare {
    /// The landing, if this is its last share.
    #[inline]
    pub(super) fn last(&mut self) -> Option<&mut Landing> {
        // Looked at first, since to make sure costs more.
        let is_last = Arc::strong_count(&self.0) == 1;
        let pair = is_last.then(|| Arc::get_mut(&mut self.0)).flatten()?;
        Some(&mut pair.landing)
    }
}

impl Deref for LandingShare {
    type Target = Landing;

    #[inline]
    fn deref(&self) -> &Landing {
        &self.0.landing
    }
}
