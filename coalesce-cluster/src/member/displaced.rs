//! That no newcomer may join a local flight any more: a mark that the flight and the member share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

#[derive(Debug, Clone, Default)]
pub(crate) struct Displaced(Arc<AtomicBool>);

impl Displaced {
    pub(crate) fn set(&self) {
        self.0.store(true, Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Relaxed)
    }
}
