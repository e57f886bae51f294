//! What a flight ends with.

use std::any::Any;

use crate::{panic::aside, sharing::Kept};

/// What the leader landed with.
#[derive(Debug)]
pub(crate) enum Outcome {
    Value(Shared),
    /// The message that each follower unwinds with.
    Panicked(String),
}

/// A value, or a key, that belongs to all who waited for it. Whoever is the last to let go of it, perhaps while it
/// unwinds: a panic of its destructor is not its own.
#[derive(Debug)]
pub(crate) struct Shared(Option<Kept>);

impl Shared {
    pub(crate) fn new(value: Kept) -> Self {
        Self(Some(value))
    }

    #[inline]
    pub(crate) fn get(&self) -> &(dyn Any + Send + Sync) {
        match &self.0 {
            Some(value) => &**value,
            None => unreachable!("who takes it takes all"),
        }
    }

    #[inline]
    pub(crate) fn into_inner(mut self) -> Kept {
        match self.0.take() {
            Some(value) => value,
            None => unreachable!("who takes it takes all"),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            aside(|| drop(value));
        }
    }
}
