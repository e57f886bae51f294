//! What a call is in a flight, as callers, stats and spans name it.

/// What a coalesced call was, as a [`Report`](crate::Report) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// Its own body ran, for all who waited; also after it had waited for another's.
    Leader,
    /// It got a share of another's value.
    Follower,
    /// Its own body ran, for itself.
    Alone,
}
