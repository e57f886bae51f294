//! A value that knows whose it is.

use super::{mischief::*, world::Tally};
use std::sync::{Arc, atomic::AtomicU64};

/// The body that a value is from.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) function: usize,
    pub(super) key: usize,
    /// The caller that ran it.
    pub(super) caller: u64,
    /// When it started.
    pub(super) started: u64,
    /// When a caller was first seen to have its value.
    pub(super) seen: AtomicU64,
}

pub(super) struct Value {
    pub(super) origin: Arc<Origin>,
    tally: Arc<Tally>,
}

impl Value {
    pub(super) fn new(origin: &Arc<Origin>, tally: &Arc<Tally>) -> Self {
        tally.values.enter();
        Self {
            origin: Arc::clone(origin),
            tally: Arc::clone(tally),
        }
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        strike(Mischief::Some, 32);
        Self::new(&self.origin, &self.tally)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.tally.values.leave();
        strike(Mischief::Some, 16);
    }
}

/// What bodies return; both are counted, and know where they come from.
pub(super) type Outcome = Result<Value, Value>;
