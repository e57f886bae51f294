//! How the shop's writes asked to forget what they outdate, by its own count.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

#[derive(Debug, Default)]
pub(crate) struct Writes {
    forgot: AtomicU64,
    in_flight: AtomicU64,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Written {
    forgot: u64,
    /// So many of them found it in flight.
    in_flight: u64,
}

impl Writes {
    pub(crate) fn count(&self, was_in_flight: bool) {
        self.forgot.fetch_add(1, Relaxed);
        self.in_flight.fetch_add(was_in_flight.into(), Relaxed);
    }

    pub(crate) fn so_far(&self) -> Written {
        Written {
            forgot: self.forgot.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
        }
    }
}
