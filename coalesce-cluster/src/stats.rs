//! What a member has counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What the calls of this process came to in the cluster, since it started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Flights whose value another member's body gave: the bodies that were spared.
    pub elsewhere: u64,
    /// Flights that could not share with other members: a key, value or error that does not cross, or a frame that
    /// is not of this version. Their bodies ran here.
    pub unshared: u64,
    /// Flights that were coalesced in this process alone since the engine was away, or too slow.
    pub local: u64,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) elsewhere: Count,
    pub(crate) unshared: Count,
    pub(crate) local: Count,
}

impl Tally {
    pub(crate) fn stats(&self) -> Stats {
        Stats {
            elsewhere: self.elsewhere.0.load(Relaxed),
            unshared: self.unshared.0.load(Relaxed),
            local: self.local.0.load(Relaxed),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}
