//! What a member has counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::meter;

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
    elsewhere: AtomicU64,
    unshared: AtomicU64,
    local: AtomicU64,
}

impl Tally {
    /// The runtime reports it, as its own event.
    pub(crate) fn elsewhere(&self) {
        self.elsewhere.fetch_add(1, Relaxed);
    }

    pub(crate) fn unshared(&self, function: &'static str) {
        self.unshared.fetch_add(1, Relaxed);
        meter::unshared(function);
    }

    pub(crate) fn local(&self, function: &'static str) {
        self.local.fetch_add(1, Relaxed);
        meter::local(function);
    }

    pub(crate) fn stats(&self) -> Stats {
        Stats {
            elsewhere: self.elsewhere.load(Relaxed),
            unshared: self.unshared.load(Relaxed),
            local: self.local.load(Relaxed),
        }
    }
}
