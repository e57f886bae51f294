//! The bytes that the fetches of a layer may keep together.
//!
//! A fetch takes what it keeps, and gives it back when its readers have had it. Who takes may be refused, and
//! then keeps no more than it must to go on. That much is taken in any case, so the budget can be overdrawn, by
//! one frame for each fetch: what the service made, and would have made without the layer.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    taken: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            taken: AtomicUsize::new(0),
        }
    }

    /// Takes so many bytes; says whether there were so many left.
    pub(crate) fn take(&self, bytes: usize) -> bool {
        let before = self.taken.fetch_add(bytes, Relaxed);
        before.saturating_add(bytes) <= self.limit
    }

    pub(crate) fn give(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Relaxed);
    }

    /// Whether nothing is left.
    pub(crate) fn is_spent(&self) -> bool {
        self.taken() >= self.limit
    }

    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Relaxed)
    }
}
