//! What a flight ends with.

use std::any::Any;

/// What the leader landed with.
#[derive(Debug)]
pub(crate) enum Outcome {
    Value(Box<dyn Any + Send + Sync>),
    /// The message that each follower unwinds with.
    Panicked(String),
}
