//! What a caller is in a flight, from its start to its end.

#[cfg(any(loom, feature = "spawn"))]
use crate::flight::task::Owner;
use crate::flight::{follower::Follower, pair::LandingShare};

/// Whoever drops one that is not [`Outside`](Self::Outside) owes the flight an end.
pub(crate) enum CallerState {
    /// It has not started, or is done.
    Outside,
    Leader {
        ticket: u64,
    },
    /// It leads, and asks elsewhere whether to run its body.
    Elsewhere {
        ticket: u64,
        /// Whether what asks has been told of which flight.
        told: bool,
    },
    /// It was never to be made, but to be forgotten: it does nothing more.
    Forgot,
    /// It shares with nobody.
    Alone,
    /// It leads since another one abandoned the flight, and its body has not started.
    Successor(LandingShare),
    Follower(Follower),
    /// It led, and has spawned the body, for which it waits.
    #[cfg(any(loom, feature = "spawn"))]
    Owner(Owner),
}
