//! What a flight ends with.

use std::any::Any;

use crate::panic::aside;

/// What the leader landed with.
#[derive(Debug)]
pub(crate) enum Outcome {
    Value(Shared),
    /// The message that each follower unwinds with.
    Panicked(String),
}

/// A value that belongs to all who waited for it. Whoever is the last to let go of it, perhaps while it unwinds:
/// a panic of the value's destructor is not its own.
#[derive(Debug)]
pub(crate) struct Shared(Option<Box<dyn Any + Send + Sync>>);

impl Shared {
    pub(crate) fn new<V: Send + Sync + 'static>(value: V) -> Self {
        Self(Some(Box::new(value)))
    }

    pub(crate) fn get<V: 'static>(&self) -> Option<&V> {
        self.0.as_ref()?.downcast_ref()
    }

    pub(crate) fn into_inner<V: 'static>(mut self) -> Option<V> {
        self.0.take()?.downcast().ok().map(|value| *value)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            aside(|| drop(value));
        }
    }
}
